"""Commands timed as processes of their own, in turn, so that a slow moment of the machine meets them all."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One run of a command."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: int


@dataclass(frozen=True)
class Measured:
    """One way on one size: medians over the rounds; memory is the largest of them."""

    million_lines: float
    way: str
    seconds: float
    cpu_seconds: float
    peak_megabytes: int
    times_the_reference: float


def timed(command: list[str]) -> Run:
    """Run a command to its end, output thrown away; the system's own accounting of it."""
    started = time.perf_counter()
    with Path(os.devnull).open("wb") as nowhere:
        pid = os.posix_spawn(
            command[0],
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1), (os.POSIX_SPAWN_DUP2, nowhere.fileno(), 2)],
        )
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"failed: {' '.join(command)}")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(time.perf_counter() - started, cpu, usage.ru_maxrss // 1024)


def in_turn(
    ways: Mapping[str, list[str]], *, million_lines: float, rounds: int, clear: Callable[[], None]
) -> list[Measured]:
    """All ways round after round; the first is the reference. `clear` removes what a run leaves."""
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, command in ways.items():
            clear()
            runs[way].append(timed(command))
    clear()
    reference = statistics.median(run.seconds for run in next(iter(runs.values())))
    return [_median(million_lines, way, done, reference) for way, done in runs.items()]


def _median(million_lines: float, way: str, runs: list[Run], reference: float) -> Measured:
    seconds = statistics.median(run.seconds for run in runs)
    return Measured(
        million_lines=million_lines,
        way=way,
        seconds=round(seconds, 2),
        cpu_seconds=round(statistics.median(run.cpu_seconds for run in runs), 2),
        peak_megabytes=max(run.peak_megabytes for run in runs),
        times_the_reference=round(seconds / reference, 2),
    )
