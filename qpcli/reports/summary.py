"""The end of a run for people, on one page; nothing is printed here and nobody is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl
from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from qpcli.findings import Finding
from qpcli.regulation.law import Law
from qpcli.regulation.mips import PartialQpElection, load_mips
from qpcli.reports.findings import sorted_findings
from qpcli.reports.manifest import OutputRecord
from qpcli.reports.summary_all_payer import all_payer_part
from qpcli.reports.summary_findings import by_severity, finding_lines
from qpcli.reports.summary_rows import (
    EntityScore,
    StatusCounts,
    clinicians_by_status,
    entities_at_risk,
    entity_scores,
    individuals_by_status,
    nearest_the_bar,
    newest_and_better,
    newest_individual_snapshot,
    partial_qps_by_level,
)
from qpcli.reports.summary_tables import STATUS_STYLES, plain_table
from qpcli.reports.summary_words import STATUS_WORDS, against_bar, counted, margin, printable
from qpcli.tables.other_payer import OTHER_PAYER
from qpcli.terms import QpStatus

WIDEST = 100
_MOST_ROWS = 20
_RECOGNISED, _OWN_PEOPLE = "layout_recognised", "own_people_only"
_TOLD_FIRST = (_RECOGNISED, _OWN_PEOPLE)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a summary is made of.

    `tables` holds at least `threshold_scores` and `determinations` in the calculation's units, and
    `all_payer_scores` where other payers were submitted;
    `folder` is None when nothing was written; `is_up_to_date` says that an earlier report stands.
    `alert_margin`: points above the QP bar up to which an APM Entity is at risk.
    """

    tables: Mapping[str, pl.DataFrame]
    law: Law
    findings: tuple[Finding, ...]
    run_id: str
    folder: Path | None = None
    outputs: tuple[OutputRecord, ...] = ()
    is_up_to_date: bool = False
    alert_margin: Decimal | None = None

    @property
    def at_risk(self) -> tuple[str, ...]:
        """APM Entities that the alert is about; none where no alert is asked for."""
        if self.alert_margin is None or "threshold_scores" not in self.tables:
            return ()
        return entities_at_risk(entity_scores(self.tables["threshold_scores"]), self.alert_margin)


def terminal_summary(summary: RunSummary) -> RenderableType:
    """The run on one page, at most 100 columns wide, readable without colour."""
    law = summary.law
    title = f"QP determinations for performance year {law.performance_year} (payment year {law.payment_year})"
    sections = (
        Text(title, style="bold"),
        *_alert(summary),
        *_first(summary.findings),
        section("APM Entities", *_entities(summary)),
        *_all_payer(summary),
        section("Clinicians by status", _clinicians(summary), *_elections(summary)),
        section("Findings", *finding_lines([found for found in summary.findings if not _is_told_apart(found)])),
        section("Law and assumptions", *_law(law)),
        section("Report", *_report(summary)),
    )
    spaced = [part for section in sections for part in (section, Text())]
    return Constrain(Group(*spaced[:-1]), WIDEST)


def _alert(summary: RunSummary) -> Iterable[RenderableType]:
    """Which APM Entities are below the QP bar or too near above it, where that is asked."""
    if summary.at_risk:
        count = counted(len(summary.at_risk), "APM Entity", "APM Entities")
        where = f"below the QP bar or at most {summary.alert_margin} points above it"
        yield section("Alert", Text(f"{count} {where}: {printable(', '.join(summary.at_risk))}.", style="bold red"))


def _first(findings: Iterable[Finding]) -> Iterable[RenderableType]:
    """How the inputs were understood, and what must be known before a score is read."""
    ordered = [found for found in sorted_findings(findings) if found.code in _TOLD_FIRST]
    warned = [Text(printable(found.message), style="yellow") for found in ordered if found.code == _OWN_PEOPLE]
    inputs = [Text(printable(found.message)) for found in ordered if found.code == _RECOGNISED]
    if inputs:
        yield section("Inputs", *inputs)
    if warned:
        yield section("Read this first", *warned)


def section(title: str, *body: RenderableType) -> RenderableType:
    """A bold title over what belongs to it."""
    return Group(Text(title, style="bold"), *(Padding(part, (0, 0, 0, 2)) for part in body))


def _entities(summary: RunSummary) -> Iterable[RenderableType]:
    """Every row where they are few; else one row per entity, and of many entities those nearest the bar."""
    everything = entity_scores(summary.tables["threshold_scores"])
    if not everything:
        yield Text("None was assessed as a group.")
        return
    rows = everything if len(everything) <= _MOST_ROWS else newest_and_better(everything)
    shown = nearest_the_bar(rows, _MOST_ROWS)
    yield _entity_table(shown, has_bases=len(summary.law.bases) > 1)
    if any(score.is_hidden for row in shown for score in row.methods):
        yield Text("Hidden are counts of 1 to 10 people and what would reveal them (--share).")
    if len(rows) < len(everything):
        yield Text("One row each: the newest snapshot, there the more favourable basis.")
    if len(shown) < len(rows):
        yield Text(f"Shown are the {len(shown)} of {len(rows):,} APM Entities nearest the QP bar.")


