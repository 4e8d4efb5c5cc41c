"""Which column of a file stands for which column of a table."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from qpcli.errors import InputError
from qpcli.request import ReadOptions
from tests.inputs.made import (
    CANARY,
    CLAIM_HEADER,
    PARTICIPANT_ROW,
    claim,
    claims_file,
    codes,
    read_claims,
    read_participants,
    refused,
    written,
)

ROW = ("A1", "012345678", "1437702123")


def read(tmp_path: Path, header: str, row: str = PARTICIPANT_ROW, **names: str) -> tuple[str, ...]:
    options = ReadOptions(column_names=MappingProxyType({"participants": MappingProxyType(names)}))
    table = read_participants(written(tmp_path / "list.csv", header, row), options=options)
    return table.frame.select("apm_entity_id", "tin", "npi").row(0)


@pytest.mark.parametrize(
    "header",
    [
        "apm_entity_id,tin,npi,start_date,end_date",
        "APM_Entity_ID,TIN,Npi,START_DATE,End_Date",
        "ACO ID,Billing TIN,Individual NPI,Effective Date,Termination Date",
        "Entity-ID,base_provider_tin,rendering npi.,effective start date,Effective_End_Date",
        " apm_entity_id , tin , npi , start_date , end_date ",
    ],
)
def test_names_and_aliases_are_found_whatever_their_case_and_punctuation(tmp_path: Path, header: str) -> None:
    assert read(tmp_path, header) == ROW


def test_a_name_given_by_the_user_is_used(tmp_path: Path) -> None:
    assert read(tmp_path, "apm_entity_id,Steuernummer,npi,start_date,end_date", tin="steuernummer") == ROW


def test_the_users_name_wins_over_the_canonical_one(tmp_path: Path) -> None:
    header, row = "apm_entity_id,tin,npi,start_date,end_date,real_tin", "A1,999999999,1437702123,,,012345678"
    assert read(tmp_path, header, row, tin="real_tin") == ROW


def test_a_users_name_that_a_file_does_not_have_leaves_the_others(tmp_path: Path) -> None:
    assert read(tmp_path, "apm_entity_id,tin,npi,start_date,end_date", tin="elsewhere") == ROW


def test_the_canonical_name_wins_over_an_alias(tmp_path: Path) -> None:
    header = "apm_entity_id,tin,npi,start_date,end_date,billing tin"
    assert read(tmp_path, header, f"{PARTICIPANT_ROW},999999999") == ROW


@pytest.mark.parametrize(
    "header",
    [
        "apm_entity_id,billing tin,npi,start_date,end_date,participant tin",
        "apm_entity_id,tin,npi,start_date,end_date,TIN",
    ],
)
def test_two_columns_for_one_are_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, header, f"{PARTICIPANT_ROW},x")
    assert caught.value.code == "QP205"


def test_a_missing_column_is_named_beside_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "apm_entity_id,npi,start,when", "A1,1437702123,,")
    assert caught.value.code == "QP204"
    assert caught.value.message == (
        "list.csv: participants needs the columns tin, start_date, end_date; "
        "the file has apm_entity_id, npi, start, when."
    )


def test_columns_that_are_not_used_are_a_finding(tmp_path: Path) -> None:
    path = written(
        tmp_path / "list.csv", "apm_entity_id,tin,npi,start_date,end_date,fax,phone", f"{PARTICIPANT_ROW},1,2"
    )
    (found,) = [found for found in read_participants(path).findings if found.code == "unknown_columns"]
    assert found.message == "participants: columns not used: fax, phone."


def test_missing_optional_columns_have_their_default(tmp_path: Path) -> None:
    table = read_participants(
        written(tmp_path / "list.csv", "apm_entity_id,tin,npi,start_date,end_date", PARTICIPANT_ROW)
    )
    assert table.frame["list_type"].to_list() == ["participation"]
    assert table.frame["apm_id"].to_list() == [None]
    assert codes(table.findings) <= {"npi_check_digit"}


@pytest.mark.parametrize("value", [CANARY, "1437702123", "X1437702123", "2025-01-15", "9" * 70])
def test_names_that_may_be_values_are_not_shown(tmp_path: Path, value: str) -> None:
    """A header that has swallowed the row below it: a lost line end."""
    whole = claims_file(tmp_path, claim() + ",", header=f"{CLAIM_HEADER},{value}")
    (found,) = [one for one in read_claims(whole)[1].findings if one.code == "unknown_columns"]
    assert found.message == "claim_lines: columns not used: 1 whose names may be values and are not shown."
    error = refused(claims_file(tmp_path, header=f"claim_id,{value}"))
    assert (error.code, value in error.message, "not shown" in error.message) == ("QP204", False, True)
