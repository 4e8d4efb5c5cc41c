"""All inputs of a run together."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from qpcli.errors import InputError, UsageError
from qpcli.inputs.canonical import TableRead, read_table
from qpcli.inputs.hashing import hash_files
from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.reader import Inputs, read_inputs
from qpcli.request import InputPaths, Layout, ReadOptions
from qpcli.tables.beneficiaries import BENEFICIARIES
from tests.inputs.made import (
    CANARY,
    CLAIM_HEADER,
    CLAIM_ROW,
    PARTICIPANT_HEADER,
    PARTICIPANT_ROW,
    claim,
    claims_file,
    codes,
    refused,
    written,
)
from tests.inputs.rif_made import CARRIER, PERSON, law_of, rif_file

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


def paths(tmp_path: Path) -> InputPaths:
    """One small file per table."""
    people = written(tmp_path / "people.csv", f"{HEADER},is_us_resident", f"{CANARY},1950-01-01,y,y,n,n,y")
    listed = written(tmp_path / "participants.csv", PARTICIPANT_HEADER, PARTICIPANT_ROW)
    attributed = written(tmp_path / "attribution.csv", "apm_entity_id,bene_id,start_date,end_date", f"A1,{CANARY},,")
    return InputPaths((claims_file(tmp_path, CLAIM_ROW),), (people,), (listed,), (attributed,))


def read(given: InputPaths, options: ReadOptions | None = None) -> Inputs:
    return read_inputs(given, options or ReadOptions(), law_of())


def opened(inputs: Inputs) -> ClaimsPackage:
    assert inputs.claims.open is not None
    return inputs.claims.open()


def test_canonical_claims_need_beneficiaries(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(replace(paths(tmp_path), beneficiaries=()))
    assert caught.value.code == "QP101"


def test_beneficiaries_of_an_outside_layout_need_its_claims(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(replace(paths(tmp_path), beneficiaries=(rif_file(tmp_path / "beneficiary_2025.csv", PERSON),)))
    assert caught.value.code == "QP212"


def test_all_inputs_are_read(tmp_path: Path) -> None:
    inputs = read(paths(tmp_path))
    assert inputs.claims.layout is Layout.CANONICAL
    assert inputs.entities is None
    assert opened(inputs).scan.lines.collect().height == 1
    assert inputs.beneficiaries is not None
    assert inputs.beneficiaries.frame.height == inputs.participants.frame.height == inputs.attribution.frame.height == 1
    assert inputs.attribution.frame["is_prospective"].to_list() == [False]


def test_every_file_is_named_for_hashing(tmp_path: Path) -> None:
    inputs = read(paths(tmp_path))
    hashes = hash_files(file.path for file in inputs.files())
    assert {path.name for path in hashes} == {"claims.csv", "people.csv", "participants.csv", "attribution.csv"}
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == digest for path, digest in hashes.items())


def test_an_entity_that_the_entities_file_does_not_name_stops_the_run(tmp_path: Path) -> None:
    given = paths(tmp_path)
    known = replace(given, entities=(written(tmp_path / "entities.csv", "apm_entity_id", "A1"),))
    entities = read(known).entities
    assert entities is not None
    assert entities.frame.row(0, named=True)["is_advanced"] is True
    unknown = replace(given, entities=(written(tmp_path / "others.csv", "apm_entity_id", "A2"),))
    with pytest.raises(InputError) as caught:
        read(unknown)
    assert caught.value.code == "QP209"
    assert "A1" in caught.value.message


def test_rif_is_recognised_by_its_header(tmp_path: Path) -> None:
    given = replace(
        paths(tmp_path),
        claims=(rif_file(tmp_path / "carrier.csv", CARRIER),),
        beneficiaries=(rif_file(tmp_path / "beneficiary_2025.csv", PERSON),),
    )
    inputs = read(given)
    assert inputs.claims.layout is Layout.RIF
    assert inputs.beneficiaries is None
    records = opened(inputs).records
    assert records is not None
    assert records.frame.height == 1
    assert "layout_recognised" in codes(inputs.findings)


def test_rif_claims_may_stand_beside_canonical_beneficiaries(tmp_path: Path) -> None:
    inputs = read(replace(paths(tmp_path), claims=(rif_file(tmp_path / "carrier.csv", CARRIER),)))
    assert inputs.claims.layout is Layout.RIF
    assert inputs.beneficiaries is not None
    assert inputs.beneficiaries.frame.height == 1


def test_what_parsing_finds_stands_in_the_findings(tmp_path: Path) -> None:
    listed = written(tmp_path / "short.csv", PARTICIPANT_HEADER, "A1,12345678,1437702123,,")
    inputs = read(replace(paths(tmp_path), participants=(listed,)))
    assert ("zero_filled", "participants") in {(found.code, found.table) for found in inputs.findings}


@pytest.mark.parametrize("name", CLAIM_HEADER.split(","))
def test_no_value_of_a_person_stands_in_an_error(tmp_path: Path, name: str) -> None:
    broken = [claim(**{name: f'"{CANARY}'}), claim(**{name: f"{CANARY}!"}), claim(service_date=CANARY), f"{CANARY},x"]
    assert refused(claims_file(tmp_path, *broken)).code == "QP203"


def test_lines_and_quality_share_one_scan(tmp_path: Path) -> None:
    scan = opened(read(paths(tmp_path))).scan
    plan = pl.explain_all([scan.quality, scan.lines.select(pl.col("paid_cents").sum())])
    assert plan.count("PYTHON SCAN") == 1
