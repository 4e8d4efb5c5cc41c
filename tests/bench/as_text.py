"""Plain Polars on text: what reading the same fields costs, and what an unchecked copy into one Parquet file costs.

The copy hashes its files beside, as a store must, and writes the fields as they come: nothing is checked, matched,
sorted or parted. No conversion can be quicker than that with these libraries.

python -m tests.bench.as_text csv|rif|cclf5 CLAIMS [COPY]
"""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from tests.bench.made_files import CCLF5_READ, RIF_READ

_PIECE_BYTES = 1 << 20


def main(layout: str, claims: str, copy: str | None = None) -> None:
    """Read the fields and forget them, or copy them."""
    files = sorted(Path(claims).glob("*.csv")) if layout == "csv" else [Path(claims)]
    rows = _rows(layout, files)
    if copy is None:
        for _ in rows.collect_batches(engine="streaming", maintain_order=False):
            pass
        return
    with ThreadPoolExecutor(1) as thread:
        hashes = thread.submit(lambda: [_sha256_of(file) for file in files])
        rows.sink_parquet(copy, compression="zstd", compression_level=1, maintain_order=False)
        hashes.result()


def _rows(layout: str, files: list[Path]) -> pl.LazyFrame:
    if layout == "cclf5":
        line = pl.col("line")
        cut = [line.str.slice(start - 1, end - start + 1).alias(str(start)) for start, end in CCLF5_READ]
        return pl.scan_lines(files, name="line").select(cut)
    if layout == "rif":
        return pl.scan_csv(files, separator="|", quote_char=None, infer_schema=False).select(list(RIF_READ))
    return pl.scan_csv(files, infer_schema=False)


def _sha256_of(file: Path) -> str:
    digest, piece = hashlib.sha256(), bytearray(_PIECE_BYTES)
    with file.open("rb", buffering=0) as stream:
        while size := stream.readinto(piece):
            digest.update(memoryview(piece)[:size])
    return digest.hexdigest()


if __name__ == "__main__":
    main(*sys.argv[1:])