def _all_payer(summary: RunSummary) -> Iterable[RenderableType]:
    """Only where other payers were submitted."""
    scores = summary.tables.get("all_payer_scores")
    if scores is not None:
        body = all_payer_part(scores, has_bases=len(summary.law.bases) > 1)
        told = [found for found in summary.findings if found.table == OTHER_PAYER.name]
        yield section("All-Payer Combination Option", *body, *([by_severity(told)] if told else []))


def _is_told_apart(finding: Finding) -> bool:
    """Whether a finding stands in a section of its own subject."""
    return finding.code in _TOLD_FIRST or finding.table == OTHER_PAYER.name


def _entity_table(rows: Iterable[EntityScore], *, has_bases: bool) -> Table:
    table = plain_table()
    table.add_column("Entity", overflow="fold")
    table.add_column("Snapshot", justify="right", no_wrap=True)
    if has_bases:
        table.add_column("Basis", no_wrap=True)
    table.add_column("Payments %", justify="right", no_wrap=True)
    table.add_column("Patients %", justify="right", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    table.add_column("Margin to QP", overflow="fold")
    for row in rows:
        table.add_row(*_entity_cells(row, has_bases=has_bases))
    return table


def _entity_cells(row: EntityScore, *, has_bases: bool) -> list[Text]:
    return [
        Text(printable(row.apm_entity_id)),
        Text(str(row.snapshot)),
        *([Text(row.basis)] if has_bases else []),
        Text(against_bar(row.payment)),
        Text(against_bar(row.patient)),
        Text(STATUS_WORDS[row.status], style=STATUS_STYLES.get(row.status, "")),
        Text(margin(row)),
    ]


def _clinicians(summary: RunSummary) -> Table:
    scores = summary.tables["threshold_scores"]
    table = plain_table()
    table.add_column("")
    for status in reversed(QpStatus):
        table.add_column(STATUS_WORDS[status], justify="right", no_wrap=True)
    table.add_column("All", justify="right", no_wrap=True)
    _add_counts(table, "Newest determination", clinicians_by_status(summary.tables["determinations"]))
    snapshot = newest_individual_snapshot(scores)
    if snapshot is not None:
        label = f"Assessed one by one, snapshot {snapshot}"
        _add_counts(table, label, individuals_by_status(scores, snapshot))
    return table


def _elections(summary: RunSummary) -> Iterable[Text]:
    """Who elects for the Partial QPs whether they take part in MIPS (414.1310(b))."""
    mips, by_election = load_mips(), Counter[PartialQpElection]()
    for level, count in partial_qps_by_level(summary.tables["determinations"]).items():
        by_election[mips.election(level)] += count
    for election, count in by_election.items():
        who = f"For {counted(count, 'Partial QP')} {election.elects} whether to take part in MIPS"
        yield Text(f"{who}, {election.until}; without an election nobody does.")


def _add_counts(table: Table, label: str, counts: StatusCounts) -> None:
    by_status = (counts.by_status[status] for status in reversed(QpStatus))
    table.add_row(label, *(f"{count:,}" for count in by_status), f"{counts.total:,}")


def _law(law: Law) -> Iterable[Text]:
    bars = law.thresholds
    yield Text(
        f"QP from {bars.qp_payment} % of payments or {bars.qp_patient} % of patients, "
        f"Partial QP from {bars.partial_payment} % or {bars.partial_patient} %."
    )
    for entry in law.entries:
        if entry.rule == "thresholds":
            day = f", published {entry.published}" if entry.published else ""
            yield Text(f"Thresholds: {entry.authority}, {entry.citation}{day}; law as of {law.law_as_of}.")
    overridden = [point for point in law.open_points.values() if point.is_overridden]
    for point in overridden:
        yield Text(f"Assumed: {point.name} = {printable(point.value)} (default {point.default}).")
    defaults = counted(
        len(law.open_points) - len(overridden), "open point is at its default", "open points are at their defaults"
    )
    yield Text(f"{defaults}; see `qpcli rules --year {law.performance_year}`.")


def _report(summary: RunSummary) -> Iterable[Text]:
    if summary.folder is None:
        yield Text("Nothing was written; --out DIR keeps the reports.")
    else:
        yield Text(printable(str(summary.folder)), overflow="fold")
    if summary.is_up_to_date:
        yield Text("Up to date: nothing that it depends on has changed; --force computes it again.")
    yield Text(f"Run {summary.run_id}")
