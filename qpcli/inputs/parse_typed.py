"""Columns that come with a type (Parquet): taken as they are where exact, null where not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import polars as pl

from qpcli.errors import InputError
from qpcli.inputs.identifiers import WIDTHS, form_counts, was_filled, zero_filled
from qpcli.inputs.parse import (
    BEYOND_CENTS,
    ColumnReading,
    Count,
    Mended,
    ParsedColumn,
    finished,
    in_range,
    raw,
    unreadable,
    value,
)
from qpcli.inputs.parse_text import STAYS_TEXT, cents_of, read_text, tidy
from qpcli.tables.schema import Column, Kind

_TEXT_KINDS = (Kind.TEXT, Kind.TIN, Kind.NPI)


def parsed(column: Column, name: str, dtype: pl.DataType, *, date_format: str | None, file_name: str) -> ParsedColumn:
    """The stages of a column of a file; raises QP202 for a type that its kind cannot be stored in."""
    source = pl.col(name)
    if isinstance(dtype, pl.Categorical | pl.Enum | pl.Null):
        source, dtype = source.cast(pl.String), pl.String()
    if isinstance(dtype, pl.String):
        return text_column(column, source, date_format)
    reading = _typed(column, dtype)
    if reading is None:
        raise InputError("QP202", f"{file_name}: the column {column.name} is stored as {dtype}.", _remedy(column))
    read = finished(column, source, reading)
    lean = _lean(column, source, dtype)
    return read if lean is None else read.with_lean(column, lean)


def text_column(column: Column, source: pl.Expr, date_format: str | None) -> ParsedColumn:
    """The stages of a column of text."""
    mended = Mended()
    read = finished(column, tidy(column, source, mended), read_text(column, date_format, mended), mended)
    return read.with_lean(column, source) if column.kind in STAYS_TEXT else read


def _lean(column: Column, source: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """The types that a good row needs no look at."""
    if isinstance(dtype, pl.Date):
        return in_range(source) if column.may_be_blank else source
    if isinstance(dtype, pl.Boolean):
        return source
    if column.kind is Kind.MONEY and isinstance(dtype, pl.Decimal) and dtype.scale == 2:
        return source.to_physical().cast(pl.Int64)
    return source.cast(pl.Int64) if column.kind is Kind.INTEGER and dtype.is_integer() else None


def _remedy(column: Column) -> str:
    return f"Store {column.name} as {'text' if column.kind in _TEXT_KINDS else column.kind}."


def _typed(column: Column, dtype: pl.DataType) -> ColumnReading | None:
    is_whole = dtype.is_integer() or (isinstance(dtype, pl.Decimal) and dtype.scale == 0)
    readers: dict[Kind, Callable[[], ColumnReading | None]] = {
        Kind.DATE: lambda: _date(column, dtype),
        Kind.MONEY: lambda: _money(column, dtype),
        Kind.BOOLEAN: lambda: _boolean(column, dtype),
        Kind.INTEGER: lambda: _whole_number(column) if is_whole else None,
        Kind.TEXT: lambda: ColumnReading(_digits(column)) if is_whole else None,
        Kind.TIN: lambda: _filled_number(column) if is_whole else None,
        Kind.NPI: lambda: _filled_number(column) if is_whole else None,
    }
    return readers.get(column.kind, lambda: None)()


def _digits(column: Column) -> pl.Expr:
    return raw(column).cast(pl.String)


def _filled_number(column: Column) -> ColumnReading:
    """A TIN or NPI stored as a number has lost its leading zeros."""
    filled = zero_filled(_digits(column), WIDTHS[column.kind])
    return ColumnReading(filled, counts=(was_filled(column), *form_counts(column)))


def _whole_number(column: Column) -> ColumnReading:
    number = raw(column).cast(pl.Int64, strict=False)
    return ColumnReading(pl.when(number >= 0).then(number), (unreadable(column),))


def _date(column: Column, dtype: pl.DataType) -> ColumnReading | None:
    if isinstance(dtype, pl.Date):
        return ColumnReading(raw(column))
    if isinstance(dtype, pl.Datetime):
        return ColumnReading(pl.when(raw(column).dt.time() == time()).then(raw(column).dt.date()))
    return None


def _boolean(column: Column, dtype: pl.DataType) -> ColumnReading | None:
    if isinstance(dtype, pl.Boolean):
        return ColumnReading(raw(column))
    if dtype.is_integer():
        truth = pl.when(raw(column) == 1).then(True).when(raw(column) == 0).then(False)
        return ColumnReading(truth, (unreadable(column),))
    return None


def _money(column: Column, dtype: pl.DataType) -> ColumnReading | None:
    if isinstance(dtype, pl.Decimal):
        return _decimal(column, dtype.scale)
    if dtype.is_integer():
        return _dollars(column)
    return _float(column) if dtype.is_float() else None


def _decimal(column: Column, scale: int) -> ColumnReading:
    """Decimals of more places must have zeros beyond the second."""
    units = raw(column).to_physical()
    if scale == 2:
        return ColumnReading(_unless_blank(column, cents_of(units)))
    if scale < 2:
        return ColumnReading((_clipped(units) * 10 ** (2 - scale)).cast(pl.Int64))
    step = 10 ** (scale - 2)
    cents = pl.when(units % step == 0).then(cents_of(units // step))
    return ColumnReading(_unless_blank(column, cents), (unreadable(column),))


def _dollars(column: Column) -> ColumnReading:
    return ColumnReading(_unless_blank(column, _clipped(cents_of(raw(column))) * 100))


def _unless_blank(column: Column, cents: pl.Expr) -> pl.Expr:
    return pl.when(raw(column).is_not_null()).then(cents)


def _clipped(number: pl.Expr) -> pl.Expr:
    """A number that still is out of bounds after a multiplication, which would wrap."""
    return number.clip(-BEYOND_CENTS, BEYOND_CENTS)


def _float(column: Column) -> ColumnReading:
    """Binary floats that are the nearest to an amount in whole cents."""
    amount = raw(column).cast(pl.Float64)
    cents = (amount * 100).round()
    is_exact = amount.is_finite() & (amount.abs() <= BEYOND_CENTS // 100) & (cents / 100 == amount)
    exact = pl.when(is_exact).then(cents.cast(pl.Int64, strict=False))
    return ColumnReading(exact, (unreadable(column),), (Count("exact_floats", value(column).is_not_null()),))
