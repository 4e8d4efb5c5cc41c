"""An explanation as a page and as a document."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from qpcli.analysis.beneficiaries import PersonAnswer
from qpcli.analysis.chains import Chain, ChainStep
from qpcli.analysis.explain import Explanation
from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.page import Page, PageTable, Section
from qpcli.analysis.results import Result
from qpcli.regulation.law import Evidence
from qpcli.regulation.steps import LawOfStep, load_steps
from qpcli.reports.as_json import as_json, json_object
from qpcli.reports.summary_words import STATUS_WORDS, counted, dollars, points
from qpcli.terms import Level, Method, QpStatus

JSON_VERSION = "qpcli.explain/1"
_METHODS = {Method.PAYMENT_AMOUNT: "payments", Method.PATIENT_COUNT: "patients"}
_DEFINITION = ", attribution-eligible beneficiary"
_LEVELS = {
    Level.APM_ENTITY: "APM Entity",
    Level.INDIVIDUAL: "individual",
    Level.AFFILIATED_PRACTITIONER: "Affiliated Practitioner",
}
_PEOPLE_WORDS = {
    "is_known": "not among the people of the run",
    "is_served": "no covered service by the group counts",
    "is_attributed": "on no attribution list in force",
    "is_not_prospective_elsewhere": "prospectively attributed elsewhere",
}


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
    chains = [_chain_section(chain) for chain in told.chains if chain.snapshot == newest]
    return Page(
        title,
        (
            Section(f"Status: {STATUS_WORDS[told.status]}", tuple(_status(told))),
            Section("On the lists", tuple(_entries(told))),
            Section(
                "Every result", (_results_table(told),) if told.results else ("No result: nothing could be scored.",)
            ),
            Section("What is missing, at the newest snapshot", tuple(_gaps(told))),
            *chains,
            Section("Attributed people who fail a criterion", tuple(_attributed(told))),
            Section("Beneficiaries of the file", tuple(_people(people))),
            Section("Law and assumptions", tuple(_law(run, told))),
        ),
    )


def _status(told: Explanation) -> Iterator[str | PageTable]:
    if told.decided is not None:
        yield f"Decided by {_named(told.decided)}: {_against(told.decided)}."
    if told.nearest_miss is not None and told.nearest_miss.better is not None:
        miss, (better, bar) = told.nearest_miss, told.nearest_miss.better
        yield (
            f"Nearest to {STATUS_WORDS[better]}: {_named(miss)} at {_points(miss.score)} %, "
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
                _LEVELS[Level(row["determined_by_level"])] if row["determined_by_level"] else "-",
                row["determined_by_apm_entity_id"] or "-",
                row["determined_by_basis"] or "-",
                _METHODS[Method(row["determined_by_method"])] if row["determined_by_method"] else "-",
                str(row["determined_at_snapshot"] or "-"),
                _points(row["score"]),
                str(row["threshold"] or "-"),
            )
            for row in told.determinations
        )
        yield PageTable(headers, rows, right=("Score %", "Bar"))
    yield from told.notes


def _named(one: Result) -> str:
    entity = f" {one.apm_entity_id}" if one.apm_entity_id else ""
    return f"{_METHODS[one.method]} at snapshot {one.snapshot} ({_LEVELS[one.level]}{entity}, {one.basis})"


def _against(one: Result) -> str:
    bar = one.qp_threshold if one.status is QpStatus.QP else one.partial_threshold
    sign = "below" if one.status is QpStatus.NOT_QP else "meets"
    return f"{_points(one.score)} % {sign} {bar} %"


def _points(score: int | None) -> str:
    return "-" if score is None else points(score)


def _amount(one: Result, value: int | None) -> str:
    if value is None:
        return "-"
    return dollars(value) if one.method is Method.PAYMENT_AMOUNT else f"{value:,}"


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


def _results_table(told: Explanation) -> str | PageTable:
    if not told.results:
        return "None: nothing could be scored."
    headers = ("Snapshot", "Level", "Basis", "Method", "Numerator", "Denominator", "Score %", "Status")
    rows = tuple(
        (
            f"{one.snapshot} {_mark(one, told)}".strip(),
            one.apm_entity_id or _LEVELS[one.level],
            one.basis,
            _METHODS[one.method],
            _amount(one, one.numerator),
            _amount(one, one.denominator),
            _points(one.score),
            STATUS_WORDS[one.status],
        )
        for one in told.results
    )
    return PageTable(headers, rows, right=headers[4:7], whole=("Method", "Status"))


def _mark(one: Result, told: Explanation) -> str:
    if one is told.decided:
        return "decided"
    return "nearest" if one is told.nearest_miss else ""


def _gaps(told: Explanation) -> Iterator[str | PageTable]:
    newest = max((one.snapshot for one in told.results), default=0)
    shown = [one for one in told.results if one.snapshot == newest and one.status is not QpStatus.QP]
    rows = []
    for one in shown:
        first = (one.apm_entity_id or _LEVELS[one.level], one.basis, _METHODS[one.method])
        for word, gap, is_met in (
            ("QP", one.gap_to_qp, False),
            ("Partial QP", one.gap_to_partial, one.status is QpStatus.PARTIAL_QP),
        ):
            ways = (gap.attribute_existing, gap.add_new_attributed, gap.shed_unattributed)
            if not is_met and any(way is not None for way in ways):
                rows.append((*first, word, *(_amount(one, way) for way in ways)))
                first = ("", "", "")
    if rows:
        headers = ("Level", "Basis", "Method", "To", "Attribute", "Add new", "Shed others")
        yield PageTable(headers, tuple(rows), right=headers[4:], whole=("Method", "To"))
        yield (
            "Each alone would do: so much of the existing denominator attributed, so much new and attributed, or so "
            "much that is not attributed shed."
        )


def _chain_section(chain: Chain) -> Section:
    whose = chain.apm_entity_id or "the clinician's own lines"
    title = f"From lines to the numerator: {whose}, {_LEVELS[chain.level]}, {chain.basis}, snapshot {chain.snapshot}"
    headers = ("", "What remains", "Lines", "People", "Dollars", "Removed", "Law")
    rows = tuple(_step_row(step) for step in chain.steps)
    return Section(title, (PageTable(headers, rows, right=("Lines", "People", "Dollars", "Removed")),))


def _step_row(step: ChainStep) -> tuple[str, ...]:
    return (
        str(step.number),
        step.law.words,
        _count(step.lines_remaining),
        _count(step.beneficiaries_remaining),
        dollars(step.cents_remaining),
        "" if step.cents_removed is None else dollars(step.cents_removed),
        step.law.citation.removeprefix("42 CFR ").replace(_DEFINITION, "")
        + (" [A]" if step.law.evidence is Evidence.ASSUMPTION else ""),
    )


def _citation(law: LawOfStep) -> str:
    mark = " [A]" if law.evidence is Evidence.ASSUMPTION else ""
    return law.citation.removeprefix("42 CFR ").replace(_DEFINITION, "") + mark


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _attributed(told: Explanation) -> Iterator[str]:
    if told.attributed is not None:
        laws = load_steps()
        yield f"{counted(told.attributed.attributed_count, 'person', 'people')} on the list at the newest snapshot."
        for name, count in told.attributed.failing.items():
            if count:
                yield f"{count:,} fail: {laws[name].words}."


def _people(people: tuple[PersonAnswer, ...]) -> Iterator[str | PageTable]:
    if people:
        headers = ("Place", "Level", "Basis", "Denominator", "Numerator", "Services", "Dollars", "Why not")
        rows = tuple(
            (
                str(one.place),
                one.apm_entity_id or _LEVELS[one.level],
                one.basis,
                "yes" if one.in_denominator else "no",
                "yes" if one.in_numerator else "no",
                f"{one.service_count:,}",
                dollars(one.cents),
                "; ".join(_why_not(name) for name in one.fails),
            )
            for one in people
        )
        yield PageTable(headers, rows, right=("Place", "Services", "Dollars"))
        yield "Place: which person of the file it is, the header not counted. Snapshot: the newest."


def _why_not(name: str) -> str:
    return _PEOPLE_WORDS[name] if name in _PEOPLE_WORDS else f"fails: {load_steps()[name].words}"


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
