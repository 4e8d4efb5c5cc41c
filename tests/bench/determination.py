"""`qpcli determine` beside the decode floor."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.bench.samples import YEAR, sample
from tests.bench.timing import Measured, in_turn

FLOOR = """
import sys, polars as pl
columns = ["bene_id", "npi", "tin", "hcpcs", "setting", "service_date", "processed_date", "paid_amount"]
pl.scan_parquet(sys.argv[1] + "/claim_lines/*.parquet").select(pl.col(columns).max()).collect(engine="streaming")
"""


def commands(folder: Path, out: Path) -> dict[str, list[str]]:
    """The ways compared, first the floor: decode the needed columns and take their maximum."""
    lists = ("beneficiaries", "participants", "attribution", "entities")
    given = [option for name in lists for option in (f"--{name}", str(folder / f"{name}.parquet"))]
    determine = ["determine", "--year", str(YEAR), "--claims", str(folder / "claim_lines"), *given]
    return {
        "decode floor": [sys.executable, "-c", FLOOR, str(folder)],
        "qpcli, plain Parquet": [sys.executable, "-m", "qpcli", *determine, "--out", str(out), "--force", "--quiet"],
    }


def measure_determination(folder: Path, million_lines: float, rounds: int) -> list[Measured]:
    """The ways on claims of one size."""
    out = folder / "report"
    ways = commands(sample(folder, million_lines), out)
    return in_turn(
        ways, million_lines=million_lines, rounds=rounds, clear=lambda: shutil.rmtree(out, ignore_errors=True)
    )
