"""A run in parts: tallied one by one, added up, and refused where they do not belong together."""

from __future__ import annotations

import stat
from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

from qpcli.engines.packing import packed, unpacked
from qpcli.engines.shard import Tally
from tests.cli.conftest import Call

TABLES = ("threshold_scores", "determinations", "exclusions", "findings")
CONFIG = ("--config", "sample_data/qpcli.toml", "--claims", "store")


@pytest.fixture
def store(call: Call, place: Path) -> Path:
    assert call("convert", "--claims", "sample_data/claim_lines", "--out", "store", "--shards", "4").status == 0
    return place / "store"


def tally(call: Call, part: str, file: str, *more: str) -> None:
    answer = call("tally", "--shard", part, *CONFIG, "--out", file, *more)
    assert answer.status == 0, answer.err


def test_all_parts_together_are_the_run(call: Call, store: Path, place: Path) -> None:
    for number in (1, 2, 3):
        tally(call, f"{number}/3", f"part-{number}.tally")
    assert call("determine", *CONFIG, "--out", "whole").status == 0
    added = call("determine", *CONFIG, "--tallies", "part-*.tally", "--out", "added")
    assert added.status == 0
    for table in TABLES:
        file = f"{table}.parquet"
        assert (place / "added" / file).read_bytes() == (place / "whole" / file).read_bytes()
    assert store.is_dir()


def test_a_tally_is_private_and_names_nobody(call: Call, store: Path, place: Path) -> None:
    tally(call, "1/2", "part.tally")
    file = place / "part.tally"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ids = pl.read_csv(place / "sample_data" / "beneficiaries.csv", infer_schema=False)
    content = file.read_bytes()
    assert not any(bene_id.encode() in content for bene_id in ids["bene_id"])
    assert store.is_dir()


def test_equal_inputs_give_equal_bytes_in_whatever_order_sums_are_made(call: Call, store: Path, place: Path) -> None:
    tally(call, "1/1", "part.tally")
    rows = pl.read_parquet(place / "part.tally")
    written = dict(rows.select("name", "content").iter_rows())
    whole = unpacked(written)
    assert whole.score_sums.height > 3
    shuffled = {field.name: getattr(whole, field.name).reverse() for field in fields(whole)}
    assert packed(Tally(**shuffled)) == written
    assert store.is_dir()


@pytest.mark.parametrize("file", ["key", "store/store.json", "store/new.tally", "sample_data/participants.csv"])
def test_no_tally_is_written_over_what_is_read(call: Call, store: Path, place: Path, file: str) -> None:
    (place / "key").touch(0o600)
    (place / "key").write_text("00" * 32)
    before = {path: path.read_bytes() for path in (*place.rglob("*.*"), place / "key") if path.is_file()}
    answer = call("tally", "--shard", "1/2", *CONFIG, "--encrypt-key-file", "key", "--out", file)
    assert (answer.status, "QP109" in answer.err) == (2, True)
    assert {path: path.read_bytes() for path in before} == before
    assert not (store / "new.tally").exists()


def test_a_missing_or_double_part_is_refused(call: Call, store: Path, place: Path) -> None:
    tally(call, "1/2", "one.tally")
    missing = call("determine", *CONFIG, "--tallies", "one.tally")
    assert (missing.status, "QP218" in missing.err) == (3, True)
    tally(call, "2/2", "two.tally")
    (place / "again.tally").write_bytes((place / "one.tally").read_bytes())
    double = call("determine", *CONFIG, "--tallies", "*.tally")
    assert (double.status, "QP218" in double.err) == (3, True)
    assert store.is_dir()


@pytest.mark.parametrize(
    "other", [("--assume", "denied_lines=count"), ("--snapshot", "2"), ("--attribution", "sample_data/other.csv")]
)
def test_a_part_of_another_run_is_refused(call: Call, store: Path, place: Path, other: tuple[str, str]) -> None:
    attribution = place / "sample_data" / "attribution.csv"
    lines = attribution.read_text().splitlines(keepends=True)
    (place / "sample_data" / "other.csv").write_text("".join(lines[:-1]))
    tally(call, "1/1", "part.tally")
    answer = call("determine", *CONFIG, "--tallies", "part.tally", *other)
    assert answer.status == 3
    assert "QP218" in answer.err
    assert store.is_dir()


def test_how_reports_are_written_does_not_matter(call: Call, store: Path) -> None:
    tally(call, "1/1", "part.tally")
    assert call("determine", *CONFIG, "--tallies", "part.tally", "--format", "csv", "--out", "r").status == 0
    assert store.is_dir()


@pytest.mark.parametrize("part", ["", "0/2", "3/2", "1", "a/b", "1/0", "-1/2"])
def test_a_part_is_k_of_n(call: Call, store: Path, part: str) -> None:
    answer = call("tally", *CONFIG, "--out", "x.tally", "--shard", part)
    assert answer.status == 2
    assert "QP101" in answer.err
    assert store.is_dir()


def test_more_parts_than_shards_are_refused(call: Call, store: Path) -> None:
    answer = call("tally", "--shard", "1/5", *CONFIG, "--out", "x.tally")
    assert answer.status == 2
    assert "4 shards" in answer.err
    assert store.is_dir()


def test_claims_that_are_no_store_are_refused(call: Call, place: Path) -> None:
    answer = call("tally", "--shard", "1/2", "--config", "sample_data/qpcli.toml", "--out", "x.tally")
    assert answer.status == 2
    assert "qpcli convert" in answer.err
    assert not (place / "x.tally").exists()


def test_a_file_that_is_no_tally_is_refused(call: Call, store: Path) -> None:
    answer = call("determine", *CONFIG, "--tallies", "sample_data/participants.csv")
    assert answer.status == 3
    assert "QP202" in answer.err
    assert store.is_dir()


def test_the_claims_are_never_overwritten(call: Call, store: Path) -> None:
    before = (store / "store.json").read_bytes()
    answer = call("tally", "--shard", "1/1", *CONFIG, "--out", "store/store.json")
    assert answer.status == 2
    assert (store / "store.json").read_bytes() == before


def test_shards_and_memory_change_no_report(call: Call, place: Path) -> None:
    config = ("--config", "sample_data/qpcli.toml")
    assert call("determine", *config, "--out", "whole").status == 0
    for name, options in (("sharded", ("--shards", "3")), ("small", ("--memory", "500M"))):
        answer = call("determine", *config, "--out", name, *options)
        assert answer.status == 0
        for table in TABLES:
            file = f"{table}.parquet"
            assert (place / name / file).read_bytes() == (place / "whole" / file).read_bytes()
    assert "tallied in" in answer.err
    assert not [path for path in place.iterdir() if "scratch" in path.name]


@pytest.mark.parametrize("size", ["much", "0", "-1G", "4 apples"])
def test_a_memory_that_is_no_size_is_refused(call: Call, place: Path, size: str) -> None:
    answer = call("determine", "--config", "sample_data/qpcli.toml", "--memory", size)
    assert answer.status == 2
    assert "QP101" in answer.err
    assert place.is_dir()
