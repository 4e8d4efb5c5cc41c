"""MSSP assignment list reports -> attribution: each list with the days on which it counts, and what else they tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

import polars as pl

from qpcli.errors import InputError, UsageError
from qpcli.findings import Finding, finding
from qpcli.inputs.attribution_rows import (
    ListSpan,
    assignment_of,
    attribution_rows,
    good,
    list_dates,
    list_entity,
    list_not_used,
    read_plans,
    snapshot_findings,
    stacked,
)
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.mssp.assigned import ASSIGNABLE_PEOPLE, assignable_plan, exclusions, read_assigned
from qpcli.inputs.mssp.enrollment import coverage_months
from qpcli.inputs.mssp.names import ASSIGNABLE, ASSIGNED, AssignmentFile
from qpcli.inputs.mssp.periods import ListKind, lists_in_force, window_months
from qpcli.regulation.law import Law
from qpcli.request import Assignment, ReadOptions


@dataclass(frozen=True, slots=True)
class AssignmentRead:
    """What the reports tell.

    `coverage`: one row per person and month with an enrollment flag (columns of `coverage_months`).
    `assignable`: one row per bene_id of tables 1-6 of the performance year, None without such a table.
    """

    table: TableRead
    coverage: pl.DataFrame
    assignable: pl.DataFrame | None


@dataclass(frozen=True, slots=True)
class _List:
    """One list: table 1-1 of a report whose entity, year and kind are known."""

    file: AssignmentFile
    apm_entity_id: str
    year: int
    kind: ListKind

    @property
    def key(self) -> tuple[str, int, ListKind]:
        return self.apm_entity_id, self.year, self.kind

    @property
    def months(self) -> tuple[date, ...]:
        """First days of the months that its enrollment flags are about."""
        return window_months(self.kind, self.year)

    @property
    def words(self) -> str:
        return f"{self.year} {self.kind}"


def read_assignment(files: Sequence[AssignmentFile], options: ReadOptions, law: Law) -> AssignmentRead:
    """Reads tables 1-1 and 1-6 of all reports.

    Raises QP111 when the user must say more, QP213 without a table 1-1, and QP202, QP203, QP204 or QP208.
    """
    assignment = assignment_of(options)
    lists, replaced = _newest(_told(files, ASSIGNED, options))
    if not lists:
        raise InputError("QP213", "The MSSP assignment reports hold no table 1-1, the list of assigned people.")
    plans, read = read_assigned([one.file.source for one in lists], options)
    people = [good(plan, rows) for plan, rows in zip(plans, read.frames, strict=True)]
    coverage, unknown_flags = coverage_months([(rows, one.months) for one, rows in zip(lists, people, strict=True)])
    spans = [(one, span) for one in lists for span in _spans(one, lists, assignment, law)]
    frames = dict(zip([one.key for one in lists], people, strict=True))
    is_prospective = assignment is Assignment.PROSPECTIVE
    rows = [_rows(frames[one.key], span, is_prospective=is_prospective) for one, span in spans]
    findings = (
        *read.settled.findings,
        *exclusions(read.frames),
        *unknown_flags,
        *_not_used(files),
        *replaced,
        *_about_lists(lists, [span for _, span in spans], law),
    )
    table = TableRead(stacked(rows), read.settled.files, read.settled.rejects, findings)
    return _with_assignable(AssignmentRead(table, coverage, None), files, options, law)


def _told(files: Iterable[AssignmentFile], table: str, options: ReadOptions) -> list[_List]:
    """The files of a table with entity, year and kind, which the user gives where names do not; raises QP111."""
    chosen = [file for file in files if file.table == table]
    silent = [file for file in chosen if file.year is None or file.kind is None]
    if len({(file.apm_entity_id, file.stamps) for file in silent}) > len({file.apm_entity_id for file in silent}):
        names = ", ".join(file.file.name for file in silent)
        raise UsageError(
            "QP111",
            f"The names of several assignment lists tell no year or quarter: {names}.",
            "Rename them (QALR.2025Q1, AALR.Y2025), or give one at a time with --list-date.",
        )
    return [_told_one(file, options) for file in chosen]


def _told_one(file: AssignmentFile, options: ReadOptions) -> _List:
    entity = file.apm_entity_id or list_entity(options, None, file.file.name)
    if file.year is not None and file.kind is not None:
        return _List(file, entity, file.year, file.kind)
    first_day, last_day = list_dates(options, file.file.name)
    year, quarter = first_day.year, ListKind.quarter_of(first_day)
    is_of_quarter = (last_day.year, ListKind.quarter_of(last_day)) == (year, quarter)
    is_initial = options.lists.assignment is Assignment.PROSPECTIVE or not is_of_quarter
    return _List(file, entity, file.year or year, file.kind or (ListKind.INITIAL if is_initial else quarter))


def _newest(lists: Iterable[_List]) -> tuple[list[_List], list[Finding]]:
    """Each list once, by the later stamps, in the order of what it looks back on; and which were replaced."""
    in_time = sorted(lists, key=lambda one: (one.key[:2], one.kind.rank, one.file.stamps))
    newest: list[_List] = []
    findings = []
    for _, group in groupby(in_time, key=lambda one: one.key):
        *earlier, last = group
        newest.append(last)
        why = f"{last.file.file.name} replaces it"
        findings += [list_not_used(one.file.file.name, why) for one in earlier]
    return sorted(newest, key=lambda one: (one.months[-1], one.kind.rank)), findings


def _spans(one: _List, lists: Sequence[_List], assignment: Assignment, law: Law) -> Iterator[ListSpan]:
    """The spans of one list, given which others of its entity and year are at hand."""
    kinds = {other.kind for other in lists if other.key[:2] == one.key[:2]}
    for found in lists_in_force(kinds, one.year, assignment, law):
        if found.kind is one.kind:
            yield ListSpan(
                apm_entity_id=one.apm_entity_id,
                file=one.file.file.name,
                first_day=found.first_day,
                last_day=found.last_day,
                is_own=found.is_own,
                words=one.words,
            )


def _rows(people: pl.DataFrame, span: ListSpan, *, is_prospective: bool) -> pl.DataFrame:
    return attribution_rows(
        people,
        apm_entity_id=span.apm_entity_id,
        first_day=span.first_day,
        last_day=span.last_day,
        is_prospective=is_prospective,
    )


def _about_lists(lists: Sequence[_List], spans: Sequence[ListSpan], law: Law) -> Iterator[Finding]:
    used = {span.file for span in spans}
    for one in lists:
        if one.file.file.name not in used:
            yield list_not_used(one.file.file.name, f"the {one.words} list is in force on no day")
    yield from snapshot_findings(spans, sorted({one.apm_entity_id for one in lists}), law)


def _not_used(files: Iterable[AssignmentFile]) -> list[Finding]:
    return [
        finding("file_not_used", rule=file.file.name, file=file.file.name, layout=file.layout)
        for file in files
        if file.table not in (ASSIGNED, ASSIGNABLE)
    ]


def _with_assignable(
    read: AssignmentRead, files: Sequence[AssignmentFile], options: ReadOptions, law: Law
) -> AssignmentRead:
    """The read with the assignable people of the performance year, where a table 1-6 is at hand."""
    lists, replaced = _newest(_told(files, ASSIGNABLE, options))
    if not lists:
        return read
    plans = [assignable_plan(one.file.source) for one in lists]
    found = read_plans(ASSIGNABLE_PEOPLE, plans, options)
    people = [
        good(plan, rows).select("bene_id")
        for one, plan, rows in zip(lists, plans, found.frames, strict=True)
        if one.year == law.performance_year
    ]
    table = replace(
        read.table,
        files=read.table.files + found.settled.files,
        rejects=read.table.rejects + found.settled.rejects,
        findings=(*read.table.findings, *found.settled.findings, *replaced),
    )
    assignable = pl.concat(people).unique().sort("bene_id") if people else None
    return AssignmentRead(table, read.coverage, assignable)
