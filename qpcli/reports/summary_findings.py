"""Findings for people at the end of a run: counts by severity, and of each severity the first few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from qpcli.findings import Finding, Severity
from qpcli.reports.findings import sorted_findings
from qpcli.reports.summary_tables import plain_table
from qpcli.reports.summary_words import counted, printable

_MOST_FINDINGS = 10
_SEVERITY_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: ""}
_SEVERITY_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def finding_lines(findings: Iterable[Finding]) -> Iterable[RenderableType]:
    """Counts by severity, then the findings, of each severity the first few."""
    ordered = sorted_findings(findings)
    counts = Counter(finding.severity for finding in ordered)
    yield Text(", ".join(counted(counts[severity], _SEVERITY_WORDS[severity]) for severity in Severity))
    if ordered:
        yield by_severity(ordered)


def by_severity(findings: Iterable[Finding]) -> Table:
    """One row per finding, the most severe first, and how many more there are."""
    ordered, table = sorted_findings(findings), plain_table(has_header=False)
    for severity in Severity:
        _add_findings(table, severity, [finding for finding in ordered if finding.severity is severity])
    return table


def _add_findings(table: Table, severity: Severity, findings: list[Finding]) -> None:
    word = Text(_SEVERITY_WORDS[severity], style=_SEVERITY_STYLES[severity])
    for finding in findings[:_MOST_FINDINGS]:
        table.add_row(word, Text(printable(finding.message)))
    if findings[_MOST_FINDINGS:]:
        table.add_row("", Text(f"... and {len(findings) - _MOST_FINDINGS:,} more; the findings table holds all."))
