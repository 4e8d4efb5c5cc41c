"""The rows of a run that a summary shows, picked and counted; no number is made here that the tables lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from qpcli.terms import Level, Method, QpStatus

_PREFIX = {Method.PAYMENT_AMOUNT: "payment", Method.PATIENT_COUNT: "patient"}


@dataclass(frozen=True, slots=True)
class MethodScore:
    """One Threshold Score against its bars; scores in ten-thousandths of a percent, payments in cents.

    `score` is None when the denominator is 0, `gap` when it is 0 or less; all figures are where they are hidden.
    """

    method: Method
    numerator: int | None
    denominator: int | None
    score: int | None
    qp_threshold: int
    partial_threshold: int
    status: QpStatus
    gap: int | None

    @property
    def is_hidden(self) -> bool:
        """Whether there is a score that --share does not show."""
        return self.score is None and self.status is not QpStatus.NO_SCORE

    @property
    def points_above_bar(self) -> int | None:
        """Score minus QP threshold in ten-thousandths of a point; negative below the bar."""
        return None if self.score is None else self.score - self.qp_threshold * 10_000


@dataclass(frozen=True, slots=True)
class EntityScore:
    """One row per APM Entity, snapshot and basis."""

    apm_entity_id: str
    snapshot: int
    basis: str
    clinician_count: int
    payment: MethodScore
    patient: MethodScore
    status: QpStatus

    @property
    def methods(self) -> tuple[MethodScore, MethodScore]:
        return self.payment, self.patient

    @property
    def distance(self) -> float:
        """How far the nearer of the two scores lies from its QP bar, on either side; infinite without a score."""
        points = (score.points_above_bar for score in self.methods)
        return min((abs(point) for point in points if point is not None), default=float("inf"))

    @property
    def favour(self) -> tuple[int, float]:
        """Orders the rows of one entity: the status first, then the score farther above its bar."""
        points = (score.points_above_bar for score in self.methods)
        return self.status.rank, max((point for point in points if point is not None), default=float("-inf"))


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """How many clinicians have each status; every status is a key."""

    by_status: Mapping[QpStatus, int]

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


def entity_scores(threshold_scores: pl.DataFrame) -> tuple[EntityScore, ...]:
    """Every entity-level row, by entity, snapshot and basis."""
    rows = threshold_scores.filter(pl.col("level") == Level.APM_ENTITY.value)
    ordered = rows.sort("apm_entity_id", "snapshot", "basis", descending=[False, False, True])
    return tuple(_entity_score(row) for row in ordered.iter_rows(named=True))


def newest_and_better(scores: Iterable[EntityScore]) -> tuple[EntityScore, ...]:
    """Per entity the newest snapshot, there the more favourable basis."""
    chosen: dict[str, EntityScore] = {}
    for score in scores:
        shown = chosen.get(score.apm_entity_id)
        if shown is None or (score.snapshot, score.favour) > (shown.snapshot, shown.favour):
            chosen[score.apm_entity_id] = score
    return tuple(chosen.values())


def entities_at_risk(scores: Iterable[EntityScore], margin: Decimal) -> tuple[str, ...]:
    """Entities whose newest and better row is below the QP bar, or at most `margin` points above it by its better
    method; without a score an entity is below."""
    newest = newest_and_better(scores)
    return tuple(row.apm_entity_id for row in newest if _is_at_risk(row, margin))


def _is_at_risk(row: EntityScore, margin: Decimal) -> bool:
    met = (score.points_above_bar for score in row.methods if score.status is QpStatus.QP)
    above = max((points for points in met if points is not None), default=None)
    return row.status is not QpStatus.QP or (above is not None and above <= margin * 10_000)


def nearest_the_bar(scores: Iterable[EntityScore], count: int) -> tuple[EntityScore, ...]:
    """The rows whose nearer score lies nearest its QP bar, in the order given."""
    rows = tuple(scores)
    nearest = set(sorted(range(len(rows)), key=lambda place: (rows[place].distance, place))[:count])
    return tuple(row for place, row in enumerate(rows) if place in nearest)


def clinicians_by_status(determinations: pl.DataFrame) -> StatusCounts:
    """Clinicians by the status of their newest determination."""
    return counted_statuses(determinations.filter(pl.col("is_latest")).get_column("status"))


def partial_qps_by_level(determinations: pl.DataFrame) -> dict[Level, int]:
    """Clinicians whose newest determination is Partial QP, by the level that decided."""
    is_partial = pl.col("is_latest") & (pl.col("status") == QpStatus.PARTIAL_QP.value)
    levels = Counter(determinations.filter(is_partial).get_column("determined_by_level").to_list())
    return {level: levels[level.value] for level in Level if levels[level.value]}


def newest_individual_snapshot(threshold_scores: pl.DataFrame) -> int | None:
    """The newest snapshot at which clinicians were assessed one by one; None when none were."""
    newest = _individual(threshold_scores).get_column("snapshot").max()
    return newest if isinstance(newest, int) else None


def individuals_by_status(threshold_scores: pl.DataFrame, snapshot: int) -> StatusCounts:
    """Clinicians assessed one by one at a snapshot, each by the most favourable of the clinician's rows."""
    rows = _individual(threshold_scores).filter(pl.col("snapshot") == snapshot)
    ranks = {status.value: status.rank for status in QpStatus}
    by_favour = rows.sort(pl.col("status").replace_strict(ranks, return_dtype=pl.Int64))
    return counted_statuses(by_favour.unique("npi", keep="last").get_column("status"))


def _individual(threshold_scores: pl.DataFrame) -> pl.DataFrame:
    return threshold_scores.filter(pl.col("level") != Level.APM_ENTITY.value)


def counted_statuses(statuses: pl.Series) -> StatusCounts:
    """How often each status stands in a column."""
    counts = Counter(statuses.to_list())
    return StatusCounts({status: counts[status.value] for status in reversed(QpStatus)})


def _entity_score(row: Mapping[str, Any]) -> EntityScore:
    return EntityScore(
        apm_entity_id=row["apm_entity_id"],
        snapshot=row["snapshot"],
        basis=row["basis"],
        clinician_count=row["clinician_count"],
        payment=_method_score(row, Method.PAYMENT_AMOUNT),
        patient=_method_score(row, Method.PATIENT_COUNT),
        status=QpStatus(row["status"]),
    )


def _method_score(row: Mapping[str, Any], method: Method) -> MethodScore:
    prefix = _PREFIX[method]
    return MethodScore(
        method=method,
        numerator=row[f"{prefix}_numerator"],
        denominator=row[f"{prefix}_denominator"],
        score=row[f"{prefix}_score"],
        qp_threshold=row[f"{prefix}_qp_threshold"],
        partial_threshold=row[f"{prefix}_partial_threshold"],
        status=QpStatus(row[f"{prefix}_status"]),
        gap=row[f"{prefix}_gap_to_qp"],
    )
