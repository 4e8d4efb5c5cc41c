"""What stands behind the figures: findings, assumptions, law, inputs."""

from __future__ import annotations

from pathlib import PurePath

from qpcli.findings import FINDINGS_CATALOGUE, Severity
from qpcli.reports.html.content import Content
from qpcli.reports.html.elements import Html, element, joined
from qpcli.reports.html.tables import Cell, Header, table

_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_TOLD_FIRST = "own_people_only"


def read_first(content: Content) -> Html:
    """What must be known before a score is read; nothing where there is nothing."""
    told = [found.message for found in content.findings if found.code == _TOLD_FIRST]
    told += [found.message for found in content.findings if found.severity is Severity.ERROR]
    if content.manifest.is_shared:
        told.append("Counts of 1 to 10 people, and what would reveal them, are hidden in this report.")
    return joined(element("p", message, class_="warning") for message in told)


def findings(content: Content) -> Html:
    """Every finding with what to do about it, worst first."""
    rows = [
        [
            Cell(_SEVERITIES[found.severity], found.severity.rank),
            Cell(found.message),
            Cell(FINDINGS_CATALOGUE[found.code].remedy),
            Cell(found.code),
        ]
        for found in content.findings
    ]
    headers = [Header("Kind"), Header("Finding"), Header("What to do"), Header("Code")]
    return table("Findings of the run", headers, rows) if rows else element("p", "There are none.")


def assumptions(content: Content) -> Html:
    """Every open point with what was assumed, overridden ones first."""
    points = sorted(content.manifest.open_points, key=lambda point: (not point.is_overridden, point.name))
    rows = [
        [Cell(point.name), Cell(point.value), Cell("yours" if point.is_overridden else "default"), Cell(point.reason)]
        for point in points
    ]
    headers = [Header("Question"), Header("Assumed"), Header("By whom"), Header("Why")]
    return table("What the law leaves open, and what this run assumed", headers, rows)


def sources(content: Content) -> Html:
    """The rules used with their authority, and the files that were read."""
    law = [
        [
            Cell(entry.rule),
            Cell(entry.value),
            Cell(entry.authority),
            Cell(str(entry.published or "")),
            Cell(entry.citation),
        ]
        for entry in content.manifest.law_entries
    ]
    inputs = [
        [
            Cell(record.table),
            Cell(PurePath(record.path).name),
            Cell(f"{record.rows:,}", record.rows),
            Cell(record.sha256),
        ]
        for record in content.manifest.inputs
    ]
    rules = [Header("Rule"), Header("Says"), Header("Authority"), Header("Published"), Header("Citation")]
    files = [Header("Table"), Header("File"), Header("Rows", is_number=True), Header("SHA-256")]
    return joined(
        [
            element("h3", "Law"),
            table("Rules used", rules, law),
            element("h3", "Inputs"),
            element("details", element("summary", f"{len(inputs):,} files"), table("Files read", files, inputs)),
        ]
    )
