"""Which TINs to drop, or to add from a list of candidates, so that an APM Entity reaches QP status in few steps.

A greedy search: at each step the one change that brings the entity nearest to QP is taken. That is seldom far from the
fewest changes, and not proven to be them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl
from pydantic import JsonValue

from qpcli.analysis.changes import Changes, changed
from qpcli.analysis.contributions import leave_one_out
from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.page import Page, PageTable, Section
from qpcli.analysis.recomputation import changed_sums
from qpcli.analysis.situation import Assessed, Situation, assessed, numbering_for, situation_of
from qpcli.analysis.whatif import checked_base, determined
from qpcli.analysis.whatif_answer import ATTRIBUTION_STAYS
from qpcli.errors import UsageError
from qpcli.regulation.law import Law
from qpcli.reports.as_json import as_json
from qpcli.reports.summary_rows import EntityScore, entity_scores
from qpcli.reports.summary_words import STATUS_WORDS, against_bar
from qpcli.terms import Method, QpStatus

JSON_VERSION = "qpcli.suggestion/1"
MOST_STEPS = 10
_KEYS = ["apm_entity_id", "tin", "npi"]


@dataclass(frozen=True, slots=True)
class Step:
    """One change, and the entity's best row at its newest snapshot after it; `what` is `drop`, `add` or `start`."""

    what: str
    tin: str
    after: EntityScore


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The steps of a search, the first of which is how things stand; whether it ends at QP status."""

    apm_entity_id: str
    steps: tuple[Step, ...]

    @property
    def reaches_qp(self) -> bool:
        return self.steps[-1].after.status is QpStatus.QP


@dataclass(frozen=True, slots=True)
class _Search:
    """What does not change during a search: the run, its own situation, the entity, and candidates to add."""

    run: FinishedRun
    base: Assessed
    apm_entity_id: str
    candidates: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Stand:
    """A situation with the sums of its groups and the entity's best row."""

    asked: Assessed
    sums: pl.DataFrame
    score: EntityScore


def suggest(run: FinishedRun, changes: Changes, apm_entity_id: str) -> Suggestion:
    """Search from the run with `changes`, whose added participants are candidates and not yet in.

    Raises UsageError QP101 for an entity without a score; as `changes.changed`.
    """
    own = situation_of(run)
    start = changed(run, own, replace(changes, add_participants=())).situation
    pool = changed(run, own, changes).situation.participants if changes.add_participants else start.participants
    base = assessed(run, own, numbering_for(run, own, replace(start, participants=pool)))
    checked_base(run, base)
    candidates = pool.join(start.participants, on=_KEYS, how="anti").filter(pl.col("apm_entity_id") == apm_entity_id)
    search = _Search(run, base, apm_entity_id, candidates)
    stand = _stand(search, start)
    steps = [Step("start", "", stand.score)]
    while stand.score.status is not QpStatus.QP and len(steps) <= MOST_STEPS:
        found = max(_options(search, stand), key=lambda option: _favour(option[2].score), default=None)
        if found is None or _favour(found[2].score) <= _favour(stand.score):
            break
        what, tin, stand = found
        steps.append(Step(what, tin, stand.score))
    return Suggestion(apm_entity_id, tuple(steps))


def _favour(score: EntityScore) -> tuple[bool, float]:
    """QP status first, then the score that lies highest against its bar."""
    return score.status is QpStatus.QP, score.favour[1]


def _stand(search: _Search, situation: Situation) -> _Stand:
    asked = assessed(search.run, situation, search.base.lists.numbering)
    sums = changed_sums(search.run, search.base, asked)
    rows = entity_scores(determined(asked, sums).threshold_scores)
    own = [row for row in rows if row.apm_entity_id == search.apm_entity_id]
    if not own:
        raise UsageError("QP101", "--apm-entity names no APM Entity with a score in this situation.")
    newest = max(row.snapshot for row in own)
    return _Stand(asked, sums, max((row for row in own if row.snapshot == newest), key=_favour))


def _options(search: _Search, stand: _Stand) -> Iterator[tuple[str, str, _Stand]]:
    """The best TIN to drop, and every candidate to add, each with what comes of it."""
    situation = stand.asked.situation
    dropped = _best_drop(search, stand)
    if dropped is not None:
        is_entry = (pl.col("apm_entity_id") == search.apm_entity_id) & (pl.col("tin") == dropped)
        left = situation.participants.filter(~is_entry)
        yield "drop", dropped, _stand(search, replace(situation, participants=left))
    waiting = search.candidates.join(situation.participants, on=_KEYS, how="anti")
    for tin in waiting.get_column("tin").unique().sort().to_list():
        more = pl.concat([situation.participants, waiting.filter(pl.col("tin") == tin)])
        yield "add", tin, _stand(search, replace(situation, participants=more))


def _best_drop(search: _Search, stand: _Stand) -> str | None:
    law = stand.asked.law
    found = leave_one_out(search.run, stand.asked, stand.sums, search.apm_entity_id)
    here = found.filter((pl.col("contributor_kind") == "tin") & (pl.col("snapshot") == stand.score.snapshot))
    margins = [_margin(f"{prefix}_score_without", method, law) for method, prefix in _PREFIX.items()]
    ranked = here.with_columns(
        is_qp=pl.col("status_without") == QpStatus.QP.value, margin=pl.max_horizontal(margins)
    ).drop_nulls("margin")
    best = ranked.sort("is_qp", "margin", "contributor", descending=[True, True, False]).head(1)
    return None if best.is_empty() else str(best.get_column("contributor").item())


_PREFIX = {Method.PAYMENT_AMOUNT: "payment", Method.PATIENT_COUNT: "patient"}


def _margin(score: str, method: Method, law: Law) -> pl.Expr:
    return pl.col(score) - law.thresholds.bar(method, QpStatus.QP) * 10_000


def document(run: FinishedRun, found: Suggestion) -> dict[str, JsonValue]:
    """The search as one JSON object; amounts in cents, scores in ten-thousandths of a percent."""
    return {
        "schema": JSON_VERSION,
        "run_id": run.run_id,
        "performance_year": run.law.performance_year,
        "units": {"amounts": "cents", "scores": "ten-thousandths of a percent"},
        "apm_entity_id": found.apm_entity_id,
        "reaches_qp": found.reaches_qp,
        "steps": [as_json(step) for step in found.steps],
        "notes": [ATTRIBUTION_STAYS],
    }


def page(run: FinishedRun, found: Suggestion) -> Page:
    """The search for people."""
    title = f"{found.apm_entity_id}: fewest changes to QP status, performance year {run.law.performance_year}"
    headers = ("Step", "TIN", "Payments %", "Patients %", "Status")
    rows = tuple(
        (
            "as it is" if step.what == "start" else f"{position}. {step.what}",
            step.tin,
            against_bar(step.after.payment),
            against_bar(step.after.patient),
            STATUS_WORDS[step.after.status],
        )
        for position, step in enumerate(found.steps)
    )
    return Page(
        title,
        (
            Section("Read this first", (ATTRIBUTION_STAYS, "At each step the best single change is taken.")),
            Section("Steps", (PageTable(headers, rows, right=headers[2:4]), _end(found))),
        ),
    )


def _end(found: Suggestion) -> str:
    if found.reaches_qp:
        return "QP status is reached." if len(found.steps) > 1 else "QP status is reached without any change."
    if len(found.steps) > MOST_STEPS:
        return f"Not reached in {MOST_STEPS} steps."
    return "No further single change brings the entity nearer to QP status."
