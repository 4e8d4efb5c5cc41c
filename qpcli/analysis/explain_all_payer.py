"""The all-payer results in an explanation: Medicare, other payers, both together, and the Medicare minimum."""

from __future__ import annotations

from collections.abc import Iterator

from qpcli.analysis.all_payer import AllPayerResult, refusals
from qpcli.analysis.explain import Explanation
from qpcli.analysis.explain_tables import LEVEL_WORDS, METHOD_WORDS, score_words
from qpcli.analysis.page import PageTable
from qpcli.reports.summary_words import STATUS_WORDS, dollars
from qpcli.tables.all_payer_scores import NotAssessed
from qpcli.terms import Level, Method, QpStatus

_MINIMUM = {QpStatus.PARTIAL_QP: "enough for Partial QP alone"}
_MISSED = "missed: other payers cannot help"
_REASONS = {
    NotAssessed.UNKNOWN_SUBJECT: "no list names it",
    NotAssessed.AFFILIATED_PRACTITIONERS_ONLY: "the level does not apply to Affiliated Practitioners",
    NotAssessed.NOT_IN_ONE_APM_ENTITY: "not all who are listed or bill under the TIN are in one APM Entity",
    NotAssessed.NO_MEDICARE_SCORE: "there is no Medicare score at the snapshot",
}


def all_payer_parts(told: Explanation) -> Iterator[str | PageTable]:
    """Every all-payer result; marked is the one that decided. Nothing where nothing was submitted."""
    assessed = [one for one in told.all_payer if one.not_assessed_because is None]
    if assessed:
        headers = ("Snapshot", "Level", "Basis", "Method", "Medicare %", "Others", "All %", "Status")
        whole = ("Level", "Basis", "Method", "Status")
        rows = tuple(_row(one, is_deciding=one is told.decided_by_all_payer) for one in assessed)
        yield PageTable(headers, rows, right=("Medicare %", "Others", "All %"), whole=whole)
    if any(one.weighted_by_apm_entity_id for one in assessed):
        yield "* The APM Entity's higher Medicare score is used, weighted by the own Medicare denominator."
    yield from _minimums(assessed)
    for one, reason in refusals(told.all_payer):
        yield f"Not assessed at snapshot {one.snapshot}: {_level(one)}; {_REASONS[reason]}."


def _minimums(assessed: list[AllPayerResult]) -> Iterator[str]:
    """Where Medicare alone does not reach the minimum of a QP, each once."""
    below = [one for one in assessed if one.minimum_status is not QpStatus.QP]
    yield from dict.fromkeys(
        f"Medicare minimum at snapshot {one.snapshot}, {_level(one)}, {one.basis}: "
        f"{_MINIMUM.get(one.minimum_status, _MISSED)}."
        for one in below
    )


def _row(one: AllPayerResult, *, is_deciding: bool) -> tuple[str, ...]:
    return (
        f"{one.snapshot} decided" if is_deciding else str(one.snapshot),
        _level(one),
        one.basis,
        METHOD_WORDS[one.method],
        score_words(one.medicare_score) + ("*" if one.weighted_by_apm_entity_id else ""),
        _others(one),
        score_words(one.score),
        STATUS_WORDS[one.status],
    )


def _level(one: AllPayerResult) -> str:
    if one.level is Level.APM_ENTITY and one.apm_entity_id:
        return one.apm_entity_id
    return f"TIN {one.tin}" if one.level is Level.TIN else LEVEL_WORDS[one.level]


def _others(one: AllPayerResult) -> str:
    part, whole = one.other_payer_numerator, one.other_payer_denominator
    return "-" if part is None or whole is None else f"{_amount(one, part)} of {_amount(one, whole)}"


def _amount(one: AllPayerResult, value: int) -> str:
    return dollars(value) if one.method is Method.PAYMENT_AMOUNT else f"{value:,}"
