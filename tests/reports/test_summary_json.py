"""The end of a run for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from qpcli.findings import finding
from qpcli.reports.manifest import OutputRecord
from qpcli.reports.summary import RunSummary
from qpcli.reports.summary_json import summary_json
from tests.reports.world import CANARY_NPI, FINDINGS, law, score_row, short_row, tables, unscored_row

INDIVIDUAL = score_row(None, 3, level="individual", npi=CANARY_NPI, status="PARTIAL_QP")
RUN = RunSummary(
    tables=tables(short_row("A2", 3), unscored_row("A3", 3), INDIVIDUAL),
    law=law(),
    findings=FINDINGS,
    run_id="0123456789abcdef",
    folder=Path("/data/out"),
    outputs=(OutputRecord("determinations.parquet", 2, "ab" * 32),),
)
CONTENT = json.loads(json.dumps(summary_json(RUN), allow_nan=False))


def test_the_object_is_versioned_and_has_these_keys() -> None:
    assert CONTENT["summary_version"] == 1
    assert set(CONTENT) == {
        "summary_version",
        "run_id",
        "performance_year",
        "payment_year",
        "is_up_to_date",
        "alert",
        "entities",
        "clinicians_by_status",
        "individual_assessments",
        "all_payer",
        "findings",
        "assumptions",
        "law",
        "folder",
        "outputs",
    }


def test_an_entity_has_both_scores_with_exact_dollars_and_percent() -> None:
    assert CONTENT["entities"][0] == {
        "apm_entity_id": "A2",
        "snapshot": 3,
        "basis": "em",
        "clinician_count": 2,
        "status": "PARTIAL_QP",
        "payment": {
            "numerator": "4999999.99",
            "denominator": "10000000.00",
            "score": 49.9999,
            "qp_threshold": 50,
            "partial_threshold": 40,
            "status": "PARTIAL_QP",
            "gap_to_qp": "0.01",
        },
        "patient": {
            "numerator": 338,
            "denominator": 1000,
            "score": 33.8,
            "qp_threshold": 35,
            "partial_threshold": 25,
            "status": "PARTIAL_QP",
            "gap_to_qp": 12,
        },
    }


def test_what_has_no_score_has_nulls() -> None:
    payment = CONTENT["entities"][1]["payment"]
    assert (payment["score"], payment["gap_to_qp"], payment["status"]) == (None, None, "NO_SCORE")


def test_counts_hold_every_status() -> None:
    assert CONTENT["clinicians_by_status"] == {"QP": 1, "PARTIAL_QP": 0, "NOT_QP": 0, "NO_SCORE": 0}
    assert CONTENT["individual_assessments"] == {
        "snapshot": 3,
        "by_status": {"QP": 0, "PARTIAL_QP": 1, "NOT_QP": 0, "NO_SCORE": 0},
    }


def test_without_individual_assessments_the_key_is_null() -> None:
    assert summary_json(replace(RUN, tables=tables(score_row())))["individual_assessments"] is None


def test_findings_are_sorted_and_carry_their_severity() -> None:
    error = finding("ids_do_not_join", table="attribution")
    content = json.loads(json.dumps(summary_json(replace(RUN, findings=(*FINDINGS, error)))))
    assert [entry["severity"] for entry in content["findings"]] == ["error", "warning", "warning", "info"]
    assert content["findings"][0]["code"] == "ids_do_not_join"


def test_assumptions_law_and_outputs_are_those_of_the_run() -> None:
    assert [(point["name"], point["is_overridden"]) for point in CONTENT["assumptions"]] == [
        ("claims_run_out_days", True),
        ("denied_lines", False),
    ]
    assert CONTENT["law"]["as_of"] == "2026-02-03"
    assert CONTENT["law"]["entries"][0]["rule"] == "thresholds"
    assert CONTENT["outputs"] == [{"file": "determinations.parquet", "rows": 2, "sha256": "ab" * 32}]
    assert CONTENT["folder"] == "/data/out"


def test_no_clinician_is_named() -> None:
    assert CANARY_NPI not in json.dumps(CONTENT)
