"""REACH alignment reports: who is aligned, by which report, on which days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qpcli.inputs.attributions import AttributionRead, read_attribution
from tests.inputs.list_made import ANN, BEN, CAL, csv_file, law_of, messages, options_of, refusal, rows_of, said

openpyxl = pytest.importorskip("openpyxl")

START = "Beneficiary_Alignment_Effective_Start_Date"
END = "Beneficiary_Alignment_Effective_Termination_Date"
Cell = str | date | None


def report(folder: Path, name: str, *people: tuple[Cell, Cell, Cell], names: tuple[str, str] = (START, END)) -> str:
    """A workbook with two title rows above the header."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Beneficiary Alignment Report"])
    sheet.append([])
    sheet.append(["Beneficiary_MBI_ID", *names, "Beneficiary_Date_of_Birth"])
    for person in people:
        sheet.append([*person, date(1950, 3, 4)])
    book.save(folder / name)
    return str(folder / name)


def bar(folder: Path, stamp: str, *people: tuple[Cell, Cell, Cell], kind: str = "ALGC25", entity: str = "D9990") -> str:
    return report(folder, f"P.{entity}.{kind}.RP.{stamp}.T1111111.xlsx", *people)


def read(*paths: str) -> AttributionRead:
    return read_attribution(paths, options_of(), law_of())


def test_a_report_below_title_rows(tmp_path: Path) -> None:
    people = [(ANN, date(2025, 1, 1), None), (BEN, "01/01/2025", "03/31/2025"), (CAL, "1/1/2025", "12/31/9999")]
    found = read(bar(tmp_path, "D250119", *people))
    assert rows_of(found) == [
        ("D9990", ANN, date(2025, 1, 1), None, True),
        ("D9990", BEN, date(2025, 1, 1), date(2025, 3, 31), True),
        ("D9990", CAL, date(2025, 1, 1), None, True),
    ]
    assert said(found.table.findings, "layout_recognised") == [("REACH alignment report", 1)]
    assert len(messages(found.table.findings, "list_in_force")) == 3


def test_a_later_report_replaces_from_the_first_day_of_its_month(tmp_path: Path) -> None:
    earlier = bar(tmp_path, "D250119", (ANN, date(2025, 1, 1), None), (BEN, date(2025, 1, 1), None))
    later = bar(tmp_path, "D250418", (ANN, date(2025, 1, 1), None), (CAL, date(2025, 3, 1), None))
    assert rows_of(read(later, earlier)) == [
        ("D9990", ANN, date(2025, 1, 1), date(2025, 3, 31), True),
        ("D9990", ANN, date(2025, 4, 1), None, True),
        ("D9990", BEN, date(2025, 1, 1), date(2025, 3, 31), True),
        ("D9990", CAL, date(2025, 4, 1), None, True),
    ]


def test_the_reconciliation_of_a_month_wins(tmp_path: Path) -> None:
    reconciled = bar(tmp_path, "D250402", (ANN, date(2025, 1, 1), None), kind="ALGR25")
    claims_based = bar(tmp_path, "D250418", (BEN, date(2025, 1, 1), None))
    found = read(claims_based, reconciled)
    assert {row[1] for row in rows_of(found)} == {ANN}
    assert len(messages(found.table.findings, "list_not_used")) == 1


def test_the_reconciliation_of_the_year_before_does_not_replace_this_years_reports(tmp_path: Path) -> None:
    this_year = bar(tmp_path, "D250119", (ANN, date(2025, 1, 1), None))
    before = bar(tmp_path, "D250501", (BEN, date(2024, 1, 1), date(2024, 12, 31)), kind="ALGR24")
    found = read(this_year, before)
    assert rows_of(found) == [("D9990", ANN, date(2025, 1, 1), None, True)]


def test_an_alignment_that_ended_before_its_report_counts_is_counted(tmp_path: Path) -> None:
    earlier = bar(tmp_path, "D250119", (ANN, date(2025, 1, 1), None))
    later = bar(tmp_path, "D250418", (ANN, date(2025, 1, 1), None), (BEN, date(2025, 1, 1), date(2025, 2, 28)))
    found = read(earlier, later)
    assert {row[1] for row in rows_of(found)} == {ANN}
    assert said(found.table.findings, "rows_left_out") == [("aligned on no day on which the report counts", 1)]


def test_the_column_names_without_beneficiary(tmp_path: Path) -> None:
    names = ("Alignment_Effective_Start_Date", "Alignment Effective Termination Date")
    path = report(tmp_path, "P.D9990.ALGC25.RP.D250119.T1111111.xlsx", (ANN, "2025-01-01", "2025-06-30"), names=names)
    assert rows_of(read(path)) == [("D9990", ANN, date(2025, 1, 1), date(2025, 6, 30), True)]


def test_a_renamed_report_is_known_by_its_header(tmp_path: Path) -> None:
    path = report(tmp_path, "aligned people.xlsx", (ANN, "2025-01-01", None))
    assert "--apm-entity" in refusal(path, options=options_of()).help
    found = read_attribution([path], options_of(apm_entity_id="D9990"), law_of())
    assert rows_of(found) == [("D9990", ANN, date(2025, 1, 1), None, True)]


def test_of_several_reports_each_must_tell_its_date(tmp_path: Path) -> None:
    dated = bar(tmp_path, "D250119", (ANN, date(2025, 1, 1), None))
    undated = report(tmp_path, "P.D9990.ALGC25.xlsx", (ANN, date(2025, 1, 1), None))
    assert refusal(dated, undated, options=options_of()).code == "QP111"


def test_a_blank_mbi_and_an_inverted_span_are_bad_rows(tmp_path: Path) -> None:
    people = [(ANN, date(2025, 1, 1), None), (None, date(2025, 1, 1), None), (BEN, "02/01/2025", "01/01/2025")]
    error = refusal(bar(tmp_path, "D250119", *people), options=options_of())
    assert error.code == "QP203"
    assert "row 2" in error.message and "row 3" in error.message


def test_other_reach_reports_are_not_used(tmp_path: Path) -> None:
    aligned = bar(tmp_path, "D250119", (ANN, date(2025, 1, 1), None))
    providers = csv_file(tmp_path / "P.D9990.PALMR.D250119.T1111111.csv", {"TIN": "012345678"})
    found = read(aligned, providers)
    assert said(found.table.findings, "file_not_used") == [("P.D9990.PALMR.D250119.T1111111.csv", None)]
    assert refusal(providers, options=options_of()).code == "QP213"
