"""Delimited text files as a lazy frame of text, read block by block with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import polars as pl
from polars.io.plugins import register_io_source

from qpcli.inputs.archives import opened
from qpcli.inputs.csv_blocks import Block, BlockReader
from qpcli.inputs.csv_header import Dialect, Header, read_header
from qpcli.inputs.faults import reading
from qpcli.inputs.files import InputFile
from qpcli.inputs.opened import ROW, BadLine, LinesSeen, OpenFile


@dataclass(frozen=True, slots=True)
class TextFile:
    """A delimited text file with its header read; `seen` is what the latest scan of it counted."""

    file: InputFile
    dialect: Dialect
    names: tuple[str, ...]
    seen: LinesSeen = field(default_factory=LinesSeen, compare=False)

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        return dict.fromkeys(self.names, pl.String())

    @property
    def row_count(self) -> int:
        return self.seen.record_count

    @property
    def bad_line_count(self) -> int:
        return self.seen.bad_line_count

    @property
    def bad_line_words(self) -> str:
        return "too few or too many fields, or are blank, broken off or wrongly quoted"

    def scan_with(self, others: Sequence[OpenFile], *, with_rows: bool) -> pl.LazyFrame:
        return scan_text((self, *cast("Sequence[TextFile]", others)), with_rows=with_rows)

    def bad_lines(self) -> Iterator[BadLine]:
        """Every line that is not a whole record, in a pass of its own."""
        for block in _blocks(self, ()):
            yield from block.bad_lines


def open_text(file: InputFile, dialect: Dialect) -> TextFile:
    """The file with its header; raises the input errors of `read_header`."""
    with reading(file.name), opened(file) as stream:
        return TextFile(file, dialect, read_header(stream, file.name, dialect).names)


def scan_text(files: tuple[TextFile, ...], *, with_rows: bool = False) -> pl.LazyFrame:
    """All fields of files with equal headers, as text: only an empty field is null."""
    names = files[0].names
    schema: dict[str, pl.DataType] = dict.fromkeys(names, pl.String())
    if with_rows:
        schema[ROW] = pl.Int64()

    def read(
        columns: list[str] | None, predicate: pl.Expr | None, row_limit: int | None, _batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        wanted = names if columns is None else tuple(name for name in columns if name != ROW)
        numbered = with_rows and (columns is None or ROW in columns)
        for frame in limited(_frames(files, wanted, with_rows=numbered), row_limit):
            yield frame if predicate is None else frame.filter(predicate)

    return register_io_source(read, schema=schema, is_pure=True)


def limited(frames: Iterator[pl.DataFrame], row_limit: int | None) -> Iterator[pl.DataFrame]:
    """The frames up to a number of rows in all."""
    left = row_limit
    for frame in frames:
        yield frame if left is None else frame.head(left)
        if left is not None and (left := left - frame.height) <= 0:
            return


def _frames(files: tuple[TextFile, ...], wanted: tuple[str, ...], *, with_rows: bool) -> Iterator[pl.DataFrame]:
    for file in files:
        seen = LinesSeen()
        for block in _blocks(file, wanted):
            seen.record_count += block.record_count
            seen.bad_line_count += len(block.bad_lines)
            yield _frame(block, wanted, with_rows=with_rows)
        file.seen.record_count, file.seen.bad_line_count = seen.record_count, seen.bad_line_count


def _frame(block: Block, wanted: tuple[str, ...], *, with_rows: bool) -> pl.DataFrame:
    frame = pl.DataFrame(block.table).select(wanted)
    if with_rows:
        frame = frame.with_columns(pl.Series(ROW, block.record_numbers(), dtype=pl.Int64))
    return frame


def _blocks(file: TextFile, wanted: tuple[str, ...]) -> Iterator[Block]:
    # The parser must see at least one column to count rows.
    columns = wanted or file.names[:1]
    with reading(file.file.name), opened(file.file) as stream:
        header: Header = read_header(stream, file.file.name, file.dialect)
        yield from BlockReader(file.file.name, header, file.dialect, columns).blocks(stream)
