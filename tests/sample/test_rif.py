"""A sample as research files says what the canonical sample of the same plan says, as far as research files can."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qpcli.errors import OutputError
from qpcli.sample import SamplePlan
from qpcli.sample.rif import write_rif_sample
from tests.sample.made import Sample, contents

YEAR = 2025
PLAN = SamplePlan(performance_year=YEAR, format="csv")
LISTS = ("participants", "attribution", "entities")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("rif") / "out"
    write_rif_sample(PLAN, out)
    return out


def rows(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(folder / "rif" / f"{name}.csv", separator="|", quote_char=None, infer_schema=False)


def test_equal_plans_give_equal_bytes_and_parts_change_no_row(folder: Path, tmp_path: Path) -> None:
    write_rif_sample(PLAN, tmp_path / "again")
    write_rif_sample(replace(PLAN, parts=3), tmp_path / "parted")
    assert contents(tmp_path / "again") == contents(folder) == contents(tmp_path / "parted")


def test_the_lists_are_those_of_the_canonical_sample(folder: Path, sample: Sample) -> None:
    for name in LISTS:
        expected: pl.DataFrame = getattr(sample, name)
        assert_frame_equal(pl.read_csv(folder / f"{name}.csv", schema=expected.schema), expected)


def test_every_line_that_stands_is_there_once_with_its_cents(folder: Path, sample: Sample) -> None:
    lines = sample.claim_lines.unique()
    cancelled = lines.filter(pl.col("adjustment") == "cancellation").select("claim_id", "line_number")
    kept = lines.filter(pl.col("adjustment") == "original").join(cancelled, on=["claim_id", "line_number"], how="anti")
    replaced = lines.filter(pl.col("adjustment") == "replacement")
    expected = pl.concat([kept, replaced]).select("claim_id", pl.col("line_number").cast(pl.Int64), "paid_amount")
    carrier = rows(folder, "carrier").select("CLM_ID", "LINE_NUM", "LINE_NCH_PMT_AMT")
    outpatient = rows(folder, "outpatient").select("CLM_ID", "CLM_LINE_NUM", "REV_CNTR_PMT_AMT_AMT")
    found = [
        frame.select(
            claim_id=pl.nth(0), line_number=pl.nth(1).cast(pl.Int64), paid_amount=pl.nth(2).cast(pl.Decimal(18, 2))
        )
        for frame in (carrier, outpatient)
    ]
    assert_frame_equal(pl.concat(found), expected, check_row_order=False)


def test_everybody_with_a_record_has_one_row_with_twelve_months(folder: Path, sample: Sample) -> None:
    people = rows(folder, f"beneficiary_{YEAR}")
    assert people["BENE_ID"].is_unique().all()
    assert set(people["BENE_ID"]) == set(sample.beneficiaries["bene_id"])
    assert "FIPS_STATE_CNTY_SEPT_CD" in people.columns
    for name in ("MDCR_ENTLMT_BUYIN_{}_IND", "HMO_{}_IND"):
        assert all(name.format(month) in people.columns for month in range(1, 13))


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError) as error:
        write_rif_sample(PLAN, tmp_path)
    assert error.value.code == "QP302"
    assert contents(tmp_path) == {"notes.txt": b"mine"}


def test_a_handful_of_people_is_a_sample_too(tmp_path: Path) -> None:
    written = write_rif_sample(SamplePlan(performance_year=YEAR, beneficiaries=2, format="csv"), tmp_path / "out")
    assert set(contents(written.folder)) == {str(path.relative_to(written.folder)) for path in written.files}
