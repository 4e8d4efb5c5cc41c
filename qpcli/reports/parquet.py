"""Report tables as Parquet: equal rows give equal bytes, unless they are encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from qpcli.reports.encryption import Encryption, arrow_writing, polars_reading
from qpcli.reports.frames import SCHEMA_VERSION, calculated_frame, report_frame, reported_schema
from qpcli.reports.private_files import create_private
from qpcli.tables.schema import Kind, Table

_ROWS_PER_GROUP = 262_144
_SETTINGS: Mapping[str, Any] = MappingProxyType(
    {"version": "2.6", "data_page_version": "1.0", "compression": "zstd", "compression_level": 3}
    | {"use_dictionary": True, "write_statistics": True, "store_schema": False}
)
_ARROW_TYPES = MappingProxyType(
    {Kind.MONEY: pa.decimal128(18, 2), Kind.SCORE: pa.float64(), Kind.INTEGER: pa.int64()}
    | {Kind.BOOLEAN: pa.bool_(), Kind.DATE: pa.date32()}
)


def write_parquet(frame: pl.DataFrame, table: Table, path: Path, *, encryption: Encryption | None = None) -> int:
    """Write a frame in the calculation's units to a new file (0600); returns its rows.

    Raises InternalError QP501 when the frame is not the table's, OSError when it cannot be written.
    """
    rows = _arrow_table(report_frame(frame, table), table)
    with (
        create_private(path) as file,
        pq.ParquetWriter(file, rows.schema, **_SETTINGS, **arrow_writing(encryption)) as writer,
    ):
        writer.write_table(rows, row_group_size=_ROWS_PER_GROUP)
        writer.add_key_value_metadata({"qpcli_table": table.name, "qpcli_schema_version": str(SCHEMA_VERSION)})
    return frame.height


def read_parquet(path: Path, table: Table, *, encryption: Encryption | None = None) -> pl.DataFrame:
    """A report table in the calculation's units; Polars and OS errors pass through."""
    rows = pl.read_parquet(path, **polars_reading(encryption))
    return calculated_frame(rows.cast(pl.Schema(reported_schema(table))), table)


def _arrow_table(reported: pl.DataFrame, table: Table) -> pa.Table:
    # One chunk per column: pages end where chunks end, and chunks depend on threads.
    rows = reported.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
    return rows.cast(_arrow_schema(table))


def _arrow_schema(table: Table) -> pa.Schema:
    return pa.schema([(column.name, _ARROW_TYPES.get(column.kind, pa.string())) for column in table.columns])
