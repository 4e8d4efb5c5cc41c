"""Processes of this machine tally shards as this one does, whatever becomes of them, and end with the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import polars as pl
import pytest

from qpcli import tallying
from qpcli.conversion import convert
from qpcli.engines import local, workers
from qpcli.engines.shard import Shard, TalliedShard, Tally
from qpcli.errors import InputError
from qpcli.memory import workers_for
from qpcli.parallel import pool
from qpcli.request import ConversionRequest, InputPaths, LawOptions, Resources, RunRequest
from qpcli.sample import SamplePlan, write_sample
from qpcli.watch import SilentWatcher
from tests.engines.conftest import YEAR, Asked
from tests.support.processes import eventually, is_running, two_children

ANY_STORE = """
import sys
from qpcli import tallying
from qpcli.cli import app

tallying._LEAST_LINES = 0
app.main()
"""
LISTS = ("beneficiaries", "participants", "attribution", "entities")
INPUTS = ("--year", str(YEAR), *(word for name in LISTS for word in (f"--{name}", f"{name}.csv")))


def assert_same(found: Tally, expected: Tally) -> None:
    for field in fields(Tally):
        ours, theirs = getattr(found, field.name), getattr(expected, field.name)
        assert ours.sort(ours.columns).equals(theirs.sort(theirs.columns)), field.name


def test_processes_tally_as_this_one_does(asked: Asked) -> None:
    with workers.workers(2) as among:
        found = workers.tally(*asked, None, among=among)
    assert_same(found, local.tally(*asked, None))


def test_what_a_run_keeps_comes_back_in_the_order_of_the_shards(asked: Asked) -> None:
    def kept(engine: Callable[[Callable[[TalliedShard], None]], object]) -> list[pl.DataFrame]:
        shards: list[TalliedShard] = []
        engine(shards.append)
        return [frame for shard in shards for frame in (shard.cells.sort(shard.cells.columns), shard.people)]

    with workers.workers(2) as among:
        found = kept(lambda keep: workers.tally(*asked, keep, among=among))
    expected = kept(lambda keep: local.tally(*asked, keep))
    assert len(found) == len(expected) == 2 * len(asked[0])
    assert all(one.equals(other) for one, other in zip(found, expected, strict=True))


def test_a_module_in_the_folder_of_the_call_is_none_of_theirs(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pickle.py").write_text("import sys\nsys.exit(1)\n")
    monkeypatch.chdir(tmp_path)
    with workers.workers(1) as among:
        workers.tally(*asked, None, among=among)
        assert among.processes[0].poll() is None


@pytest.mark.parametrize("killed", [1, 2])
def test_the_shards_of_a_process_that_is_gone_are_tallied_here(asked: Asked, killed: int) -> None:
    with workers.workers(2) as among:
        for process in among.processes[:killed]:
            process.kill()
            process.wait()
        found = workers.tally(*asked, None, among=among)
    assert_same(found, local.tally(*asked, None))


def test_a_process_that_dies_over_a_shard_changes_nothing(asked: Asked) -> None:
    shards, lists, law = asked
    with workers.workers(1) as among:

        def one_by_one() -> object:
            for shard in shards:
                yield shard
                among.processes[0].kill()

        found = workers.tally(one_by_one(), lists, law, None, among=among)  # type: ignore[arg-type]
    assert_same(found, local.tally(*asked, None))


def test_what_a_process_cannot_read_fails_in_the_words_of_this_one(asked: Asked) -> None:
    shards, lists, law = asked
    nowhere = replace(shards[0].lines, versions=pl.scan_parquet("/nowhere/shard.parquet"))
    with workers.workers(1) as among, pytest.raises((InputError, OSError)) as of_workers:
        workers.tally([replace(shards[0], lines=nowhere)], lists, law, None, among=among)
    with pytest.raises((InputError, OSError)) as of_this:
        local.tally([replace(shards[0], lines=nowhere)], lists, law, None)
    assert (of_workers.type, str(of_workers.value)) == (of_this.type, str(of_this.value))


def test_processes_end_with_the_context_also_in_the_middle_of_a_shard(asked: Asked) -> None:
    with pytest.raises(KeyboardInterrupt), workers.workers(2) as among:
        workers.tally(_interrupted(asked[0]), *asked[1:], None, among=among)  # type: ignore[arg-type]
    assert all(process.returncode is not None for process in among.processes)


def _interrupted(shards: list[Shard]) -> object:
    yield shards[0]
    raise KeyboardInterrupt


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample with a store of its claims in two shards."""
    folder = tmp_path_factory.mktemp("workers") / "market"
    write_sample(SamplePlan(performance_year=YEAR, beneficiaries=80, format="csv"), folder)
    convert(
        ConversionRequest((str(folder / "claim_lines"),), folder / "store", LawOptions(0), shard_count=2),
        SilentWatcher(),
    )
    return folder


