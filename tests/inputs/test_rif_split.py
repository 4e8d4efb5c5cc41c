"""Researcher files with outpatient claims and revenue centers apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpcli.errors import InputError
from tests.inputs.rif_made import CARRIER, OUTPATIENT, read_rif, rif_file

LINE_COLUMNS = ("CLM_ID", "CLM_LINE_NUM", "BENE_ID", "REV_CNTR", "REV_CNTR_DT", "HCPCS_CD", "REV_CNTR_PMT_AMT_AMT")
ROWS = (
    OUTPATIENT,
    OUTPATIENT | {"CLM_LINE_NUM": "2", "REV_CNTR": "0450"},
    OUTPATIENT | {"CLM_ID": "8002", "CLM_FAC_TYPE_CD": "7", "CLM_SRVC_CLSFCTN_TYPE_CD": "1", "REV_CNTR": "0521"},
    OUTPATIENT | {"CLM_ID": "8003", "CLM_MDCR_NON_PMT_RSN_CD": "N", "RNDRNG_PHYSN_NPI": ""},
    OUTPATIENT | {"CLM_ID": "8004", "CLM_MCO_PD_SW": "1"},
)


def split_files(tmp_path: Path, *rows: dict[str, str]) -> list[str]:
    lines = [{name: row[name] for name in LINE_COLUMNS} for row in rows]
    names = ("CLM_ID", "BENE_ID", *(name for name in OUTPATIENT if name not in LINE_COLUMNS))
    claims = {row["CLM_ID"]: {name: row[name] for name in names} for row in rows}
    return [
        rif_file(tmp_path / "carrier.csv", CARRIER, separator=","),
        rif_file(tmp_path / "outpatient_base_claims.csv", *claims.values(), separator=","),
        rif_file(tmp_path / "outpatient_revenue_center.csv", *lines, separator=","),
    ]


def test_revenue_centers_take_the_columns_of_their_claim(tmp_path: Path) -> None:
    apart = read_rif(split_files(tmp_path, *ROWS))
    together = read_rif(
        [rif_file(tmp_path / "c.csv", CARRIER, separator=","), rif_file(tmp_path / "o.csv", *ROWS, separator=",")]
    )
    keys = ("claim_id", "line_number")
    assert apart.lines.sort(keys).equals(together.lines.sort(keys))
    assert sorted(apart.lines["setting"]) == ["cah_method_ii", "cah_method_ii", "professional", "rhc"]
    assert apart.findings() == together.findings()


def test_both_files_are_counted(tmp_path: Path) -> None:
    read = read_rif(split_files(tmp_path, *ROWS))
    assert {count.file.name: count.row_count for count in read.notes.files} == {
        "carrier.csv": 1,
        "outpatient_revenue_center.csv": 5,
        "outpatient_base_claims.csv": 4,
    }


def test_a_revenue_center_without_its_claim_is_left_out_and_counted(tmp_path: Path) -> None:
    paths = split_files(tmp_path, *ROWS[:1])
    with Path(paths[2]).open("a") as stream:
        stream.write("9999,1,-10,0960,02-Feb-2025,99213,80.00\n")
    read = read_rif(paths)
    assert read.lines.height == 2
    assert read.findings()["lines_not_used", "bill type"] == 1


def test_revenue_centers_without_their_claims_are_refused(tmp_path: Path) -> None:
    carrier, _, revenue = split_files(tmp_path, *ROWS)
    with pytest.raises(InputError) as caught:
        read_rif([carrier, revenue])
    assert caught.value.code == "QP204"
    assert "CLM_FAC_TYPE_CD" in caught.value.message


@pytest.mark.parametrize("name", ["CLM_ADMSN_DT", "CLM_HHA_TOT_VISIT_CNT", "CLM_HOSPC_START_DT_ID"])
def test_claims_of_other_institutions_are_set_aside(tmp_path: Path, name: str) -> None:
    paths = split_files(tmp_path, *ROWS[:1])
    other = rif_file(tmp_path / "other.csv", {"CLM_ID": "1", "CLM_FAC_TYPE_CD": "1", name: ""}, separator=",")
    assert read_rif([*paths, other]).lines.height == 2
