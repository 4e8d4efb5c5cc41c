"""SIGTERM, SIGINT and SIGHUP end a command within five seconds, also while native code runs; nothing is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qpcli.reports.verification import verify
from qpcli.sample import SamplePlan, write_sample

pytestmark = pytest.mark.slow

LISTS = ("beneficiaries", "participants", "attribution", "entities")
INPUTS = ("--year", "2025", *(word for name in LISTS for word in (f"--{name}", f"in/{name}.csv")))
CLAIMS = ("--claims", "in/claim_lines")
DETERMINE = ("determine", *INPUTS, *CLAIMS, "--force", "--out", "out")
STATUS = {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGHUP: 129}
SECONDS = 5.0
BAD_CLAIMS = """claim_id,line_number,bene_id,npi,tin,hcpcs,service_date,paid_amount
C1,1,B1,1437702123,012345678,99213,never,1.00
broken
"""

STUCK = """
import hashlib, importlib, os, sys, time
from qpcli.cli import app

kind, function, *sys.argv[1:] = sys.argv[1:]

def stuck(*arguments, **named):
    os.write(1, b"here")
    if kind == "native":
        hashlib.pbkdf2_hmac("sha256", b"a", b"b", 10**9)
    time.sleep(100)

module, _, name = function.rpartition(".")
setattr(importlib.import_module(module), name, stuck)
app.main()
"""
"""Native code that runs for minutes without the interpreter's lock, as a query does, in the place of a function."""


@dataclass
class Workshop:
    """A folder with a sample, a report and a store."""

    place: Path

    def command(self, *arguments: str) -> int:
        return subprocess.run([sys.executable, "-m", "qpcli", *arguments], cwd=self.place, check=False).returncode

    def start_stuck(self, kind: str, function: str, *arguments: str) -> subprocess.Popen[bytes]:
        """A run that has come to the function and stays there."""
        command = [sys.executable, "-c", STUCK, kind, function, *arguments]
        process = subprocess.Popen(
            command,
            cwd=self.place,
            env={**os.environ, "TMPDIR": str(self.place / "temporary"), "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.read(4) == b"here"
        return process

    def names(self) -> set[str]:
        left = {path.name for path in self.place.iterdir()} - {".out.qpcli.lock", ".store.qpcli.lock"}
        return left | {f"temporary/{path.name}" for path in (self.place / "temporary").iterdir()}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    workshop = Workshop(tmp_path_factory.mktemp("stopped"))
    write_sample(SamplePlan(performance_year=2025, beneficiaries=60, format="csv"), workshop.place / "in")
    (workshop.place / "temporary").mkdir()
    (workshop.place / "bad.csv").write_text(BAD_CLAIMS)
    assert workshop.command(*DETERMINE, "-q") == 0
    assert workshop.command("convert", *CLAIMS, "--shards", "2", "--out", "store", "-q") == 0
    return workshop


CASES = {
    "writing reports": ("native", "qpcli.reports.publishing.sha256_of", DETERMINE),
    "tallying shards": ("native", "qpcli.calculation.tally", (*DETERMINE, "--shards", "2")),
    "writing a store": (
        "native",
        "qpcli.reports.publishing.sha256_of",
        ("convert", *CLAIMS, "--force", "--out", "store"),
    ),
    "writing a tally": (
        "native",
        "qpcli.reports.publishing.sync",
        ("tally", *INPUTS, "--claims", "store", "--shard", "1/1", "--out", "part.tally"),
    ),
    "without --out": ("native", "qpcli.calculation.tally", ("determine", *INPUTS, *CLAIMS, "--shards", "2")),
    "writing a sample": (
        "native",
        "qpcli.sample.writing.claim_lines_frame",
        ("sample", "--year", "2025", "--beneficiaries", "9", "--out", "other"),
    ),
    "writing rejected rows": (
        "native",
        "qpcli.inputs.reject_files._write_rows",
        ("check", *INPUTS, "--claims", "bad.csv", "--rejects", "rejects"),
    ),
    "in Python": ("python", "qpcli.reports.publishing.sha256_of", DETERMINE),
}
"""Where the signal comes. `native`: the main thread cannot hear it."""


@pytest.fixture
def before(workshop: Workshop) -> Iterator[set[str]]:
    """The names at the start, which are those at the end; the report and the store are as they were."""
    names, manifest = workshop.names(), (workshop.place / "out" / "manifest.json").read_bytes()
    yield names
    assert workshop.names() == names
    assert (workshop.place / "out" / "manifest.json").read_bytes() == manifest
    assert verify(workshop.place / "out") == ()


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize("case", CASES)
def test_a_signal_ends_a_command_wherever_it_is(workshop: Workshop, case: str) -> None:
    number = list(STATUS)[list(CASES).index(case) % len(STATUS)]
    kind, function, arguments = CASES[case]
    check_stopped(workshop.start_stuck(kind, function, *arguments), number)


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize("number", STATUS)
def test_every_signal_ends_a_command_that_native_code_holds(workshop: Workshop, number: signal.Signals) -> None:
    check_stopped(workshop.start_stuck("native", "qpcli.calculation.tally", *DETERMINE, "--shards", "2"), number)


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize("seconds", [0.4, 0.8, 1.2, 1.4, 1.6])
def test_a_signal_ends_a_real_run_at_any_moment(workshop: Workshop, seconds: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "qpcli", *DETERMINE, "--shards", "2", "--out", "new"],
        cwd=workshop.place,
        env={**os.environ, "TMPDIR": str(workshop.place / "temporary")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=SECONDS)
    assert process.returncode in (STATUS[signal.SIGTERM], -signal.SIGTERM, 0)
    (workshop.place / ".new.qpcli.lock").unlink(missing_ok=True)
    new = workshop.place / "new"
    if process.returncode == 0 or new.exists():
        assert verify(new) == ()
        shutil.rmtree(new)


def test_two_signals_are_as_good_as_one(workshop: Workshop, before: set[str]) -> None:
    process = workshop.start_stuck("native", "qpcli.calculation.tally", *DETERMINE)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    check_stopped(process, signal.SIGTERM, said=signal.SIGINT)
    assert before


def check_stopped(
    process: subprocess.Popen[bytes], number: signal.Signals, *, said: signal.Signals | None = None
) -> None:
    """The signal ends the process in time, with its status and one word."""
    started = time.perf_counter()
    process.send_signal(number)
    _, err = process.communicate(timeout=4 * SECONDS)
    assert time.perf_counter() - started < SECONDS
    assert process.returncode == STATUS[said or number]
    assert err.decode().splitlines()[-1] == f"stopped by {(said or number).name}"
