"""Text cells read strictly: what is not exactly of the expected form is null, and its row bad or counted."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from qpcli.errors import UsageError
from qpcli.inputs.blocks import TEXT, by_block, has_width, judged, mostly_repeated, quick_numbers
from qpcli.inputs.identifiers import WIDTHS, form_counts, was_filled, zero_filled
from qpcli.inputs.parse import BEYOND_CENTS, ColumnReading, Mended, Rule, is_unread, raw, unreadable
from qpcli.tables.schema import Column, Kind

TRUE_WORDS = ("true", "t", "yes", "y", "1")
FALSE_WORDS = ("false", "f", "no", "n", "0")
STAYS_TEXT = (Kind.TEXT, Kind.TIN, Kind.NPI, Kind.HCPCS, Kind.CHOICE)
"""Kinds whose tidy text is their value."""
_PLAIN_TRUTHS = ("true", "false")
_ISO = "%Y-%m-%d"
_AMOUNT = r"^-?[0-9]+(\.[0-9]{1,2})?$"
_WHOLE = r"^[0-9]+$"
_ISO_DATE, _COMPACT_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", r"^[0-9]{8}$"
_STATE = r"^[A-Z]{2}$"
_HCPCS = r"^[0-9A-Z]{5}$"


def tidy(column: Column, text: pl.Expr, mended: Mended | None = None) -> pl.Expr:
    """Text without blanks around it, null when nothing is left, HCPCS in capitals; tidy blocks pass as they are."""

    def tidied(block: pl.Series) -> pl.Series:
        if _is_tidy(column, block):
            return block
        mend = _stripped(block)
        if column.kind is Kind.HCPCS:
            mend = mend.str.to_uppercase()
        if mended is not None and not mend.equals(block):
            mended.anything = True
        return mend

    return text.map_batches(tidied, return_dtype=pl.String, is_elementwise=True)


def _stripped(block: pl.Series) -> pl.Series:
    stripped = block.str.strip_chars()
    is_blank = stripped.str.len_bytes() == 0
    return stripped.set(is_blank, None) if is_blank.any() else stripped


def _is_tidy(column: Column, block: pl.Series) -> bool:
    """Whether a look at the form, which costs less than a copy, finds nothing to tidy."""
    if width := WIDTHS.get(column.kind):
        return has_width(block, width)
    if column.kind is Kind.INTEGER:
        return quick_numbers(block) is not None
    if column.kind is Kind.HCPCS:
        return bool(judged(block).str.contains(_HCPCS).all())
    words = _PLAIN_TRUTHS if column.kind is Kind.BOOLEAN else column.choices
    if words:
        return bool(block.is_in(words).all())
    if block.head(1).cast(pl.Int64, strict=False).null_count() == 0:
        return _are_numbers(block)
    values = judged(block)
    return values is not block and _stripped(values).equals(values)


def _are_numbers(block: pl.Series) -> bool:
    """Whether a cast, which takes no blanks, reads all."""
    return block.cast(pl.Int64, strict=False).null_count() == block.null_count()


def read_text(column: Column, date_format: str | None, mended: Mended | None = None) -> ColumnReading:
    """How a column of tidied text is read."""
    if column.kind is Kind.DATE:
        return ColumnReading(_dates(raw(column), date_format))
    if column.kind is Kind.CHOICE:
        return _choice(column, mended)
    if column.kind in WIDTHS:
        return _identifier(column, mended)
    readers: dict[Kind, Callable[[Column], ColumnReading]] = {
        Kind.STATE: _state,
        Kind.MONEY: _money,
        Kind.INTEGER: _whole_number,
        Kind.BOOLEAN: _boolean,
    }
    read = readers.get(column.kind)
    return ColumnReading(raw(column)) if read is None else read(column)


def _identifier(column: Column, mended: Mended | None) -> ColumnReading:
    """A TIN that lost its zeros is filled; an NPI never begins with one."""
    if column.kind is Kind.NPI:
        return ColumnReading(raw(column), counts=form_counts(column))
    filled = zero_filled(raw(column), WIDTHS[column.kind], mended)
    return ColumnReading(filled, counts=(was_filled(column), *form_counts(column)))


def _state(column: Column) -> ColumnReading:
    upper = raw(column).str.to_uppercase()
    return ColumnReading(pl.when(upper.str.contains(_STATE)).then(upper), (unreadable(column),))


def _whole_number(column: Column) -> ColumnReading:
    strict = pl.when(TEXT.str.contains(_WHOLE)).then(TEXT.cast(pl.Int64, strict=False))
    return ColumnReading(by_block(raw(column), quick_numbers, strict, pl.Int64()), (unreadable(column),))


def _money(column: Column) -> ColumnReading:
    return ColumnReading(amounts(raw(column), _AMOUNT), (unreadable(column),))


def amounts(text: pl.Expr, form: str) -> pl.Expr:
    """Cents; the cast alone would round 10.005 and take 1e5, so the form is checked first."""
    cents = cents_of(TEXT.cast(pl.Decimal(38, 2), strict=False).to_physical())
    strict = pl.when(TEXT.str.contains(form)).then(cents)
    return by_block(text, mostly_repeated(strict), strict, pl.Int64())


def cents_of(hundredths: pl.Expr) -> pl.Expr:
    """Int64 cents of wider integers; what does not fit is beyond the bounds anyway."""
    return hundredths.cast(pl.Int64, strict=False).fill_null(BEYOND_CENTS)


def _boolean(column: Column) -> ColumnReading:
    word = TEXT.str.to_lowercase()
    strict = pl.when(word.is_in(TRUE_WORDS)).then(True).when(word.is_in(FALSE_WORDS)).then(False)
    return ColumnReading(by_block(raw(column), _quick_truths, strict, pl.Boolean()), (unreadable(column),))


def _quick_truths(block: pl.Series) -> pl.Series | None:
    return block == "true" if block.is_in(_PLAIN_TRUTHS).all() else None


def _choice(column: Column, mended: Mended | None) -> ColumnReading:
    """One of the column's words in any case."""

    def as_it_is(block: pl.Series) -> pl.Series | None:
        if block.is_in(column.choices).all():
            return block
        if mended is not None:
            mended.anything = True
        return None

    word = TEXT.str.to_lowercase()
    known = by_block(raw(column), as_it_is, pl.when(word.is_in(column.choices)).then(word), pl.String())
    rule = Rule(f"{column.name}_unknown", f"an unknown {column.name}", is_unread(column))
    return ColumnReading(known, (rule,))


def _dates(text: pl.Expr, date_format: str | None) -> pl.Expr:
    """Dates; strptime takes `2025-1-5` and blanks, so the form is checked first.

    Raises QP101 for a format with two-digit years.
    """
    strict = _strict_dates(date_format)
    return by_block(text, mostly_repeated(strict), strict, pl.Date())


def _strict_dates(date_format: str | None) -> pl.Expr:
    iso = pl.when(TEXT.str.contains(_ISO_DATE)).then(TEXT.str.to_date(_ISO, strict=False))
    if date_format is None:
        compact = pl.when(TEXT.str.contains(_COMPACT_DATE)).then(TEXT.str.to_date("%Y%m%d", strict=False))
        return pl.coalesce(iso, compact)
    if "%y" in date_format:
        raise UsageError("QP101", "A date format with two-digit years is not accepted.", "Use %Y.")
    own = TEXT.str.to_date(date_format, strict=False)
    return own if date_format.startswith("%Y") else pl.coalesce(own, iso)
