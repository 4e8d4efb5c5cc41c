"""TINs and NPIs: text for ever, of 9 and 10 digits; shorter TINs are filled, other forms counted and kept."""

from __future__ import annotations

import polars as pl

from qpcli.inputs.blocks import TEXT, by_block, has_width, judged, no_row, numbers_of_width
from qpcli.inputs.parse import Count, Mended, raw, value
from qpcli.tables.schema import Column, Kind

WIDTHS = {Kind.TIN: 9, Kind.NPI: 10}
_ISSUER_SUM = 24
"""What the prefix 80840 adds to the Luhn sum of an NPI (45 CFR 162.406)."""


def is_digits(text: pl.Expr) -> pl.Expr:
    """Whether text of at most 18 characters is all digits; the sign that a cast accepts sorts before "0"."""
    return text.cast(pl.Int64, strict=False).is_not_null() & (text >= "0")


def zero_filled(text: pl.Expr, width: int, mended: Mended | None = None) -> pl.Expr:
    """All-digit text shorter than `width` filled with zeros on the left."""

    def as_it_is(block: pl.Series) -> pl.Series | None:
        if (block.str.len_bytes() >= width).all():
            return block
        if mended is not None:
            mended.anything = True
        return None

    is_short = is_digits(TEXT) & (TEXT.str.len_bytes() < width)
    return by_block(text, as_it_is, pl.when(is_short).then(TEXT.str.zfill(width)).otherwise(TEXT), pl.String())


def was_filled(column: Column) -> Count:
    """Counts values that lost leading zeros."""
    return Count("zero_filled", raw(column).cast(pl.String).str.len_bytes() != value(column).str.len_bytes())


def form_counts(column: Column) -> tuple[Count, ...]:
    """Counts values of another form, and NPIs that fail the check digit."""
    odd = Count("odd_form", _is_odd(column))
    return (odd, Count("npi_check_digit", _fails_check_digit(column))) if column.kind is Kind.NPI else (odd,)


def _is_odd(column: Column) -> pl.Expr:
    width = WIDTHS[column.kind]

    def none(block: pl.Series) -> pl.Series | None:
        return no_row(block) if has_width(judged(block), width) else None

    is_odd = TEXT.is_not_null() & ~((TEXT.str.len_bytes() == width) & is_digits(TEXT))
    return by_block(value(column), none, is_odd, pl.Boolean())


def _fails_check_digit(column: Column) -> pl.Expr:
    """Judged once per NPI, not once per row."""
    passing = pl.Series(dtype=pl.Int64)

    def quick(block: pl.Series) -> pl.Series | None:
        nonlocal passing
        numbers = numbers_of_width(judged(block), WIDTHS[Kind.NPI])
        if numbers is None:
            return None
        unjudged = numbers.filter(~numbers.is_in(passing.implode())).unique().to_frame("npi")
        if not unjudged.height:
            return no_row(block)
        is_right = unjudged.select(_has_right_check_digit(pl.col("npi"))).to_series()
        # Two threads may each add to the same start; what is lost is judged again.
        passing = pl.concat([passing, unjudged.filter(is_right).to_series()])
        failing = unjudged.filter(~is_right).to_series()
        return block.cast(pl.Int64).is_in(failing.implode()) if failing.len() else no_row(block)

    return by_block(value(column), quick, ~passes_luhn(TEXT), pl.Boolean())


def passes_luhn(npi: pl.Expr) -> pl.Expr:
    """Whether ten digits with the prefix 80840 have the right check digit; null for other text."""
    has_form = (npi.str.len_bytes() == WIDTHS[Kind.NPI]) & is_digits(npi)
    return _has_right_check_digit(pl.when(has_form).then(npi.cast(pl.Int64, strict=False)))


def _has_right_check_digit(number: pl.Expr) -> pl.Expr:
    digits = [number // 10**place % 10 for place in range(WIDTHS[Kind.NPI])]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    return (_ISSUER_SUM + pl.sum_horizontal(*doubled, *digits[::2], ignore_nulls=False)) % 10 == 0
