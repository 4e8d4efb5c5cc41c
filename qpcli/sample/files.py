"""One file of a sample, written in one go or frame by frame, readable by its owner only."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
import pyarrow.parquet as pq

from qpcli.sample.columns import conform
from qpcli.tables.schema import Table

_ROW_GROUP_ROWS = 1 << 18


class TableFile:
    """A file of a canonical table; `row_count` is what it holds so far."""

    def __init__(self, path: Path, table: Table) -> None:
        self.path, self.table, self.row_count = path, table, 0
        path.touch(mode=0o600, exist_ok=False)
        self._is_begun = False
        self._parquet: pq.ParquetWriter | None = None

    def append(self, frame: pl.DataFrame) -> None:
        """Write the table's columns of a frame behind what the file holds."""
        rows = conform(frame, self.table)
        if self.path.suffix == ".csv":
            self._append_csv(rows)
        else:
            self._append_parquet(rows)
        self.row_count += rows.height
        self._is_begun = True

    def close(self) -> None:
        """Finish the file."""
        if self._parquet is not None:
            self._parquet.close()

    def _append_csv(self, rows: pl.DataFrame) -> None:
        with self.path.open("ab") as stream:
            rows.write_csv(stream, include_header=not self._is_begun)

    def _append_parquet(self, rows: pl.DataFrame) -> None:
        data = rows.to_arrow()
        if self._parquet is None:
            self._parquet = pq.ParquetWriter(self.path, data.schema, compression="zstd")
        self._parquet.write_table(data, row_group_size=_ROW_GROUP_ROWS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
