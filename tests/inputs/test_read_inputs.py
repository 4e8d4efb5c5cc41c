"""All inputs of a run together."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qpcli.errors import InputError
from qpcli.inputs.canonical import TableRead, read_table
from qpcli.request import ReadOptions
from qpcli.tables.beneficiaries import BENEFICIARIES
from tests.inputs.made import written

HEADER = "bene_id,birth_date,has_part_a,has_part_b,is_managed_care,is_medicare_secondary"


def read_beneficiaries(tmp_path: Path, header: str, *rows: str) -> TableRead:
    return read_table(BENEFICIARIES, [written(tmp_path / "people.csv", header, *rows)], ReadOptions())


@pytest.mark.parametrize(
    ("state", "is_resident"),
    [("OH", True), (" ri ", True), ("PR", True), ("MP", True), ("DC", True), ("ON", False), ("ZZ", False), ("", None)],
)
def test_a_state_stands_in_for_residence(tmp_path: Path, state: str, is_resident: bool | None) -> None:
    table = read_beneficiaries(tmp_path, f"{HEADER},state", f"B1,1950-01-01,y,y,n,n,{state}")
    assert table.frame["is_us_resident"].to_list() == [is_resident]
    assert "state" not in table.frame.columns


def test_the_answer_itself_counts_before_the_state(tmp_path: Path) -> None:
    rows = ["B1,1950-01-01,y,y,n,n,OH,n", "B2,1950-01-01,y,y,n,n,OH,"]
    table = read_beneficiaries(tmp_path, f"{HEADER},state,is_us_resident", *rows)
    assert dict(table.frame.select("bene_id", "is_us_resident").iter_rows()) == {"B1": False, "B2": True}


def test_residence_or_state_is_needed(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_beneficiaries(tmp_path, HEADER, "B1,1950-01-01,y,y,n,n")
    assert caught.value.code == "QP204"
    assert "is_us_resident" in caught.value.message


def test_unknown_facts_stay_unknown(tmp_path: Path) -> None:
    table = read_beneficiaries(tmp_path, f"{HEADER},is_us_resident,death_date,end_date", "B1,,,,,,,,9999-12-31")
    row = table.frame.row(0, named=True)
    assert row.pop("bene_id") == "B1"
    assert set(row.values()) == {None}


def test_a_beneficiary_is_read_whole(tmp_path: Path) -> None:
    header = f"{HEADER},is_us_resident,start_date,end_date,death_date"
    table = read_beneficiaries(tmp_path, header, "B1,19500102,1,1,0,0,1,2025-01-01,9999-12-31,0001-01-01")
    row = table.frame.row(0, named=True)
    assert row["birth_date"] == date(1950, 1, 2)
    assert (row["start_date"], row["end_date"], row["death_date"]) == (date(2025, 1, 1), None, None)
    assert (row["has_part_a"], row["is_managed_care"], row["is_us_resident"]) == (True, False, True)
