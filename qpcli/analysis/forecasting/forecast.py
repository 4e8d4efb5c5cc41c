"""`forecast`: how complete a run's claims are, and what the scores of a snapshot will be once they are complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.forecasting.observed import Horizon, Observed, observed
from qpcli.analysis.forecasting.projection import REPLICATES, Ranks, Sums, ToCome, projected, so_far
from qpcli.analysis.forecasting.result import (
    INTERVAL,
    Completeness,
    EntityForecast,
    Expected,
    Forecast,
    MonthShown,
    ScoreForecast,
)
from qpcli.analysis.forecasting.run_out import Exposure, Lags, exposure, lags_of, unevenness
from qpcli.analysis.situation import Assessed, assessed, numbering_for, situation_of
from qpcli.errors import InputError, UsageError
from qpcli.regulation.law import Law
from qpcli.rules.snapshots import run_out_date
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.terms import Level, Method, QpStatus, Snapshot

_SEED = 414_1425
"""The same question gives the same answer."""
_TWO_MONTHS = 58


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: of which snapshot (None: the run's newest), and one APM Entity or all.

    `prior`: a run of an earlier year, which tells of long lags and of the seasons.
    """

    snapshot: int | None = None
    apm_entity_id: str | None = None
    prior: FinishedRun | None = None


def forecast(run: FinishedRun, question: Question) -> Forecast:
    """The answer to a question.

    Raises UsageError QP101 for a snapshot or an APM Entity that the run does not have, InputError QP220 where the run
    keeps too little, its claims have no processing dates or show less than two months, or nothing is to come.
    """
    law = run.law
    target = _target(law, question.snapshot)
    _refuse_other_payers(run)
    lags, prior = _lags(run), None if question.prior is None else _lags(question.prior)
    exposed = exposure(lags, prior)
    if run_out_date(law, target) <= lags.newest_date:
        message = f"The run-out of snapshot {target.number} is over, and the claims reach its end: nothing is to come."
        raise InputError("QP220", message, "Its scores stand in the report.")
    horizon = Horizon(target, _lists(law, target, lags.newest_date))
    found = tuple(_entities(run, question, horizon, lags, exposed))
    return Forecast(target, horizon.lists, _completeness(lags, exposed, law, target), found, prior is not None)


def _target(law: Law, number: int | None) -> Snapshot:
    if number is None:
        return law.snapshots[-1]
    for snapshot in law.snapshots:
        if snapshot.number == number:
            return snapshot
    raise UsageError("QP101", f"The run has no snapshot {number}.", f"It has {len(law.snapshots)}.")


def _refuse_other_payers(run: FinishedRun) -> None:
    if ALL_PAYER_SCORES.name in run.tables:
        message = "The run has other payers in it, and a forecast is asked of Medicare alone."
        raise InputError("QP220", message, "Run `qpcli determine` with --keep-cells and without --other-payer.")


def _lags(run: FinishedRun) -> Lags:
    """The lags that a run kept."""
    rows = run.kept_table("processing").collect()
    if rows.is_empty():
        raise InputError("QP220", "The claims have no processing dates: nothing tells how complete they are.")
    lags = lags_of(rows, run.law.period.first_day, run.law.snapshots[-1].date)
    if lags.newest < _TWO_MONTHS:
        raise InputError("QP220", "The claims show less than two months of the year: too little to tell a lag from.")
    return lags


def _lists(law: Law, target: Snapshot, newest: date) -> Snapshot:
    """The newest snapshot that the claims reach: lists and coverage of later ones are not complete yet."""
    reached = [one for one in law.snapshots if one.date <= newest and one.number <= target.number]
    return reached[-1] if reached else law.snapshots[0]


def _completeness(lags: Lags, exposed: Exposure, law: Law, target: Snapshot) -> Completeness:
    last, cut_off = target.date, run_out_date(law, target)
    seen, whole = exposed.seen_by_month(last).exposures, exposed.by_month(last)
    days = [date(last.year, month + 1, 1) - law.period.first_day for month in range(last.month)]
    ends = [*(day.days for day in days[1:]), (last - law.period.first_day).days + 1]
    lines = [lags.lines[begin.days : end].sum() for begin, end in zip(days, ends, strict=True)]
    months = tuple(MonthShown(m + 1, int(lines[m]), float(seen[m] / whole[m])) for m in range(last.month))
    return Completeness(lags.newest_date, cut_off, months, exposed.seen(last) / exposed.final(last, cut_off))


