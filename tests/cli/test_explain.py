"""`qpcli explain`: an entity, a clinician, a beneficiary; with and without kept cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from qpcli.regulation.steps import load_steps
from qpcli.tables.exclusions import STEPS
from tests.cli.conftest import Call


@pytest.fixture
def report(determine: Call, place: Path) -> Path:
    assert determine("--out", "reports", "--keep-cells", "-q").status == 0
    return place / "reports"


def an_npi(report: Path, level: str) -> str:
    rows = pl.read_parquet(report / "determinations.parquet").filter(pl.col("determined_by_level") == level)
    return rows.get_column("npi").sort()[0]


def test_every_step_has_its_paragraph_in_their_order() -> None:
    assert tuple(load_steps()) == STEPS


def test_an_entity_is_explained_step_by_step(call: Call, report: Path) -> None:
    told = call("explain", "SYN03", "reports", "--json").document
    assert told["schema"] == "qpcli.explain/1"
    table = pl.read_parquet(report / "exclusions.parquet").filter(pl.col("apm_entity_id") == "SYN03")
    (newest,) = [chain for chain in told["chains"] if chain["snapshot"] == 3]
    dollars = table.filter(pl.col("snapshot") == 3).sort("step_number")["amount_remaining"].to_list()
    assert [step["cents_remaining"] for step in newest["steps"]] == [int(amount * 100) for amount in dollars]
    assert all(step["law"]["citation"].startswith("42 CFR 414.") for step in newest["steps"])
    text = call("explain", "SYN03", "reports").out
    assert "From lines to the numerator: SYN03" in text
    assert "414.1435(c)(1)(i)" in text
    assert call("explain", "SYN03", "reports", "--format", "markdown").out.startswith("# APM Entity SYN03")


@pytest.mark.parametrize("level", ["apm_entity", "affiliated_practitioner"])
def test_a_clinician_is_explained_with_lists_and_own_lines(call: Call, report: Path, level: str) -> None:
    npi = an_npi(report, level)
    told = call("explain", npi, "reports", "--json").document
    assert told["entries"]
    assert told["decided"]["level"] == level
    assert bool(told["chains"]) == (level == "affiliated_practitioner")
    assert "On the lists" in call("explain", npi, "reports").out


def test_without_cells_explain_says_how_to_get_more(call: Call, determine: Call, report: Path) -> None:
    determine("--out", "bare", "-q")
    npi = an_npi(report, "affiliated_practitioner")
    told = call("explain", npi, "bare", "--json").document
    assert told["entries"] is None
    assert "--keep-cells" in told["notes"][0]
    assert "--keep-cells" in call("explain", "SYN03", "bare").out
    assert call("explain", "SYN03", "bare", "--json").document["chains"]


def test_an_entity_without_a_group_says_where_its_scores_are(call: Call, report: Path) -> None:
    rows = pl.read_parquet(report / "threshold_scores.parquet")
    entity = rows.filter(pl.col("level") == "affiliated_practitioner").get_column("apm_entity_id")[0]
    told = call("explain", entity, "reports", "--json").document
    assert (told["status"], told["results"]) == ("NO_SCORE", [])
    assert "assessed singly" in " ".join(call("explain", entity, "reports").out.split())


@pytest.mark.parametrize("header", ["bene_id\n", "\ufeffMBI\n", "", "\ufeff"])
def test_people_of_a_file_are_named_by_their_place(call: Call, report: Path, place: Path, header: str) -> None:
    people = pl.read_parquet(report / "cells" / "people.parquet").get_column("bene_id").to_list()
    (place / "people.csv").write_text(header + "\n".join([*people, "NOBODY"]) + "\n", encoding="utf-8")
    answer = call("explain", "SYN03", "reports", "--beneficiary-file", "people.csv", "--json")
    told = answer.document["beneficiaries"]
    scores = pl.read_parquet(report / "threshold_scores.parquet").filter(
        (pl.col("apm_entity_id") == "SYN03") & (pl.col("level") == "apm_entity") & (pl.col("snapshot") == 3)
    )
    assert sum(one["in_denominator"] for one in told) == scores["patient_denominator"].item()
    assert sum(one["in_numerator"] for one in told) == scores["patient_numerator"].item()
    assert len(told) == len(people) + 1
    assert [place for place, one in enumerate(told, start=1) if one["fails"] == ["is_known"]] == [len(told)]
    text = call("explain", "SYN03", "reports", "--beneficiary-file", "people.csv").out
    assert not [bene_id for bene_id in people if bene_id in answer.out + text]


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (("nobody", "reports"), "QP101", 2),
        (("SYN03", "nowhere"), "QP202", 3),
        (("SYN03",), "QP101", 2),
        (("SYN03", "reports", "--beneficiary-file", "none.csv"), "QP201", 3),
        (("SYN03", "reports", "--beneficiary-file", "empty.csv"), "QP213", 3),
        (("SYN03", "bare", "--beneficiary-file", "one.csv"), "QP220", 3),
    ],
)
def test_what_cannot_be_explained_is_said(
    call: Call, determine: Call, report: Path, place: Path, arguments: tuple[str, ...], code: str, status: int
) -> None:
    assert report.is_dir()
    determine("--out", "bare", "-q")
    (place / "empty.csv").write_text("")
    (place / "one.csv").write_text("bene_id\nX\n")
    answer = call("explain", *arguments)
    assert (answer.status, f"error[{code}]" in answer.err) == (status, True)


def test_the_run_is_found_through_the_configuration(call: Call, report: Path, place: Path) -> None:
    (place / "qpcli.toml").write_text(f'out = "{report.name}"\n')
    assert call("explain", "SYN03").status == 0


SUBMITTED = (
    "level,subject_id,payer,payer_type,snapshot,apm_payment_amount,total_payment_amount,"
    "apm_patient_count,total_patient_count"
)
SUBJECTS = {"apm_entity": "apm_entity_ids", "tin": "tins", "npi": "npi"}


@pytest.fixture
def with_others(determine: Call, place: Path) -> Callable[..., None]:
    """Runs with other payers of every subject of a level that has a clinician who is no QP."""

    def run(level: str, *options: str) -> None:
        assert determine("--out", "alone", "-q").status == 0
        people = pl.read_parquet(place / "alone" / "clinicians.parquet").filter(pl.col("status") != "QP")
        subjects = {one for cell in people.get_column(SUBJECTS[level]) for one in cell.split("; ")}
        rows = [f"{level},{one},Plan,commercial,3,90000000,100000000,," for one in sorted(subjects)]
        (place / "others.csv").write_text("\n".join([SUBMITTED, *rows, ""]))
        assert determine("--other-payer", "others.csv", "--out", "all", "-q", *options).status == 0

    return run


@pytest.mark.parametrize("cells", [(), ("--keep-cells",)])
@pytest.mark.parametrize("level", list(SUBJECTS))
def test_who_is_determined_with_all_payers_is_told_so(
    call: Call, with_others: Callable[..., None], place: Path, cells: tuple[str, ...], level: str
) -> None:
    with_others(level, *cells)
    rows = pl.read_parquet(place / "all" / "determinations.parquet")
    of_all = rows.filter((pl.col("determined_by_option") == "all_payer") & (pl.col("determined_by_level") == level))
    row = of_all.sort("npi").row(0, named=True)
    told = call("explain", row["npi"], "all")
    assert (told.status, told.err) == (0, "")
    assert "  Decided with all payers by payments at snapshot 3 (" in told.out
    assert "\nWith all payers\n" in told.out
    document = call("explain", row["npi"], "all", "--json").document
    assert (document["decided"], document["decided_by_all_payer"]["level"]) == (None, level)
    assert document["decided_by_all_payer"]["score"] == round(row["score"] * 10_000)


def test_an_entity_has_the_status_that_all_payers_give_it(
    call: Call, with_others: Callable[..., None], place: Path
) -> None:
    with_others("apm_entity")
    scores = pl.read_parquet(place / "all" / "all_payer_scores.parquet")
    improved = scores.filter((pl.col("status") == "QP") & (pl.col("medicare_status") == "NOT_QP"))
    entity = improved.get_column("apm_entity_id")[0]
    document = call("explain", entity, "all", "--json").document
    assert (document["status"], document["decided"]) == ("QP", None)
    assert "Decided with all payers by payments at snapshot 3 (APM Entity " in call("explain", entity, "all").out
    assert call("explain", entity, "alone", "--json").document["status"] != "QP"
    assert "With all payers" not in call("explain", entity, "alone").out


def test_a_refusal_and_a_missed_minimum_are_told(call: Call, with_others: Callable[..., None], place: Path) -> None:
    with_others("apm_entity", "--keep-cells")
    missed = pl.read_parquet(place / "all" / "all_payer_scores.parquet").filter(
        pl.col("medicare_minimum_status") == "NOT_QP"
    )
    told = call("explain", missed.get_column("apm_entity_id")[0], "all").out
    assert "Medicare minimum at snapshot 3, " in told
    assert ": missed: other payers cannot help." in told
