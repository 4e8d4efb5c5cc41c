"""Lists that are read whole: rows of text in memory behind the protocol of an opened file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import polars as pl

from qpcli.inputs.files import InputFile
from qpcli.inputs.opened import ROW, BadLine, OpenFile


@dataclass(frozen=True, slots=True)
class FrameFile:
    """A file whose rows are in memory, all columns text.

    `numbers` are the data record numbers of the rows (1-based, header not counted), where they are not 1, 2, 3...;
    several rows may come of one record. `broken` are records that are not whole, and stand in no row.
    `encoding` is what text was read as, when not as asked.
    """

    file: InputFile
    frame: pl.DataFrame = field(compare=False)
    numbers: tuple[int, ...] | None = None
    broken: tuple[BadLine, ...] = ()
    encoding: str | None = None

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        return self.frame.schema

    @property
    def row_count(self) -> int:
        whole = self.frame.height if self.numbers is None else len(set(self.numbers))
        return whole + len(self.broken)

    @property
    def bad_line_count(self) -> int:
        return len(self.broken)

    @property
    def bad_line_words(self) -> str:
        return "too few or too many fields, or a formula without a stored value"

    def bad_lines(self) -> Iterator[BadLine]:
        return iter(self.broken)

    def scan_with(self, others: Sequence[OpenFile], *, with_rows: bool) -> pl.LazyFrame:
        files = (self, *cast("Sequence[FrameFile]", others))
        return pl.concat([file._numbered() if with_rows else file.frame for file in files]).lazy()

    def _numbered(self) -> pl.DataFrame:
        numbers = range(1, self.frame.height + 1) if self.numbers is None else self.numbers
        return self.frame.with_columns(pl.Series(ROW, numbers, dtype=pl.Int64))
