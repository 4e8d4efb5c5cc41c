"""A table's rows out of its sources: good rows, and one row of counts about all rows, over the same scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from qpcli.inputs.columns import match_columns
from qpcli.inputs.csv_header import Dialect
from qpcli.inputs.opened import ROW
from qpcli.inputs.parse import RAW, VALUE, Count, ParsedColumn, Rule, absent, article, is_inverted, output_name, value
from qpcli.inputs.parse_typed import parsed
from qpcli.inputs.sources import Source
from qpcli.request import ReadOptions
from qpcli.tables.beneficiaries import UNITED_STATES
from qpcli.tables.schema import Column, Kind, Table

IS_BAD, IS_LEFT_OUT = "is_bad", "is_left_out"
BROKEN, COUNTED = "broken:", "counted:"
_SPANS = (
    ("start_date", "end_date", "inverted_span"),
    ("active_from", "active_to", "inverted_span"),
    ("episode_start_date", "episode_end_date", "inverted_episode"),
)

_PARTS = (
    ("apm_payment_amount", "total_payment_amount", "payment_over_total"),
    ("apm_patient_count", "total_patient_count", "patients_over_total"),
)


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """How the rows of one source become rows of the table.

    `checked` is one and the same frame for everybody, so that one scan feeds all who are collected together:
    every row with the table's columns, `IS_BAD`, and a boolean per rule and per count. Where the layout holds
    rows that are none of the table's, `IS_LEFT_OUT` marks them; they are not judged.
    """

    table: Table
    source: Source
    columns: tuple[ParsedColumn, ...]
    rules: tuple[Rule, ...]
    unused: tuple[str, ...]
    leaves_out: bool
    checked: pl.LazyFrame

    @property
    def is_good(self) -> pl.Expr:
        """Whether a row of `checked` is a row of the table."""
        return ~pl.col(IS_BAD) & ~pl.col(IS_LEFT_OUT) if self.leaves_out else ~pl.col(IS_BAD)

    def counts(self) -> list[tuple[str, Count]]:
        """What is counted, by the name of its column in `checked`."""
        return _named_counts(self.columns)

    def lean(self) -> pl.LazyFrame:
        """The table's columns of all rows in the shortest way, once a whole scan has found none bad."""
        staged = [column for column in self.columns if column.lean is None or column.mended.anything]
        short = [column.lean for column in self.columns if column.lean is not None and not column.mended.anything]
        picked = self.source.scan().select(*(column.raw for column in staged), *short)
        read = picked.with_columns(column.value for column in staged)
        return read.with_columns(column.final for column in staged).select(output_names(self.table))

    def with_rows(self) -> tuple[pl.LazyFrame, ...]:
        """`checked` for each file by itself with the data record number in `ROW`, for a second look."""
        return tuple(_checked(source, self.columns, self.rules, with_rows=True) for source in self.source.singly())


def _named_counts(columns: Sequence[ParsedColumn]) -> list[tuple[str, Count]]:
    return [(f"{COUNTED}{count.code}:{column.name}", count) for column in columns for count in column.counts]


def _checked(
    source: Source, columns: Sequence[ParsedColumn], rules: Sequence[Rule], *, with_rows: bool = False
) -> pl.LazyFrame:
    kept = [pl.col(ROW)] if with_rows else []
    broken = [rule.is_broken.alias(BROKEN + rule.name) for rule in rules]
    counts = [count.is_counted.alias(name) for name, count in _named_counts(columns)]
    return (
        source.scan(with_rows=with_rows)
        .select(*kept, *(column.raw for column in columns))
        .with_columns(column.value for column in columns)
        .select(*kept, *(column.final for column in columns), *broken, *counts)
        .with_columns(pl.any_horizontal(pl.lit(False), pl.col(f"^{BROKEN}.*$")).alias(IS_BAD))
    )


