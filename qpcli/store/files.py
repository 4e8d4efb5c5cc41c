"""The files of a store: their names, and their rows in the calculation's units and in those of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from qpcli.reports.encryption import Encryption, arrow_writing, polars_reading
from qpcli.rules.claim_lines import CodedLines
from qpcli.store.shards import shard_name
from qpcli.tables.prepared_lines import LINE_VERSIONS, PREPARED_LINES
from qpcli.tables.schema import Column, Kind

LINES_FOLDER, CODES_FOLDER, WITHHELD_FOLDER = "claim_lines", "codes", "records/withheld"
BENEFICIARIES_FILE, CROSSWALK_FILE = "beneficiaries.parquet", "crosswalk.parquet"
RECORDS_FILE, LINKS_FILE = "records/beneficiaries.parquet", "records/links.parquet"
PAYER_MONTHS_FOLDER = "records/payer_months"
_ROWS_PER_GROUP = 262_144
_SETTINGS: dict[str, Any] = {
    "version": "2.6",
    "data_page_version": "1.0",
    "compression": "zstd",
    "compression_level": 1,
    "store_schema": False,
    "store_decimal_as_integer": True,
}
_DOLLARS = pa.decimal64(18, 2)
_RARELY_TWICE = frozenset({"claim_id", "claim_version"})
"""Texts of which a dictionary would be begun, and given up."""


def lines_file(shard: int, shard_count: int) -> str:
    """Name of a shard of claim lines, relative to the store."""
    return f"{LINES_FOLDER}/{shard_name(shard, shard_count)}"


def codes_file(kind: str, shard: int, shard_count: int) -> str:
    """Name of what the numbers of one kind in a shard stand for, relative to the store."""
    return f"{CODES_FOLDER}/{kind}/{shard_name(shard, shard_count)}"


def withheld_file(shard: int, shard_count: int) -> str:
    """Name of a shard of withheld amounts as delivered, relative to the store."""
    return f"{WITHHELD_FOLDER}/{shard_name(shard, shard_count)}"


def payer_months_file(shard: int, shard_count: int) -> str:
    """Name of a shard of the months in which another payer came first, relative to the store."""
    return f"{PAYER_MONTHS_FOLDER}/{shard_name(shard, shard_count)}"


def cents_name(column: Column) -> str:
    """The name of a column in frames of the calculation."""
    return column.name.removesuffix("_amount") + "_cents" if column.kind is Kind.MONEY else column.name


def cents(columns: Iterable[Column]) -> list[pl.Expr]:
    """A file's columns as columns of the calculation."""
    return [
        pl.col(column.name).to_physical().cast(pl.Int64).alias(cents_name(column))
        if column.kind is Kind.MONEY
        else pl.col(column.name)
        for column in columns
        if column.kind is not Kind.STATE
    ]


def write_lines(frame: pl.DataFrame, path: Path, *, encryption: Encryption | None) -> int:
    """Prepared lines in cents into a new file, amounts in dollars; as `write_rows`."""
    columns = [column for column in PREPARED_LINES.columns if column.kind is not Kind.STATE]
    lines = _as_arrow(frame.select(cents_name(column) for column in columns))
    arrays = [_as_stored(lines[cents_name(column)].combine_chunks(), column) for column in columns]
    # Where null has no meaning there is none, and nothing need be written about it.
    fields = [
        pa.field(column.name, array.type, nullable=bool(column.null_means))
        for column, array in zip(columns, arrays, strict=True)
    ]
    _write(pa.table(arrays, schema=pa.schema(fields)), path, encryption)
    return frame.height


def _as_stored(array: pa.Array, column: Column) -> pa.Array:
    """The column of a file; cents are the whole numbers that its dollars are kept as."""
    if column.kind is not Kind.MONEY:
        return array
    return pa.Array.from_buffers(_DOLLARS, len(array), array.buffers(), offset=array.offset)


def write_rows(frame: pl.DataFrame, path: Path, *, encryption: Encryption | None) -> int:
    """Rows into a new Parquet file; returns how many. Equal rows give equal bytes, unless they are encrypted.

    Enums are written as the texts they stand for: pyarrow takes their numbers as they are, where Polars would look up
    each text anew, or put all of them into the file's footer.
    """
    _write(_as_arrow(frame), path, encryption)
    return frame.height


def _as_arrow(frame: pl.DataFrame) -> pa.Table:
    # Pages end where chunks end, and chunks depend on threads.
    return frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())


def _write(rows: pa.Table, path: Path, encryption: Encryption | None) -> None:
    settings = _SETTINGS | {
        "use_dictionary": [name for name in rows.column_names if name not in _RARELY_TWICE],
        # Nobody looks for rows by the smallest and largest text of a group.
        "write_statistics": [field.name for field in rows.schema if not _is_text(field.type)],
    }
    with pq.ParquetWriter(path, rows.schema, **settings, **arrow_writing(encryption)) as writer:
        writer.write_table(rows, row_group_size=_ROWS_PER_GROUP)


def _is_text(dtype: pa.DataType) -> bool:
    return bool(pa.types.is_large_string(dtype) or pa.types.is_dictionary(dtype))


def read_rows(path: Path, *, encryption: Encryption | None) -> pl.DataFrame:
    """All rows of a file of a store, as they are stored."""
    return pl.read_parquet(path, **polars_reading(encryption))


def line_versions(paths: list[Path], *, encryption: Encryption | None) -> pl.LazyFrame:
    """All claim lines of shards, in cents."""
    return _scanned(paths, encryption).select(cents(LINE_VERSIONS))


def coded_lines(lines: Path, codes: Mapping[str, Path], *, encryption: Encryption | None) -> CodedLines:
    """The claim lines of a shard in numbers, and what these stand for."""
    tables = {kind: _scanned([path], encryption) for kind, path in codes.items()}
    # Most lines are needed: decoding whole columns is quicker than decoding those lines only.
    return CodedLines(_scanned([lines], encryption, parallel="row_groups"), **tables)


def _scanned(
    paths: list[Path], encryption: Encryption | None, *, parallel: Literal["auto", "row_groups"] = "auto"
) -> pl.LazyFrame:
    return pl.scan_parquet(paths, glob=False, hive_partitioning=False, parallel=parallel, **polars_reading(encryption))
