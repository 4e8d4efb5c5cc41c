"""A terminal gets colours and a spinner, unless NO_COLOR is set; a pipe gets neither."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calling import environment, qpcli

ESCAPE = "\x1b["
COLOUR = "\x1b[3"


def on_terminal(*arguments: str, cwd: Path, **variables: str) -> str:
    """What a terminal receives on both streams."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "qpcli", *arguments],
        cwd=cwd,
        env=environment(TERM="xterm-256color", **variables),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    received = b"".join(iter(lambda: read(ours), b""))
    os.close(ours)
    process.wait()
    return received.decode()


def read(terminal: int) -> bytes:
    """Bytes, or none at the end, which a terminal tells by an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize("arguments", [("codes", "QP203"), ("--help",), ("determine", "--year", "x"), ("rules",)])
def test_no_color_leaves_no_escape(arguments: tuple[str, ...], place: Path) -> None:
    assert ESCAPE in on_terminal(*arguments, cwd=place)
    assert ESCAPE not in on_terminal(*arguments, cwd=place, NO_COLOR="1")


def test_a_pipe_gets_no_escape(place: Path) -> None:
    answer = qpcli("determine", "--config", "sample_data/qpcli.toml", cwd=place, variables={"FORCE_COLOR": "1"})
    assert ESCAPE not in answer.out + answer.err


def test_a_terminal_sees_the_step_that_runs_and_keeps_a_line_when_asked(place: Path) -> None:
    arguments = ("determine", "--config", "sample_data/qpcli.toml", "--out", "reports", "--force")
    assert "Scanning claims" in on_terminal(*arguments, cwd=place)
    assert "Scanning claims" not in on_terminal(*arguments, "-q", cwd=place)
    assert " s\r\n" in on_terminal(*arguments, "-v", cwd=place).replace("\x1b[0m", "")


def test_no_line_of_a_pipe_ends_in_blanks(place: Path) -> None:
    for arguments in (("--help",), ("codes",), ("rules", "--year", "2025"), ("schema",)):
        lines = qpcli(*arguments, cwd=place).out.splitlines()
        assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_pages_keep_to_the_width_given(columns: int, place: Path) -> None:
    for arguments in (("codes",), ("rules",), ("rules", "--year", "2026"), ("schema",)):
        out = qpcli(*arguments, cwd=place, variables={"COLUMNS": str(columns)}).out
        assert max(len(line) for line in out.splitlines()) <= columns
