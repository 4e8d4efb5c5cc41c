"""Which files are CCLF: by name, by column names, by record length; and which records are refused."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qpcli.errors import InputError
from qpcli.inputs.archives import find_files
from qpcli.inputs.cclf.deliveries import days_in_tables
from qpcli.inputs.cclf.files import CclfFile, look_at
from qpcli.inputs.cclf.positions import NEEDED_LENGTHS, RECORD_LENGTHS, record_columns
from qpcli.inputs.files import is_delivered

NAME = "P.A9990.ACO.ZC5Y25.D250714.T1010101"
IDS = {"1": 19, "2": 23, "3": 13, "4": 13, "5": 23, "6": 23, "7": 13, "8": 0, "9": 1, "A": 13, "B": 23}
"""Where the beneficiary's id begins (0-based)."""


def looked_at(path: Path) -> CclfFile | None:
    (file,) = find_files([str(path)], is_delivered)
    return look_at(file)


def known(path: Path) -> CclfFile:
    found = looked_at(path)
    assert found is not None
    return found


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as raised:
        looked_at(path)
    return raised.value


def lines(*lengths: int, number: str = "5") -> str:
    start = "0" * IDS[number] + "1S00Q00QP01"
    return "".join(start.ljust(length, "0") + "\n" for length in lengths)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="latin-1")
    return path


@pytest.mark.parametrize(
    ("number", "length"), [(number, length) for number, lengths in RECORD_LENGTHS.items() for length in lengths]
)
def test_every_record_length_tells_its_file(tmp_path: Path, number: str, length: int) -> None:
    found = known(written(tmp_path / "claims.txt", lines(length, length, number=number)))
    assert (found.number, found.why) == (number, f"by record length {length}")
    assert found.is_used == (number in NEEDED_LENGTHS)


def test_the_most_frequent_length_counts(tmp_path: Path) -> None:
    found = known(written(tmp_path / NAME, lines(388, 383, 388)))
    assert found.line_length == 388
    assert found.source is not None
    assert "CLM_CNTRCTR_NUM" in found.source.schema


def test_columns_beyond_the_record_of_an_older_era_are_not_there(tmp_path: Path) -> None:
    found = known(written(tmp_path / NAME, lines(363)))
    assert found.source is not None
    assert "HCPCS_BETOS_CD" in found.source.schema
    assert "CLM_RNDRG_PRVDR_NPI_NUM" not in found.source.schema


def test_prose_of_that_length_is_no_cclf(tmp_path: Path) -> None:
    assert looked_at(written(tmp_path / "notes.txt", ("some words " * 40)[:388] + "\n")) is None


def test_a_record_from_before_the_mbi_is_refused(tmp_path: Path) -> None:
    error = refusal(written(tmp_path / NAME, lines(331)))
    assert error.code == "QP212"
    assert str(error) == f"{NAME}: this CCLF is older than 2018 and has no MBI."


def test_a_record_of_2018_is_accepted(tmp_path: Path) -> None:
    found = known(written(tmp_path / NAME, lines(332)))
    assert found.source is not None
    assert found.source.scan().collect().height == 1


def test_a_record_longer_than_any_is_refused(tmp_path: Path) -> None:
    error = refusal(written(tmp_path / NAME, lines(389)))
    assert (error.code, str(error)) == ("QP212", f"{NAME}: CCLF5 with records of 389 characters is not known.")


def test_lines_cut_at_their_trailing_blanks_are_of_the_era_of_the_longest(tmp_path: Path) -> None:
    found = known(written(tmp_path / NAME, lines(340, 340, 380, 360)))
    assert found.source is not None
    assert found.source.scan().select("CLM_CNTL_NUM").collect().height == 4
    assert "CLM_RFRG_PRVDR_NPI_NUM" in found.source.schema
    assert "CLM_CNTRCTR_NUM" not in found.source.schema


def test_an_empty_file_is_known_by_its_name(tmp_path: Path) -> None:
    found = known(written(tmp_path / NAME, ""))
    assert found.source is not None
    assert found.source.scan().collect().height == 0


@pytest.mark.parametrize("number", ["3", "4", "6", "7", "A"])
def test_files_without_use_are_known_and_not_opened(tmp_path: Path, number: str) -> None:
    found = known(written(tmp_path / f"P.A9990.ACO.ZC{number}Y25.D250714.T1010101", "whatever\n"))
    assert found.number == number
    assert found.source is None
    assert not found.is_used


