"""Fixed-width text files as a lazy frame of text, cut block by block with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import cast

import polars as pl
from polars.io.plugins import register_io_source

from qpcli.inputs.archives import opened
from qpcli.inputs.csv_scan import limited
from qpcli.inputs.faults import reading
from qpcli.inputs.files import InputFile
from qpcli.inputs.fixed_blocks import FixedBlock, FixedRecord, fixed_blocks
from qpcli.inputs.opened import ROW, BadLine, OpenFile

DELIVERY = "__delivery__"
"""The file's delivery (Int64, larger is later), the same in each of its rows."""


@dataclass(slots=True)
class FixedLinesSeen:
    """What reading a fixed-width file to its end has counted; whole when the scan is."""

    record_count: int = 0
    bad_line_count: int = 0
    short_line_count: int = 0


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A fixed-width file without header; `seen` is what the latest scan of it counted."""

    file: InputFile
    record: FixedRecord
    delivery: int
    seen: FixedLinesSeen = field(default_factory=FixedLinesSeen, compare=False)

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        return {**dict.fromkeys(self.record.columns, pl.String()), DELIVERY: pl.Int64()}

    @property
    def row_count(self) -> int:
        return self.seen.record_count

    @property
    def bad_line_count(self) -> int:
        return self.seen.bad_line_count

    @property
    def bad_line_words(self) -> str:
        return f"fewer than {self.record.needed_length} or more than {self.record.length} characters"

    def scan_with(self, others: Sequence[OpenFile], *, with_rows: bool) -> pl.LazyFrame:
        return _scan_fixed((self, *cast("Sequence[FixedFile]", others)), with_rows=with_rows)

    def bad_lines(self) -> Iterator[BadLine]:
        """Every line that is no whole record, in a pass of its own."""
        for block in self.blocks():
            yield from block.bad_lines

    def blocks(self) -> Iterator[FixedBlock]:
        """The file's lines in blocks; raises QP202 or QP214."""
        with reading(self.file.name), opened(self.file) as stream:
            yield from fixed_blocks(stream, self.record, self.file.name)


def _scan_fixed(files: tuple[FixedFile, ...], *, with_rows: bool) -> pl.LazyFrame:
    schema = dict(files[0].columns)
    if with_rows:
        schema[ROW] = pl.Int64()

    def read(
        columns: list[str] | None, predicate: pl.Expr | None, row_limit: int | None, _batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        wanted = list(schema) if columns is None else columns
        for frame in limited(_one_ahead(_frames(files, wanted)), row_limit):
            yield frame if predicate is None else frame.filter(predicate)

    return register_io_source(read, schema=schema, is_pure=True)


def _one_ahead(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The frames, the next one made while the engine still works on the last: it asks for no more before."""
    with ThreadPoolExecutor(max_workers=1) as worker:
        coming = worker.submit(next, frames, None)
        while (frame := coming.result()) is not None:
            coming = worker.submit(next, frames, None)
            yield frame


def _frames(files: tuple[FixedFile, ...], wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
    for file in files:
        seen = FixedLinesSeen()
        for block in file.blocks():
            seen.record_count += block.good_line_count + len(block.bad_lines)
            seen.bad_line_count += len(block.bad_lines)
            seen.short_line_count += block.short_line_count
            yield _frame(file, block, wanted)
        file.seen.record_count, file.seen.bad_line_count = seen.record_count, seen.bad_line_count
        file.seen.short_line_count = seen.short_line_count


def _frame(file: FixedFile, block: FixedBlock, wanted: Sequence[str]) -> pl.DataFrame:
    frame = block.cut({name: file.record.columns[name] for name in wanted if name in file.record.columns})
    if DELIVERY in wanted:
        frame = frame.with_columns(pl.repeat(file.delivery, frame.height, dtype=pl.Int64, eager=True).alias(DELIVERY))
    if ROW in wanted:
        frame = frame.with_columns(block.record_numbers().alias(ROW))
    return frame.select(wanted)
