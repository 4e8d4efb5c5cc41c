"""Rows on their way into shards: none is lost, whether they stay in memory or go into files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from qpcli.cli.failures import as_qpcli_error
from qpcli.store import staging
from qpcli.store.shards import by_shard
from qpcli.store.staging import Staging

SHARDS = 5
ROWS = pl.DataFrame({"bene_id": [f"B{number % 70}" for number in range(1000)], "number": range(1000)})


def filled(folder: Path, *, rows_at_once: int) -> Staging:
    """All rows, every other batch with its columns the other way round."""
    made = Staging(folder, SHARDS)
    for place, rows in enumerate(ROWS.iter_slices(rows_at_once)):
        made.add(rows.select(reversed(rows.columns)) if place % 2 else rows)
    made.close()
    return made


@pytest.mark.parametrize("held", [1, 64, 300, 1000, 100_000])
@pytest.mark.parametrize("rows_at_once", [7, 100, 1000])
def test_every_row_comes_out_of_its_shard_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int, rows_at_once: int
) -> None:
    monkeypatch.setattr(staging, "MAX_HELD_ROWS", held)
    monkeypatch.setattr(staging, "MIN_ROWS_PER_FILE", 1)
    made = filled(tmp_path, rows_at_once=rows_at_once)
    assert bool(list(tmp_path.iterdir())) == (held <= ROWS.height)
    assert made.shards() == set(range(SHARDS))
    for shard, rows in by_shard(ROWS, SHARDS).items():
        taken = made.take(shard)
        assert pl.concat(taken.frames()).sort("number").equals(rows)
        assert made.take(shard).frames() == []
        taken.remove()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_takes_no_more_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MAX_HELD_ROWS", 1)
    monkeypatch.setattr(staging, "MIN_ROWS_PER_FILE", 1)
    with pytest.raises(OSError, match="No such file"):
        filled(tmp_path / "absent", rows_at_once=1000)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MAX_HELD_ROWS", 1)
    monkeypatch.setattr(staging, "MIN_ROWS_PER_FILE", 1)
    for shard in range(SHARDS):
        (tmp_path / f"{shard:05d}-00000.arrow").symlink_to("/dev/full")
    with pytest.raises(OSError) as caught:
        filled(tmp_path, rows_at_once=1000)
    error = as_qpcli_error(caught.value)
    assert (error.code, error.message) == ("QP301", "No space left on device.")
