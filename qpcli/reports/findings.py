"""One row per finding of a run, worst first."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from pydantic import JsonValue

from qpcli.findings import Finding
from qpcli.reports.frames import calculated_schema
from qpcli.tables.findings import FINDINGS


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors, warnings, then the rest; by code, table and rule among equals, null first."""
    return tuple(sorted(findings, key=_order))


def findings_frame(findings: Iterable[Finding]) -> pl.DataFrame:
    """The findings as the table FINDINGS, sorted; one row per finding, none for none."""
    rows = [
        (finding.code, finding.severity.value, finding.table, finding.rule, finding.count, finding.message)
        for finding in sorted_findings(findings)
    ]
    return pl.DataFrame(rows, schema=calculated_schema(FINDINGS), orient="row")


def findings_of(frame: pl.DataFrame) -> tuple[Finding, ...]:
    """The inverse of `findings_frame`, for a report read back."""
    columns = ("code", "message", "table", "rule", "count")
    return tuple(Finding(*row) for row in frame.select(columns).iter_rows())


def finding_object(finding: Finding) -> dict[str, JsonValue]:
    """A finding as a JSON object, in the columns of FINDINGS."""
    content = {name: getattr(finding, name) for name in ("code", "message", "table", "rule", "count")}
    return content | {"severity": finding.severity.value}


def _order(finding: Finding) -> tuple[int, str, str, str, int, str]:
    count = -1 if finding.count is None else finding.count
    return finding.severity.rank, finding.code, finding.table or "", finding.rule or "", count, finding.message
