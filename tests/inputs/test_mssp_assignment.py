"""MSSP assignment list reports: who is assigned, by which list, at which snapshot."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qpcli.inputs.attributions import AttributionRead, read_attribution
from qpcli.request import Assignment
from tests.inputs.list_made import (
    ANN,
    BEN,
    CAL,
    csv_file,
    law_of,
    messages,
    options_of,
    refusal,
    rows_of,
    said,
    zipped,
)

PROSPECTIVE, RETROSPECTIVE = Assignment.PROSPECTIVE, Assignment.RETROSPECTIVE
QUARTERS = {1: "T0100000", 2: "T0200000", 3: "T0300000"}


def person(mbi: str, **changes: str) -> dict[str, str]:
    flags = {f"enrollflag{month}": "4" for month in range(1, 13)}
    facts = {"bene_mbi_id": mbi, "bene_brth_dt": "03/04/1950", "bene_death_dt": ""}
    return facts | flags | {"excluded": "0", "deceased_excluded": "0"} | changes


def quarterly(folder: Path, quarter: int, *mbis: str, stamp: str | None = None, entity: str = "A9990") -> str:
    name = f"P.{entity}.ACO.QALR.2025Q{quarter}.D259999.{stamp or QUARTERS[quarter]}_1-1.csv"
    return csv_file(folder / name, *(person(mbi) for mbi in mbis))


def initial(folder: Path, *mbis: str) -> str:
    """The initial list as it comes: the year stands in the archive's name only."""
    inner = csv_file(folder / "P.A9990.ACO.AALR.D259999.T0000000_1-1.csv", *(person(mbi) for mbi in mbis))
    return zipped(folder / "P.A9990.ACO.HASSGN.Y2025.D259999.T0000000.zip", inner)


def annual(folder: Path, *mbis: str, year: int = 2025) -> str:
    name = f"P.A9990.ACO.AALR.Y{year}.D269999.T1111111_1-1.csv"
    return csv_file(folder / name, *(person(mbi) for mbi in mbis))


def read(*paths: str, assignment: Assignment | None = RETROSPECTIVE, **assumptions: str) -> AttributionRead:
    return read_attribution(paths, options_of(assignment), law_of(**assumptions))


def test_the_second_quarters_list_holds_to_the_end_of_the_period(tmp_path: Path) -> None:
    found = read(quarterly(tmp_path, 1, ANN, BEN), quarterly(tmp_path, 2, ANN), quarterly(tmp_path, 3, CAL))
    assert rows_of(found) == [
        ("A9990", ANN, date(2025, 1, 1), date(2025, 3, 31), False),
        ("A9990", ANN, date(2025, 4, 1), date(2025, 8, 31), False),
        ("A9990", BEN, date(2025, 1, 1), date(2025, 3, 31), False),
    ]
    in_force = messages(found.table.findings, "list_in_force")
    assert [("QALR.2025Q1" in text, "QALR.2025Q2" in text) for text in in_force] == [
        (True, False),
        (False, True),
        (False, True),
    ]
    assert len(messages(found.table.findings, "list_not_used")) == 1


def test_the_third_quarters_list_may_take_over_on_july_1(tmp_path: Path) -> None:
    files = [quarterly(tmp_path, 1, ANN), quarterly(tmp_path, 2, BEN), quarterly(tmp_path, 3, CAL)]
    found = read(*files, assignment_list="third_quarter")
    assert rows_of(found) == [
        ("A9990", ANN, date(2025, 1, 1), date(2025, 3, 31), False),
        ("A9990", BEN, date(2025, 4, 1), date(2025, 6, 30), False),
        ("A9990", CAL, date(2025, 7, 1), date(2025, 12, 31), False),
    ]


def test_a_prospective_aco_has_its_initial_list_all_year(tmp_path: Path) -> None:
    found = read(initial(tmp_path, ANN), quarterly(tmp_path, 1, BEN), assignment=PROSPECTIVE)
    assert rows_of(found) == [("A9990", ANN, date(2025, 1, 1), date(2025, 12, 31), True)]
    assert len(messages(found.table.findings, "list_in_force")) == 3


def test_the_user_must_say_whether_the_aco_is_prospective(tmp_path: Path) -> None:
    error = refusal(quarterly(tmp_path, 1, ANN), options=options_of())
    assert error.code == "QP111"
    assert "--assignment" in error.help


