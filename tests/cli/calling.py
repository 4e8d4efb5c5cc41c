"""Calling qpcli as a user does, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.silence import assert_silent

COMMANDS = (
    *("determine", "check", "convert", "tally", "report", "verify", "clean"),
    *("explain", "whatif", "compare", "worth"),
    *("init", "sample", "rules", "apms", "schema", "codes"),
)


@dataclass(frozen=True)
class Answer:
    """What a call left: its exit status and both streams; every answer is looked at for values of people."""

    status: int
    out: str
    err: str

    def __post_init__(self) -> None:
        assert_silent(self.status, self.out, self.err)

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        return json.loads(self.out)

    @property
    def log(self) -> list[dict[str, Any]]:
        """The JSON objects on stderr, one per line."""
        return [json.loads(line) for line in self.err.splitlines()]


def environment(**variables: str) -> dict[str, str]:
    """The environment of the tests without what would steer qpcli or its colours."""
    steering = ("QPCLI_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "RUST_BACKTRACE")
    return {name: value for name, value in os.environ.items() if not name.startswith(steering)} | variables


def qpcli(*arguments: str, cwd: Path, variables: Mapping[str, str] | None = None) -> Answer:
    """A call in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "qpcli", *arguments],
        cwd=cwd,
        env=environment(**(variables or {})),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Answer(done.returncode, done.stdout, done.stderr)
