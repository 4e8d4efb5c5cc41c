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
    """Polars believes a footer: one with too few rows leaves some out, one that denies nulls moves values."""
    groups = [footer.row_group(place) for place in range(footer.num_row_groups)]
    is_whole = sum(group.num_rows for group in groups) == footer.num_rows
    if not is_whole or not all(_is_consistent(group, footer.schema) for group in groups):
        raise InputError("QP202", f"{file.name}: the footer contradicts itself.")


def _is_consistent(group: pa_parquet.RowGroupMetaData, schema: pa_parquet.ParquetSchema) -> bool:
    """Whether every column has a value or null per row, and nulls only where the schema allows them."""
    for place in range(group.num_columns):
        column, may_be_null = group.column(place), schema.column(place).max_definition_level > 0
        # A column of lists may have more values than rows.
        has_all = column.num_values == group.num_rows or "." in column.path_in_schema
        has_nulls = column.statistics is not None and bool(column.statistics.null_count)
        if not has_all or (has_nulls and not may_be_null):
            return False
    return True


def _unpacked(file: InputFile) -> bytes:
    with reading(file.name), opened(file) as stream:
        content = stream.read(MAX_PARQUET_IN_ARCHIVE_BYTES + 1)
    if len(content) > MAX_PARQUET_IN_ARCHIVE_BYTES:
        raise InputError("QP214", f"{file.name}: a Parquet file of this size is not read out of an archive.")
    return content