def test_a_snapshot_without_a_list_is_named(tmp_path: Path) -> None:
    found = read(quarterly(tmp_path, 2, ANN))
    assert said(found.table.findings, "list_missing") == [("1", None)]
    assert said(found.table.findings, "list_stands_in") == []


def test_an_earlier_list_stands_in_for_one_that_is_missing(tmp_path: Path) -> None:
    found = read(quarterly(tmp_path, 1, ANN))
    assert [row[2:4] for row in rows_of(found)] == [
        (date(2025, 1, 1), date(2025, 3, 31)),
        (date(2025, 4, 1), date(2025, 8, 31)),
    ]
    assert said(found.table.findings, "list_stands_in") == [("2", None), ("3", None)]


def test_a_retrospective_aco_with_the_initial_list_only(tmp_path: Path) -> None:
    found = read(initial(tmp_path, ANN))
    assert not any(row[4] for row in rows_of(found))
    assert said(found.table.findings, "list_stands_in") == [("1", None), ("2", None), ("3", None)]


def test_the_annual_list_stands_in_only_where_no_earlier_one_is(tmp_path: Path) -> None:
    found = read(quarterly(tmp_path, 2, ANN), annual(tmp_path, BEN))
    assert rows_of(found) == [
        ("A9990", ANN, date(2025, 4, 1), date(2025, 8, 31), False),
        ("A9990", BEN, date(2025, 1, 1), date(2025, 3, 31), False),
    ]


def test_a_list_of_another_year_is_in_force_at_no_snapshot(tmp_path: Path) -> None:
    found = read(annual(tmp_path, ANN, year=2024))
    assert said(found.table.findings, "list_missing") == [("1", None), ("2", None), ("3", None)]
    assert found.table.frame["end_date"].max() == date(2024, 8, 31)


def test_a_later_time_stamp_replaces_the_same_list(tmp_path: Path) -> None:
    found = read(quarterly(tmp_path, 1, ANN), quarterly(tmp_path, 1, BEN, stamp="T0110000"))
    assert {row[1] for row in rows_of(found)} == {BEN}
    assert len(messages(found.table.findings, "list_not_used")) == 1
    assert len(found.table.files) == 1


def test_the_excluded_are_left_out_and_counted_by_reason(tmp_path: Path) -> None:
    people = [
        person(ANN),
        person(BEN, excluded="1", deceased_excluded="1"),
        # Who has no MBI is excluded for that: no bad row.
        person("", excluded="1"),
    ]
    found = read(csv_file(tmp_path / "P.A9990.ACO.QALR.2025Q1.D259999.T0100000_1-1.csv", *people))
    assert {row[1] for row in rows_of(found)} == {ANN}
    assert said(found.table.findings, "rows_left_out") == [("excluded = 1", 2), ("deceased_excluded = 1", 1)]


def test_headers_in_capitals_and_in_quotes(tmp_path: Path) -> None:
    path = tmp_path / "P.A9990.ACO.QALR.2025Q1.D259999.T0100000_1-1.csv"
    path.write_text(f'"BENE_MBI_ID","BENE_BRTH_DT","EnrollFlag1"\r\n"{ANN}","12/31/1949","1"\r\n', encoding="utf-8")
    found = read(str(path))
    assert found.coverage is not None
    assert found.coverage.row(0)[:2] == (ANN, date(1949, 12, 31))


def test_marks_of_nothing_are_nothing(tmp_path: Path) -> None:
    people = [person(ANN, bene_death_dt="~"), person(BEN, bene_death_dt="01/01/1000")]
    found = read(csv_file(tmp_path / "P.A9990.ACO.QALR.2025Q1.D259999.T0100000_1-1.csv", *people))
    assert found.coverage is not None
    assert found.coverage["death_date"].null_count() == found.coverage.height == 24


def test_a_blank_mbi_and_a_day_that_is_none_are_bad_rows(tmp_path: Path) -> None:
    people = [person(ANN), person(""), person(BEN, bene_brth_dt="13/45/1950")]
    path = csv_file(tmp_path / "P.A9990.ACO.QALR.2025Q1.D259999.T0100000_1-1.csv", *people)
    error = refusal(path, options=options_of(RETROSPECTIVE))
    assert error.code == "QP203"
    assert "row 2" in error.message and "row 3" in error.message
    found = read_attribution([path], options_of(RETROSPECTIVE, max_rejects=2), law_of())
    assert {row[1] for row in rows_of(found)} == {ANN}


