"""Rows that break a rule: counted by file and rule, named by number, never shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.faults import reading
from qpcli.inputs.files import InputFile
from qpcli.inputs.opened import ROW, OpenFile
from qpcli.inputs.plan import BROKEN, IS_BAD, SourcePlan
from qpcli.tables.schema import Table

SHOWN_ROWS = 10
STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class RejectCount:
    """Rows of one file that break one rule, with at least the first ten data record numbers (1-based, no header)."""

    rule: str
    words: str
    count: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FileRejects:
    """The rejected rows of one file; a row that breaks two rules is one row and counts under both."""

    file: InputFile
    row_count: int
    counts: tuple[RejectCount, ...]


def bad_line_count(plans: Sequence[SourcePlan]) -> int:
    """Lines of text files that are not whole records, as the latest scan saw them."""
    files = {file.file: file for plan in plans for file in plan.source.all_files}
    return sum(file.bad_line_count for file in files.values())


def find_rejects(plans: Sequence[SourcePlan]) -> tuple[FileRejects, ...]:
    """A second look at the files: which rows of which file break which rule. One entry per file with any."""
    looked_up = {file.file: file for plan in plans if plan.source.lookup for file in plan.source.lookup.files}
    found = [found for plan in plans for found in _rejects_of(plan)]
    found += [_rejects_of_lookup(file) for file in looked_up.values()]
    return tuple(rejects for rejects in found if rejects.row_count)


def _rejects_of_lookup(file: OpenFile) -> FileRejects:
    """A file that is only looked up in is judged by its lines alone."""
    counts = tuple(_broken_lines(file))
    return FileRejects(file.file, sum(count.count for count in counts), counts)


def _rejects_of(plan: SourcePlan) -> Iterator[FileRejects]:
    looks = [expr for rule in plan.rules for expr in _look(rule.name)]
    for file, frame in zip(plan.source.files, plan.with_rows(), strict=True):
        with reading(file.file.name):
            found = frame.select(pl.col(IS_BAD).sum(), *looks).collect(engine="streaming").row(0, named=True)
        lines = _broken_lines(file)
        values = [
            RejectCount(rule.name, rule.words, found[rule.name], tuple(sorted(found[f"rows:{rule.name}"])))
            for rule in plan.rules
            if found[rule.name]
        ]
        row_count = found[IS_BAD] + sum(line.count for line in lines)
        yield FileRejects(file.file, row_count, (*lines, *values))


def _look(rule: str) -> tuple[pl.Expr, pl.Expr]:
    broken = pl.col(BROKEN + rule)
    # Several rows may come of one record.
    return broken.sum().alias(rule), pl.col(ROW).filter(broken).unique().bottom_k(SHOWN_ROWS).implode().alias(
        f"rows:{rule}"
    )


def _broken_lines(file: OpenFile) -> list[RejectCount]:
    if not file.bad_line_count:
        return []
    count, numbers = 0, []
    for line in file.bad_lines():
        count += 1
        if count <= SHOWN_ROWS:
            numbers.append(line.number)
    return [RejectCount(STRUCTURE, file.bad_line_words, count, tuple(numbers))]


def refusal(table: Table, rejects: Sequence[FileRejects], *, file_count: int) -> InputError:
    """The error QP203 that names the rejected rows by file, where the table has several, rule and number."""
    label = "claims" if table.name == "claim_lines" else table.name
    parts = [
        _sentence(count, f" of {found.file.name}" if file_count > 1 else "")
        for found in rejects
        for count in found.counts
    ]
    return InputError("QP203", f"{label}: {'; '.join(parts)}")


def _sentence(reject: RejectCount, place: str) -> str:
    numbers = ", ".join(map(str, reject.rows[:SHOWN_ROWS])) + (", ..." if reject.count > SHOWN_ROWS else "")
    row, have = ("row", "has") if reject.count == 1 else ("rows", "have")
    return f"{reject.count:,} {row}{place} {have} {reject.words} ({row} {numbers})"


def with_repeated(rejects: Sequence[FileRejects], repeated: Sequence[FileRejects]) -> tuple[FileRejects, ...]:
    """Rejects of both kinds, one entry per file."""
    merged = {found.file: found for found in rejects}
    for found in repeated:
        other = merged.get(found.file, FileRejects(found.file, 0, ()))
        merged[found.file] = FileRejects(found.file, other.row_count + found.row_count, other.counts + found.counts)
    return tuple(merged.values())


def reject_findings(table: Table, rejects: Sequence[FileRejects]) -> tuple[Finding, ...]:
    """One finding per rule that rejected rows, over all files."""
    counts: Counter[str] = Counter()
    for found in rejects:
        for count in found.counts:
            counts[count.rule] += count.count
    return tuple(finding("rejected_rows", table=table.name, rule=rule, count=count) for rule, count in counts.items())
