"""Canonical tables read: strict, every bad row counted, nothing dropped in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date

import polars as pl

from qpcli.findings import Finding
from qpcli.inputs.files import InputFile
from qpcli.inputs.keys import first_rows
from qpcli.inputs.plan import COUNTED, SourcePlan
from qpcli.inputs.quality import BAD_ROW_COUNT, LEFT_OUT_COUNT, ROW_COUNT
from qpcli.inputs.rejects import FileRejects
from qpcli.inputs.table_scan import Counts, FileCount, TableScan, scan_table
from qpcli.request import ReadOptions
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.schema import Table
from qpcli.terms import Setting

LAST_SERVICE_DATE, LAST_PROCESSED_DATE = "last_service_date", "last_processed_date"


@dataclass(frozen=True, slots=True)
class TableRead:
    """A table that was read: its good rows, what its files held, and what there is to say."""

    frame: pl.DataFrame
    files: tuple[FileCount, ...]
    rejects: tuple[FileRejects, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ScanNotes:
    """What checking the claims left to say; `row_count` is of good rows, the dates are None without any.

    `lines` are the good rows again, read in the shortest way that the counts allow: for whoever scans them next.
    """

    lines: pl.LazyFrame
    row_count: int
    files: tuple[FileCount, ...]
    rejects: tuple[FileRejects, ...]
    findings: tuple[Finding, ...]
    last_service_date: date | None
    last_processed_date: date | None


def read_table(table: Table, paths: Sequence[str], options: ReadOptions) -> TableRead:
    """Reads a whole table into memory; raises the QP2xx errors."""
    scan = scan_table(table, paths, options)
    with scan.reading():
        frame, quality = pl.collect_all([scan.rows, scan.quality], engine="streaming")
    repeated: tuple[FileRejects, ...] = ()
    if table.keys and frame.n_unique(table.keys) < frame.height:
        frame, repeated = first_rows(scan.plans)
    settled = scan.settle(quality.row(0, named=True), repeated)
    return TableRead(frame, settled.files, settled.rejects, settled.findings)


def no_remarks(_row: Counts) -> Iterable[Finding]:
    """What a layout has to say beside what all layouts do: nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class ClaimLinesScan:
    """Claim lines, lazily: good rows in canonical columns, and one row of counts over all rows.

    Collect them inside `reading()`, and settle the counts before the rows are trusted.
    """

    scan: TableScan
    remarks: Callable[[Counts], Iterable[Finding]] = no_remarks

    @property
    def lines(self) -> pl.LazyFrame:
        return self.scan.rows

    @property
    def quality(self) -> pl.LazyFrame:
        return self.scan.quality

    @property
    def files(self) -> tuple[InputFile, ...]:
        return self.scan.files

    def reading(self) -> AbstractContextManager[None]:
        """To stand around every collect of the frames: library faults become QP202, or QP208 if a file changed."""
        return self.scan.reading()

    def settle(self, quality: pl.DataFrame) -> ScanNotes:
        """What the collected row of counts means; raises QP203, QP208 or QP213."""
        row = quality.row(0, named=True)
        settled = self.scan.settle(row)
        return ScanNotes(
            lines=self.scan.settled_rows(row),
            row_count=row[ROW_COUNT] - row[BAD_ROW_COUNT] - row[LEFT_OUT_COUNT],
            files=settled.files,
            rejects=settled.rejects,
            findings=(*settled.findings, *self.remarks(row)),
            last_service_date=row[LAST_SERVICE_DATE],
            last_processed_date=row[LAST_PROCESSED_DATE],
        )


def scan_claim_lines(paths: Sequence[str], options: ReadOptions) -> ClaimLinesScan:
    """Opens claim lines without reading them; raises the QP2xx errors of files and headers."""
    return ClaimLinesScan(scan_table(CLAIM_LINES, paths, options, claim_counts))


def claim_counts(plan: SourcePlan) -> list[pl.Expr]:
    """What else is counted about claim lines: the newest dates, and blanks where a value is expected."""
    is_good = plan.is_good
    may_lack_tin = pl.col("setting").is_in([Setting.CAH_METHOD_II, Setting.RHC, Setting.FQHC])
    may_lack_code = pl.col("setting").is_in([Setting.RHC, Setting.FQHC])
    blanks = {
        "blank_values:npi": pl.col("npi").is_null(),
        "blank_values:tin": pl.col("tin").is_null() & ~may_lack_tin,
        "blank_values:hcpcs": pl.col("hcpcs").is_null() & ~may_lack_code,
        "no_processed_date:processed_date": pl.col("processed_date").is_null(),
    }
    return [
        pl.col("service_date").filter(is_good).max().alias(LAST_SERVICE_DATE),
        pl.col("processed_date").filter(is_good).max().alias(LAST_PROCESSED_DATE),
        *((is_good & is_blank).sum().cast(pl.Int64).alias(COUNTED + name) for name, is_blank in blanks.items()),
    ]