def request(market: Path, claims: str = "store", **options: object) -> RunRequest:
    inputs = InputPaths((str(market / claims),), *((str(market / f"{name}.csv"),) for name in LISTS[:3]))
    return RunRequest(inputs, LawOptions(YEAR), **options)  # type: ignore[arg-type]


def carried(asked: RunRequest) -> object:
    with tallying.engine(asked) as engine:
        return getattr(engine, "func", engine)


def test_a_small_store_is_tallied_by_this_process(market: Path) -> None:
    assert carried(request(market)) is local.tally


def test_a_large_store_is_tallied_by_processes_that_fit_into_memory(
    market: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallying, "_LEAST_LINES", 0)
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 4)
    assert carried(request(market)) is workers.tally
    assert carried(request(market, resources=Resources(memory_bytes=1 << 30))) is local.tally
    assert carried(request(market, claims="claim_lines")) is local.tally
    assert carried(request(market, tallies=("parts",))) is local.tally


def test_where_the_system_starts_no_process_this_one_tallies(market: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_command: object, **_options: object) -> object:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(tallying, "_LEAST_LINES", 0)
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    monkeypatch.setattr(pool.subprocess, "Popen", refused)
    assert carried(request(market)) is local.tally


def test_who_allows_one_thread_gets_one_process(market: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallying, "_LEAST_LINES", 0)
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 1)
    assert carried(request(market)) is local.tally


@pytest.mark.parametrize(("gigabytes", "fitting"), [(1, 0), (2, 2), (8, 15)])
def test_processes_share_the_memory(gigabytes: int, fitting: int) -> None:
    assert workers_for(3_100_000, gigabytes << 30) == fitting


def determined(market: Path, out: str, *options: str, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    asked = ("determine", *INPUTS, "--claims", "store", "--out", out, *options)
    return subprocess.run(
        [sys.executable, *command, *asked], cwd=market, capture_output=True, text=True, check=False, env=_with_package()
    )


def _with_package() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "POLARS_MAX_THREADS": "2"}


def reports(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.parquet")}


@pytest.mark.parametrize("options", [(), ("--keep-cells",)])
def test_a_report_is_the_same_byte_for_byte(market: Path, options: tuple[str, ...]) -> None:
    for out, command in (("here", ("-m", "qpcli")), ("among", ("-c", ANY_STORE))):
        done = determined(market, out, "--force", *options, command=command)
        assert done.returncode == 0, done.stderr
    assert reports(market / "here") == reports(market / "among")


def test_a_command_that_is_stopped_leaves_no_process(market: Path) -> None:
    command = [sys.executable, "-c", ANY_STORE, "determine", *INPUTS, "--claims", "store", "--out", "stopped"]
    started = subprocess.Popen(command, cwd=market, env=_with_package(), stderr=subprocess.DEVNULL)
    children = eventually(lambda: two_children(started.pid))
    started.send_signal(signal.SIGTERM)
    assert started.wait(timeout=10) == 143
    assert eventually(lambda: not any(is_running(child) for child in children))


def test_a_command_that_is_killed_leaves_no_process(market: Path) -> None:
    command = [sys.executable, "-c", ANY_STORE, "determine", *INPUTS, "--claims", "store", "--out", "killed"]
    started = subprocess.Popen(command, cwd=market, env=_with_package(), stderr=subprocess.DEVNULL)
    children = eventually(lambda: two_children(started.pid))
    started.kill()
    started.wait()
    assert eventually(lambda: not any(is_running(child) for child in children))
