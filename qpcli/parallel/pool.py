"""Processes of one core each that do pieces of a job for this one.

Threads of one process wait for one another, in Python, in Polars' one pool and in the system's table of its memory.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

_OF_ONE_CORE = {
    "POLARS_MAX_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "_RJEM_MALLOC_CONF": "narenas:1,oversize_threshold:0,dirty_decay_ms:10000",
}

_Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Workers:
    """Processes that wait for a job and then for pieces of it."""

    processes: tuple[_Process, ...]


@contextmanager
def workers(count: int, module: str) -> Iterator[Workers]:
    """That many processes, which end with the context; they load the module of their job while this one goes on.

    Fewer where the system starts no more.
    """
    started: list[_Process] = []
    try:
        with suppress(OSError):
            started.extend(_started(module) for _ in range(count))
        yield Workers(tuple(started))
    finally:
        for process in started:
            process.kill()
        for process in started:
            _forget(process)


def _started(module: str) -> _Process:
    # They find the program where this one did, and nothing in the folder that the command was called in (-P). A native
    # library may quote a value on stderr.
    paths = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "qpcli.parallel.process", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **_OF_ONE_CORE, "PYTHONPATH": paths},
    )


def _forget(killed: _Process) -> None:
    with suppress(BrokenPipeError):
        killed.communicate()


@dataclass(slots=True)
class _Lane:
    """A process, and whether it has been told the job."""

    process: _Process
    is_told: bool = False

    def answer(self, piece: object, job: Callable[[Any], object]) -> Any:
        """The answer to a piece; None where the process could not give one or has ended."""
        pieces, answers = self.process.stdin, self.process.stdout
        assert pieces is not None and answers is not None
        try:
            if not self.is_told:
                pickle.dump(job, pieces)
                self.is_told = True
            pickle.dump(piece, pieces)
            pieces.flush()
            return pickle.load(answers)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None


@dataclass(frozen=True, slots=True)
class Lanes:
    """Workers with a job, a function of a module: each thread that asks gets the next idle one."""

    among: Workers
    job: Callable[[Any], object]
    idle: SimpleQueue[_Lane] = field(default_factory=SimpleQueue, init=False)

    def __post_init__(self) -> None:
        for process in self.among.processes:
            self.idle.put(_Lane(process))

    def answer(self, piece: object) -> Any:
        """What the job gives for a piece; None where it failed there: here it succeeds, or fails in our own words."""
        lane = self.idle.get()
        try:
            return lane.answer(piece, self.job)
        finally:
            self.idle.put(lane)
