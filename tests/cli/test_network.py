"""No network call ever."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qpcli.cli.app import app
from tests.cli.calling import qpcli
from tests.support import no_network

CONFIGURED = ("--config", "sample_data/qpcli.toml")
CALLS = (
    ("sample", "--out", "trial", "--year", "2025", "--as-of", "2025-06-15"),
    ("sample", "--template", "other_payer"),
    ("init", "trial"),
    ("check", *CONFIGURED),
    ("convert", "--claims", "sample_data/claim_lines", "--out", "store"),
    ("tally", *CONFIGURED, "--claims", "store", "--shard", "1/1", "--out", "all.tally"),
    ("determine", *CONFIGURED, "--claims", "store", "--tallies", "all.tally", "--out", "added"),
    ("determine", *CONFIGURED, "--out", "reports", "--keep-cells"),
    ("verify", "reports"),
    ("report", "reports"),
    ("report", "reports", "--format", "xlsx"),
    ("explain", "SYN04", "reports"),
    ("whatif", "reports", "--rank", "tins"),
    ("determine", "--config", "trial/qpcli.toml", "--year", "2025", "--out", "spring", "--keep-cells"),
    ("forecast", "spring"),
    ("compare", "reports", "answer.json", "--snapshot", "3"),
    ("worth", "reports", "--base-claims", "sample_data/claim_lines"),
    ("rules", "--year", "2025"),
    ("apms",),
    ("schema",),
    ("codes",),
    ("clean", "reports", "--all"),
)
"""Every command, in an order in which each finds what it needs."""


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variable that keeps a Python process off the network."""
    folder = tmp_path_factory.mktemp("guard")
    shutil.copy(str(no_network.__file__), folder / "sitecustomize.py")
    return {"PYTHONPATH": str(folder)}


def test_no_command_opens_a_socket(place: Path, guard: dict[str, str]) -> None:
    (place / "answer.json").write_text('{"data": {"npi": "9561298727", "qpStatus": "N", "organizations": []}}')
    for arguments in CALLS:
        answer = qpcli(*arguments, cwd=place, variables=guard)
        assert answer.status == 0, (arguments, answer.err)


def test_every_command_is_called() -> None:
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert len(names) > 10
    assert {call[0] for call in CALLS} == names


def status_of(program: str, guard: dict[str, str]) -> int:
    done = subprocess.run([sys.executable, "-c", program], env=os.environ | guard, capture_output=True, check=False)
    return done.returncode


def test_the_guard_of_this_test_stops_python(guard: dict[str, str]) -> None:
    assert status_of("import socket; socket.socket(socket.AF_UNIX)", guard) == 1


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in no_network.CALL_NUMBERS,
    reason="the kernel's filter is written for Linux on x86-64 and ARM",
)
@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_NETLINK"])
def test_the_guard_of_this_test_stops_native_code(guard: dict[str, str], family: str) -> None:
    program = f"import ctypes, socket; ctypes.CDLL(None).socket(socket.{family}, 1, 0)"
    assert status_of(program, guard) == -signal.SIGSYS
    assert status_of(program.replace(family, "AF_UNIX"), guard) == 0
