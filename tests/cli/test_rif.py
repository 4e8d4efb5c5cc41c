"""Research files that this project did not make, determined through the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.calling import Answer, qpcli

SAMPLE = Path(__file__).parents[3] / "shared" / "samples" / "bfd_rif_synthea"
"""CMS's synthetic carrier, outpatient and beneficiary files; see their README."""

pytestmark = pytest.mark.skipif(not SAMPLE.is_dir(), reason="needs the public RIF samples in ../shared/samples")

FIRST, SECOND = ("999145882", "9999310391"), ("999427694", "9999283093")


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """Two clinicians of the sample in one entity, one of its people attributed, and the code that the sample has."""
    listed = "".join(f"E1,{tin},{npi},,\n" for tin, npi in (FIRST, SECOND))
    (tmp_path / "participants.csv").write_text(f"apm_entity_id,tin,npi,start_date,end_date\n{listed}")
    (tmp_path / "attribution.csv").write_text("apm_entity_id,bene_id,start_date,end_date\nE1,-1000006,,\n")
    (tmp_path / "codes.csv").write_text("code\nG0444\n")
    return tmp_path


def determined(lists: Path, year: int, table: str, *layout: str) -> list[dict[str, str]]:
    answer = determine(lists, year, "--out", "-", "--table", table, *layout)
    assert answer.status == 0, answer.err
    return list(csv.DictReader(io.StringIO(answer.out)))


def determine(lists: Path, year: int, *options: str) -> Answer:
    given = ["--claims", str(SAMPLE), "--beneficiaries", f"{SAMPLE}/beneficiary_20*.csv"]
    given += ["--participants", "participants.csv", "--attribution", "attribution.csv", "--em-codes", "codes.csv"]
    return qpcli("determine", "--year", str(year), *given, "--quiet", *options, cwd=lists)


def lines_of_the_group(year: int) -> Iterator[dict[str, str]]:
    """The sample's own lines of the two clinicians from January to August, read without qpcli."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug")
    with (SAMPLE / "carrier.csv").open(encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE):
            _, month, in_year = line["LINE_1ST_EXPNS_DT"].split("-")
            if (line["TAX_NUM"], line["PRF_PHYSN_NPI"]) in (FIRST, SECOND) and (month in months, in_year) == (
                True,
                str(year),
            ):
                yield line


@pytest.mark.parametrize("layout", [(), ("--layout", "rif")], ids=["recognised", "given"])
@pytest.mark.parametrize("year", [2018, 2019, 2020])
def test_the_steps_begin_with_the_lines_and_dollars_of_the_file(
    lists: Path, year: int, layout: tuple[str, ...]
) -> None:
    steps = determined(lists, year, "exclusions", *layout)
    (first,) = [step for step in steps if (step["snapshot"], step["step_number"]) == ("3", "1")]
    lines = list(lines_of_the_group(year))
    assert lines
    assert int(first["lines_remaining"]) == len(lines)
    assert Decimal(first["amount_remaining"]) == sum(Decimal(line["LINE_NCH_PMT_AMT"]) for line in lines)


def test_the_patients_of_2020_make_both_clinicians_qps(lists: Path) -> None:
    (newest,) = [row for row in determined(lists, 2020, "threshold_scores") if row["snapshot"] == "3"]
    assert (newest["patient_numerator"], newest["patient_denominator"], newest["patient_status"]) == ("1", "2", "QP")
    assert (newest["payment_denominator"], newest["payment_status"]) == ("0.00", "NO_SCORE")
    latest = [row for row in determined(lists, 2020, "determinations") if row["is_latest"] == "true"]
    assert {row["npi"]: row["status"] for row in latest} == {FIRST[1]: "QP", SECOND[1]: "QP"}


def test_what_research_files_cannot_tell_is_a_finding(lists: Path) -> None:
    findings = {row["code"]: row for row in determined(lists, 2020, "findings")}
    assert {"run_out_final_action", "msp_from_lines", "part_c_contract_without_hmo"} <= set(findings)
    not_used = [row for row in determined(lists, 2020, "findings") if row["code"] == "file_not_used"]
    assert len(not_used) == 7
