"""The tables of an explanation: results, gaps, steps and people."""

from __future__ import annotations

from collections.abc import Iterator

from qpcli.analysis.beneficiaries import PersonAnswer
from qpcli.analysis.chains import Chain, ChainStep
from qpcli.analysis.explain import Explanation
from qpcli.analysis.page import PageTable, Section
from qpcli.analysis.results import Result
from qpcli.regulation.law import Evidence
from qpcli.regulation.steps import LawOfStep, load_steps
from qpcli.reports.summary_words import HIDDEN, STATUS_WORDS, dollars, points
from qpcli.terms import Level, Method, QpStatus

METHOD_WORDS = {Method.PAYMENT_AMOUNT: "payments", Method.PATIENT_COUNT: "patients"}
_DEFINITION = ", attribution-eligible beneficiary"
LEVEL_WORDS = {
    Level.APM_ENTITY: "APM Entity",
    Level.INDIVIDUAL: "individual",
    Level.AFFILIATED_PRACTITIONER: "Affiliated Practitioner",
    Level.TIN: "TIN",
    Level.NPI: "clinician",
}
_PEOPLE_WORDS = {
    "is_known": "not among the people of the run",
    "is_served": "no covered service by the group counts",
    "is_attributed": "on no attribution list in force",
    "is_not_prospective_elsewhere": "prospectively attributed elsewhere",
}


def results_table(told: Explanation) -> str | PageTable:
    """Every result; marked are the one that decided and the nearest miss."""
    if not told.results:
        return "None: nothing could be scored."
    headers = ("Snapshot", "Level", "Basis", "Method", "Numerator", "Denominator", "Score %", "Status")
    rows = tuple(
        (
            f"{one.snapshot} {_mark(one, told)}".strip(),
            one.apm_entity_id or LEVEL_WORDS[one.level],
            one.basis,
            METHOD_WORDS[one.method],
            _amount(one, one.numerator),
            _amount(one, one.denominator),
            score_words(one.score),
            STATUS_WORDS[one.status],
        )
        for one in told.results
    )
    return PageTable(headers, rows, right=headers[4:7], whole=("Method", "Status"))


def _mark(one: Result, told: Explanation) -> str:
    if one is told.decided:
        return "decided"
    return "nearest" if one is told.nearest_miss else ""


def gap_parts(told: Explanation) -> Iterator[str | PageTable]:
    """What is missing at the newest snapshot, three ways."""
    newest = max((one.snapshot for one in told.results), default=0)
    shown = [one for one in told.results if one.snapshot == newest and one.status is not QpStatus.QP]
    rows = []
    for one in shown:
        first = (one.apm_entity_id or LEVEL_WORDS[one.level], one.basis, METHOD_WORDS[one.method])
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


def chain_section(chain: Chain) -> Section:
    """The steps of one group."""
    whose = chain.apm_entity_id or "the clinician's own lines"
    title = (
        f"From lines to the numerator: {whose}, {LEVEL_WORDS[chain.level]}, {chain.basis}, snapshot {chain.snapshot}"
    )
    headers = ("", "What remains", "Lines", "People", "Dollars", "Removed", "Law")
    rows = tuple(_step_row(step) for step in chain.steps)
    return Section(title, (PageTable(headers, rows, right=("Lines", "People", "Dollars", "Removed")),))


def _step_row(step: ChainStep) -> tuple[str, ...]:
    return (
        str(step.number),
        step.law.words,
        _count(step.lines_remaining),
        _count(step.beneficiaries_remaining),
        HIDDEN if step.cents_remaining is None else dollars(step.cents_remaining),
        "" if step.cents_removed is None else dollars(step.cents_removed),
        step.law.citation.removeprefix("42 CFR ").replace(_DEFINITION, "")
        + (" [A]" if step.law.evidence is Evidence.ASSUMPTION else ""),
    )


def _citation(law: LawOfStep) -> str:
    mark = " [A]" if law.evidence is Evidence.ASSUMPTION else ""
    return law.citation.removeprefix("42 CFR ").replace(_DEFINITION, "") + mark


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def people_parts(people: tuple[PersonAnswer, ...]) -> Iterator[str | PageTable]:
    """The people of a file by their place in it."""
    if people:
        headers = ("Place", "Level", "Basis", "Denominator", "Numerator", "Services", "Dollars", "Why not")
        rows = tuple(
            (
                str(one.place),
                one.apm_entity_id or LEVEL_WORDS[one.level],
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


def score_words(score: int | None) -> str:
    """A score in percent, a dash for none."""
    return "-" if score is None else points(score)


def _amount(one: Result, value: int | None) -> str:
    if value is None:
        return "-"
    return dollars(value) if one.method is Method.PAYMENT_AMOUNT else f"{value:,}"
