"""SIGKILL at any moment: the old report, store or tally, or a complete new one; the next run sweeps what was left."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from qpcli.engines.packing import unpacked
from qpcli.engines.shard import Tally
from qpcli.sample import SamplePlan, write_sample
from qpcli.store.verification import verify
from tests.faults.killed import Forker

pytestmark = pytest.mark.slow

LISTS = ("beneficiaries", "participants", "attribution", "entities")
INPUTS = ("--year", "2025", *(word for name in LISTS for word in (f"--{name}", f"in/{name}.csv")))
RANDOM_MOMENTS = 18
"""Of each of three jobs: more than fifty in all."""
PRIVATE = (".qpcli-new-", ".qpcli-old-", ".qpcli-scratch-")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Forker]]:
    """A folder with a sample in it, its claims in two halves, a store of the first half, and who runs things there."""
    place = tmp_path_factory.mktemp("killed")
    write_sample(SamplePlan(performance_year=2025, beneficiaries=60, format="csv"), place / "in")
    claims = next((place / "in" / "claim_lines").iterdir())
    header, *lines = claims.read_text().splitlines(keepends=True)
    for name, part in (("first.csv", lines[:-4]), ("later.csv", lines[-4:])):
        (place / "in" / name).write_text("".join([header, *part]))
    (place / "temporary").mkdir()
    forker = Forker(place, place / "temporary")
    assert forker.run("convert", "--claims", "in/first.csv", "--shards", "4", "--out", "first", "-q") == 0
    yield place, forker
    forker.close()


@dataclass
class Job:
    """What is killed: how it stands before, the command, and how to tell that what stands there is whole."""

    out: Path
    arguments: tuple[str, ...]
    prepare: Callable[[], None]
    digest: Callable[[], str]


def folder_digest(folder: Path) -> str:
    """Of the tables in a whole folder; `verify` must find nothing. The times in its record are not the same twice."""
    assert verify(folder) == ()
    digest = sha256()
    for path in sorted(folder.rglob("*.parquet")):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def tally_digest(file: Path) -> str:
    """`old`, or the sums of a whole new tally; their rows have no order."""
    if file.read_bytes() == b"old":
        return "old"
    tally = read_tally(file)
    return str([getattr(tally, field.name).sum().rows() for field in fields(tally)])


def read_tally(file: Path) -> Tally:
    rows = pl.read_parquet(file)
    return unpacked(dict(rows.select("name", "content").iter_rows()))


def fresh(source: Path, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(source, out)


@pytest.fixture(params=["determine", "convert", "tally"])
def job(request: pytest.FixtureRequest, workshop: tuple[Path, Forker]) -> Job:
    """A report over another one, a store that gets a file more, a tally over another one."""
    place, forker = workshop
    if request.param == "determine":
        out, old = place / "out", place / "old-report"
        arguments = ("determine", *INPUTS, "--claims", "in/first.csv", "--shards", "2", "--keep-cells", "--force")
        if not old.exists():
            assert forker.run("determine", *INPUTS, "--claims", "in/later.csv", "--out", "old-report", "-q") == 0
        return Job(out, (*arguments, "--out", "out", "-q"), lambda: fresh(old, out), lambda: folder_digest(out))
    if request.param == "convert":
        out = place / "store"
        arguments = ("convert", "--claims", "in/first.csv", "--claims", "in/later.csv", "--out", "store", "-q")
        return Job(out, arguments, lambda: fresh(place / "first", out), lambda: folder_digest(out))
    out = place / "part.tally"
    arguments = ("tally", *INPUTS, "--claims", "first", "--shard", "1/1", "--out", "part.tally", "-q")

    def put_old() -> None:
        out.write_bytes(b"old")

    return Job(out, arguments, put_old, lambda: tally_digest(out))


@dataclass
class Trial:
    """The digests that may be seen, and how long a run takes that nobody kills."""

    old: str
    new: str
    seconds: float


@pytest.fixture
def trial(job: Job, workshop: tuple[Path, Forker]) -> Trial:
    job.prepare()
    old, started = job.digest(), time.perf_counter()
    assert workshop[1].run(*job.arguments) == 0
    trial = Trial(old, job.digest(), time.perf_counter() - started)
    assert trial.new != trial.old
    return trial


def test_a_kill_before_any_sync_rename_or_link_loses_nothing(
    job: Job, trial: Trial, workshop: tuple[Path, Forker]
) -> None:
    number, status = 0, -1
    while status != 0:
        number += 1
        job.prepare()
        status = workshop[1].run(*job.arguments, call=number)
        assert status in (0, signal.SIGKILL)
        assert job.digest() in (trial.old, trial.new), f"call {number}"
    assert number > (2 if job.out.is_file() else 10)
    assert job.digest() == trial.new
    check_swept(job, workshop)


def test_a_kill_at_any_moment_loses_nothing(job: Job, trial: Trial, workshop: tuple[Path, Forker]) -> None:
    moments = random.Random(7)
    for _ in range(RANDOM_MOMENTS):
        job.prepare()
        after = moments.uniform(0, trial.seconds)
        status = workshop[1].run(*job.arguments, after=after)
        assert status in (0, signal.SIGKILL)
        assert job.digest() in (trial.old, trial.new), f"after {after} s"
    check_swept(job, workshop)


def check_swept(job: Job, workshop: tuple[Path, Forker]) -> None:
    """The next run of the same job leaves nothing but its output."""
    place, forker = workshop
    job.prepare()
    assert forker.run(*job.arguments) == 0
    left = [path.name for path in place.iterdir() if path.name.startswith(f".{job.out.name}.")]
    assert not [name for name in left if any(kind in name for kind in PRIVATE)]
    assert not list((place / "temporary").iterdir())
