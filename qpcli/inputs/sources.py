"""Opened input files, those with equal columns together, as one lazy frame of the file's own columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import groupby

import polars as pl
import pyarrow.parquet as pa_parquet

from qpcli.errors import InputError
from qpcli.inputs.archives import opened
from qpcli.inputs.csv_header import Dialect, check_names
from qpcli.inputs.csv_scan import ROW, TextFile, open_text, scan_text
from qpcli.inputs.faults import reading
from qpcli.inputs.files import FileForm, InputFile

MAX_PARQUET_IN_ARCHIVE_BYTES = 2 << 30
"""Parquet needs random access: a member of an archive is unpacked into memory, never onto disk."""


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A Parquet file with its footer read; `content` holds it when it comes out of an archive."""

    file: InputFile
    schema: Mapping[str, pl.DataType]
    row_count: int
    content: bytes | None = None


OpenFile = TextFile | ParquetFile


@dataclass(frozen=True, slots=True)
class Lookup:
    """Columns that another file has for the same `key`: one row per key."""

    rows: pl.LazyFrame
    key: str
    files: tuple[OpenFile, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Files of one form with equal columns; `skipped` are data records of a single file that do not stand.

    `schema` includes the columns of `lookup`, which are null in rows whose key it does not have.
    """

    files: tuple[OpenFile, ...]
    schema: Mapping[str, pl.DataType]
    skipped: tuple[int, ...] = ()
    lookup: Lookup | None = None

    @property
    def name(self) -> str:
        """Name for messages: the first file's."""
        return self.files[0].file.name

    @property
    def all_files(self) -> tuple[OpenFile, ...]:
        """The files, with those that are only looked up in."""
        return self.files if self.lookup is None else self.files + self.lookup.files

    def scan(self, *, with_rows: bool = False) -> pl.LazyFrame:
        """All rows, lazily; with the data record number in `ROW`, which needs a single file."""
        rows = self._scan_files(with_rows=with_rows or bool(self.skipped))
        if self.skipped:
            standing = rows.filter(~pl.col(ROW).is_in(self.skipped))
            rows = standing if with_rows else standing.drop(ROW)
        return rows if self.lookup is None else rows.join(self.lookup.rows, on=self.lookup.key, how="left")

    def _scan_files(self, *, with_rows: bool) -> pl.LazyFrame:
        texts = tuple(file for file in self.files if isinstance(file, TextFile))
        if texts:
            return scan_text(texts, with_rows=with_rows)
        parquets = tuple(file for file in self.files if isinstance(file, ParquetFile))
        return _scan_parquet(parquets, with_rows=with_rows)

    def singly(self) -> tuple[Source, ...]:
        """One source per file."""
        return (self,) if len(self.files) == 1 else tuple(Source((file,), self.schema) for file in self.files)


def _scan_parquet(files: tuple[ParquetFile, ...], *, with_rows: bool = False) -> pl.LazyFrame:
    places = [file.file.path if file.content is None else BytesIO(file.content) for file in files]
    return pl.scan_parquet(
        places,  # type: ignore[arg-type]
        glob=False,
        hive_partitioning=False,
        row_index_name=ROW if with_rows else None,
        row_index_offset=1,
    )


def record_count(file: OpenFile) -> int:
    """Data records of a file; of a text file only after a scan to its end."""
    return file.seen.record_count if isinstance(file, TextFile) else file.row_count


def open_sources(files: Sequence[InputFile], dialect: Dialect) -> tuple[Source, ...]:
    """The files grouped by form and columns; raises the input errors of headers and footers."""
    opened_files = [open_file(file, dialect) for file in files]
    ordered = sorted(opened_files, key=_shape)
    return tuple(
        Source(tuple(group), schema_of(first))
        for _, (first, *others) in groupby(ordered, key=_shape)
        for group in [(first, *others)]
    )


def schema_of(file: OpenFile) -> Mapping[str, pl.DataType]:
    """The file's columns in its order; every column of a text file is text."""
    return file.schema if isinstance(file, ParquetFile) else dict.fromkeys(file.names, pl.String())


def _shape(file: OpenFile) -> tuple[str, str]:
    return file.file.form, repr(list(schema_of(file).items()))


def open_file(file: InputFile, dialect: Dialect) -> OpenFile:
    """The file with its header or footer read; raises QP202, QP205, QP206, QP210, QP211 or QP214."""
    return _open_parquet(file) if file.form is FileForm.PARQUET else open_text(file, dialect)


def _open_parquet(file: InputFile) -> ParquetFile:
    """Reads the footer, with pyarrow first: it fails with words where Polars may panic."""
    content = None if file.is_plain else _unpacked(file)
    with reading(file.name):
        footer = pa_parquet.ParquetFile(file.path if content is None else BytesIO(content))
        check_names(file.name, tuple(footer.schema_arrow.names))
        _check_footer(file, footer.metadata, file.state.size if content is None else len(content))
        found = ParquetFile(file, {}, footer.metadata.num_rows, content)
        return replace(found, schema=_scan_parquet((found,)).collect_schema())


def _check_footer(file: InputFile, footer: pa_parquet.FileMetaData, size: int) -> None:
    """A footer that contradicts itself or points outside its file makes Polars panic."""
    groups = [footer.row_group(place) for place in range(footer.num_row_groups)]
    columns = [(group.num_rows, group.column(place)) for group in groups for place in range(group.num_columns)]
    is_whole = sum(group.num_rows for group in groups) == footer.num_rows
    if not is_whole or not all(_is_inside(column, row_count, size) for row_count, column in columns):
        raise InputError("QP202", f"{file.name}: the footer contradicts itself or points outside the file.")


def _is_inside(column: pa_parquet.ColumnChunkMetaData, row_count: int, size: int) -> bool:
    start = column.data_page_offset
    if column.dictionary_page_offset is not None:
        start = min(start, column.dictionary_page_offset)
    # A column of lists may have more values than rows.
    has_all = column.num_values == row_count or "." in column.path_in_schema
    return has_all and start >= 4 and 0 <= column.total_compressed_size <= size - start


def _unpacked(file: InputFile) -> bytes:
    with reading(file.name), opened(file) as stream:
        content = stream.read(MAX_PARQUET_IN_ARCHIVE_BYTES + 1)
    if len(content) > MAX_PARQUET_IN_ARCHIVE_BYTES:
        raise InputError("QP214", f"{file.name}: a Parquet file of this size is not read out of an archive.")
    return content
