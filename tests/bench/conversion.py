"""`qpcli convert` beside plain polars that reads the same fields as text: CSV, a RIF carrier file and CCLF5.

The reference reads batch by batch and keeps nothing. Targets: CSV and RIF at most 3 times, CCLF5 at most 2 times.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.bench.made_files import CCLF5_NAME, CCLF5_READ, RIF_READ
from tests.bench.samples import convert, remove, sample
from tests.bench.timing import Measured, Way, in_turn, timed

_PASS = "for _ in rows.collect_batches(engine='streaming', maintain_order=False): pass"
_CSV = f"""
import sys, polars as pl
rows = pl.scan_csv(sys.argv[1] + "/*.csv", infer_schema=False)
{_PASS}
"""
_RIF = f"""
import json, sys, polars as pl
rows = pl.scan_csv(sys.argv[1], separator="|", quote_char=None, infer_schema=False).select(json.loads(sys.argv[2]))
{_PASS}
"""
_CCLF5 = f"""
import json, sys, polars as pl
line = pl.col("line")
cut = [line.str.slice(start - 1, end - start + 1).alias(str(start)) for start, end in json.loads(sys.argv[2])]
rows = pl.scan_lines(sys.argv[1], name="line").select(cut)
{_PASS}
"""


def measure_conversion(folder: Path, million_lines: float, rounds: int) -> Iterator[Measured]:
    """Each form of claims of one size: the reference and qpcli."""
    out = folder / "converted"
    parquet = sample(folder, million_lines)
    csv = sample(folder, million_lines, form="csv") / "claim_lines"
    rif = _written(parquet, "carrier.csv", "rif")
    cclf5 = _written(parquet, CCLF5_NAME, "cclf5")
    references = {
        "CSV": (csv, [_CSV, str(csv)]),
        "RIF carrier": (rif, [_RIF, str(rif), json.dumps(list(RIF_READ))]),
        "CCLF5": (cclf5, [_CCLF5, str(cclf5), json.dumps(list(CCLF5_READ))]),
    }
    for name, (claims, script) in references.items():
        reference = f"{name}, polars as text"
        ways = [
            Way(reference, [sys.executable, "-c", *script]),
            Way(f"{name}, qpcli convert", convert(claims, out), reference, clear=partial(remove, out)),
        ]
        yield from in_turn(ways, million_lines=million_lines, rounds=rounds)
    remove(out)


def _written(parquet: Path, name: str, layout: str) -> Path:
    """The sample in another layout; made by a process of its own, whose memory no measured one inherits."""
    target = parquet / name
    if not target.exists():
        timed([sys.executable, "-m", "tests.bench.made_files", layout, str(parquet / "claim_lines"), str(target)])
    return target
