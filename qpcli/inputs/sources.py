"""Opened input files, those with equal columns together, as one lazy frame of the file's own columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from qpcli.inputs.csv_header import Dialect
from qpcli.inputs.csv_scan import open_text
from qpcli.inputs.files import FileForm, InputFile
from qpcli.inputs.opened import ROW, OpenFile
from qpcli.inputs.parquet_scan import open_parquet


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
        first, *others = self.files
        return first.scan_with(others, with_rows=with_rows)

    def singly(self) -> tuple[Source, ...]:
        """One source per file."""
        return (self,) if len(self.files) == 1 else tuple(Source((file,), self.schema) for file in self.files)


def open_sources(files: Sequence[InputFile], dialect: Dialect) -> tuple[Source, ...]:
    """The files grouped by form and columns; raises the input errors of headers and footers."""
    opened_files = [open_file(file, dialect) for file in files]
    ordered = sorted(opened_files, key=_shape)
    return tuple(
        Source(tuple(group), first.columns)
        for _, (first, *others) in groupby(ordered, key=_shape)
        for group in [(first, *others)]
    )


def _shape(file: OpenFile) -> tuple[str, str]:
    return file.file.form, repr(list(file.columns.items()))


def open_file(file: InputFile, dialect: Dialect) -> OpenFile:
    """The file with its header or footer read; raises QP202, QP205, QP206, QP210, QP211 or QP214."""
    return open_parquet(file) if file.form is FileForm.PARQUET else open_text(file, dialect)
