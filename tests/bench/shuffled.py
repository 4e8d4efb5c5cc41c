"""Claim lines of a sample in random order, in ten Parquet files: `qpcli sample` writes those of a beneficiary together.

Extracts come in the order of claims or of processing, so texts of a column seldom repeat from line to line.

python -m tests.bench.shuffled FOLDER_OF_PARQUET TARGET
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import polars as pl

PARTS = 10
SEED = 1


def shuffle(claims: Path, target: Path) -> None:
    """All lines of a folder of Parquet files, in memory a tenth of them at a time."""
    pieces = target.with_name(f"{target.name}-pieces")
    pieces.mkdir(parents=True)
    for number, file in enumerate(sorted(claims.glob("*.parquet"))):
        rows = pl.read_parquet(file)
        part = pl.int_range(rows.height, eager=True).shuffle(SEED + number) % PARTS
        for (place,), piece in rows.group_by(part.alias("part")):
            piece.write_parquet(pieces / f"{place}-{number:05d}.parquet", compression="lz4")
    target.mkdir(parents=True)
    for place in range(PARTS):
        lines = pl.read_parquet(pieces / f"{place}-*.parquet")
        lines.sample(fraction=1, shuffle=True, seed=SEED).write_parquet(target / f"part-{place:04d}.parquet")
    shutil.rmtree(pieces)


if __name__ == "__main__":
    shuffle(Path(sys.argv[1]), Path(sys.argv[2]))
