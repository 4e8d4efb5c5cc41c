"""Synthetic claims of a size, made once and kept."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench.timing import timed

LINES_PER_BENEFICIARY = 40
YEAR = 2025


def sample(folder: Path, million_lines: float, *, form: str = "parquet") -> Path:
    """The folder of a sample of that many lines, as `parquet` or `csv`."""
    target = folder / (f"{million_lines:g}m" if form == "parquet" else f"{million_lines:g}m-{form}")
    if not target.exists():
        people = str(round(million_lines * 1_000_000 / LINES_PER_BENEFICIARY))
        size = ["--beneficiaries", people, "--lines-per-beneficiary", str(LINES_PER_BENEFICIARY)]
        command = [sys.executable, "-m", "qpcli", "sample", "--out", str(target), *size, "--year", str(YEAR), "--quiet"]
        timed([*command, "--seed", "1", "--format", form])
    return target
