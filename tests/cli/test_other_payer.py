"""`--other-payer` from the command line: reports, summary, settings, shards, tallies, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest

from tests.cli.conftest import Call

ENTITY = "apm_entity,SYN04,Plan,commercial,3,900000.00,1000000.00,,\n"
VA = "apm_entity,SYN04,Veterans,va,3,0,1.00,0,1\n"
HEADER = (
    "level,subject_id,payer,payer_type,snapshot,apm_payment_amount,total_payment_amount,"
    "apm_patient_count,total_patient_count\n"
)
GIVEN = ("--other-payer", "other_payer.csv")


@pytest.fixture
def submitted(place: Path) -> Path:
    """Submissions of an entity, of a TIN and of a clinician of the sample."""
    listed = pl.read_csv(place / "sample_data" / "participants.csv", infer_schema=False)
    row = listed.filter(pl.col("apm_entity_id") == "SYN05").row(0, named=True)
    tin, npi = row["tin"], row["npi"]
    rows = f"tin,{tin},Plan,commercial,3,90000.00,100000.00,9,10\nnpi,{npi},Plan,commercial,2,9000.00,10000.00,9,10\n"
    (place / "other_payer.csv").write_text(HEADER + ENTITY + VA + rows)
    return place / "other_payer.csv"


def test_a_report_has_the_all_payer_scores_and_is_up_to_date_the_second_time(
    determine: Call, submitted: Path, place: Path
) -> None:
    answer = determine(*GIVEN, "--out", "report", "--json")
    assert answer.status == 0, answer.err
    scores = pl.read_parquet(place / "report" / "all_payer_scores.parquet")
    assert set(scores["level"]) == {"apm_entity", "tin", "npi"}
    manifest = json.loads((place / "report" / "manifest.json").read_text())
    assert "other_payer" in {record["table"] for record in manifest["inputs"]}
    assert determine(*GIVEN, "--out", "report", "--json").document["is_up_to_date"]
    submitted.write_text(submitted.read_text().replace("900000.00", "900000.01"))
    assert not determine(*GIVEN, "--out", "report", "--json").document["is_up_to_date"]


def test_without_submissions_there_is_no_such_table_and_another_run(
    determine: Call, submitted: Path, place: Path
) -> None:
    with_others = determine(*GIVEN, "--json").document
    alone = determine("--out", "report", "--json").document
    assert not (place / "report" / "all_payer_scores.parquet").exists()
    assert alone["all_payer"] is None
    assert alone["run_id"] != with_others["run_id"]
    assert alone["entities"] == with_others["entities"]
    assert submitted.is_file()


def test_the_summary_shows_the_scores_of_entities_and_counts_the_others(determine: Call, submitted: Path) -> None:
    summary = determine(*GIVEN).out
    part = summary.partition("All-Payer Combination Option\n")[2].partition("\n\n")[0]
    assert part.splitlines()[1].split()[:2] == ["SYN04", "3"]
    assert "1 clinician: " in part
    assert "other_payer: 1 submissions of payer type va are excluded" in " ".join(part.split())
    shown = determine(*GIVEN, "--json").document["all_payer"]
    assert [entity["apm_entity_id"] for entity in shown["entities"]] == ["SYN04"]
    assert set(shown["subjects_by_status"]) == {"apm_entity", "tin", "npi"}
    assert submitted.is_file()


def test_one_table_goes_to_a_pipe(determine: Call, submitted: Path) -> None:
    answer = determine(*GIVEN, "--quiet", "--out", "-", "--table", "all_payer_scores")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert {row["level"] for row in rows} == {"apm_entity", "tin", "npi"}
    refused = determine("--out", "-", "--table", "all_payer_scores")
    assert (refused.status, "QP104" in refused.err) == (2, True)
    assert submitted.is_file()


def test_a_store_its_shards_and_tallies_of_its_parts_give_the_same_scores(
    call: Call, determine: Call, submitted: Path, place: Path
) -> None:
    assert call("convert", "--claims", "sample_data/claim_lines", "--out", "store", "--shards", "4").status == 0
    of_store = ("--claims", "store", *GIVEN)
    assert determine(*GIVEN, "--out", "plain").status == 0
    assert determine(*of_store, "--out", "of_store").status == 0
    for number in ("1", "2"):
        asked = ("--config", "sample_data/qpcli.toml", *of_store, "--shard", f"{number}/2", "--out", f"{number}.tally")
        assert call("tally", *asked).status == 0
    assert determine(*of_store, "--tallies", "*.tally", "--out", "added").status == 0
    for table in ("all_payer_scores", "determinations"):
        reports = [(place / name / f"{table}.parquet").read_bytes() for name in ("plain", "of_store", "added")]
        assert reports[0] == reports[1] == reports[2]
    without = determine("--claims", "store", "--tallies", "*.tally")
    assert (without.status, "QP218" in without.err) == (3, True)
    assert submitted.is_file()


def test_the_file_may_stand_in_the_configuration_and_the_environment(
    call: Call, submitted: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = place / "sample_data" / "qpcli.toml"
    config.write_text(config.read_text() + 'other_payer = "../other_payer.csv"\n')
    assert call("determine", "--config", str(config), "--json").document["all_payer"] is not None
    config.write_text(config.read_text().replace("other_payer", "# other_payer"))
    monkeypatch.setenv("QPCLI_OTHER_PAYER", str(submitted))
    assert call("determine", "--config", str(config), "--json").document["all_payer"] is not None


def test_check_names_impossible_rows_by_their_numbers(call: Call, submitted: Path) -> None:
    submitted.write_text(HEADER + ENTITY + ENTITY.replace("900000.00", "1000000.01"))
    answer = call("check", "--config", "sample_data/qpcli.toml", *GIVEN)
    assert answer.status == 1
    assert "1 row has an apm_payment_amount over the total_payment_amount (row 2)" in " ".join(answer.err.split())


def test_a_year_without_the_option_is_a_usage_error(determine: Call, submitted: Path) -> None:
    answer = determine("--year", "2018", *GIVEN)
    assert (answer.status, "QP104" in answer.err) == (2, True)
    assert "2018 has no All-Payer Combination Option" in answer.err
    assert submitted.is_file()


def test_the_file_must_not_lie_in_the_output(determine: Call, submitted: Path, place: Path) -> None:
    (place / "report").mkdir()
    submitted.rename(place / "report" / "other_payer.csv")
    answer = determine("--other-payer", "report/other_payer.csv", "--out", "report")
    assert answer.status == 2


def test_init_recognises_the_table_and_says_nothing_where_there_is_none(
    call: Call, submitted: Path, place: Path
) -> None:
    assert "other_payer" not in call("init", "sample_data", "--force").err
    submitted.rename(place / "sample_data" / "others.csv")
    assert "other_payer    others.csv" in call("init", "sample_data", "--force").err
    assert 'other_payer = "others.csv"' in (place / "sample_data" / "qpcli.toml").read_text()


def test_the_template_is_a_table_on_stdout_and_no_market(call: Call, place: Path) -> None:
    answer = call("sample", "--template", "other_payer")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert (answer.status, answer.err) == (0, "")
    assert {row["payer_type"] for row in rows} == {"commercial", "medicare_advantage", "medicaid", "va"}
    (place / "t.csv").write_text(answer.out)
    checked = call("check", "--config", "sample_data/qpcli.toml", "--other-payer", "t.csv", "--json")
    assert checked.document["is_usable"]
    assert call("sample", "--template", "other_payer", "--out", "x", "--year", "2025").status == 2
    assert call("sample", "--out", "x").status == 2


def test_rules_show_the_minimum_of_the_option_and_that_early_years_have_none(call: Call) -> None:
    page = call("rules", "--year", "2024").out
    assert "All-Payer Combination Option" in page
    assert "payers of type dod, va" in page
    document = call("rules", "--year", "2024", "--json").document
    assert document["all_payer"]["medicare_minimums"]["qp_payment"] == 25
    assert "There is none in this year." in call("rules", "--year", "2018").out
    assert call("rules", "--year", "2018", "--json").document["all_payer"] is None


def test_schema_describes_both_tables(call: Call) -> None:
    for table in ("other_payer", "all_payer_scores"):
        assert table in call("schema", table).out
