"""What an opened file is to those who read it, whatever its form: rows of text or typed columns, and broken lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from qpcli.inputs.files import InputFile

ROW = "__row__"
"""Data record number (1-based, the header not counted), on request."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not a whole record: its data record number (1-based, header not counted) and its text."""

    number: int
    text: str


@dataclass(slots=True)
class LinesSeen:
    """What reading a text file to its end has counted; filled in by the scan, whole when the scan is."""

    record_count: int = 0
    bad_line_count: int = 0


class OpenFile(Protocol):
    """A file whose columns are known. `row_count` and `bad_line_count` of a text hold after a scan to its end."""

    @property
    def file(self) -> InputFile:
        """The file itself."""
        ...

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        """The file's columns in its order; every column of a text file is text."""
        ...

    @property
    def row_count(self) -> int:
        """Data records, whole or not."""
        ...

    @property
    def bad_line_count(self) -> int:
        """Lines that are not whole records."""
        ...

    @property
    def bad_line_words(self) -> str:
        """What is wrong with such lines, after "rows have"."""
        ...

    def bad_lines(self) -> Iterator[BadLine]:
        """Every line that is not a whole record, in a pass of its own."""
        ...

    def scan_with(self, others: Sequence[OpenFile], *, with_rows: bool) -> pl.LazyFrame:
        """The rows of this file and of others of its kind and columns; with `ROW` on request."""
        ...
