"""Processes that settle shards make the same store, whatever becomes of them, and end with the conversion."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from qpcli.errors import InputError, OutputError
from qpcli.memory import settlers_for
from qpcli.parallel import pool
from qpcli.parallel.pool import Workers
from qpcli.reports.encryption import is_encrypted, read_key
from qpcli.store import making, settlers, shard_files
from qpcli.store.prepared import open_store
from tests.inputs.made import CLAIM_HEADER, claim, claims_file
from tests.store.conftest import Feed
from tests.store.made import assert_equal_stores, converted, hashes, step_by_step
from tests.support.processes import eventually, is_running, two_children

Started = list[Workers]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Two processes for the smallest store; those that were started."""
    found: Started = []

    @contextmanager
    def watched(count: int, module: str) -> Iterator[Workers]:
        with pool.workers(count, module) as among:
            found.append(among)
            yield among

    monkeypatch.setattr(settlers, "_LEAST_LINES", 0)
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    monkeypatch.setattr(settlers, "workers", watched)
    return found


def test_they_make_the_same_store(feed: Feed, whole: Path, tmp_path: Path, started: Started) -> None:
    converted(tmp_path / "store", *feed.deliveries)
    assert_equal_stores(tmp_path / "store", whole)
    (among,) = started
    assert [process.returncode for process in among.processes] == [-9, -9]


def test_they_add_to_a_store_as_this_process_does(feed: Feed, whole: Path, tmp_path: Path, started: Started) -> None:
    months = [feed.deliveries[8:], feed.deliveries[:8]]
    assert_equal_stores(step_by_step(tmp_path / "store", months), whole)
    assert len(started) == len(months)


def test_they_write_what_they_are_given_the_key_for(feed: Feed, whole: Path, tmp_path: Path, started: Started) -> None:
    key_file = tmp_path / "key"
    key_file.touch(0o600)
    key_file.write_text("0123456789abcdef" * 4)
    converted(tmp_path / "store", *feed.deliveries, key_file=key_file)
    assert len(started) == 1
    assert all(is_encrypted(path) for path in (tmp_path / "store").rglob("*.parquet"))
    found, expected = open_store(tmp_path / "store", read_key(key_file)), open_store(whole)
    assert found.lines().collect().equals(expected.lines().collect())


@pytest.mark.parametrize("killed", [1, 2])
def test_shards_of_a_process_that_is_gone_are_settled_here(
    feed: Feed, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: Started, killed: int
) -> None:
    @contextmanager
    def ended(line_count: int, shard_count: int) -> Iterator[Workers]:
        with settlers.settlers(line_count, shard_count) as among:
            for process in among.processes[:killed]:
                process.kill()
                process.wait()
            yield among

    monkeypatch.setattr(making, "settlers", ended)
    converted(tmp_path / "store", *feed.deliveries)
    assert hashes(tmp_path / "store") == hashes(whole)
    assert len(started[0].processes) == 2


def test_a_line_that_contradicts_another_is_told_in_the_words_of_this_process(tmp_path: Path, started: Started) -> None:
    rows = [claim(paid_amount="5.00"), claim(paid_amount="7.00")]
    claims = Path(claims_file(tmp_path, *rows, header=CLAIM_HEADER))
    with pytest.raises(InputError) as caught:
        converted(tmp_path / "store", claims)
    assert caught.value.code == "QP207"
    assert all(process.returncode is not None for process in started[0].processes)
    assert not (tmp_path / "store").exists()


@pytest.mark.usefixtures("started")
def test_a_folder_that_takes_no_more_is_told_and_leaves_nothing(
    feed: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = shard_files.ShardFiles.place
    monkeypatch.setattr(shard_files.ShardFiles, "place", lambda found, name: place(found, name) / "absent")
    with pytest.raises(OutputError) as caught:
        converted(tmp_path / "store", *feed.deliveries[:3])
    assert caught.value.code == "QP301"
    assert [path.name for path in tmp_path.iterdir()] == [".store.qpcli.lock"]


def test_they_are_started_for_large_stores_alone(feed: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []

    def refused(*command: object, **_options: object) -> subprocess.Popen[bytes]:
        begun.append(command)
        raise OSError

    monkeypatch.setattr(pool.subprocess, "Popen", refused)
    converted(tmp_path / "store", *feed.deliveries[:3])
    monkeypatch.setattr(settlers, "_LEAST_LINES", 0)
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 1)
    converted(tmp_path / "one", *feed.deliveries[:3])
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    monkeypatch.setattr(settlers, "available_bytes", lambda: 1 << 20)
    converted(tmp_path / "little", *feed.deliveries[:3])
    assert not begun
    monkeypatch.setattr(settlers, "available_bytes", lambda: None)
    converted(tmp_path / "large", *feed.deliveries[:3])
    assert begun


@pytest.mark.parametrize(("gigabytes", "fitting"), [(1, 0), (2, 2), (8, 2)])
def test_they_share_the_memory(gigabytes: int, fitting: int) -> None:
    assert settlers_for(690_000, gigabytes << 30) == fitting


@pytest.mark.parametrize(("lines", "count"), [(60_000, 5), (300_000, 3), (690_000, 2), (3_000_000, 2)])
def test_more_than_two_of_them_take_little(lines: int, count: int) -> None:
    assert settlers_for(lines, None) == count


ANY_STORE = """
import sys
from qpcli.store import settlers
from qpcli.cli import app

settlers._LEAST_LINES = 0
app.main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_command_that_is_stopped_leaves_no_process(canonical: Path, tmp_path: Path, number: signal.Signals) -> None:
    claims = ["--claims", str(canonical / "claim_lines"), "--out", str(tmp_path / "store"), "--shards", "400"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "POLARS_MAX_THREADS": "2"}
    started = subprocess.Popen(
        [sys.executable, "-c", ANY_STORE, "convert", *claims], env=environment, stderr=subprocess.DEVNULL
    )
    children = eventually(lambda: two_children(started.pid))
    started.send_signal(number)
    assert started.wait(timeout=10) == (143 if number == signal.SIGTERM else -number)
    assert len(children) == 2
    assert eventually(lambda: not any(is_running(child) for child in children))
    converted(tmp_path / "store", canonical / "claim_lines")
    assert {path.name for path in tmp_path.iterdir()} == {"store", ".store.qpcli.lock"}