def _entities(
    run: FinishedRun, question: Question, horizon: Horizon, lags: Lags, exposed: Exposure
) -> Iterator[EntityForecast]:
    situation = situation_of(run)
    asked = assessed(run, situation, numbering_for(run, situation))
    last = horizon.target.date
    to_come = _to_come(lags, exposed, run.law, horizon.target)
    by_entity: dict[str, list[Observed]] = {}
    for one in observed(run, asked, horizon, exposed.seen_by_month(last)):
        by_entity.setdefault(one.apm_entity_id, []).append(one)
    if question.apm_entity_id is not None:
        if question.apm_entity_id not in by_entity:
            raise UsageError("QP101", "The run scores no APM Entity with this id, or it attributes by episode.")
        by_entity = {question.apm_entity_id: by_entity[question.apm_entity_id]}
    reached = _reached(run, asked, exposed)
    for name, bases in by_entity.items():
        yield _entity(bases, to_come, run.law, reached.get(name))


def _to_come(lags: Lags, exposed: Exposure, law: Law, target: Snapshot) -> ToCome:
    """What is to come, in replicates in which the months to come differ from those seen as these differ among them."""
    seen, final = exposed.seen(target.date), exposed.final(target.date, run_out_date(law, target))
    coming, months = max(final - seen, 0.0), exposed.seen_by_month(target.date)
    a_month = exposed.by_month(target.date).mean()
    spread = unevenness(lags, months) * np.sqrt(a_month / seen + a_month / max(coming, a_month))
    exposures = coming * np.exp(spread * np.random.RandomState(_SEED).standard_normal(REPLICATES))
    return ToCome(exposures / seen, exposures, months.later_growth)


def _entity(bases: list[Observed], to_come: ToCome, law: Law, reached: QpStatus | None) -> EntityForecast:
    # An entity's answer does not depend on which others are asked for.
    draws = np.random.RandomState([_SEED, *bases[0].apm_entity_id.encode()])
    scores, best = [], np.zeros(1, dtype=np.int64)
    for one in bases:
        coming, now = projected(one, to_come, draws), so_far(one)
        for method, sums in coming.items():
            ranks = sums.ranks(law.thresholds, method)
            best = np.maximum(best, ranks)
            scores.append(_score(one, method, now[method], sums, ranks, law))
    return EntityForecast(bases[0].apm_entity_id, tuple(scores), *_chances(best), reached)


def _score(one: Observed, method: Method, now: Sums, coming: Sums, ranks: Ranks, law: Law) -> ScoreForecast:
    outside = (100 - INTERVAL) / 2
    points = np.percentile(coming.scores, [outside, 50, 100 - outside])
    has_score = np.median(coming.denominator) > 0
    qp_chance, partial_chance = _chances(ranks)
    return ScoreForecast(
        apm_entity_id=one.apm_entity_id,
        basis=one.basis,
        method=method,
        so_far=float(now.scores[0]) if now.denominator[0] > 0 else None,
        expected=Expected(*(float(point) for point in points)) if has_score else None,
        qp_threshold=law.thresholds.bar(method, QpStatus.QP),
        partial_threshold=law.thresholds.bar(method, QpStatus.PARTIAL_QP),
        qp_chance=qp_chance,
        partial_chance=partial_chance,
    )


def _chances(ranks: Ranks) -> tuple[float, float]:
    """Chances of QP, and of QP or Partial QP."""
    return float((ranks == 2).mean()), float((ranks >= 1).mean())


def _reached(run: FinishedRun, asked: Assessed, exposed: Exposure) -> dict[str, QpStatus]:
    """The best status of each entity at the snapshots whose run-out the claims reach."""
    over = [
        one.number
        for one in asked.law.snapshots
        if (run_out_date(asked.law, one) - asked.law.period.first_day).days <= exposed.newest
    ]
    rows = run.tables["threshold_scores"].filter(
        pl.col("level") == Level.APM_ENTITY.value, pl.col("snapshot").is_in(over)
    )
    found: dict[str, QpStatus] = {}
    for name, status in rows.select("apm_entity_id", "status").iter_rows():
        found[name] = max(found.get(name, QpStatus.NO_SCORE), QpStatus(status), key=lambda one: one.rank)
    return found
