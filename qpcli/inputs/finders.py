"""Finder files of research files: who is assigned to a Shared Savings Program ACO, or aligned to a Next Generation ACO.

The columns are lists of a year that the files do not name: the file's name does, or the user.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from qpcli.findings import Finding
from qpcli.inputs.attribution_rows import (
    ListSpan,
    assignment_of,
    completed,
    good,
    list_dates,
    read_plans,
    snapshot_findings,
    stacked,
)
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.fields import Fields, code
from qpcli.inputs.files import FileForm, InputFile
from qpcli.inputs.mssp.periods import ListKind, lists_in_force
from qpcli.inputs.parse import RAW, VALUE, ParsedColumn, Rule
from qpcli.inputs.plan import SourcePlan, make_plan
from qpcli.inputs.rif.files import look_at as opened_with_header
from qpcli.inputs.sources import Source
from qpcli.regulation.law import Law
from qpcli.request import Assignment, ReadOptions
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.schema import Table

SHARED_SAVINGS, NEXT_GENERATION = "SSP ACO finder", "Next Generation ACO finder"
_ASSIGN = {
    "PRELIM_ASSIGN": ListKind.INITIAL,
    **{f"{kind}_ASSIGN": kind for kind in (ListKind.Q1, ListKind.Q2, ListKind.Q3, ListKind.Q4)},
    "FINAL_ASSIGN": ListKind.ANNUAL,
}
_ALIGN = {f"MO{month}_ALIGN": month for month in range(1, 13)}
_IS_LISTED, _VALUES = "1", ("0", "1", ".")
_YEAR = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")

FINDER_PEOPLE = Table(
    name=ATTRIBUTION.name,
    grain="One row per person and ACO, as delivered.",
    columns=(ATTRIBUTION.column("apm_entity_id"), ATTRIBUTION.column("bene_id")),
)


@dataclass(frozen=True, slots=True)
class FinderFile:
    """A finder file; `lists` are its columns of lists, by their names in capitals."""

    file: InputFile
    source: Source
    layout: str
    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _ColumnInForce:
    """A column of lists with the days on which it counts."""

    name: str
    first_day: date
    last_day: date
    is_own: bool = True


def look_at(file: InputFile) -> FinderFile | None:
    """The file as a finder, by its header; None when it is none. Raises QP202 or QP214 for a damaged file."""
    source = None if file.form is FileForm.WORKBOOK else opened_with_header(file).source
    if source is None:
        return None
    known = {name.upper() for name in source.schema}
    if not known >= {"BENE_ID", "ACO_NUM"}:
        return None
    for layout, names in ((SHARED_SAVINGS, _ASSIGN), (NEXT_GENERATION, _ALIGN)):
        if lists := tuple(name for name in names if name in known):
            return FinderFile(file, source, layout, lists)
    return None


def read_finders(files: Sequence[FinderFile], options: ReadOptions, law: Law) -> TableRead:
    """Reads the finder files; raises QP111 when the user must say more, QP202, QP203, QP204 or QP208."""
    years = [_year(file, options) for file in files]
    plans = [_plan(file) for file in files]
    read = read_plans(FINDER_PEOPLE, plans, options)
    rows: list[pl.DataFrame] = []
    findings: list[Finding] = []
    for file, year, plan, frame in zip(files, years, plans, read.frames, strict=True):
        people = good(plan, frame)
        columns = list(_columns_in_force(file, people, year, options, law))
        is_prospective = file.layout == NEXT_GENERATION or options.lists.assignment is Assignment.PROSPECTIVE
        rows += [_rows(people, column, is_prospective=is_prospective) for column in columns]
        spans = [_span(file, column) for column in columns]
        findings += snapshot_findings(spans, [f"the ACOs of {file.file.name}"], law)
    return TableRead(stacked(rows), read.settled.files, read.settled.rejects, (*read.settled.findings, *findings))


def _year(file: FinderFile, options: ReadOptions) -> int:
    found = _YEAR.search(file.file.name)
    return int(found[0]) if found else list_dates(options, file.file.name)[0].year


def _plan(file: FinderFile) -> SourcePlan:
    fields = Fields(file.source)
    columns = (
        fields.column(ATTRIBUTION.column("apm_entity_id"), "ACO_NUM"),
        fields.column(ATTRIBUTION.column("bene_id"), "BENE_ID"),
        *(_list_column(fields, name) for name in file.lists),
    )
    return make_plan(FINDER_PEOPLE, file.source, columns)


def _list_column(fields: Fields, name: str) -> ParsedColumn:
    """A list's answer: 1 is on it, 0 is not, and a point stands for none."""
    text = fields.text(name).str.replace(r"^([01])\.0+$", "${1}").alias(RAW + name)
    is_other = ~code(name).is_in(_VALUES).fill_null(True)
    rule = Rule(f"{name.lower()}_unknown", f"an unknown {name.lower()}", is_other)
    return ParsedColumn(name, text, code(name).alias(VALUE + name), pl.col(VALUE + name).alias(name), rules=(rule,))


def _columns_in_force(
    file: FinderFile, people: pl.DataFrame, year: int, options: ReadOptions, law: Law
) -> Iterator[_ColumnInForce]:
    """The columns that count, with their days; a column without any answer is no list."""
    answered = [name for name in file.lists if people[name].is_in(["0", _IS_LISTED]).any()]
    if file.layout == NEXT_GENERATION:
        for name in answered:
            month = _ALIGN[name]
            yield _ColumnInForce(name, date(year, month, 1), date(year, month, monthrange(year, month)[1]))
        return
    columns = {_ASSIGN[name]: name for name in answered}
    for found in lists_in_force(columns, year, assignment_of(options), law):
        yield _ColumnInForce(columns[found.kind], found.first_day, found.last_day, found.is_own)


def _rows(people: pl.DataFrame, column: _ColumnInForce, *, is_prospective: bool) -> pl.DataFrame:
    listed = people.filter(pl.col(column.name) == _IS_LISTED).select("apm_entity_id", "bene_id").unique()
    return completed(
        listed.with_columns(
            start_date=pl.lit(column.first_day),
            end_date=pl.lit(column.last_day),
            is_prospective=pl.lit(is_prospective),
        )
    )


def _span(file: FinderFile, column: _ColumnInForce) -> ListSpan:
    """The column as a list of the file, for findings: a file holds many ACOs."""
    return ListSpan(
        apm_entity_id=f"the ACOs of {file.file.name}",
        file=f"{column.name} of {file.file.name}",
        first_day=column.first_day,
        last_day=column.last_day,
        is_own=column.is_own,
        words=column.name,
    )
