"""An explanation as a page and as a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from qpcli.analysis.all_payer import AllPayerResult
from qpcli.analysis.beneficiaries import PersonAnswer
from qpcli.analysis.explain import Explanation
from qpcli.analysis.explain_all_payer import all_payer_parts
from qpcli.analysis.explain_tables import (
    LEVEL_WORDS,
    METHOD_WORDS,
    chain_section,
    gap_parts,
    people_parts,
    results_table,
    score_words,
)
from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.page import Page, PageTable, Section
from qpcli.analysis.results import Result
from qpcli.regulation.steps import load_steps
from qpcli.reports.as_json import as_json, json_object
from qpcli.reports.summary_words import STATUS_WORDS, counted, points
from qpcli.terms import Level, Method, QpOption, QpStatus

JSON_VERSION = "qpcli.explain/1"


def document(run: FinishedRun, told: Explanation, people: tuple[PersonAnswer, ...]) -> dict[str, JsonValue]:
    """The one JSON object of an explanation; amounts in cents, scores in ten-thousandths of a percent."""
    return {
        "schema": JSON_VERSION,
        "run_id": run.run_id,
        "performance_year": run.law.performance_year,
        "units": {"amounts": "cents", "scores": "ten-thousandths of a percent"},
        "thresholds": as_json(run.law.thresholds),
        **json_object(told),
        "beneficiaries": [as_json(person) for person in people],
    }


def page(run: FinishedRun, told: Explanation, people: tuple[PersonAnswer, ...]) -> Page:
    """The explanation for people; chains of the newest snapshot only."""
    kind = "NPI" if told.is_clinician else "APM Entity"
    law = run.law
    title = f"{kind} {told.subject}, performance year {law.performance_year} (payment year {law.payment_year})"
    newest = max((chain.snapshot for chain in told.chains), default=0)
    chains = [chain_section(chain) for chain in told.chains if chain.snapshot == newest]
    return Page(
        title,
        (
            Section(f"Status: {STATUS_WORDS[told.status]}", tuple(_status(told))),
            Section("On the lists", tuple(_entries(told))),
            Section(
                "Every result", (results_table(told),) if told.results else ("No result: nothing could be scored.",)
            ),
            Section("With all payers", tuple(all_payer_parts(told))),
            Section("What is missing, at the newest snapshot", tuple(gap_parts(told))),
            *chains,
            Section("Attributed people who fail a criterion", tuple(_attributed(told))),
            Section("Beneficiaries of the file", tuple(people_parts(people))),
            Section("Law and assumptions", tuple(_law(run, told))),
        ),
    )


def _status(told: Explanation) -> Iterator[str | PageTable]:
    if told.decided is not None:
        yield f"Decided by {_named(told.decided)}: {_against(told.decided)}."
    if told.decided_by_all_payer is not None:
        yield f"Decided with all payers by {_named(told.decided_by_all_payer)}: {_against(told.decided_by_all_payer)}."
    if told.nearest_miss is not None and told.nearest_miss.better is not None:
        miss, (better, bar) = told.nearest_miss, told.nearest_miss.better
        yield (
            f"Nearest to {STATUS_WORDS[better]}: {_named(miss)} at {score_words(miss.score)} %, "
            f"{points(miss.points_short or 0)} points below {bar} %."
        )
    if told.clinician_count is not None:
        yield f"{counted(told.clinician_count, 'clinician')} in the group at the newest snapshot."
    if told.determinations:
        headers = ("Snapshot", "Status", "By", "Entity", "Basis", "Method", "Of snapshot", "Score %", "Bar")
        rows = tuple(
            (
                str(row["snapshot"]),
                STATUS_WORDS[QpStatus(row["status"])],
                _by(row),
                row["determined_by_apm_entity_id"] or "-",
                row["determined_by_basis"] or "-",
                METHOD_WORDS[Method(row["determined_by_method"])] if row["determined_by_method"] else "-",
                str(row["determined_at_snapshot"] or "-"),
                score_words(row["score"]),
                str(row["threshold"] or "-"),
            )
            for row in told.determinations
        )
        yield PageTable(headers, rows, right=("Score %", "Bar"))
    yield from told.notes


def _by(row: Mapping[str, Any]) -> str:
    """The level that decided, and whether all payers did."""
    if row["determined_by_level"] is None:
        return "-"
    is_of_all = row["determined_by_option"] == QpOption.ALL_PAYER.value
    return LEVEL_WORDS[Level(row["determined_by_level"])] + (", all payers" if is_of_all else "")


def _named(one: Result | AllPayerResult) -> str:
    entity = f" {one.apm_entity_id}" if one.apm_entity_id else ""
    return f"{METHOD_WORDS[one.method]} at snapshot {one.snapshot} ({LEVEL_WORDS[one.level]}{entity}, {one.basis})"


def _against(one: Result | AllPayerResult) -> str:
    bar = one.qp_threshold if one.status is QpStatus.QP else one.partial_threshold
    sign = "below" if one.status is QpStatus.NOT_QP else "meets"
    return f"{score_words(one.score)} % {sign} {bar} %"


def _entries(told: Explanation) -> Iterator[PageTable]:
    if told.entries:
        headers = ("Entity", "List", "TIN", "In the group at", "Entity counts at")
        rows = tuple(
            (one.apm_entity_id, one.list_type, one.tin, _numbers(one.snapshots), _numbers(one.counts_at))
            for one in told.entries
        )
        yield PageTable(headers, rows)


def _numbers(snapshots: tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in snapshots) or "none"


def _attributed(told: Explanation) -> Iterator[str]:
    if told.attributed is not None:
        laws = load_steps()
        yield f"{counted(told.attributed.attributed_count, 'person', 'people')} on the list at the newest snapshot."
        for name, count in told.attributed.failing.items():
            if count:
                yield f"{count:,} fail: {laws[name].words}."


def _law(run: FinishedRun, told: Explanation) -> Iterator[str]:
    bars = run.law.thresholds
    yield (
        f"QP from {bars.qp_payment} % of payments or {bars.qp_patient} % of patients, Partial QP from "
        f"{bars.partial_payment} % or {bars.partial_patient} %."
    )
    for entry in told.law_entries:
        if entry.rule == "thresholds":
            yield f"Thresholds: {entry.authority}, {entry.citation}; law as of {run.law.law_as_of.isoformat()}."
    shaped = {name for chain in told.chains for step in chain.steps for name in step.law.open_points}
    for point in told.assumptions:
        if point.is_overridden:
            yield f"Assumed: {point.name} = {point.value}."
    at_default = [
        f"{one.name} = {one.value}" for one in told.assumptions if not one.is_overridden and one.name in shaped
    ]
    if at_default:
        yield f"Assumed by default: {', '.join(at_default)}."
    yield "[A] marks what is assumed and not CMS's word."
