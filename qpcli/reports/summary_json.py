"""The end of a run for programs: one versioned JSON object, nobody named."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from pydantic import JsonValue

from qpcli.reports.as_json import as_json, json_object
from qpcli.reports.findings import finding_object, sorted_findings
from qpcli.reports.manifest import law_records, open_point_records
from qpcli.reports.summary import RunSummary
from qpcli.reports.summary_all_payer import best_of_level
from qpcli.reports.summary_rows import (
    EntityScore,
    MethodScore,
    clinicians_by_status,
    entity_scores,
    individuals_by_status,
    newest_individual_snapshot,
)
from qpcli.terms import ALL_PAYER_LEVELS, Method

SUMMARY_VERSION = 1


def summary_json(summary: RunSummary) -> dict[str, JsonValue]:
    """The run as one JSON object: dollars as text with 2 decimals, scores as numbers in percent."""
    scores, law = summary.tables["threshold_scores"], summary.law
    content: dict[str, object] = {
        "summary_version": SUMMARY_VERSION,
        "run_id": summary.run_id,
        "performance_year": law.performance_year,
        "payment_year": law.payment_year,
        "is_up_to_date": summary.is_up_to_date,
        "alert": _alert(summary),
        "entities": tuple(_entity(score) for score in entity_scores(scores)),
        "clinicians_by_status": clinicians_by_status(summary.tables["determinations"]).by_status,
        "individual_assessments": _individual_assessments(scores),
        "all_payer": _all_payer(summary),
        "findings": tuple(finding_object(finding) for finding in sorted_findings(summary.findings)),
        "assumptions": open_point_records(law),
        "law": {"as_of": law.law_as_of, "data_version": law.data_version, "entries": law_records(law)},
        "folder": summary.folder,
        "outputs": summary.outputs,
    }
    return {key: as_json(value) for key, value in content.items()}


def _alert(summary: RunSummary) -> dict[str, object] | None:
    """None where no alert was asked for."""
    if summary.alert_margin is None:
        return None
    return {"margin_points": summary.alert_margin, "apm_entity_ids": summary.at_risk}


def _individual_assessments(threshold_scores: pl.DataFrame) -> dict[str, object] | None:
    snapshot = newest_individual_snapshot(threshold_scores)
    if snapshot is None:
        return None
    return {"snapshot": snapshot, "by_status": individuals_by_status(threshold_scores, snapshot).by_status}


def _all_payer(summary: RunSummary) -> dict[str, object] | None:
    """Assessed APM Entities with their all-payer scores, other levels in numbers; None where nothing was submitted."""
    found = summary.tables.get("all_payer_scores")
    if found is None:
        return None
    assessed = found.filter(pl.col("not_assessed_because").is_null())
    levels = {level: assessed.filter(pl.col("level") == level.value) for level in ALL_PAYER_LEVELS}
    return {
        "entities": tuple(_entity(score) for score in entity_scores(assessed)),
        "subjects_by_status": {level: best_of_level(rows).by_status for level, rows in levels.items()},
        "not_assessed": found.height - assessed.height,
    }


def _entity(entity: EntityScore) -> dict[str, JsonValue]:
    methods: dict[str, JsonValue] = {"payment": _method(entity.payment), "patient": _method(entity.patient)}
    return json_object(entity) | methods


def _method(score: MethodScore) -> dict[str, JsonValue]:
    return {
        "numerator": _amount(score, score.numerator),
        "denominator": _amount(score, score.denominator),
        "score": None if score.score is None else score.score / 10_000,
        "qp_threshold": score.qp_threshold,
        "partial_threshold": score.partial_threshold,
        "status": score.status.value,
        "gap_to_qp": _amount(score, score.gap),
    }


def _amount(score: MethodScore, amount: int | None) -> str | int | None:
    """Dollars as text for the payment method, patients as they are."""
    if amount is None or score.method is Method.PATIENT_COUNT:
        return amount
    return str(Decimal(amount).scaleb(-2))
