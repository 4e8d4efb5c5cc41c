"""How one column of a file becomes one column of a table: its value, what makes a row bad, what was repaired.

A column passes three stages of named expressions: `raw` picks and tidies it, `value` reads it, `final` is what
the table holds. `rules` and `counts` are booleans over the first two stages, so that each is worked out once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from qpcli.tables.schema import Column, Kind

RAW, VALUE = "raw:", "value:"
FIRST_DATE, LAST_DATE = date(1900, 1, 1), date(2100, 12, 31)
NO_DATE, OPEN_DATE = date(1, 1, 1), date(9999, 12, 31)
MAX_CENTS = 1_000_000_000
"""Largest line amount, 10,000,000.00 USD: sums of any number of real lines fit Int64."""
BEYOND_CENTS = 1_000_000_000_000_000
"""Stands for any amount that is larger than every column's bounds; a hundred of it still fit Int64."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a row bad; `is_broken` is a boolean without null."""

    name: str
    words: str
    is_broken: pl.Expr


@dataclass(frozen=True, slots=True)
class Count:
    """What is counted for a finding: its code, and a boolean per row."""

    code: str
    is_counted: pl.Expr


@dataclass(slots=True)
class Mended:
    """Whether a scan has found text in a column that it had to tidy or fill."""

    anything: bool = False


@dataclass(frozen=True, slots=True)
class ParsedColumn:
    """The expressions of one column.

    `lean` gives the same as `final` straight from the file's column, for rows that break no rule and as long as
    nothing was `mended`; None where there is no shorter way.
    """

    name: str
    raw: pl.Expr
    value: pl.Expr
    final: pl.Expr
    rules: tuple[Rule, ...] = ()
    counts: tuple[Count, ...] = ()
    lean: pl.Expr | None = None
    mended: Mended = field(default_factory=Mended, compare=False)

    def with_lean(self, column: Column, expr: pl.Expr) -> ParsedColumn:
        """The column with a short way for good rows."""
        filled = expr if column.default is None else expr.fill_null(column.default)
        return replace(self, lean=filled.alias(self.name))


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """How the text or type of a column is read: the value, and the defects and repairs it can have."""

    value: pl.Expr
    rules: tuple[Rule, ...] = ()
    counts: tuple[Count, ...] = ()


def output_name(column: Column) -> str:
    """The name in frames: Int64 cents are called `_cents` where the table says `_amount`."""
    return column.name.removesuffix("_amount") + "_cents" if column.kind is Kind.MONEY else column.name


def output_type(column: Column) -> pl.DataType:
    """The type in frames."""
    types: dict[Kind, pl.DataType] = {
        Kind.DATE: pl.Date(),
        Kind.BOOLEAN: pl.Boolean(),
        Kind.MONEY: pl.Int64(),
        Kind.INTEGER: pl.Int64(),
    }
    return types.get(column.kind, pl.String())


def raw(column: Column) -> pl.Expr:
    """The column as picked from the file: tidied text, or the file's own type."""
    return pl.col(RAW + column.name)


def value(column: Column) -> pl.Expr:
    """The column as read, before sentinels and defaults."""
    return pl.col(VALUE + column.name)


def is_unread(column: Column) -> pl.Expr:
    """Whether there was something to read and it could not be read."""
    return raw(column).is_not_null() & value(column).is_null()


def unreadable(column: Column, is_broken: pl.Expr | None = None) -> Rule:
    """The rule that what is not blank can be read."""
    broken = is_unread(column) if is_broken is None else is_broken
    return Rule(f"{column.name}_unreadable", f"an unreadable {column.name}", broken)


def finished(column: Column, source: pl.Expr, reading: ColumnReading, mended: Mended | None = None) -> ParsedColumn:
    """The three stages of a column, with the rules that every kind shares."""
    final = value(column)
    rules = reading.rules
    if column.kind is Kind.DATE:
        final = in_range(final)
        rules = (*rules, _date_rule(column))
    if column.kind is Kind.MONEY or column.bounds is not None:
        smallest, largest = column.bounds or (-MAX_CENTS, MAX_CENTS)
        is_within = final.is_between(smallest, largest)
        final = pl.when(is_within).then(final)
        rules = (*rules, Rule(f"{column.name}_out_of_bounds", _beyond(column), (~is_within).fill_null(False)))
    if column.is_required and not column.may_be_blank:
        rules = (Rule(f"{column.name}_blank", f"a blank {column.name}", raw(column).is_null()), *rules)
    if column.default is not None:
        final = final.fill_null(column.default)
    return ParsedColumn(
        name=output_name(column),
        raw=source.alias(RAW + column.name),
        value=reading.value.alias(VALUE + column.name),
        final=final.alias(output_name(column)),
        rules=rules,
        counts=reading.counts,
        mended=mended or Mended(),
    )


def _beyond(column: Column) -> str:
    """What is wrong with a value out of bounds, in words."""
    named = f"{article(column.name)} {column.name}"
    if column.bounds is None:
        return f"{named} beyond +/- {MAX_CENTS // 100:,}.00"
    smallest, largest = column.bounds
    if column.kind is Kind.MONEY:
        return f"{named} not from {smallest // 100:,}.00 to {largest // 100:,}.00"
    return f"{named} not from {smallest:,} to {largest:,}"


def absent(column: Column) -> ParsedColumn:
    """A column that the file does not have: its default in every row."""
    nothing = pl.lit(None, dtype=output_type(column))
    stages = finished(column, nothing, ColumnReading(raw(column)))
    return ParsedColumn(stages.name, stages.raw, stages.value, stages.final).with_lean(column, nothing)


def in_range(day: pl.Expr) -> pl.Expr:
    """Days from 1900 to 2100; marks for "none" and "open" are null."""
    return pl.when(day.is_between(FIRST_DATE, LAST_DATE)).then(day)


def _is_in_range(column: Column) -> pl.Expr:
    return value(column).is_between(FIRST_DATE, LAST_DATE)


def article(name: str) -> str:
    """The article before a column's name in a message."""
    return "an" if name[0] in "aeiou" else "a"


def is_inverted(start: Column, end: Column) -> pl.Expr:
    """Whether a span starts after it ends; a mark for "none" or "open" is no day."""
    are_days = _is_in_range(start) & _is_in_range(end)
    return (are_days & (value(start) > value(end))).fill_null(False)


def _date_rule(column: Column) -> Rule:
    """A date outside 1900-2100 is bad; the marks for "none" and "open" are null where null has a meaning."""
    allowed = _is_in_range(column)
    if column.may_be_blank:
        allowed = allowed | value(column).is_in([NO_DATE, OPEN_DATE])
    return unreadable(column, raw(column).is_not_null() & ~allowed.fill_null(False))
