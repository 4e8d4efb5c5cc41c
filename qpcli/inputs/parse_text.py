"""Text cells read strictly: what is not exactly of the expected form is null, and its row bad or counted."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from qpcli.errors import UsageError
from qpcli.inputs.parse import BEYOND_CENTS, ColumnReading, Count, Rule, raw, unreadable, value
from qpcli.tables.schema import Column, Kind

TRUE_WORDS = ("true", "t", "yes", "y", "1")
FALSE_WORDS = ("false", "f", "no", "n", "0")
TIN_DIGITS, NPI_DIGITS = 9, 10
_AMOUNT = r"^-?[0-9]+(\.[0-9]{1,2})?$"
_WHOLE = r"^[0-9]+$"
_ISO_DATE, _COMPACT_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", r"^[0-9]{8}$"
_STATE = r"^[A-Z]{2}$"
_HCPCS = r"^[0-9A-Z]{5}$"
_WIDTHS = {Kind.TIN: TIN_DIGITS, Kind.NPI: NPI_DIGITS}


def tidy(column: Column, text: pl.Expr) -> pl.Expr:
    """Text without blanks around it, null when nothing is left, HCPCS in capitals.

    Works block by block, and a block in which all is tidy passes as it is.
    """

    def mend(block: pl.Series) -> pl.Series:
        if _is_tidy(column, block):
            return block
        stripped = block.str.strip_chars()
        is_blank = stripped.str.len_bytes() == 0
        tidied = stripped.set(is_blank, None) if is_blank.any() else stripped
        return tidied.str.to_uppercase() if column.kind is Kind.HCPCS else tidied

    return text.map_batches(mend, return_dtype=pl.String, is_elementwise=True)


def _is_tidy(column: Column, block: pl.Series) -> bool:
    """Whether a look at the form, which costs less than a copy, finds nothing to tidy."""
    if width := _WIDTHS.get(column.kind):
        numbers = block.cast(pl.Int64, strict=False)
        is_full = bool((block.str.len_bytes() == width).all() and (block >= "0").all())
        return is_full and numbers.null_count() == block.null_count()
    if column.kind is Kind.HCPCS:
        return bool(block.str.contains(_HCPCS).all())
    return bool(column.choices) and bool(block.is_in(column.choices).all())


def read_text(column: Column, date_format: str | None) -> ColumnReading:
    """How a column of tidied text is read."""
    if column.kind is Kind.DATE:
        return ColumnReading(_dates(raw(column), date_format))
    readers: dict[Kind, Callable[[Column], ColumnReading]] = {
        Kind.TIN: _tin,
        Kind.STATE: _state,
        Kind.MONEY: _money,
        Kind.INTEGER: _whole_number,
        Kind.BOOLEAN: _boolean,
        Kind.CHOICE: _choice,
    }
    read = readers.get(column.kind)
    return ColumnReading(raw(column)) if read is None else read(column)


def is_digits(text: pl.Expr) -> pl.Expr:
    """Whether text of at most 18 characters is all digits; the sign that a cast accepts sorts before "0"."""
    return text.cast(pl.Int64, strict=False).is_not_null() & (text >= "0")


def zero_filled(text: pl.Expr, width: int) -> pl.Expr:
    """All-digit text shorter than `width` filled with zeros on the left; blocks without any pay one look."""

    def fill(block: pl.Series) -> pl.Series:
        if (block.str.len_bytes() >= width).all():
            return block
        one = pl.col(block.name)
        is_short = is_digits(one) & (one.str.len_bytes() < width)
        return block.to_frame().select(pl.when(is_short).then(one.str.zfill(width)).otherwise(one)).to_series()

    return text.map_batches(fill, return_dtype=pl.String, is_elementwise=True)


def was_filled(column: Column) -> Count:
    """Counts values that lost leading zeros."""
    return Count("zero_filled", raw(column).cast(pl.String).str.len_bytes() != value(column).str.len_bytes())


def _tin(column: Column) -> ColumnReading:
    return ColumnReading(zero_filled(raw(column), TIN_DIGITS), counts=(was_filled(column),))


def _state(column: Column) -> ColumnReading:
    upper = raw(column).str.to_uppercase()
    return ColumnReading(pl.when(upper.str.contains(_STATE)).then(upper), (unreadable(column),))


def _whole_number(column: Column) -> ColumnReading:
    number = raw(column).cast(pl.Int64, strict=False)
    return ColumnReading(pl.when(raw(column).str.contains(_WHOLE)).then(number), (unreadable(column),))


def _money(column: Column) -> ColumnReading:
    """Cents; the cast alone would round 10.005 and take 1e5, so the form is checked first."""
    is_amount = raw(column).str.contains(_AMOUNT)
    cents = cents_of(raw(column).cast(pl.Decimal(38, 2), strict=False).to_physical())
    return ColumnReading(pl.when(is_amount).then(cents), (unreadable(column),))


def cents_of(hundredths: pl.Expr) -> pl.Expr:
    """Int64 cents of wider integers; what does not fit is beyond the bounds anyway."""
    return hundredths.cast(pl.Int64, strict=False).fill_null(BEYOND_CENTS)


def _boolean(column: Column) -> ColumnReading:
    word = raw(column).str.to_lowercase()
    truth = pl.when(word.is_in(TRUE_WORDS)).then(True).when(word.is_in(FALSE_WORDS)).then(False)
    return ColumnReading(truth, (unreadable(column),))


def _choice(column: Column) -> ColumnReading:
    """One of the column's words in any case; blocks in which all are written as they should be pay one look."""

    def lower(block: pl.Series) -> pl.Series:
        if block.is_in(column.choices).all():
            return block
        words = block.str.to_lowercase()
        return words.set(~words.is_in(column.choices), None)

    known = raw(column).map_batches(lower, return_dtype=pl.String, is_elementwise=True)
    unknown = raw(column).is_not_null() & value(column).is_null()
    return ColumnReading(known, (Rule(f"{column.name}_unknown", f"an unknown {column.name}", unknown),))


def _dates(text: pl.Expr, date_format: str | None) -> pl.Expr:
    """Dates; strptime takes `2025-1-5` and blanks, so the form is checked first.

    Raises QP101 for a format with two-digit years.
    """
    iso = pl.when(text.str.contains(_ISO_DATE)).then(text.str.to_date("%Y-%m-%d", strict=False))
    if date_format is None:
        compact = pl.when(text.str.contains(_COMPACT_DATE)).then(text.str.to_date("%Y%m%d", strict=False))
        return pl.coalesce(iso, compact)
    if "%y" in date_format:
        raise UsageError("QP101", "A date format with two-digit years is not accepted.", "Use %Y.")
    own = text.str.to_date(date_format, strict=False)
    return own if date_format.startswith("%Y") else pl.coalesce(own, iso)