def plan_source(table: Table, source: Source, options: ReadOptions) -> SourcePlan:
    """Matches and parses the columns of a canonical source; raises QP202, QP204 or QP205."""
    user_names = options.column_names.get(table.name, {})
    match = match_columns(table, tuple(source.schema), file_name=source.name, user_names=user_names)
    columns = tuple(_parsed(column, match.sources.get(column.name), source, options) for column in table.columns)
    return make_plan(table, source, columns, unused=match.unused)


def make_plan(
    table: Table,
    source: Source,
    columns: tuple[ParsedColumn, ...],
    *,
    unused: tuple[str, ...] = (),
    left_out: pl.Expr | None = None,
) -> SourcePlan:
    """The plan of a source whose columns are parsed; `left_out` judges raw text or values and is never null."""
    rules = (*(rule for column in columns for rule in column.rules), *_span_rules(table, columns), *_part_rules(table))
    if left_out is not None:
        mark = _mark(left_out)
        rules = tuple(replace(rule, is_broken=rule.is_broken & ~mark.final) for rule in rules)
        columns = (*(_used_only(column, mark.final) for column in columns), mark)
    checked = _checked(source, columns, rules)
    return SourcePlan(table, source, columns, rules, unused, left_out is not None, checked)


def _used_only(column: ParsedColumn, left_out: pl.Expr) -> ParsedColumn:
    return replace(
        column, counts=tuple(replace(count, is_counted=count.is_counted & ~left_out) for count in column.counts)
    )


def _mark(left_out: pl.Expr) -> ParsedColumn:
    """The mark of rows that are left out; what raw text alone decides is worked out once, with the values."""
    nothing = pl.lit(None)
    is_of_values = any(name.startswith(VALUE) for name in left_out.meta.root_names())
    value, final = (nothing, left_out) if is_of_values else (left_out, pl.col(VALUE + IS_LEFT_OUT))
    return ParsedColumn(
        IS_LEFT_OUT, nothing.alias(RAW + IS_LEFT_OUT), value.alias(VALUE + IS_LEFT_OUT), final.alias(IS_LEFT_OUT)
    )


def _parsed(column: Column, name: str | None, source: Source, options: ReadOptions) -> ParsedColumn:
    if name is None:
        read = absent(column)
    else:
        read = parsed(column, name, source.schema[name], date_format=options.date_format, file_name=source.name)
    if column.name != "is_us_resident":
        return read
    # A State stands in where the answer itself is not given.
    lives_in_state = pl.col(VALUE + "state").is_in(UNITED_STATES)
    return replace(read, final=pl.coalesce(read.final, lives_in_state).alias(read.name))


def _span_rules(table: Table, columns: Sequence[ParsedColumn]) -> list[Rule]:
    names = {column.name for column in columns}
    return [
        Rule(rule, f"{article(start)} {start} after the {end}", is_inverted(table.column(start), table.column(end)))
        for start, end, rule in _SPANS
        if start in names and end in names
    ]


def _part_rules(table: Table) -> list[Rule]:
    """A part is not larger than its whole."""
    names = {column.name for column in table.columns}
    return [
        Rule(rule, f"{article(part)} {part} over the {whole}", _is_over(table.column(part), table.column(whole)))
        for part, whole, rule in _PARTS
        if part in names and whole in names
    ]


def _is_over(part: Column, whole: Column) -> pl.Expr:
    return (value(part) > value(whole)).fill_null(False)


def dialect_of(options: ReadOptions) -> Dialect:
    """The dialect of canonical text files."""
    return Dialect(encoding=options.encoding)


def output_names(table: Table) -> list[str]:
    """The columns of the table's frames."""
    return [output_name(column) for column in table.columns if column.kind is not Kind.STATE]


def good_rows(plans: Sequence[SourcePlan]) -> pl.LazyFrame:
    """The rows of all sources that break no rule."""
    names = output_names(plans[0].table)
    return pl.concat([plan.checked.filter(plan.is_good).select(names) for plan in plans], how="vertical")
