"""Times qpcli beside reference points on synthetic claims; every run is a process of its own.

python -m tests.bench --million-lines 1 5 --rounds 3
python -m tests.bench --parts conversion --million-lines 5
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.conversion import measure_conversion
from tests.bench.determination import measure_determination
from tests.bench.timing import Measured

PARTS = {"determination": measure_determination, "conversion": measure_conversion}


def show(results: Iterable[Measured], console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("M lines", "way", "seconds", "cpu s", "peak MB", "x reference"):
        table.add_column(name, justify="left" if name == "way" else "right")
    for result in results:
        table.add_row(*[str(value) for value in asdict(result).values()])
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS), help="default: all")
    parser.add_argument("--million-lines", type=float, nargs="+", default=[1, 5])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("bench"), help="where samples are kept; default bench/")
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    results = [
        row
        for part in given.parts
        for size in given.million_lines
        for row in PARTS[part](given.folder, size, given.rounds)
    ]
    show(results, Console())
    (given.folder / "results.json").write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")


if __name__ == "__main__":
    main()
