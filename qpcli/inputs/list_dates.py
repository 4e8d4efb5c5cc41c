"""Dates of lists that people keep: ISO, month first, in words or as a spreadsheet's day number, all in one column."""

from __future__ import annotations

from datetime import date

import polars as pl

from qpcli.inputs.parse import NO_DATE, ColumnReading, ParsedColumn, finished, raw
from qpcli.inputs.parse_text import read_text
from qpcli.tables.schema import Column

_TIME = r"(?i)[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[AP]M)?$"
_FORMS = (
    (r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "%Y-%m-%d"),
    (r"^[0-9]{8}$", "%Y%m%d"),
    (r"^[A-Za-z]{3,9} [0-9]{1,2}, ?[0-9]{4}$", "%B %d,%Y"),
)
_MONTH_FIRST = (r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$", "%m/%d/%Y")
_DAY_NUMBER = r"^([0-9]{5}|2958465)(?:\.[0-9]+)?$"
_DAY_ZERO = date(1899, 12, 30)


def list_date(column: Column, source: pl.Expr, date_format: str | None) -> ParsedColumn:
    """A column of dates out of tidied text; the time of day is dropped.

    `date_format` is the user's own form: it comes before the others and replaces month first.
    """
    return finished(column, source, ColumnReading(_days(column, date_format)))


def _days(column: Column, date_format: str | None) -> pl.Expr:
    text = raw(column).str.replace(_TIME, "")
    forms = _FORMS if date_format else (*_FORMS, _MONTH_FIRST)
    known = [pl.when(text.str.contains(form)).then(_day(text, written)) for form, written in forms]
    own = [read_text(column, date_format).value] if date_format else []
    number = raw(column).str.extract(_DAY_NUMBER).cast(pl.Int64)
    day = pl.coalesce(*own, *known, pl.lit(_DAY_ZERO) + pl.duration(days=number))
    return pl.when(day == pl.date(1000, 1, 1)).then(pl.lit(NO_DATE)).otherwise(day)


def _day(text: pl.Expr, written: str) -> pl.Expr:
    return text.str.replace(r", +", ",").str.to_date(written, strict=False)
