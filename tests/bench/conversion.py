"""`qpcli convert` beside plain Polars that reads the same fields as text: CSV, a RIF carrier file and CCLF5.

The floor reads batch by batch and keeps nothing (targets: CSV and RIF at most 3 times, CCLF5 at most 2 times); the copy
also hashes the files and writes the fields, unchecked, into one Parquet file (`as_text.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.bench.made_files import CCLF5_NAME
from tests.bench.samples import convert, remove, sample
from tests.bench.timing import Measured, Way, in_turn, timed

_AS_TEXT = [sys.executable, "-m", "tests.bench.as_text"]


def measure_conversion(folder: Path, million_lines: float, rounds: int) -> Iterator[Measured]:
    """Each form of claims of one size: the floor, the copy and qpcli."""
    out, copy = folder / "converted", folder / "copy.parquet"
    parquet = sample(folder, million_lines)
    claims = {
        "csv": sample(folder, million_lines, form="csv") / "claim_lines",
        "rif": _written(parquet, "carrier.csv", "rif"),
        "cclf5": _written(parquet, CCLF5_NAME, "cclf5"),
    }
    for layout, name in (("csv", "CSV"), ("rif", "RIF carrier"), ("cclf5", "CCLF5")):
        floor, files = f"{name}, Polars reads text", claims[layout]
        read = [*_AS_TEXT, layout, str(files)]
        ways = [
            Way(floor, read),
            Way(f"{name}, Polars copies text", [*read, str(copy)], floor, clear=partial(remove, copy)),
            Way(f"{name}, qpcli convert", convert(files, out), floor, clear=partial(remove, out)),
        ]
        yield from in_turn(ways, million_lines=million_lines, rounds=rounds)
    remove(out, copy)


def _written(parquet: Path, name: str, layout: str) -> Path:
    """The sample in another layout; made by a process of its own, whose memory no measured one inherits."""
    target = parquet / name
    if not target.exists():
        timed([sys.executable, "-m", "tests.bench.made_files", layout, str(parquet / "claim_lines"), str(target)])
    return target
