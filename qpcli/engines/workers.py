"""Tallies shards in processes of their own on this machine, one for each core.

Threads of one process wait for one another, in Python and in the system's table of its memory: two processes of one
thread each tally a store of 50 million lines in three quarters of the time that one process of two threads takes.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue

from qpcli.engines.local import in_order
from qpcli.engines.shard import Shard, TalliedShard, Tally, summed, tally_shard
from qpcli.engines.task import Answer, Job, has_failed, job, packed_shard, tallied_shard
from qpcli.regulation.law import Law
from qpcli.rules.lists import Lists

_OF_ONE_CORE = {"POLARS_MAX_THREADS": "1", "_RJEM_MALLOC_CONF": "narenas:1,oversize_threshold:0,dirty_decay_ms:10000"}

_Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Workers:
    """Processes that wait for the job of one run and then for its shards."""

    processes: tuple[_Process, ...]


@contextmanager
def workers(count: int) -> Iterator[Workers]:
    """That many processes, which end with the context; they load what they need while this one reads lists.

    Fewer where the system starts no more.
    """
    started: list[_Process] = []
    try:
        with suppress(OSError):
            started.extend(_started() for _ in range(count))
        yield Workers(tuple(started))
    finally:
        for process in started:
            process.kill()
        for process in started:
            _forget(process)


def _started() -> _Process:
    # They find the program where this one did, and nothing in the folder that the command was called in (-P). A native
    # library may quote a value on stderr.
    paths = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "qpcli.engines.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **_OF_ONE_CORE, "PYTHONPATH": paths},
    )


def _forget(killed: _Process) -> None:
    with suppress(BrokenPipeError):
        killed.communicate()


def tally(
    shards: Iterable[Shard],
    lists: Lists,
    law: Law,
    keep: Callable[[TalliedShard], None] | None,
    *,
    among: Workers,
) -> Tally:
    """As local.tally, whose tally is the same: a shard is a pure function of what it is given."""
    asked = job(lists, law, returns_cells=keep is not None)
    lanes = _Lanes(asked, partial(tally_shard, lists=lists, law=law, keeps=asked.returns_cells))
    for process in among.processes:
        lanes.idle.put(_Lane(process))
    with closing(in_order(shards, lanes.tallied, at_once=len(among.processes))) as tallied_shards:
        return summed(tallied_shards, keep)


@dataclass(slots=True)
class _Lane:
    """A process, and whether it has been told the job."""

    process: _Process
    is_told: bool = False

    def answer(self, content: bytes, asked: Job) -> Answer | None:
        """The answer to a packed shard; None where the process has ended."""
        shards, answers = self.process.stdin, self.process.stdout
        assert shards is not None and answers is not None
        try:
            if not self.is_told:
                pickle.dump(asked, shards)
                self.is_told = True
            pickle.dump(content, shards)
            shards.flush()
            found: Answer = pickle.load(answers)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None
        return found


@dataclass(frozen=True, slots=True)
class _Lanes:
    """Lanes that wait for a shard; `here` tallies one in this process."""

    asked: Job
    here: Callable[[Shard], TalliedShard]
    idle: SimpleQueue[_Lane] = field(default_factory=SimpleQueue)

    def tallied(self, shard: Shard) -> TalliedShard:
        """A shard tallied by the next idle lane."""
        lane = self.idle.get()
        try:
            found = lane.answer(packed_shard(shard), self.asked)
        finally:
            self.idle.put(lane)
        if found is None or has_failed(found):
            # Here it succeeds, or fails in this process's own words.
            return self.here(shard)
        return tallied_shard(found)
