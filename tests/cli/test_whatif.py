"""`qpcli whatif`: before and after, ranking, searching, and what a run cannot answer."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from qpcli.reports.manifest import read_manifest
from tests.cli.conftest import Call

pytestmark = pytest.mark.usefixtures("report")


@pytest.fixture
def report(determine: Call, place: Path) -> Path:
    assert determine("--out", "reports", "--keep-cells", "-q").status == 0
    return place / "reports"


def first(place: Path, entity: str) -> tuple[str, str]:
    """TIN and NPI of an entity's first entry."""
    rows = pl.read_csv(place / "sample_data" / "participants.csv", infer_schema=False)
    return rows.filter(pl.col("apm_entity_id") == entity).select("tin", "npi").row(0)


def test_a_dropped_tin_gives_the_scores_of_a_run_without_it(call: Call, place: Path) -> None:
    tin, _ = first(place, "SYN03")
    answer = call("whatif", "reports", "--drop-tin", tin, "--json").document
    participants = place / "sample_data" / "participants.csv"
    rows = pl.read_csv(participants, infer_schema=False)
    rows.filter(pl.col("tin") != tin).write_csv(participants)
    assert call("determine", "--config", "sample_data/qpcli.toml", "--out", "again", "-q").status == 0
    scores = pl.read_parquet(place / "again" / "threshold_scores.parquet").filter(pl.col("level") == "apm_entity")
    expected = {
        (row["apm_entity_id"], row["snapshot"]): (row["payment_numerator"] * 100, row["patient_denominator"])
        for row in scores.iter_rows(named=True)
    }
    found = {
        (pair["after"]["apm_entity_id"], pair["after"]["snapshot"]): (
            pair["after"]["payment"]["numerator"],
            pair["after"]["patient"]["denominator"],
        )
        for pair in answer["entities"]
        if pair["after"] is not None
    }
    assert found == expected
    assert answer["schema"] == "qpcli.whatif/1"
    assert any("not modelled" in note for note in answer["notes"])


def test_thresholds_of_another_year_stand_beside_those_of_the_run(call: Call) -> None:
    answer = call("whatif", "reports", "--thresholds", "2024")
    assert answer.status == 0
    assert "Thresholds of performance year 2024: QP from 50 % of payments or 35 % of patients" in answer.out
    markdown = call("whatif", "reports", "--thresholds", "2024", "--format", "markdown").out
    assert markdown.startswith("# What if")
    assert "| Entity | Payments % |" in markdown


def test_tins_are_ranked_by_what_leaving_them_out_does(call: Call) -> None:
    (entity,) = call("whatif", "reports", "--rank", "tins", "--apm-entity", "SYN03", "--json").document["entities"]
    prefix = {"payment_amount": "payment", "patient_count": "patient"}[entity["ranked_by"]]
    changes = [row[f"{prefix}_score_change"] for row in entity["contributors"]]
    assert [change for change in changes if change is not None] == sorted(changes, reverse=True)
    assert "without" in call("whatif", "reports", "--rank", "npis", "--top", "2").out


def test_a_search_ends_at_qp_status_or_says_that_it_does_not(call: Call) -> None:
    for entity in ("SYN01", "SYN03"):
        found = call("whatif", "reports", "--suggest", "--apm-entity", entity, "--json").document
        assert found["reaches_qp"] == (found["steps"][-1]["after"]["status"] == "QP")
    assert "Steps" in call("whatif", "reports", "--suggest", "--apm-entity", "SYN03").out


def test_clinicians_who_were_on_no_list_need_the_cells_of_all(call: Call, place: Path) -> None:
    rows = "apm_entity_id,tin,npi,start_date,end_date\nSYN03,999999999,9999999999,,\n"
    (place / "more.csv").write_text(rows)
    answer = call("whatif", "reports", "--add-participants", "more.csv")
    assert (answer.status, "QP220" in answer.err, "--keep-cells all" in answer.err) == (3, True, True)
    assert "999999999" not in answer.err
    call("determine", "--config", "sample_data/qpcli.toml", "--out", "all", "--keep-cells", "all", "-q")
    assert call("whatif", "all", "--add-participants", "more.csv").status == 0


def test_a_candidate_tin_is_added_where_it_brings_qp_status(call: Call, place: Path) -> None:
    tin, npi = first(place, "SYN01")
    (place / "more.csv").write_text(f"apm_entity_id,tin,npi,start_date,end_date\nSYN03,{tin},{npi},,\n")
    options = ("--suggest", "--apm-entity", "SYN03", "--add-participants", "more.csv", "--json")
    assert call("whatif", "reports", *options).status == 0


def test_a_new_attribution_list_is_read_as_the_run_read_its_own(call: Call, place: Path) -> None:
    answer = call("whatif", "reports", "--attribution", "sample_data/attribution.csv", "--json").document
    assert all(pair["before"] == pair["after"] for pair in answer["entities"])
    (place / "none.csv").write_text("apm_entity_id,bene_id,start_date,end_date\nSYN01,NOBODY,,\n")
    answer = call("whatif", "reports", "--attribution", "none.csv", "--json").document
    assert {pair["after"]["patient"]["numerator"] for pair in answer["entities"]} == {0}
    assert any("never seen" in note for note in answer["notes"])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), "QP101"),
        (("--drop-tin", "12x"), "QP101"),
        (("--drop-npi", "12345678901"), "QP101"),
        (("--assume", "denied_lines=count"), "QP220"),
        (("--assume", "nothing=1"), "QP107"),
        (("--thresholds", "1999"), "QP105"),
        (("--rank", "tins", "--suggest"), "QP104"),
        (("--suggest",), "QP104"),
        (("--rank", "tins", "--thresholds", "2024"), "QP104"),
        (("--rank", "tins", "--apm-entity", "nowhere"), "QP101"),
    ],
)
def test_what_cannot_be_asked_is_said(call: Call, options: tuple[str, ...], code: str) -> None:
    answer = call("whatif", "reports", *options)
    assert (answer.status in (2, 3), f"error[{code}]" in answer.err, answer.out) == (True, True, "")


def test_a_run_without_cells_says_how_to_keep_them(call: Call, determine: Call) -> None:
    determine("--out", "bare", "-q")
    for options in (("--thresholds", "2024"), ("--rank", "tins")):
        answer = call("whatif", "bare", *options)
        assert (answer.status, "QP220" in answer.err, "--keep-cells" in answer.err) == (3, True, True)


def test_a_run_that_was_changed_answers_nothing(call: Call, report: Path) -> None:
    (report / "cells" / "sums.parquet").write_bytes(b"by hand")
    answer = call("whatif", "reports", "--thresholds", "2024")
    assert (answer.status, "QP202" in answer.err) == (3, True)


def test_lists_that_do_not_give_the_runs_scores_are_refused(
    call: Call, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qpcli.analysis.finished_run.finished_report", read_manifest)
    sums = pl.read_parquet(report / "cells" / "sums.parquet")
    sums.with_columns(pl.col("patient_numerator_em_1") + 1).write_parquet(report / "cells" / "sums.parquet")
    answer = call("whatif", "reports", "--thresholds", "2024")
    assert (answer.status, "own scores" in answer.err) == (3, True)
