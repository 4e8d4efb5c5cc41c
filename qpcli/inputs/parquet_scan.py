"""Parquet files: the footer read and doubted, the rows as a lazy frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import cast

import polars as pl
import pyarrow.parquet as pa_parquet

from qpcli.errors import InputError
from qpcli.inputs.archives import opened
from qpcli.inputs.csv_header import check_names
from qpcli.inputs.faults import reading
from qpcli.inputs.files import InputFile
from qpcli.inputs.opened import ROW, BadLine, OpenFile

MAX_PARQUET_IN_ARCHIVE_BYTES = 2 << 30
"""Parquet needs random access: a member of an archive is unpacked into memory, never onto disk."""


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A Parquet file with its footer read; `content` holds it when it comes out of an archive."""

    file: InputFile
    schema: Mapping[str, pl.DataType]
    row_count: int
    content: bytes | None = None

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        return self.schema

    @property
    def bad_line_count(self) -> int:
        return 0

    @property
    def bad_line_words(self) -> str:
        return ""

    def bad_lines(self) -> Iterator[BadLine]:
        return iter(())

    def scan_with(self, others: Sequence[OpenFile], *, with_rows: bool) -> pl.LazyFrame:
        return _scan_parquet((self, *cast("Sequence[ParquetFile]", others)), with_rows=with_rows)


def _scan_parquet(files: tuple[ParquetFile, ...], *, with_rows: bool = False) -> pl.LazyFrame:
    places = [file.file.path if file.content is None else BytesIO(file.content) for file in files]
    return pl.scan_parquet(
        places,  # type: ignore[arg-type]
        glob=False,
        hive_partitioning=False,
        row_index_name=ROW if with_rows else None,
        row_index_offset=1,
    )


def open_parquet(file: InputFile) -> ParquetFile:
    """Reads the footer, with pyarrow first: it fails with words where Polars may panic."""
    content = None if file.is_plain else _unpacked(file)
    with reading(file.name):
        footer = pa_parquet.ParquetFile(file.path if content is None else BytesIO(content))
        check_names(file.name, tuple(footer.schema_arrow.names))
        _check_footer(file, footer.metadata)
        found = ParquetFile(file, {}, footer.metadata.num_rows, content)
        return replace(found, schema=_scan_parquet((found,)).collect_schema())


def _check_footer(file: InputFile, footer: pa_parquet.FileMetaData) -> None:
    """Polars believes a footer that tells too few rows, and leaves the others out without a word."""
    groups = [footer.row_group(place) for place in range(footer.num_row_groups)]
    columns = [(group.num_rows, group.column(place)) for group in groups for place in range(group.num_columns)]
    is_whole = sum(group.num_rows for group in groups) == footer.num_rows
    if not is_whole or not all(_has_all(column, row_count) for row_count, column in columns):
        raise InputError("QP202", f"{file.name}: the footer contradicts itself.")


def _has_all(column: pa_parquet.ColumnChunkMetaData, row_count: int) -> bool:
    # A column of lists may have more values than rows.
    return bool(column.num_values == row_count) or "." in column.path_in_schema


def _unpacked(file: InputFile) -> bytes:
    with reading(file.name), opened(file) as stream:
        content = stream.read(MAX_PARQUET_IN_ARCHIVE_BYTES + 1)
    if len(content) > MAX_PARQUET_IN_ARCHIVE_BYTES:
        raise InputError("QP214", f"{file.name}: a Parquet file of this size is not read out of an archive.")
    return content
