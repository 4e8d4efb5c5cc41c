"""Fixed-width text cut into blocks of whole lines; lines too short or too long are set aside with their number.

Blocks of ASCII in which every line is a whole record, nearly all of them, cost two looks at their bytes; only the
others are taken apart line by line.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from qpcli.errors import InputError
from qpcli.inputs.fixed_cut import LINE, PlainLines, Positions, cut_lines
from qpcli.inputs.opened import BadLine

BLOCK_BYTES = 16 << 20
MAX_LINE_BYTES = 1 << 20
_BLANK = b" \t\r\x1a"


@dataclass(frozen=True, slots=True)
class FixedRecord:
    """Columns by position (1-based, inclusive), the record's length and the last position that a line must reach."""

    columns: Positions
    length: int
    needed_length: int


@dataclass(frozen=True, slots=True)
class FixedBlock:
    """Lines that are records; `numbers` where they are not simply one after another."""

    lines: PlainLines | pl.Series
    first_number: int
    line_count: int
    short_line_count: int = 0
    bad_lines: tuple[BadLine, ...] = ()
    numbers: pl.Series | None = None

    @property
    def good_line_count(self) -> int:
        return self.line_count if self.numbers is None else self.numbers.len()

    def cut(self, columns: Positions) -> pl.DataFrame:
        """The columns of the records as tidied text."""
        if not columns:
            return pl.DataFrame(height=self.good_line_count)
        return self.lines.cut(columns) if isinstance(self.lines, PlainLines) else cut_lines(self.lines, columns)

    def record_numbers(self) -> pl.Series:
        """The number of each record's line in its file, from 1, blank lines counted."""
        if self.numbers is not None:
            return self.numbers
        return pl.int_range(self.first_number, self.first_number + self.line_count, dtype=pl.Int64, eager=True)


def fixed_blocks(stream: BinaryIO, record: FixedRecord, name: str) -> Iterator[FixedBlock]:
    """Every block in order; raises QP202 for a line that is longer than any record."""
    number = 1
    for data in _whole_lines(stream, name):
        block = _plain_block(data, record, number) or _block_by_line(data, record, number)
        number += block.line_count
        yield block


def _whole_lines(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """Bytes up to a line end, the last one mended; a byte order mark and a final Ctrl-Z are taken off."""
    start = stream.read(len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)
    while data := start + stream.read(BLOCK_BYTES):
        start = b""
        if not data.endswith(b"\n"):
            data += _rest_of_line(stream, name)
        if not data.endswith(b"\n"):
            data = data.removesuffix(b"\x1a")
            data += b"\n" if data and not data.endswith(b"\n") else b""
        yield data


def _rest_of_line(stream: BinaryIO, name: str) -> bytes:
    rest = stream.readline(MAX_LINE_BYTES)
    if len(rest) == MAX_LINE_BYTES:
        raise InputError("QP202", f"{name}: a line is longer than {MAX_LINE_BYTES:,} bytes.")
    return rest


def _plain_block(data: bytes, record: FixedRecord, number: int) -> FixedBlock | None:
    """The lines as they lie in the bytes; None where a line end is not where it should be, or somewhere else too."""
    line_end = b"\r\n" if data.endswith(b"\r\n") else b"\n"
    width = record.length + len(line_end)
    line_count, left = divmod(len(data), width)
    if left or not data.isascii() or _newline_count(data) != line_count:
        return None
    for place in range(1, len(line_end) + 1):
        if data[width - place :: width] != line_end[-place : len(line_end) - place + 1] * line_count:
            return None
    return FixedBlock(PlainLines(data, width), number, line_count)


def _newline_count(data: bytes) -> int:
    # Taking them out is several times as fast as `bytes.count`, which looks at each byte by itself.
    return len(data) - len(data.replace(b"\n", b""))


def _block_by_line(data: bytes, record: FixedRecord, number: int) -> FixedBlock:
    """The lines one by one: their ends, blank ones, their lengths in characters."""
    lines = data.removesuffix(b"\n").split(b"\n")
    texts = [None if not line.strip(_BLANK) else _decoded(line.removesuffix(b"\r"), record.length) for line in lines]
    frame = pl.DataFrame({LINE: pl.Series(texts, dtype=pl.String)}).with_columns(
        pl.int_range(number, number + len(lines), dtype=pl.Int64).alias("number"),
        pl.col(LINE).str.len_chars().alias("length"),
    )
    frame = frame.filter(pl.col(LINE).is_not_null())
    is_record = pl.col("length").is_between(record.needed_length, record.length)
    kept = frame.filter(is_record)
    bad = frame.filter(~is_record)
    return FixedBlock(
        lines=kept[LINE],
        first_number=number,
        line_count=len(lines),
        short_line_count=int((kept["length"] < record.length).sum()),
        bad_lines=tuple(BadLine(place, text) for text, place, _ in bad.iter_rows()),
        numbers=kept["number"],
    )


def _decoded(line: bytes, length: int) -> str:
    """The text whose positions are those of the record.

    Characters of UTF-8 where that gives the record's length. Where the bytes give it, the file was padded by bytes,
    or two Latin-1 bytes only look like UTF-8: each byte then is one position.
    """
    if line.isascii():
        return line.decode("ascii")
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
    return line.decode("latin-1") if len(line) == length != len(text) else text
