"""Finder files of research files as attribution."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qpcli.inputs.attributions import AttributionRead, read_attribution
from qpcli.request import Assignment
from tests.inputs.list_made import csv_file, law_of, messages, options_of, refusal, rows_of, said

LISTS = ("PRELIM_ASSIGN", "Q1_ASSIGN", "Q2_ASSIGN", "Q3_ASSIGN", "Q4_ASSIGN", "FINAL_ASSIGN")


def assigned(person: str, aco: str, *answers: str) -> dict[str, str]:
    months = {f"M{month:02}_ENROLL": "4" for month in range(1, 13)}
    return (
        {"BENE_ID": person, "ACO_NUM": aco, "START_DATE": "01/01/2020"}
        | dict(zip(LISTS, answers, strict=True))
        | months
    )


def read(path: str, assignment: Assignment | None = Assignment.RETROSPECTIVE, **assumptions: str) -> AttributionRead:
    return read_attribution([path], options_of(assignment), law_of(**assumptions))


@pytest.mark.parametrize("separator", [",", "|"])
def test_the_quarters_of_a_retrospective_aco(tmp_path: Path, separator: str) -> None:
    people = [
        assigned("-1", "A9990", "1", "1", "0", "1", ".", "."),
        assigned("-2", "A9991", "0", "0", "1", "0", ".", "."),
        assigned("-3", "A9991", "1", ".", ".", ".", ".", "."),
    ]
    found = read(csv_file(tmp_path / "ssp_aco_2025.csv", *people, separator=separator))
    assert rows_of(found) == [
        ("A9990", "-1", date(2025, 1, 1), date(2025, 3, 31), False),
        ("A9991", "-2", date(2025, 4, 1), date(2025, 8, 31), False),
    ]
    assert "Q1_ASSIGN of ssp_aco_2025.csv" in messages(found.table.findings, "list_in_force")[0]


def test_the_preliminary_list_of_a_prospective_aco(tmp_path: Path) -> None:
    people = [assigned("-1", "A9990", "1", "0", "0", "0", "0", "0"), assigned("-2", "A9990", *"011111")]
    found = read(csv_file(tmp_path / "ssp_aco_2025.csv", *people), Assignment.PROSPECTIVE)
    assert rows_of(found) == [("A9990", "-1", date(2025, 1, 1), date(2025, 12, 31), True)]


def test_a_column_of_points_is_no_list(tmp_path: Path) -> None:
    people = [assigned("-1", "A9990", "1", "1", ".", ".", ".", ".")]
    found = read(csv_file(tmp_path / "ssp_aco_2025.csv", *people))
    assert said(found.table.findings, "list_stands_in") == [("2", None), ("3", None)]


def test_another_answer_is_a_bad_row(tmp_path: Path) -> None:
    people = [assigned("-1", "A9990", *"111111"), assigned("-2", "A9990", "1", "X", "1", "1", "1", "1")]
    error = refusal(csv_file(tmp_path / "ssp_aco_2025.csv", *people), options=options_of(Assignment.RETROSPECTIVE))
    assert (error.code, "row 2" in error.message) == ("QP203", True)


def test_the_year_is_in_the_name_or_the_user_says_it(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "finder.csv", assigned("-1", "A9990", *"110000"))
    assert "--list-date" in refusal(path, options=options_of(Assignment.RETROSPECTIVE)).help
    dates = (date(2025, 1, 1), date(2025, 12, 31))
    found = read_attribution([path], options_of(Assignment.RETROSPECTIVE, dates=dates), law_of())
    assert rows_of(found)[0][2] == date(2025, 1, 1)


def test_how_people_are_assigned_must_be_said(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "ssp_aco_2025.csv", assigned("-1", "A9990", *"110000"))
    assert "--assignment" in refusal(path, options=options_of()).help


def test_next_generation_by_month(tmp_path: Path) -> None:
    aligned = {f"MO{month}_ALIGN": "1" if month in (2, 3) else "0" for month in range(1, 13)}
    path = csv_file(tmp_path / "ngaco_2020.csv", {"BENE_ID": "-1", "ACO_NUM": "V901"} | aligned)
    found = read_attribution([path], options_of(), law_of(performance_year=2020))
    assert rows_of(found) == [
        ("V901", "-1", date(2020, 2, 1), date(2020, 2, 29), True),
        ("V901", "-1", date(2020, 3, 1), date(2020, 3, 31), True),
    ]
