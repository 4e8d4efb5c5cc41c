"""Memory that runs out ends a command with exit 6 and advice, never with an abort without a word."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qpcli.errors import InputError, ResourceError
from qpcli.inputs.faults import reading
from qpcli.memory import available_bytes
from qpcli.sample import SamplePlan, write_sample
from tests.faults.calls import call

LISTS = ("beneficiaries", "participants", "attribution", "entities")
INPUTS = ("--claims", "in/claim_lines", *(word for name in LISTS for word in (f"--{name}", f"in/{name}.csv")))
DETERMINE = ("determine", "--year", "2025", *INPUTS, "--out", "out")

ABORTS = """
import ctypes, sys
import polars as pl
import qpcli.calculation
from qpcli.cli import app

def too_much(*arguments, **named):
    pl.select(pl.int_range(0, 10**12).alias("a")).lazy().with_columns(b=1).collect()

qpcli.calculation.tally = too_much
app.main()
"""
"""Asks Polars for 8 TB, which it answers with an abort of the process."""
LEAVES_A_THREAD = """
import threading, time
import qpcli.calculation
from qpcli.cli import app

def fail(*arguments, **named):
    threading.Thread(target=time.sleep, args=(120,)).start()
    raise MemoryError

qpcli.calculation.tally = fail
app.main()
"""
SHOWS_SPILL = """
import os, sys
from qpcli.cli import app

def show(arguments, session):
    folder = os.environ["POLARS_OOC_SPILL_DIR"]
    sys.stderr.write(f"{os.path.dirname(folder)}\\n{os.stat(folder).st_mode & 0o777:o}\\n{'polars' in sys.modules}")
    open(os.path.join(folder, "rows"), "w").close()
    return 0

app.run = show
app.main()
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_sample(SamplePlan(performance_year=2025, beneficiaries=60, format="csv"), tmp_path / "in")
    (tmp_path / "temporary").mkdir()
    return tmp_path


def run(place: Path, command: list[str], *arguments: str, address_space: int | None = None) -> tuple[int, list[str]]:
    def limited() -> None:
        if address_space is not None:
            resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

    done = subprocess.run(
        [sys.executable, *command, *arguments],
        cwd=place,
        env={**os.environ, "TMPDIR": str(place / "temporary"), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limited,
    )
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_abort_of_a_library_is_exit_6_and_leaves_nothing(place: Path, form: str) -> None:
    status, err = run(place, ["-c", ABORTS], *DETERMINE, "--shards", "2", "--log-format", form, address_space=64 << 30)
    assert status == 6
    assert any("QP401" in line and "memory ran out" in line for line in err)
    assert any("--memory" in line for line in err)
    assert {path.name for path in place.iterdir()} == {"in", "temporary", ".out.qpcli.lock"}
    assert not list((place / "temporary").iterdir())


def test_a_thread_that_is_left_does_not_hold_a_command_that_failed(place: Path) -> None:
    started = time.monotonic()
    status, err = run(place, ["-c", LEAVES_A_THREAD], *DETERMINE)
    assert (status, "error[QP401]" in "".join(err)) == (6, True)
    assert time.monotonic() - started < 60
    assert not list((place / "temporary").iterdir())


def test_what_does_not_fit_into_memory_goes_to_a_private_folder_of_the_command(place: Path) -> None:
    status, told = run(place, ["-c", SHOWS_SPILL], "codes")
    assert (status, told) == (0, [str(place / "temporary"), "700", "False"])
    assert not list((place / "temporary").iterdir())


@pytest.mark.parametrize("gigabytes", [0.5, 1, 2, 3.9])
def test_a_limit_that_the_libraries_cannot_live_with_is_told_at_once(place: Path, gigabytes: float) -> None:
    status, err = run(place, ["-m", "qpcli"], *DETERMINE, address_space=int(gigabytes * (1 << 30)))
    assert (status, err[0]) == (
        6,
        f"error[QP401]: Address space is limited to {gigabytes:.1f} GB (ulimit -v); the libraries reserve up to 4 GB.",
    )
    assert {path.name for path in place.iterdir()} == {"in", "temporary"}


@pytest.mark.parametrize(
    "fault",
    [
        MemoryError(),
        OSError(12, "Cannot allocate memory"),
        OSError(12, "Nicht genug Hauptspeicher"),
        OSError("Cannot allocate memory (os error 12)"),
        ValueError('called `Result::unwrap()` on an `Err` value: Os { code: 11, kind: WouldBlock, message: "..." }'),
    ],
)
def test_no_memory_while_a_file_is_read_is_not_taken_for_damage(fault: BaseException) -> None:
    with pytest.raises(ResourceError) as raised, reading("claims.csv"):
        raise fault
    assert (raised.value.code, raised.value.exit_status) == ("QP401", 6)


def test_damage_is_not_taken_for_a_lack_of_memory() -> None:
    with pytest.raises(InputError), reading("claims.csv"):
        raise ValueError("os error 112, code: 119")


def test_shards_are_planned_within_a_limit_on_address_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _kind: (4 << 30, resource.RLIM_INFINITY))
    assert available_bytes() == 1 << 30
    monkeypatch.setattr("resource.getrlimit", lambda _kind: (1 << 30, resource.RLIM_INFINITY))
    assert available_bytes() == 0


@pytest.mark.parametrize(("limit", "is_small"), [("1000\n", True), ("max\n", False)])
def test_shards_are_planned_within_the_memory_of_a_container(
    place: Path, monkeypatch: pytest.MonkeyPatch, limit: str, is_small: bool
) -> None:
    (place / "memory.max").write_text(limit)
    monkeypatch.setattr("qpcli.memory._CGROUP_LIMIT", place / "memory.max")
    monkeypatch.chdir(place)
    assert (available_bytes() == 1000) is is_small
    answer = call(*DETERMINE)
    assert answer.status == 0, answer.err
    assert ("do not fit into memory at once: tallied in 2 shards." in " ".join(answer.err.split())) is is_small
