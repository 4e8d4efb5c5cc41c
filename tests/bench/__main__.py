"""Times `qpcli determine` beside the decode floor on synthetic claims; every run is a process of its own.

python -m tests.bench --million-lines 1 5 --rounds 3
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

LINES_PER_BENEFICIARY = 40
YEAR = 2025

FLOOR = """
import sys, polars as pl
columns = ["bene_id", "npi", "tin", "hcpcs", "setting", "service_date", "processed_date", "paid_amount"]
pl.scan_parquet(sys.argv[1] + "/claim_lines/*.parquet").select(pl.col(columns).max()).collect(engine="streaming")
"""


@dataclass(frozen=True)
class Measured:
    """One way on one size: medians over the rounds; memory is the largest of them."""

    million_lines: float
    way: str
    seconds: float
    cpu_seconds: float
    peak_megabytes: int
    times_the_floor: float


@dataclass(frozen=True)
class Run:
    seconds: float
    cpu_seconds: float
    peak_megabytes: int


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


def commands(folder: Path, out: Path) -> dict[str, list[str]]:
    """The ways compared, first the floor: decode the needed columns and take their maximum."""
    lists = ("beneficiaries", "participants", "attribution", "entities")
    given = [option for name in lists for option in (f"--{name}", str(folder / f"{name}.parquet"))]
    determine = ["determine", "--year", str(YEAR), "--claims", str(folder / "claim_lines"), *given]
    return {
        "decode floor": [sys.executable, "-c", FLOOR, str(folder)],
        "qpcli, plain Parquet": [sys.executable, "-m", "qpcli", *determine, "--out", str(out), "--force", "--quiet"],
    }


def sample(folder: Path, million_lines: float) -> Path:
    """Synthetic claims of a size, made once and kept."""
    target = folder / f"{million_lines:g}m"
    if not target.exists():
        people = str(round(million_lines * 1_000_000 / LINES_PER_BENEFICIARY))
        per_person = str(LINES_PER_BENEFICIARY)
        size = ["--beneficiaries", people, "--lines-per-beneficiary", per_person]
        command = [sys.executable, "-m", "qpcli", "sample", "--out", str(target), *size, "--year", str(YEAR), "--quiet"]
        timed([*command, "--seed", "1", "--format", "parquet"])
    return target


def measure(folder: Path, million_lines: float, rounds: int) -> list[Measured]:
    """All ways in turn, round after round, so that a slow moment of the machine meets them all."""
    out = folder / "report"
    ways = commands(sample(folder, million_lines), out)
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, command in ways.items():
            runs[way].append(timed(command))
    shutil.rmtree(out, ignore_errors=True)
    floor = statistics.median(run.seconds for run in runs["decode floor"])
    return [_median(million_lines, way, done, floor) for way, done in runs.items()]


def _median(million_lines: float, way: str, runs: list[Run], floor: float) -> Measured:
    seconds = statistics.median(run.seconds for run in runs)
    return Measured(
        million_lines=million_lines,
        way=way,
        seconds=round(seconds, 2),
        cpu_seconds=round(statistics.median(run.cpu_seconds for run in runs), 2),
        peak_megabytes=max(run.peak_megabytes for run in runs),
        times_the_floor=round(seconds / floor, 2),
    )


def show(results: list[Measured], console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("M lines", "way", "seconds", "cpu s", "peak MB", "x floor"):
        table.add_column(name, justify="left" if name == "way" else "right")
    for result in results:
        table.add_row(*[str(value) for value in asdict(result).values()])
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--million-lines", type=float, nargs="+", default=[1, 5])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("bench"), help="where samples are kept; default bench/")
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    results = [row for size in given.million_lines for row in measure(given.folder, size, given.rounds)]
    show(results, Console())
    (given.folder / "results.json").write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")


if __name__ == "__main__":
    main()