def test_tables_of_a_report_that_are_not_used_are_named(tmp_path: Path) -> None:
    base = "P.A9990.ACO.QALR.2025Q1.D259999.T0100000"
    providers = csv_file(tmp_path / f"{base}_1-4.csv", {"bene_mbi_id": ANN, "master_id": "012345678", "npi_used": "1"})
    other = csv_file(tmp_path / f"{base}_1-9.csv", {"bene_mbi_id": ANN})
    archive = zipped(tmp_path / f"{base}.zip", quarterly(tmp_path, 1, ANN), providers, other)
    found = read(archive)
    assert {row[1] for row in rows_of(found)} == {ANN}
    assert [rule for rule, _ in said(found.table.findings, "file_not_used")] == [
        f"{base}.zip/{base}_1-4.csv",
        f"{base}.zip/{base}_1-9.csv",
    ]


def test_assignable_people_are_told_by_table_1_6(tmp_path: Path) -> None:
    base = "P.A9990.ACO.QALR.2025Q1.D259999.T0100000"
    assignable = [{"bene_mbi_id": mbi, "va_selection_only": "0"} for mbi in (BEN, ANN, ANN)]
    found = read(quarterly(tmp_path, 1, ANN), csv_file(tmp_path / f"{base}_1-6.csv", *assignable))
    assert found.assignable_people is not None and found.assignable
    assert found.assignable_people["bene_id"].to_list() == [ANN, BEN]
    assert not read(quarterly(tmp_path, 1, ANN)).assignable


def test_a_report_without_the_list_of_assigned_people_is_refused(tmp_path: Path) -> None:
    base = "P.A9990.ACO.QALR.2025Q1.D259999.T0100000"
    path = csv_file(tmp_path / f"{base}_1-6.csv", {"bene_mbi_id": ANN, "va_selection_only": "0"})
    assert refusal(path, options=options_of(RETROSPECTIVE)).code == "QP213"


def test_an_archive_of_another_aco_contradicts_its_member(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "P.A9991.ACO.QALR.2025Q1.D259999.T0100000.zip", quarterly(tmp_path, 1, ANN))
    assert refusal(archive, options=options_of(RETROSPECTIVE)).code == "QP216"


def test_lists_of_several_acos(tmp_path: Path) -> None:
    found = read(quarterly(tmp_path, 1, ANN), quarterly(tmp_path, 1, ANN, entity="A9991"))
    assert {row[0] for row in rows_of(found)} == {"A9990", "A9991"}
    assert len(messages(found.table.findings, "list_in_force")) == 6


@pytest.mark.parametrize(
    ("dates", "assignment", "first", "last"),
    [
        ((date(2025, 5, 1), date(2025, 5, 1)), RETROSPECTIVE, date(2025, 4, 1), date(2025, 8, 31)),
        ((date(2025, 1, 1), date(2025, 12, 31)), PROSPECTIVE, date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_the_user_gives_what_a_name_does_not_tell(
    tmp_path: Path, dates: tuple[date, date], assignment: Assignment, first: date, last: date
) -> None:
    path = csv_file(tmp_path / "assigned.csv", person(ANN))
    assert "--apm-entity" in refusal(path, options=options_of(assignment, dates=dates)).help
    assert "--list-date" in refusal(path, options=options_of(assignment, apm_entity_id="A9990")).help
    found = read_attribution([path], options_of(assignment, apm_entity_id="A9990", dates=dates), law_of())
    assert rows_of(found) == [("A9990", ANN, first, last, assignment is PROSPECTIVE)]


def test_several_lists_without_a_year_cannot_share_one_date(tmp_path: Path) -> None:
    files = [
        csv_file(tmp_path / f"P.A9990.ACO.QALR.D259999.{stamp}_1-1.csv", person(ANN))
        for stamp in ("T0100000", "T0200000")
    ]
    options = options_of(RETROSPECTIVE, dates=(date(2025, 1, 1), date(2025, 3, 31)))
    assert refusal(*files, options=options).code == "QP111"
