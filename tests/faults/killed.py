"""Runs that die: in processes of their own, forked from one that has everything loaded, so that many can be tried."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

FORKER = """
import json, os, signal, sys, time
import qpcli.conversion, qpcli.run, qpcli.tallies
from qpcli.cli.app import run
from qpcli.cli.session import Session
from qpcli.reports import exchange

def die_at(number):
    calls = iter(range(1, number))
    def before(call):
        def counted(*arguments, **named):
            if next(calls, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)
        return counted
    for name in ("fsync", "rename", "replace", "link"):
        setattr(os, name, before(getattr(os, name)))
    exchange._exchange = before(exchange._exchange)

for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if child == 0:
        status = 99
        try:
            if order["call"]:
                die_at(order["call"])
            status = run(order["arguments"], Session())
        finally:
            os._exit(status)
    if order["after"] is not None:
        time.sleep(order["after"])
        os.kill(child, signal.SIGKILL)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""A run dies before its Nth call that makes something last: a sync, a rename, a link, an exchange of names."""


class Forker:
    """Runs qpcli in one forked process after another, in a working folder and with temporary files in another."""

    def __init__(self, place: Path, temporary: Path) -> None:
        repository = Path(__file__).parents[2]
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", FORKER],
            cwd=place,
            env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(repository)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, *arguments: str, call: int = 0, after: float | None = None) -> int:
        """The wait status of a run that dies before its `call`th lasting call, or `after` so many seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"arguments": arguments, "call": call, "after": after}) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()
