"""Parquet files, prepared stores and workbooks with parts missing or bits flipped: never a panic or a half report."""

from __future__ import annotations

import io
import random
from pathlib import Path

import polars as pl
import pytest

from tests.faults.calls import assert_report_stands, assert_settled, call, checked, determined, placed
from tests.faults.corpus import with_flipped_bit
from tests.faults.worlds import World, world

TABLES = ("claims", "beneficiaries", "participants", "attribution")


def as_parquet(name: str) -> World:
    """The canonical world with one of its tables as Parquet."""
    sound = world("canonical")
    stream = io.BytesIO()
    pl.read_csv(sound.files[f"{name}.csv"], infer_schema=False).write_parquet(stream)
    return sound.with_file(f"{name}.csv", stream.getvalue())


@pytest.mark.parametrize("table", TABLES)
def test_parquet_cut_anywhere_is_refused_with_words(tmp_path: Path, table: str) -> None:
    sound, name = as_parquet(table), f"{table}.csv"
    content = sound.files[name]
    with placed(sound, tmp_path / "place") as place:
        for fiftieth in range(50):
            (place.folder / name).write_bytes(content[: len(content) * fiftieth // 50])
            answer = checked(sound.arguments)
            assert_settled(answer)
            assert answer.status == 3, fiftieth
            assert name in answer.err


@pytest.mark.parametrize("table", TABLES)
def test_parquet_with_a_flipped_bit_ends_in_words(tmp_path: Path, table: str) -> None:
    sound, name = as_parquet(table), f"{table}.csv"
    content, chance = sound.files[name], random.Random(table)
    with placed(sound, tmp_path / "place") as place:
        for _ in range(40):
            before = place.left()
            damaged = with_flipped_bit(content, chance.randrange(len(content)), chance.randrange(8))
            (place.folder / name).write_bytes(damaged)
            answer = determined(sound.arguments)
            assert_settled(answer)
            assert_report_stands(place, before, answer)


def test_no_file_of_a_store_may_have_a_flipped_bit(tmp_path: Path) -> None:
    """Every file of it and the record of them all, in 10 places each."""
    sound, chance = world("cclf"), random.Random(1)
    lists = (
        sound.arguments[: sound.arguments.index("--claims")] + sound.arguments[sound.arguments.index("claims") + 1 :]
    )
    with placed(sound, tmp_path / "place") as place:
        made = call("convert", "--claims", "claims", "--out", "store", "--shards", "2", "--quiet", "--year", "2025")
        assert made.status == 0, made.err
        files = [path for path in sorted((place.folder / "store").rglob("*")) if path.is_file() and path.stat().st_size]
        assert len(files) >= 5
        for path in files:
            content = path.read_bytes()
            for _ in range(10):
                path.write_bytes(with_flipped_bit(content, chance.randrange(len(content)), chance.randrange(8)))
                before = place.left()
                answer = determined((*lists, "--claims", "store"))
                assert_settled(answer)
                assert_report_stands(place, before, answer)
                assert (answer.status, "error[QP217]" in answer.err) == (3, True), path.name
            path.write_bytes(content)


def workbook_of(rows: bytes) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for line in rows.decode().splitlines():
        book.active.append(line.split(","))
    book.save(stream)
    return stream.getvalue()


def test_a_damaged_workbook_ends_in_words(tmp_path: Path) -> None:
    """Cut at every twentieth, then with 40 flipped bits."""
    sound, chance = world("roster"), random.Random(2)
    content = workbook_of(sound.files["participants.csv"])
    made = World({**sound.files, "participants.csv": content}, sound.arguments)
    damaged = [content[: len(content) * part // 20] for part in range(20)]
    damaged += [with_flipped_bit(content, chance.randrange(len(content)), chance.randrange(8)) for _ in range(40)]
    with placed(made, tmp_path / "place") as place:
        for number, bad in enumerate(damaged):
            before = place.left()
            (place.folder / "participants.csv").write_bytes(bad)
            answer = checked(sound.arguments)
            assert_settled(answer)
            assert_report_stands(place, before, answer)
            assert number >= 20 or answer.status in (2, 3)