def test_other_files_are_none_of_cclf(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("claim_id,line_number\n1,1\n")
    pl.DataFrame({"claim_id": ["1"]}).write_parquet(tmp_path / "b.parquet")
    assert [looked_at(path) for path in sorted(tmp_path.iterdir())] == [None, None]


HEADER = {
    "5": "cur_clm_uniq_id,clm_line_hcpcs_cd,clm_carr_pmt_dnl_cd,clm_rndrg_prvdr_tax_num",
    "8": "bene_mbi_id,bene_entlmt_buyin_ind",
    "9": "crnt_num,prvs_num",
    "B": "cur_clm_uniq_id,clm_line_num,clm_pbp_rdctn_amt",
    "1": "clm_bill_fac_type_cd,clm_mdcr_npmt_rsn_cd",
    "2": "clm_line_num,clm_line_prod_rev_ctr_cd",
}


@pytest.mark.parametrize("number", HEADER)
@pytest.mark.parametrize("separator", [",", "|", "\t", ";"])
def test_a_loaded_table_is_known_by_its_columns(tmp_path: Path, number: str, separator: str) -> None:
    header = f"{HEADER[number]},FILE_DATE".replace(",", separator)
    for mark in ("", "\xef\xbb\xbf"):
        found = known(written(tmp_path / "table.csv", f"{mark}{header}\n"))
        assert (found.number, found.why) == (number, "by columns")


def test_the_columns_win_over_the_name(tmp_path: Path) -> None:
    found = known(written(tmp_path / f"{NAME}.csv", HEADER["8"] + "\n1S00Q00QP01,3\n"))
    assert (found.number, found.why) == ("8", "by columns")
    assert deliveries(found) == [250714_1010101]


def deliveries(found: CclfFile) -> list[Any]:
    assert found.delivered is not None
    return found.delivered.source.scan().select(found.delivered.delivery.alias("d")).collect()["d"].to_list()


@pytest.mark.parametrize(
    ("file_name", "file_date", "delivery"),
    [
        (NAME, "2025-01-01", 250714_1010101),
        (f"/landing/{NAME.lower()}.txt", None, 250714_1010101),
        ("july", "2025-07-14", 250714_0000000),
        (None, "20250714", 250714_0000000),
        (None, "D250714", 250714_0000000),
        (None, "200714", 200714_0000000),
        (None, date(2025, 7, 14), 250714_0000000),
        (None, datetime.fromisoformat("2025-07-14T09:30:00"), 250714_0000000),
        (None, 20250714, 250714_0000000),
    ],
)
def test_the_delivery_of_a_loaded_row(tmp_path: Path, file_name: object, file_date: object, delivery: int) -> None:
    row = {"BENE_MBI_ID": ["x"], "BENE_ENTLMT_BUYIN_IND": ["3"], "file_name": [file_name], "FILE_DATE": [file_date]}
    pl.DataFrame(row, strict=False).write_parquet(tmp_path / "table.parquet")
    found = known(tmp_path / "table.parquet")
    assert deliveries(found) == [delivery]
    assert list(days_in_tables([found]).values()) == [(date.fromisoformat(f"20{delivery // 10**11}-07-14"),)]


def test_a_loaded_table_must_say_its_deliveries(tmp_path: Path) -> None:
    error = refusal(written(tmp_path / "table.csv", HEADER["8"] + "\n"))
    assert (error.code, str(error)) == ("QP204", "table.csv: the column FILE_NAME or FILE_DATE is missing.")


def test_a_loaded_row_without_a_delivery_is_refused(tmp_path: Path) -> None:
    found = known(written(tmp_path / "table.csv", HEADER["8"] + ",FILE_DATE\n1S00Q00QP01,3,soon\n"))
    with pytest.raises(InputError) as raised:
        days_in_tables([found])
    assert raised.value.code == "QP204"
    assert "soon" not in str(raised.value)


@pytest.mark.parametrize("number", RECORD_LENGTHS)
def test_the_positions_of_a_record_follow_one_another_and_end_with_it(number: str) -> None:
    columns = sorted(record_columns(number).values())
    assert all(last < first for (_, last), (first, _) in pairwise(columns))
    assert columns[-1][1] == RECORD_LENGTHS[number][-1]


def test_needed_lengths_are_the_ends_of_columns() -> None:
    ends = {number: [last for _, last in record_columns(number).values()] for number in NEEDED_LENGTHS}
    assert all(NEEDED_LENGTHS[number] in ends[number] for number in NEEDED_LENGTHS)
