"""BCDA exports in a prepared store: an export added later counts as if all had come at once."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.cli.calling import qpcli
from tests.inputs.bcda_made import MARCH, coverage, mbi, ndjson, patient, v2_claim, v2_item

OLD, NEW = "1S00E00AA10", "2S00E00AA10"


def january(folder: Path) -> Path:
    folder.mkdir()
    claim = v2_claim(v2_item(line_bene_prmry_pyr_cd="A"), v2_item(line=2), id="A")
    ndjson(folder / "eob.ndjson", claim, v2_claim(id="B", control="CONTROL2"))
    ndjson(folder / "people.ndjson", patient(mbi(OLD)), coverage("A", start="2010-01-01"))
    return folder


def march(folder: Path) -> Path:
    """The claim has another amount, one line less and a new date of processing; the person has a new MBI."""
    folder.mkdir()
    again = v2_claim(v2_item(paid="99.00"), id="A", updated=MARCH, processed="2025-03-14")
    people = patient(mbi(OLD, end="2025-02-28"), mbi(NEW, start="2025-03-01"), updated=MARCH)
    ndjson(folder / "eob-march.ndjson", again)
    ndjson(folder / "people-march.ndjson", people, coverage("B", start="2010-01-01", updated=MARCH))
    return folder


def convert(tmp_path: Path, store: str, *folders: Path) -> None:
    claims = [word for folder in folders for word in ("--claims", str(folder))]
    options = ("--out", store, "--year", "2025", "--shards", "2", "--quiet")
    answer = qpcli("convert", *claims, *options, cwd=tmp_path)
    assert answer.status == 0, answer.err


def tables(store: Path) -> dict[str, bytes]:
    """What a run reads."""
    paths = [*store.glob("*.parquet"), *store.glob("claim_lines/*.parquet")]
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in paths}


def test_an_export_added_later_counts_as_if_all_had_come_at_once(tmp_path: Path) -> None:
    first, second = january(tmp_path / "january"), march(tmp_path / "march")
    convert(tmp_path, "step", first)
    convert(tmp_path, "step", second)
    convert(tmp_path, "whole", first, second)
    step, whole = tables(tmp_path / "step"), tables(tmp_path / "whole")
    assert len(step) == 4
    assert step == whole


def test_the_store_holds_the_newest_claims_under_current_ids(tmp_path: Path) -> None:
    convert(tmp_path, "store", january(tmp_path / "january"), march(tmp_path / "march"))
    lines = pl.read_parquet(tmp_path / "store/claim_lines").sort("claim_id")
    found = lines.select("bene_id", "claim_version", "line_number", pl.col("paid_amount").cast(pl.String))
    assert found.rows() == [(NEW, "A", 1, "99.00"), (NEW, "B", 1, "37.50")]
    people = pl.read_parquet(tmp_path / "store/beneficiaries.parquet")
    assert people["bene_id"].unique().to_list() == [NEW]
