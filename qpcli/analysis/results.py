"""Every result behind a status, which of them decided, and which nearly gave a better one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.gaps import WAYS, gaps
from qpcli.terms import Level, Method, QpStatus

_PREFIX = {Method.PAYMENT_AMOUNT: "payment", Method.PATIENT_COUNT: "patient"}


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing for a status, in cents or patients: 0 when it is met, None where a way does not lead there."""

    attribute_existing: int | None
    add_new_attributed: int | None
    shed_unattributed: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """One Threshold Score by one method; amounts in cents, scores in ten-thousandths of a percent."""

    snapshot: int
    level: Level
    apm_entity_id: str | None
    basis: str
    method: Method
    numerator: int
    denominator: int
    score: int | None
    qp_threshold: int
    partial_threshold: int
    status: QpStatus
    gap_to_qp: Gap
    gap_to_partial: Gap

    @property
    def better(self) -> tuple[QpStatus, int] | None:
        """The next better status and its threshold; None for QP."""
        if self.status is QpStatus.QP:
            return None
        is_partial = self.status is QpStatus.PARTIAL_QP
        return (QpStatus.QP, self.qp_threshold) if is_partial else (QpStatus.PARTIAL_QP, self.partial_threshold)

    @property
    def points_short(self) -> int | None:
        """How far the score lies below the threshold of the next better status, in ten-thousandths of a point."""
        if self.better is None or self.score is None:
            return None
        return self.better[1] * 10_000 - self.score


def results(scores: pl.DataFrame, law: Law) -> tuple[Result, ...]:
    """Both results of every row of threshold_scores, in its order."""
    by_method = [_with_gaps(scores, method, law) for method in Method]
    rows = zip(*(frame.iter_rows(named=True) for frame in by_method), strict=True)
    return tuple(_result(row, method) for pair in rows for row, method in zip(pair, Method, strict=True))


def _with_gaps(scores: pl.DataFrame, method: Method, law: Law) -> pl.DataFrame:
    named = {
        f"{way}_{status}": gap
        for status in (QpStatus.QP, QpStatus.PARTIAL_QP)
        for way, gap in gaps(method, status, law).items()
    }
    return scores.with_columns(**named)


def _result(row: Mapping[str, Any], method: Method) -> Result:
    prefix = _PREFIX[method]
    to_qp, to_partial = (
        Gap(*(row[f"{way}_{status}"] for way in WAYS)) for status in (QpStatus.QP, QpStatus.PARTIAL_QP)
    )
    return Result(
        snapshot=row["snapshot"],
        level=Level(row["level"]),
        apm_entity_id=row["apm_entity_id"],
        basis=row["basis"],
        method=method,
        numerator=row[f"{prefix}_numerator"],
        denominator=row[f"{prefix}_denominator"],
        score=row[f"{prefix}_score"],
        qp_threshold=row[f"{prefix}_qp_threshold"],
        partial_threshold=row[f"{prefix}_partial_threshold"],
        status=QpStatus(row[f"{prefix}_status"]),
        gap_to_qp=to_qp,
        gap_to_partial=to_partial,
    )


def nearest_miss(found: Iterable[Result], reached: QpStatus) -> Result | None:
    """The result that came nearest to a better status than the one reached; None when none could."""
    short = [one for one in found if one.points_short is not None and one.better is not None]
    useful = [one for one in short if one.better is not None and one.better[0].rank > reached.rank]
    return min(useful, key=lambda one: (one.points_short or 0, one.snapshot), default=None)
