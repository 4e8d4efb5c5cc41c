"""Times qpcli beside reference points on synthetic claims; every run is a process of its own.

python -m tests.bench --million-lines 1 5 50 --rounds 3
python -m tests.bench --parts determination --million-lines 50
python -m tests.bench --parts conversion --million-lines 5
python -m tests.bench --parts shards --million-lines 50 --shards 4 16 64
"""

from __future__ import annotations

import argparse
import compileall
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

import qpcli
from tests.bench.conversion import measure_conversion
from tests.bench.determination import measure_determination
from tests.bench.machine import Machine, this_machine
from tests.bench.shards import measure_shards
from tests.bench.timing import Growth, Measured, growth

Part = Callable[[float, argparse.Namespace], Iterable[Measured]]
PARTS: dict[str, Part] = {
    "determination": lambda size, given: measure_determination(given.folder, size, given.rounds, given.text_up_to),
    "conversion": lambda size, given: (
        measure_conversion(given.folder, size, given.rounds) if size <= given.text_up_to else ()
    ),
    "shards": lambda size, given: measure_shards(given.folder, size, given.rounds, given.shards),
}
WIDTH = 130
DEFAULT_PARTS = ["determination", "conversion"]
COLUMNS = ("M lines", "way", "rounds", "median s", "min s", "max s", "cpu s", "peak MB", "x floor", "x DuckDB")
RATIOS = """\
x floor: time over that of the decode floor, of the plain files (conversion: of the same read by Polars; shards: of the
first number). x DuckDB: time over DuckDB by snapshot on the same form; CSV, CCLF and pandas over plain Parquet."""
COMPARED = """\
Of these ways, equal to qpcli on plain Parquet in every Threshold Score, to the cent and the patient: DuckDB in both
styles on both forms, qpcli on the store and on CSV; pandas, where it ran, in the rows of APM Entities. Not compared:
qpcli on CCLF."""


def show(results: Iterable[Measured], console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for name in COLUMNS:
        table.add_column(name, justify="left" if name == "way" else "right", no_wrap=True)
    for result in results:
        table.add_row(*[_cell(value) for value in asdict(result).values()])
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def show_growth(found: Sequence[Growth], console: Console) -> None:
    for row in found:
        sizes = f"{row.from_million_lines:g} to {row.to_million_lines:g} M lines"
        console.print(f"{row.way}: {sizes}, {row.times_the_lines:g} x the lines, {row.times_the_seconds:g} x the time")


def show_machine(machine: Machine, console: Console) -> None:
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    console.print(f"{machine.cores} cores, {machine.memory_gigabytes:g} GB, Python {machine.python}, {versions}")
    console.print(f"Load when the measurement began: {machine.load_before:g}; it should be near 0.")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", default=DEFAULT_PARTS, choices=list(PARTS), help="default: no shards")
    parser.add_argument("--million-lines", type=float, nargs="+", default=[1, 5])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--text-up-to", type=float, default=5, metavar="M", help="text (CSV, CCLF, RIF) up to this size; default 5"
    )
    parser.add_argument("--shards", type=int, nargs="+", default=[4, 16, 64], help="for the part shards")
    parser.add_argument("--folder", type=Path, default=Path("bench"), help="where samples are kept; default bench/")
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    # Installing compiles the modules; where Python is told not to write bytecode, every run would compile them anew.
    compileall.compile_dir(Path(qpcli.__file__).parent, quiet=1)
    machine, console = this_machine(), Console(width=WIDTH)
    results = [row for part in given.parts for size in given.million_lines for row in PARTS[part](size, given)]
    grown = growth(results)
    show_machine(machine, console)
    show(results, console)
    show_growth(grown, console)
    notes = [RATIOS, COMPARED] if "determination" in given.parts else [RATIOS]
    console.print(*notes, sep="\n", soft_wrap=True)
    written = {
        "machine": asdict(machine),
        "results": [asdict(result) for result in results],
        "growth": [asdict(row) for row in grown],
        "notes": notes,
    }
    (given.folder / "results.json").write_text(json.dumps(written, indent=2) + "\n")


if __name__ == "__main__":
    main()
