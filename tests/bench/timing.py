"""Commands timed as processes of their own, in turn, so that a slow moment of the machine meets them all."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

LOOK_EVERY_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do a job: its command, and the ways whose time its own is divided by, None where that says nothing.

    `clear` removes what an earlier run left. `result`: the Threshold Scores it writes, where they are compared.
    """

    name: str
    command: list[str]
    floor: str | None = None
    rival: str | None = None
    clear: Callable[[], None] = lambda: None
    result: Path | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command; the peak is that of the process and its children together."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One way on one size: median, least and most over the rounds; memory is the largest of them."""

    million_lines: float
    way: str
    rounds: int
    seconds: float
    least_seconds: float
    most_seconds: float
    cpu_seconds: float
    peak_megabytes: int
    times_the_floor: float | None
    times_the_rival: float | None


def timed(command: list[str]) -> Run:
    """Run a command to its end; the system's own accounting of it. SystemExit with what it said when it fails."""
    started = time.perf_counter()
    read_end, write_end = os.pipe()
    said: list[bytes] = []
    pid = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, write_end, 2),
        ],
    )
    os.close(write_end)
    listener = threading.Thread(target=_listen, args=(read_end, said))
    looker = _TreeMemory(pid)
    listener.start()
    looker.start()
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    looker.stop()
    listener.join()
    if status:
        raise SystemExit(f"failed: {' '.join(command)}\n{b''.join(said).decode(errors='replace')}")
    peak = max(usage.ru_maxrss // 1024, looker.peak_megabytes)
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak)


def _listen(read_end: int, said: list[bytes]) -> None:
    with os.fdopen(read_end, "rb") as stream:
        said.append(stream.read())


class _TreeMemory(threading.Thread):
    """Looks now and then at the resident memory of a process and its children; 0 where there is no /proc."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak_megabytes = 0
        self._pid = pid
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(LOOK_EVERY_SECONDS):
            family = _family(self._pid)
            if len(family) > 1:
                self.peak_megabytes = max(self.peak_megabytes, sum(_resident_bytes(pid) for pid in family) >> 20)

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return [pid]
    return [pid, *[found for child in children for found in _family(child)]]


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def in_turn(
    ways: Sequence[Way], *, million_lines: float, rounds: int, after_first: Callable[[], None] = lambda: None
) -> list[Measured]:
    """All ways round after round, every other round from the last to the first.

    `after_first` is called when every way has run once: there their results can be compared.
    """
    runs: dict[str, list[Run]] = {way.name: [] for way in ways}
    for number in range(rounds):
        for way in ways if number % 2 == 0 else reversed(ways):
            way.clear()
            runs[way.name].append(timed(way.command))
        if number == 0:
            after_first()
    medians = {name: statistics.median(run.seconds for run in done) for name, done in runs.items()}
    return [_measured(way, runs[way.name], medians, million_lines) for way in ways]


def _measured(way: Way, runs: Sequence[Run], medians: dict[str, float], million_lines: float) -> Measured:
    seconds = [run.seconds for run in runs]
    return Measured(
        million_lines=million_lines,
        way=way.name,
        rounds=len(runs),
        seconds=round(medians[way.name], 2),
        least_seconds=round(min(seconds), 2),
        most_seconds=round(max(seconds), 2),
        cpu_seconds=round(statistics.median(run.cpu_seconds for run in runs), 2),
        peak_megabytes=max(run.peak_megabytes for run in runs),
        times_the_floor=_ratio(medians, way.name, way.floor),
        times_the_rival=_ratio(medians, way.name, way.rival),
    )


def _ratio(medians: dict[str, float], name: str, other: str | None) -> float | None:
    return None if other is None else round(medians[name] / medians[other], 2)


@dataclass(frozen=True, slots=True)
class Growth:
    """How the time of a way grew from one size to the next."""

    way: str
    from_million_lines: float
    to_million_lines: float
    times_the_lines: float
    times_the_seconds: float


def growth(results: Iterable[Measured]) -> list[Growth]:
    """Neighbouring sizes of every way that was measured at several."""
    by_way: dict[str, list[Measured]] = {}
    for result in results:
        by_way.setdefault(result.way, []).append(result)
    found = []
    for way, sizes in by_way.items():
        in_order = sorted(sizes, key=lambda size: size.million_lines)
        for small, large in pairwise(in_order):
            lines = large.million_lines / small.million_lines
            seconds = round(large.seconds / small.seconds, 2)
            found.append(Growth(way, small.million_lines, large.million_lines, round(lines, 2), seconds))
    return found
