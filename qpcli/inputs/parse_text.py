"""Text cells read strictly: what is not exactly of the expected form is null, and its row bad or counted."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from qpcli.errors import UsageError
from qpcli.inputs.parse import BEYOND_CENTS, ColumnReading, Count, Rule, is_unread, raw, unreadable, value
from qpcli.tables.schema import Column, Kind

TRUE_WORDS = ("true", "t", "yes", "y", "1")
FALSE_WORDS = ("false", "f", "no", "n", "0")
TIN_DIGITS, NPI_DIGITS = 9, 10
_PLAIN_TRUTHS = ("true", "false")
_TEXT = pl.col("text")
_ISO = "%Y-%m-%d"
_AMOUNT = r"^-?[0-9]+(\.[0-9]{1,2})?$"
_WHOLE = r"^[0-9]+$"
_ISO_DATE, _COMPACT_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", r"^[0-9]{8}$"
_STATE = r"^[A-Z]{2}$"
_HCPCS = r"^[0-9A-Z]{5}$"
_WIDTHS = {Kind.TIN: TIN_DIGITS, Kind.NPI: NPI_DIGITS}


def tidy(column: Column, text: pl.Expr) -> pl.Expr:
    """Text without blanks around it, null when nothing is left, HCPCS in capitals; tidy blocks pass as they are."""

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
        return bool((block.str.len_bytes() == width).all()) and _quick_numbers(block) is not None
    if column.kind is Kind.INTEGER:
        return _quick_numbers(block) is not None
    if column.kind is Kind.HCPCS:
        return bool(block.str.contains(_HCPCS).all())
    words = _PLAIN_TRUTHS if column.kind is Kind.BOOLEAN else column.choices
    return bool(words) and bool(block.is_in(words).all())


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


Quick = Callable[[pl.Series], pl.Series | None]


def _by_block(text: pl.Expr, quick: Quick, strict: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Text read block by block: in one step where `quick` can, else by `strict`, an expression over `_TEXT`."""

    def read(block: pl.Series) -> pl.Series:
        plain = quick(block)
        return block.to_frame("text").select(strict).to_series() if plain is None else plain

    return text.map_batches(read, return_dtype=dtype, is_elementwise=True)


def is_digits(text: pl.Expr) -> pl.Expr:
    """Whether text of at most 18 characters is all digits; the sign that a cast accepts sorts before "0"."""
    return text.cast(pl.Int64, strict=False).is_not_null() & (text >= "0")


def zero_filled(text: pl.Expr, width: int) -> pl.Expr:
    """All-digit text shorter than `width` filled with zeros on the left."""

    def as_it_is(block: pl.Series) -> pl.Series | None:
        return block if (block.str.len_bytes() >= width).all() else None

    is_short = is_digits(_TEXT) & (_TEXT.str.len_bytes() < width)
    filled = pl.when(is_short).then(_TEXT.str.zfill(width)).otherwise(_TEXT)
    return _by_block(text, as_it_is, filled, pl.String())


def was_filled(column: Column) -> Count:
    """Counts values that lost leading zeros."""
    return Count("zero_filled", raw(column).cast(pl.String).str.len_bytes() != value(column).str.len_bytes())


def _tin(column: Column) -> ColumnReading:
    return ColumnReading(zero_filled(raw(column), TIN_DIGITS), counts=(was_filled(column),))


def _state(column: Column) -> ColumnReading:
    upper = raw(column).str.to_uppercase()
    return ColumnReading(pl.when(upper.str.contains(_STATE)).then(upper), (unreadable(column),))


def _whole_number(column: Column) -> ColumnReading:
    strict = pl.when(_TEXT.str.contains(_WHOLE)).then(_TEXT.cast(pl.Int64, strict=False))
    return ColumnReading(_by_block(raw(column), _quick_numbers, strict, pl.Int64()), (unreadable(column),))


def _quick_numbers(block: pl.Series) -> pl.Series | None:
    """Numbers, where all of the block are digits: the sign that a cast accepts sorts before "0"."""
    numbers = block.cast(pl.Int64, strict=False)
    return numbers if numbers.null_count() == block.null_count() and (block >= "0").all() else None


def _money(column: Column) -> ColumnReading:
    """Cents; the cast alone would round 10.005 and take 1e5, so the form is checked first."""
    is_amount = raw(column).str.contains(_AMOUNT)
    cents = cents_of(raw(column).cast(pl.Decimal(38, 2), strict=False).to_physical())
    return ColumnReading(pl.when(is_amount).then(cents), (unreadable(column),))


def cents_of(hundredths: pl.Expr) -> pl.Expr:
    """Int64 cents of wider integers; what does not fit is beyond the bounds anyway."""
    return hundredths.cast(pl.Int64, strict=False).fill_null(BEYOND_CENTS)


def _boolean(column: Column) -> ColumnReading:
    word = _TEXT.str.to_lowercase()
    strict = pl.when(word.is_in(TRUE_WORDS)).then(True).when(word.is_in(FALSE_WORDS)).then(False)
    return ColumnReading(_by_block(raw(column), _quick_truths, strict, pl.Boolean()), (unreadable(column),))


def _quick_truths(block: pl.Series) -> pl.Series | None:
    return block == "true" if block.is_in(_PLAIN_TRUTHS).all() else None


def _choice(column: Column) -> ColumnReading:
    """One of the column's words in any case."""

    def as_it_is(block: pl.Series) -> pl.Series | None:
        return block if block.is_in(column.choices).all() else None

    word = _TEXT.str.to_lowercase()
    known = _by_block(raw(column), as_it_is, pl.when(word.is_in(column.choices)).then(word), pl.String())
    words = f"an unknown {column.name}"
    return ColumnReading(known, (Rule(f"{column.name}_unknown", words, is_unread(column)),))


def _dates(text: pl.Expr, date_format: str | None) -> pl.Expr:
    """Dates; strptime takes `2025-1-5` and blanks, so the form is checked first.

    Raises QP101 for a format with two-digit years.
    """
    iso = pl.when(_TEXT.str.contains(_ISO_DATE)).then(_TEXT.str.to_date(_ISO, strict=False))
    if date_format is None:
        compact = pl.when(_TEXT.str.contains(_COMPACT_DATE)).then(_TEXT.str.to_date("%Y%m%d", strict=False))
        return _by_block(text, _quick_dates, pl.coalesce(iso, compact), pl.Date())
    if "%y" in date_format:
        raise UsageError("QP101", "A date format with two-digit years is not accepted.", "Use %Y.")
    own = _TEXT.str.to_date(date_format, strict=False)
    strict = own if date_format.startswith("%Y") else pl.coalesce(own, iso)
    return _by_block(text, lambda _block: None, strict, pl.Date())


def _quick_dates(block: pl.Series) -> pl.Series | None:
    return block.str.to_date(_ISO, strict=False) if block.str.contains(_ISO_DATE).all() else None
