"""Submissions of other payers read: strict, with row numbers, each submission once."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from qpcli.errors import InputError, UsageError
from qpcli.inputs.other_payer import read_other_payer
from qpcli.inputs.reader import read_inputs
from qpcli.regulation.resolve import resolve_law
from qpcli.request import InputPaths, ReadOptions
from qpcli.sample.templates import other_payer_template
from tests.inputs.made import written

HEADER = (
    "level,subject_id,payer,payer_type,snapshot,apm_payment_amount,total_payment_amount,"
    "apm_patient_count,total_patient_count"
)
GOOD = "apm_entity,E1,Plan,commercial,3,450000.00,600000.00,45,60"


def read(tmp_path: Path, *rows: str, options: ReadOptions | None = None) -> pl.DataFrame:
    path = written(tmp_path / "other_payer.csv", HEADER, *rows)
    return read_other_payer([str(path)], options or ReadOptions()).frame


def refused(tmp_path: Path, *rows: str) -> str:
    with pytest.raises(InputError) as caught:
        read(tmp_path, *rows)
    assert (caught.value.code, caught.value.exit_status) == ("QP203", 3)
    assert not {"Plan", "private", "E1", "Second"} & set(re.findall(r"\w+", caught.value.message))
    return caught.value.message


def test_amounts_are_cents_and_medicaid_is_available_unless_said_otherwise(tmp_path: Path) -> None:
    row = read(tmp_path, GOOD).row(0, named=True)
    assert (row["apm_payment_cents"], row["total_payment_cents"]) == (45_000_000, 60_000_000)
    assert (row["snapshot"], row["total_patient_count"], row["medicaid_available"]) == (3, 60, True)


def test_the_template_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "template.csv"
    path.write_text(other_payer_template())
    found = read_other_payer([str(path)], ReadOptions())
    assert (found.frame.height, found.findings) == (7, ())
    assert set(found.frame["level"]) == {"apm_entity", "tin", "npi"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "apm_entity,E1,Plan,commercial,3,600000.01,600000.00,1,2",
            "an apm_payment_amount over the total_payment_amount",
        ),
        ("apm_entity,E1,Plan,commercial,3,1,2,3,2", "an apm_patient_count over the total_patient_count"),
        ("apm_entity,E1,Plan,private,3,1,2,1,2", "an unknown payer_type"),
        ("affiliated_practitioner,1,Plan,commercial,3,1,2,1,2", "an unknown level"),
        ("apm_entity,E1,Plan,commercial,4,1,2,1,2", "a snapshot not from 1 to 3"),
        ("apm_entity,E1,Plan,commercial,0,1,2,1,2", "a snapshot not from 1 to 3"),
        ("apm_entity,E1,Plan,commercial,,1,2,1,2", "a blank snapshot"),
        ("apm_entity,,Plan,commercial,3,1,2,1,2", "a blank subject_id"),
        ("apm_entity,E1,,commercial,3,1,2,1,2", "a blank payer"),
        ("apm_entity,E1,Plan,commercial,3,-1,2,1,2", "an apm_payment_amount not from 0.00 to 100,000,000,000.00"),
        ("apm_entity,E1,Plan,commercial,3,1,100000000000.01,1,2", "a total_payment_amount not from 0.00 to"),
        ("apm_entity,E1,Plan,commercial,3,1,99999999999999999999.00,1,2", "a total_payment_amount not from 0.00 to"),
        ("apm_entity,E1,Plan,commercial,3,1.005,2,1,2", "an unreadable apm_payment_amount"),
        ("apm_entity,E1,Plan,commercial,3,1,2,1.5,2", "an unreadable apm_patient_count"),
    ],
)
def test_an_impossible_submission_is_a_bad_row_named_by_its_number(tmp_path: Path, row: str, words: str) -> None:
    message = refused(tmp_path, GOOD, row)
    assert words in message
    assert message.startswith("other_payer: 1 row has ")
    assert "(row 2)" in message


def test_part_and_whole_may_be_equal_and_as_large_as_they_get(tmp_path: Path) -> None:
    largest = "apm_entity,E1,Plan,commercial,3,100000000000.00,100000000000.00,1000000000,1000000000"
    assert read(tmp_path, largest)["apm_payment_cents"].to_list() == [10_000_000_000_000]


def test_blank_amounts_and_counts_are_null(tmp_path: Path) -> None:
    row = read(tmp_path, "npi,1000000004,Plan,other,1,,,1,2").row(0, named=True)
    assert (row["apm_payment_cents"], row["total_payment_cents"], row["apm_patient_count"]) == (None, None, 1)


def test_a_tin_that_lost_its_zeros_has_them_again_and_other_subjects_stay_as_they_are(tmp_path: Path) -> None:
    path = written(
        tmp_path / "o.csv", HEADER, "tin,12345678,P,other,3,1,2,1,2", "apm_entity,12345678,P,other,3,1,2,1,2"
    )
    found = read_other_payer([str(path)], ReadOptions())
    assert found.frame["subject_id"].to_list() == ["012345678", "12345678"]
    assert [(one.code, one.rule, one.count) for one in found.findings] == [("zero_filled", "subject_id", 1)]


def test_a_file_delivered_twice_counts_once_with_a_finding(tmp_path: Path) -> None:
    other = GOOD.replace(",3,", ",2,")
    paths = [str(written(tmp_path / name, HEADER, GOOD, other)) for name in ("a.csv", "b.csv")]
    found = read_other_payer(paths, ReadOptions())
    assert found.frame.height == 2
    assert [(one.code, one.count) for one in found.findings] == [("other_payer_repeated", 2)]


def test_two_rows_of_one_submission_that_differ_are_refused_by_their_numbers(tmp_path: Path) -> None:
    other = GOOD.replace("450000.00", "450000.01")
    message = refused(tmp_path, GOOD, GOOD, GOOD.replace("Plan", "Second"), other)
    assert message == "other_payer: 1 row has other values than an earlier row of the same submission (row 4)."


def test_typed_parquet_is_read_alike(tmp_path: Path) -> None:
    typed = {
        "level": ["tin", "npi"],
        "subject_id": [12345678, 1000000004],
        "payer": ["Plan", "Plan"],
        "payer_type": ["commercial", "commercial"],
        "snapshot": [3, 3],
        "apm_payment_amount": [Decimal("10.50"), Decimal("99999999999.99")],
        "total_payment_amount": [Decimal("20.00"), Decimal("100000000000.00")],
        "apm_patient_count": [1, 2],
        "total_patient_count": [2, 2],
    }
    pl.DataFrame(typed).write_parquet(tmp_path / "o.parquet")
    frame = read_other_payer([str(tmp_path / "o.parquet")], ReadOptions()).frame
    assert frame["subject_id"].to_list() == ["012345678", "1000000004"]
    assert frame["apm_payment_cents"].to_list() == [1050, 9_999_999_999_999]


def test_floats_are_taken_where_exact_to_the_cent(tmp_path: Path) -> None:
    frame = pl.DataFrame([GOOD.split(",")], schema=HEADER.split(","), orient="row")
    exact = frame.with_columns(pl.lit(99_999_999_999.99).alias("total_payment_amount"))
    exact.write_parquet(tmp_path / "o.parquet")
    assert (
        read_other_payer([str(tmp_path / "o.parquet")], ReadOptions()).frame["total_payment_cents"][0]
        == 9_999_999_999_999
    )


def test_own_names_of_columns_are_mapped(tmp_path: Path) -> None:
    path = written(tmp_path / "o.csv", HEADER.replace("total_payment_amount", "ALL_DOLLARS"), GOOD)
    options = ReadOptions(column_names={"other_payer": {"total_payment_amount": "ALL_DOLLARS"}})
    assert read_other_payer([str(path)], options).frame["total_payment_cents"].to_list() == [60_000_000]


def test_bad_rows_may_be_left_out_and_counted(tmp_path: Path) -> None:
    bad = GOOD.replace("commercial", "private")
    path = written(tmp_path / "o.csv", HEADER, GOOD, bad)
    found = read_other_payer([str(path)], ReadOptions(max_rejects=1, rejects_folder=tmp_path / "rejects"))
    assert found.frame.height == 1
    assert [(one.code, one.rule, one.count) for one in found.findings] == [("rejected_rows", "payer_type_unknown", 1)]


def test_a_year_without_the_option_refuses_submissions(tmp_path: Path) -> None:
    participants = written(tmp_path / "p.csv", "apm_entity_id,tin,npi,start_date,end_date", "E1,100000001,1000000004,,")
    submitted = written(tmp_path / "o.csv", HEADER, GOOD)
    paths = InputPaths((), (), (str(participants),), (), other_payer=(str(submitted),))
    law = resolve_law(performance_year=2018, law_as_of=date(2020, 1, 1))
    with pytest.raises(UsageError) as caught:
        read_inputs(paths, ReadOptions(), law)
    assert (caught.value.code, "2018" in caught.value.message) == ("QP104", True)
