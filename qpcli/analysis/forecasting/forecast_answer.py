"""A forecast as a page and as a document."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.forecasting.result import INTERVAL, EntityForecast, Forecast, ScoreForecast
from qpcli.analysis.page import Page, PageTable, Section
from qpcli.reports.as_json import json_object
from qpcli.reports.summary_words import STATUS_WORDS
from qpcli.terms import Method

JSON_VERSION = "qpcli.forecast/1"

_METHODS = {Method.PAYMENT_AMOUNT: "payments", Method.PATIENT_COUNT: "patients"}


def document(run: FinishedRun, answer: Forecast) -> dict[str, JsonValue]:
    """The one JSON object of an answer."""
    return {
        "schema": JSON_VERSION,
        "run_id": run.run_id,
        "performance_year": run.law.performance_year,
        "interval_percent": INTERVAL,
        "units": {"scores": "percent", "shares": "of 1", "chances": "of 1"},
        "notes": list(notes(answer)),
        **json_object(answer),
    }


def notes(answer: Forecast) -> Iterator[str]:
    """What a forecast rests on and what it does not know."""
    yield (
        f"An estimate, not a determination. {INTERVAL} of 100 such ranges are meant to hold what comes, as far as "
        "the rest of the year is like the part seen."
    )
    yield (
        f"Lists, attribution and coverage are those of snapshot {answer.lists.number}; who joins, leaves or is "
        "attributed later is not foreseen."
    )
    yield (
        "How late claims are is read from the claims themselves (service date to processing date)"
        + (", long lags and seasons from the prior run." if answer.has_prior else "; months are taken as alike.")
    )
    yield "APM Entities as a whole: clinicians assessed on their own are not forecast."


def page(run: FinishedRun, answer: Forecast) -> Page:
    """The answer for people."""
    title = (
        f"Forecast of snapshot {answer.target.number}: performance year {run.law.performance_year}, run {run.run_id}"
    )
    return Page(
        title,
        (
            Section("How complete the claims are", tuple(_completeness(answer))),
            Section("Scores", (_scores(answer),)),
            Section("Chances", tuple(_chances(answer))),
            Section("What this rests on", tuple(notes(answer))),
        ),
    )


def _completeness(answer: Forecast) -> Iterator[str | PageTable]:
    found = answer.completeness
    rows = tuple((f"{one.month:02d}", f"{one.line_count:,}", _percent(100 * one.share)) for one in found.months)
    yield PageTable(("Month of service", "Lines so far", "Processed %"), rows, right=("Lines so far", "Processed %"))
    yield (
        f"Claims processed up to {found.newest} show {_percent(100 * found.share)} % of the services that snapshot "
        f"{answer.target.number} will count when its run-out ends on {found.cut_off}."
    )


def _scores(answer: Forecast) -> PageTable:
    has_bases = len({score.basis for entity in answer.entities for score in entity.scores}) > 1
    headers = (
        "Entity",
        "Basis",
        "Method",
        "So far %",
        "Middle %",
        f"{INTERVAL} % range",
        "QP at",
        "chance",
        "Partial at",
        "chance ",
    )
    rows = [row for entity in answer.entities for row in _rows(entity)]
    shorter = [(row[0], *row[2:]) for row in (headers, *rows)]
    first, *others = [headers, *rows] if has_bases else shorter
    return PageTable(tuple(first), tuple(others), right=headers[3:], whole=(headers[2], headers[5]))


def _rows(entity: EntityForecast) -> Iterator[tuple[str, ...]]:
    for position, score in enumerate(entity.scores):
        is_new = position == 0 or score.basis != entity.scores[position - 1].basis
        yield (
            entity.apm_entity_id if position == 0 else "",
            score.basis if is_new else "",
            _METHODS[score.method],
            "-" if score.so_far is None else _percent(score.so_far),
            *_middle(score),
            str(score.qp_threshold),
            _chance(score.qp_chance),
            str(score.partial_threshold),
            _chance(score.partial_chance),
        )


def _middle(score: ScoreForecast) -> tuple[str, str]:
    if score.expected is None:
        return "-", "-"
    return _percent(score.expected.middle), f"{_percent(score.expected.low)} - {_percent(score.expected.high)}"


def _chances(answer: Forecast) -> Iterator[str | PageTable]:
    headers = ("Entity", "QP", "QP or Partial QP", "Reached so far")
    rows = tuple(
        (
            entity.apm_entity_id,
            _chance(entity.qp_chance),
            _chance(entity.partial_chance),
            "-" if entity.reached is None else STATUS_WORDS[entity.reached],
        )
        for entity in answer.entities
    )
    yield PageTable(headers, rows, right=headers[1:3])
    yield "By the best method of the snapshot. A status reached at a snapshot whose run-out is over stays."


def _percent(value: float) -> str:
    return f"{value:.2f}"


def _chance(chance: float) -> str:
    """In percent; replicates are too few to tell 99.9 from certainty."""
    if chance < 0.01:
        return "< 1 %"
    return "> 99 %" if chance > 0.99 else f"{100 * chance:.0f} %"
