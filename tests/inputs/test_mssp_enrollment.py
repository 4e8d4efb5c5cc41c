"""Months of Part A and B by the enrollment flags of MSSP assignment lists."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from qpcli.inputs.attributions import read_attribution
from qpcli.inputs.mssp.periods import ListKind, window_months
from qpcli.request import Assignment
from tests.inputs.list_made import ANN, BEN, csv_file, law_of, options_of, said


def flags(*codes: str) -> dict[str, str]:
    return {f"enrollflag{month}": code for month, code in enumerate(codes, start=1)}


def quarter(folder: Path, quarter: int, *people: dict[str, str]) -> str:
    return csv_file(folder / f"P.A9990.ACO.QALR.2025Q{quarter}.D259999.T0{quarter}00000_1-1.csv", *people)


def coverage(*paths: str) -> pl.DataFrame:
    found = read_attribution(paths, options_of(Assignment.RETROSPECTIVE), law_of())
    assert found.coverage is not None
    return found.coverage


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        (ListKind.INITIAL, date(2023, 10, 1), date(2024, 9, 1)),
        (ListKind.Q1, date(2024, 4, 1), date(2025, 3, 1)),
        (ListKind.Q2, date(2024, 7, 1), date(2025, 6, 1)),
        (ListKind.Q3, date(2024, 10, 1), date(2025, 9, 1)),
        (ListKind.Q4, date(2025, 1, 1), date(2025, 12, 1)),
        (ListKind.ANNUAL, date(2025, 1, 1), date(2025, 12, 1)),
    ],
)
def test_the_first_flag_is_about_the_first_month_of_the_window(kind: ListKind, first: date, last: date) -> None:
    months = window_months(kind, 2025)
    assert (months[0], months[-1], len(set(months))) == (first, last, 12)


def test_one_to_four_is_part_a_and_b_and_blank_is_nothing(tmp_path: Path) -> None:
    row = {"bene_mbi_id": ANN, "bene_brth_dt": "03/04/1950", "bene_death_dt": "02/10/2025"}
    months = coverage(quarter(tmp_path, 1, row | flags("1", "2", "3", "4", "0", "", "", "", "", "", "", "4")))
    assert months.rows() == [
        (ANN, date(1950, 3, 4), date(2025, 2, 10), date(2024, month, 1), end, has_both, has_both)
        for month, end, has_both in (
            (4, date(2024, 4, 30), True),
            (5, date(2024, 5, 31), True),
            (6, date(2024, 6, 30), True),
            (7, date(2024, 7, 31), True),
            (8, date(2024, 8, 31), False),
        )
    ] + [(ANN, date(1950, 3, 4), date(2025, 2, 10), date(2025, 3, 1), date(2025, 3, 31), True, True)]


def test_the_later_list_counts_for_a_month_that_two_are_about(tmp_path: Path) -> None:
    earlier = {"bene_mbi_id": ANN} | flags(*["4"] * 12)
    later = {"bene_mbi_id": ANN} | flags(*["0"] * 12)
    months = coverage(quarter(tmp_path, 2, later), quarter(tmp_path, 1, earlier))
    assert months.filter("has_part_a")["start_date"].to_list() == [date(2024, 4, 1), date(2024, 5, 1), date(2024, 6, 1)]
    assert months.height == 15


def test_an_unknown_flag_is_counted_and_makes_no_month(tmp_path: Path) -> None:
    path = quarter(tmp_path, 1, {"bene_mbi_id": ANN} | flags("9", "4.0"), {"bene_mbi_id": BEN} | flags("", "1"))
    found = read_attribution([path], options_of(Assignment.RETROSPECTIVE), law_of())
    assert found.coverage is not None
    assert found.coverage["start_date"].to_list() == [date(2024, 5, 1)] * 2
    assert [count for _, count in said(found.table.findings, "counted_for_record")] == [1]
