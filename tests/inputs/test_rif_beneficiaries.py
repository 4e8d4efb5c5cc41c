"""RIF beneficiary files: a year with twelve of each code becomes a span per month."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qpcli.errors import InputError
from tests.inputs.rif_made import CARRIER, PERSON, Read, law_of, read_rif, rif_file


def people(tmp_path: Path, *changes: dict[str, str], claim: dict[str, str] | None = None, **options: Any) -> Read:
    rows = [
        PERSON | {name: "" for change in changes for name in change if name not in PERSON} | change
        for change in changes
    ]
    claims = rif_file(tmp_path / "carrier.csv", CARRIER | (claim or {}))
    return read_rif([claims], [rif_file(tmp_path / "people.csv", *rows)], **options)


def months(read: Read, name: str) -> list[Any]:
    assert read.people is not None
    return read.people.frame.sort("bene_id", "start_date")[name].to_list()


def test_a_year_becomes_a_span_per_month(tmp_path: Path) -> None:
    read = people(tmp_path, {})
    assert read.people is not None
    assert read.people.frame.columns == [
        "bene_id",
        "birth_date",
        "death_date",
        "start_date",
        "end_date",
        "has_part_a",
        "has_part_b",
        "is_managed_care",
        "is_medicare_secondary",
        "is_us_resident",
    ]
    assert months(read, "start_date") == [date(2025, month, 1) for month in range(1, 13)]
    assert months(read, "end_date")[1] == date(2025, 2, 28)
    row = read.people.frame.row(0, named=True)
    assert (row["birth_date"], row["death_date"], row["is_us_resident"]) == (date(1942, 1, 17), None, True)


@pytest.mark.parametrize(
    ("code", "part_a", "part_b"),
    [("0", False, False), ("1", True, False), ("2", False, True), ("3", True, True), ("A", True, False),
     ("B", False, True), ("C", True, True), ("X", None, None)],
)  # fmt: skip
def test_parts_by_the_buy_in_code(tmp_path: Path, code: str, part_a: bool | None, part_b: bool | None) -> None:
    read = people(tmp_path, {"MDCR_ENTLMT_BUYIN_3_IND": code})
    assert (months(read, "has_part_a")[2], months(read, "has_part_b")[2]) == (part_a, part_b)
    assert months(read, "has_part_a")[3] is True


@pytest.mark.parametrize(
    ("code", "months_count", "is_managed"),
    [("0", "12", False), ("4", "12", False), ("1", "0", True), ("C", "0", True), ("", "0", False), ("", "3", None),
     ("", "", None)],
)  # fmt: skip
def test_managed_care_by_the_hmo_code(tmp_path: Path, code: str, months_count: str, is_managed: bool | None) -> None:
    read = people(tmp_path, {"HMO_2_IND": code, "HMO_MO_CNT": months_count})
    assert months(read, "is_managed_care")[1] is is_managed


def test_the_free_hmo_codes_are_an_open_point(tmp_path: Path) -> None:
    read = people(tmp_path, {"HMO_2_IND": "4"}, law=law_of(rif_fee_for_service_hmo_codes="0"))
    assert months(read, "is_managed_care")[1] is True


@pytest.mark.parametrize(
    ("county", "state", "is_resident"),
    [("25017", "22", True), ("72001", "58", True), ("", "22", True), ("", "5", True), ("", "58", False),
     ("AA", "MO", True), ("", "ON", False), ("", "", None), ("", "63", None), ("99999", "40", True), ("", "98", True)],
)  # fmt: skip
def test_residence_by_county_then_by_state(tmp_path: Path, county: str, state: str, is_resident: bool | None) -> None:
    read = people(tmp_path, {"FIPS_STATE_CNTY_SEPT_CD": county, "STATE_CODE": state})
    assert months(read, "is_us_resident")[8] is is_resident


def test_months_after_the_last_filled_one_are_no_record(tmp_path: Path) -> None:
    blank = {f"MDCR_ENTLMT_BUYIN_{month}_IND": "" for month in (2, 6, 7, 8, 9, 10, 11, 12)}
    blank |= {f"HMO_{month}_IND": "" for month in (2, 6, 7, 8, 9, 10, 11, 12)}
    read = people(tmp_path, blank)
    assert len(months(read, "start_date")) == 5
    assert months(read, "has_part_a") == [True, None, True, True, True]


def test_both_spellings_of_the_months_are_known(tmp_path: Path) -> None:
    second = {
        "BENE_ID": "-10",
        "BENE_BIRTH_DT": "19420117",
        "BENE_DEATH_DT": "20250704",
        "BENE_ENROLLMT_REF_YR": "2025",
        "BENE_HMO_CVRAGE_TOT_MONS": "0",
        **{f"MDCR_ENTLMT_BUYIN_IND_{month:02}": "3" for month in range(1, 13)},
        **{f"HMO_IND_{month:02}": "" for month in range(1, 13)},
        **{f"STATE_CNTY_FIPS_CD_{month:02}": "39049" for month in range(1, 13)},
        **{f"PTC_CNTRCT_ID_{month:02}": "N" for month in range(1, 13)},
    }
    read = read_rif([rif_file(tmp_path / "carrier.csv", CARRIER)], [rif_file(tmp_path / "people.csv", second)])
    assert read.people is not None
    row = read.people.frame.row(0, named=True)
    assert (row["death_date"], row["is_managed_care"], row["is_us_resident"]) == (date(2025, 7, 4), False, True)
    assert len(months(read, "start_date")) == 12


@pytest.mark.parametrize(
    ("year", "rule"), [("", "blank"), ("0", "unreadable"), ("3", "unreadable"), ("x", "unreadable")]
)
def test_without_a_reference_year_the_row_is_bad(tmp_path: Path, year: str, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        people(tmp_path, {}, {"RFRNC_YR": year, "BENE_ID": "2"})
    assert caught.value.code == "QP203"
    read = people(tmp_path, {}, {"RFRNC_YR": year, "BENE_ID": "2"}, max_rejects=1)
    assert read.findings()["rejected_rows", f"reference_year_{rule}"] == 1


def test_the_later_row_of_a_year_counts_and_differences_are_counted(tmp_path: Path) -> None:
    read = people(tmp_path, {"MDCR_ENTLMT_BUYIN_1_IND": "0"}, {}, {"RFRNC_YR": "2024"}, {"RFRNC_YR": "2024"})
    assert months(read, "has_part_a") == [True] * 24
    assert read.findings()["replaced_lines", "reference year"] == 1


def test_a_delete_removes_the_year(tmp_path: Path) -> None:
    read = people(tmp_path, {"DML_IND": "INSERT"}, {"DML_IND": "DELETE"}, {"DML_IND": "INSERT", "BENE_ID": "2"})
    assert set(months(read, "bene_id")) == {"2"}


def test_contracts_without_hmo_code_are_counted_by_month(tmp_path: Path) -> None:
    contracts = {"PTC_CNTRCT_JAN_ID": "H1234", "PTC_CNTRCT_FEB_ID": "N", "PTC_CNTRCT_MAR_ID": "0"}
    read = people(
        tmp_path, contracts | {"PTC_CNTRCT_APR_ID": "H1", "HMO_4_IND": "1", "PTC_CNTRCT_MAY_ID": "H1", "HMO_5_IND": ""}
    )
    assert read.findings()["part_c_contract_without_hmo", "is_managed_care"] == 2


def test_one_mbi_under_two_ids_is_counted_and_not_merged(tmp_path: Path) -> None:
    read = people(tmp_path, {}, {"BENE_ID": "2"}, {"BENE_ID": "3", "MBI_NUM": ""}, {"BENE_ID": "4", "MBI_NUM": ""})
    assert read.findings()["shared_mbi", "mbi"] == 1
    assert len(set(months(read, "bene_id"))) == 4


@pytest.mark.parametrize(("payer", "is_secondary"), [("E", True), ("a", True), (" ", False)])
def test_secondary_payer_months_come_from_claim_lines(tmp_path: Path, payer: str, is_secondary: bool) -> None:
    claim = {"LINE_BENE_PRMRY_PYR_CD": payer, "LINE_1ST_EXPNS_DT": "31-Mar-2025"}
    read = people(tmp_path, {}, {"BENE_ID": "2"}, claim=claim)
    assert read.people is not None
    secondary = read.people.frame.filter(pl.col("is_medicare_secondary"))
    assert secondary.select("bene_id", "start_date").rows() == ([("-10", date(2025, 3, 1))] if is_secondary else [])
    assert read.findings()["msp_from_lines", "is_medicare_secondary"] == int(is_secondary)
