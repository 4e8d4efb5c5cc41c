"""No network call ever."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calling import qpcli

GUARD = """
import sys

def refuse(event, arguments):
    if event.startswith("socket."):
        raise RuntimeError("a socket was opened")

sys.addaudithook(refuse)
"""


def test_no_command_opens_a_socket(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    guard = tmp_path_factory.mktemp("guard")
    (guard / "sitecustomize.py").write_text(GUARD)
    configured = ("--config", "sample_data/qpcli.toml")
    for arguments in (
        ("determine", *configured, "--out", "reports"),
        ("check", *configured),
        ("verify", "reports"),
        ("sample", "--out", "trial", "--year", "2025", "--beneficiaries", "20"),
        ("init", "trial"),
        ("rules", "--year", "2025"),
    ):
        answer = qpcli(*arguments, cwd=place, variables={"PYTHONPATH": str(guard)})
        assert answer.status == 0, answer.err


def test_the_guard_of_this_test_works(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(GUARD)
    program = "import socket; socket.socket()"
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert done.returncode == 1
