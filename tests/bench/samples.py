"""Synthetic claims of a size, made once and kept, and the prepared stores made of them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.bench.timing import timed

LINES_PER_BENEFICIARY = 40
YEAR = 2025
LISTS = ("beneficiaries", "participants", "attribution", "entities")
QPCLI = [sys.executable, "-m", "qpcli"]


def sample(folder: Path, million_lines: float, *, form: str = "parquet") -> Path:
    """The folder of a sample of that many lines: `parquet` in random order, `csv`, or `cclf` as CMS delivers it."""
    if form == "parquet":
        return _shuffled(_written(folder, million_lines, form), folder / f"{million_lines:g}m-shuffled")
    return _written(folder, million_lines, form)


def _shuffled(ordered: Path, target: Path) -> Path:
    """The same lists and claims, these in random order; by a process of its own, whose memory nobody inherits."""
    if not target.exists():
        claims = Path("claim_lines")
        timed([sys.executable, "-m", "tests.bench.shuffled", str(ordered / claims), str(target / claims)])
        for name in LISTS:
            shutil.copy(ordered / f"{name}.parquet", target)
    return target


def _written(folder: Path, million_lines: float, form: str) -> Path:
    target = folder / (f"{million_lines:g}m" if form == "parquet" else f"{million_lines:g}m-{form}")
    if not target.exists():
        people = str(round(million_lines * 1_000_000 / LINES_PER_BENEFICIARY))
        size = ["--beneficiaries", people, "--lines-per-beneficiary", str(LINES_PER_BENEFICIARY)]
        asked = ["--layout", "cclf"] if form == "cclf" else ["--format", form]
        timed([*QPCLI, "sample", "--out", str(target), *size, "--year", str(YEAR), "--seed", "1", "--quiet", *asked])
    return target


def convert(claims: Path, store: Path, shards: int | None = None) -> list[str]:
    """The command that makes a prepared store; in as many parts as qpcli likes unless it is told."""
    asked = ["convert", "--year", str(YEAR), "--claims", str(claims), "--out", str(store)]
    parts = [] if shards is None else ["--shards", str(shards)]
    return [*QPCLI, *asked, *parts, "--fail-on", "never", "--quiet"]


def determine(claims: Path, lists: Path, out: Path) -> list[str]:
    """The command that determines canonical claims or a store with the lists of a sample."""
    files = {name: next(lists.glob(f"{name}.*")) for name in LISTS}
    given = [option for name, file in files.items() for option in (f"--{name}", str(file))]
    asked = ["determine", "--year", str(YEAR), "--claims", str(claims), *given]
    return [*QPCLI, *asked, "--out", str(out), "--fail-on", "never", "--quiet"]


def remove(*made: Path) -> None:
    """Remove what an earlier run made, folder or file, if it is there."""
    for path in made:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
