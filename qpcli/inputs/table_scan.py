"""A table's files opened and planned, not yet read: what to collect, and what the counts then mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.archives import find_files
from qpcli.inputs.faults import reading
from qpcli.inputs.files import InputFile, check_unchanged
from qpcli.inputs.opened import OpenFile
from qpcli.inputs.plan import SourcePlan, dialect_of, good_rows, plan_source
from qpcli.inputs.quality import BAD_ROW_COUNT, LEFT_OUT_COUNT, ROW_COUNT, Extras, nothing_else, quality_of, repairs
from qpcli.inputs.reject_files import write_rejects
from qpcli.inputs.rejects import FileRejects, bad_line_count, find_rejects, refusal, reject_findings, with_repeated
from qpcli.inputs.shown import shown_columns
from qpcli.inputs.sources import open_sources
from qpcli.request import ReadOptions
from qpcli.tables.schema import Table

Counts = Mapping[str, Any]
"""The collected row of counts: Int64 counts, and the newest dates of claim lines."""


@dataclass(frozen=True, slots=True)
class FileCount:
    """What one input file held: data records, rejected ones among them."""

    file: InputFile
    row_count: int
    rejected_count: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What the files held, which rows were rejected, and what there is to say."""

    files: tuple[FileCount, ...]
    rejects: tuple[FileRejects, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class TableScan:
    """A table's good rows and one row of counts, both lazy, over the same scan.

    `may_be_empty` says that files without a row for the table are nothing to speak of.
    """

    table: Table
    plans: tuple[SourcePlan, ...]
    options: ReadOptions
    rows: pl.LazyFrame
    quality: pl.LazyFrame
    extras: Extras = nothing_else
    may_be_empty: bool = False

    @property
    def files(self) -> tuple[InputFile, ...]:
        return tuple(file.file for file in self._open_files())

    def _open_files(self) -> list[OpenFile]:
        """Every file once: one that is only looked up in serves several sources."""
        return list({file.file: file for plan in self.plans for file in plan.source.all_files}.values())

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Around every collect of the frames: library faults become QP202, or QP208 if a file changed."""
        try:
            with reading(self.table.name):
                yield
        except InputError:
            check_unchanged(self.files)
            raise

    def settled_rows(self, row: Counts) -> pl.LazyFrame:
        """The good rows without looking at them again, where the counts say that all are good."""
        if row[BAD_ROW_COUNT] or any(plan.leaves_out for plan in self.plans):
            return self.rows
        return pl.concat([plan.lean() for plan in self.plans], how="vertical")

    def settle(self, row: Counts, repeated: tuple[FileRejects, ...] = ()) -> Settled:
        """What the row of counts means, with rows that repeat a key; raises QP203, QP208 or QP213."""
        check_unchanged(self.files)
        rejects = self._settled_rejects(row, repeated)
        rejected = {found.file: found.row_count for found in rejects}
        counts = tuple(FileCount(file.file, file.row_count, rejected.get(file.file, 0)) for file in self._open_files())
        return Settled(counts, rejects, tuple(self._findings(row, rejects)))

    def _settled_rejects(self, row: Counts, repeated: tuple[FileRejects, ...]) -> tuple[FileRejects, ...]:
        broken_lines = bad_line_count(self.plans)
        bad_count = row[BAD_ROW_COUNT] + broken_lines + sum(found.row_count for found in repeated)
        if not bad_count:
            return ()
        with self.reading():
            rejects = with_repeated(find_rejects(self.plans), repeated)
            if self.options.rejects_folder is not None:
                write_rejects(self.options.rejects_folder, self.plans, repeated)
        if bad_count > self.options.max_rejects:
            raise refusal(self.table, rejects, file_count=len(self._open_files()))
        if bad_count == row[ROW_COUNT] - row[LEFT_OUT_COUNT] + broken_lines:
            raise InputError("QP213", f"{self.table.name}: all {bad_count:,} rows are rejected.")
        return rejects

    def _findings(self, row: Counts, rejects: Sequence[FileRejects]) -> Iterator[Finding]:
        is_empty = row[ROW_COUNT] == row[LEFT_OUT_COUNT]
        if is_empty and not self.may_be_empty:
            yield finding("no_rows", table=self.table.name, count=0)
        yield from reject_findings(self.table, rejects)
        yield from repairs(self.table, row)
        unused = sorted({name for plan in self.plans for name in plan.unused})
        if unused:
            # A header that stands alone may have run on into what was the first row.
            names = None if is_empty else shown_columns(unused)
            shown = names or f"{len(unused)} whose names may be values and are not shown"
            yield finding("unknown_columns", table=self.table.name, count=len(unused), columns=shown)


def scan_table(table: Table, paths: Sequence[str], options: ReadOptions, extras: Extras = nothing_else) -> TableScan:
    """Finds and opens the files and plans how they are read; raises the QP2xx errors of files and headers."""
    sources = open_sources(find_files(paths), dialect_of(options))
    return planned_scan(table, [plan_source(table, source, options) for source in sources], options, extras)


def planned_scan(
    table: Table, plans: Sequence[SourcePlan], options: ReadOptions, extras: Extras = nothing_else
) -> TableScan:
    """The scan of sources that are planned."""
    return TableScan(table, tuple(plans), options, good_rows(plans), quality_of(plans, extras), extras)
