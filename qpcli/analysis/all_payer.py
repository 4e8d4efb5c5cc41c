"""All-payer results behind a status: what other payers add, and the minimum that Medicare alone must reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from qpcli.tables.all_payer_scores import NotAssessed
from qpcli.terms import Level, Method, QpStatus

_PREFIX = {Method.PAYMENT_AMOUNT: "payment", Method.PATIENT_COUNT: "patient"}


@dataclass(frozen=True, slots=True)
class AllPayerResult:
    """One all-payer Threshold Score by one method; amounts in cents, scores in ten-thousandths of a percent.

    `medicare_score` is the own one; where `weighted_by_apm_entity_id` is given that APM Entity's higher one is used.
    `minimum_status`: the best status whose Medicare minimum is met. Numbers are None without a score.
    """

    snapshot: int
    level: Level
    apm_entity_id: str | None
    tin: str | None
    basis: str
    method: Method
    medicare_score: int | None
    weighted_by_apm_entity_id: str | None
    other_payer_numerator: int | None
    other_payer_denominator: int | None
    numerator: int | None
    denominator: int | None
    score: int | None
    qp_threshold: int
    partial_threshold: int
    minimum_status: QpStatus
    status: QpStatus
    not_assessed_because: NotAssessed | None


def all_payer_results(rows: pl.DataFrame) -> tuple[AllPayerResult, ...]:
    """Both results of every row of all_payer_scores, by snapshot."""
    ordered = rows.sort("snapshot", "level", "tin", "basis")
    return tuple(_result(row, method) for row in ordered.iter_rows(named=True) for method in Method)


def _result(row: Mapping[str, Any], method: Method) -> AllPayerResult:
    prefix, reason = _PREFIX[method], row["not_assessed_because"]
    return AllPayerResult(
        snapshot=row["snapshot"],
        level=Level(row["level"]),
        apm_entity_id=row["apm_entity_id"],
        tin=row["tin"],
        basis=row["basis"],
        method=method,
        medicare_score=row[f"medicare_{prefix}_score"],
        weighted_by_apm_entity_id=row[f"{prefix}_weighted_by_apm_entity_id"],
        other_payer_numerator=row[f"other_payer_{prefix}_numerator"],
        other_payer_denominator=row[f"other_payer_{prefix}_denominator"],
        numerator=row[f"{prefix}_numerator"],
        denominator=row[f"{prefix}_denominator"],
        score=row[f"{prefix}_score"],
        qp_threshold=row[f"{prefix}_qp_threshold"],
        partial_threshold=row[f"{prefix}_partial_threshold"],
        minimum_status=QpStatus(row["medicare_minimum_status"]),
        status=QpStatus(row[f"{prefix}_status"]),
        not_assessed_because=None if reason is None else NotAssessed(reason),
    )


def rows_of_entity(scores: pl.DataFrame, apm_entity_id: str) -> pl.DataFrame:
    """An APM Entity's own rows of all_payer_scores."""
    return scores.filter((pl.col("level") == Level.APM_ENTITY.value) & (pl.col("apm_entity_id") == apm_entity_id))


def rows_of_clinician(scores: pl.DataFrame, npi: str, places: pl.DataFrame) -> pl.DataFrame:
    """A clinician's own rows, and those of the APM Entities and TINs it is in, refused TINs too.

    `places`: one row per APM Entity, TIN and snapshot at which the clinician is in the group.
    """
    at = ["apm_entity_id", "snapshot"]
    entities = scores.filter(pl.col("level") == Level.APM_ENTITY.value).join(places, on=at, how="semi")
    tins = scores.filter(pl.col("level") == Level.TIN.value)
    refused = tins.filter(pl.col("not_assessed_because").is_not_null())
    held = tins.join(places, on=[*at, "tin"], how="semi")
    own = scores.filter(pl.col("npi") == npi)
    return pl.concat([entities, held, refused.join(places, on=["tin", "snapshot"], how="semi"), own])


def deciding_of_all_payers(found: tuple[AllPayerResult, ...], decision: Mapping[str, Any]) -> AllPayerResult | None:
    """The result that a row of determinations names; None where it is not among those found."""
    names = ("level", "apm_entity_id", "basis", "method")
    asked = (decision["determined_at_snapshot"], *(decision[f"determined_by_{name}"] for name in names))
    for one in found:
        entity = one.apm_entity_id if decision["determined_by_apm_entity_id"] is not None else None
        is_asked = (one.snapshot, one.level.value, entity, one.basis, one.method.value) == asked
        if is_asked and (one.status.value, one.score) == (decision["status"], decision["score"]):
            return one
    return None


def refusals(found: tuple[AllPayerResult, ...]) -> Iterator[tuple[AllPayerResult, NotAssessed]]:
    """What was not assessed, each once, with the reason."""
    seen = set()
    for one in found:
        subject = (one.snapshot, one.level, one.apm_entity_id, one.tin)
        if one.not_assessed_because is not None and subject not in seen:
            seen.add(subject)
            yield one, one.not_assessed_because
