"""Delimited text cut into blocks of whole lines; lines that are not whole records are set aside with their number.

A record is a line: a quoted field may hold separators and doubled quotes, never a line end. Blocks in which
every line is a record, nearly all of them, cost one count of bytes; only the others are looked at line by line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from qpcli.errors import InputError
from qpcli.inputs.ahead import ahead
from qpcli.inputs.csv_header import Dialect, Header, decoded
from qpcli.inputs.opened import BadLine

BLOCK_BYTES = 16 << 20
FIRST_BLOCK_BYTES = 1 << 18
"""The first block tells the form of dates; it is read more than once."""
MAX_LINE_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records of a file: as an Arrow table of text, the number of each, and the lines set aside."""

    table: pa.Table
    first_number: int
    line_count: int
    numbers: tuple[int, ...] | None
    bad_lines: tuple[BadLine, ...]

    @property
    def record_count(self) -> int:
        """Records, whole or not; a blank line that is allowed is none."""
        return int(self.table.num_rows) + len(self.bad_lines)

    def moved(self, lines_before: int) -> Block:
        """The same block after so many lines more."""
        return replace(
            self,
            first_number=self.first_number + lines_before,
            numbers=None if self.numbers is None else tuple(number + lines_before for number in self.numbers),
            bad_lines=tuple(replace(line, number=line.number + lines_before) for line in self.bad_lines),
        )

    def record_numbers(self) -> list[int]:
        """The data record number of each row of the table."""
        return (
            list(range(self.first_number, self.first_number + self.line_count))
            if self.numbers is None
            else list(self.numbers)
        )


@dataclass(frozen=True, slots=True)
class BlockReader:
    """Reads one file's records block by block; `columns` are the positions wanted."""

    name: str
    header: Header
    dialect: Dialect
    columns: tuple[str, ...] | None = None

    def blocks(self, stream: BinaryIO) -> Iterator[Block]:
        """Every block in order; raises QP202 or QP210."""
        lines_before = 0
        for block in ahead(self._whole_lines(stream), lambda data: self._block(self._as_utf8(data))):
            yield block.moved(lines_before)
            lines_before += block.line_count

    def _whole_lines(self, stream: BinaryIO) -> Iterator[bytes]:
        """Bytes up to a line end; blank lines wait for the next line, and at the end are no records."""
        blank, rest, size = b"", self.header.rest, min(FIRST_BLOCK_BYTES, BLOCK_BYTES)
        while data := rest + stream.read(size):
            rest, size = b"", BLOCK_BYTES
            if not data.endswith(b"\n"):
                data += self._rest_of_line(stream)
            if not self.dialect.is_strict:
                data = data.removesuffix(b"\x1a")
            end = _end_of_text(data)
            if end:
                yield blank + data[:end] if blank or end < len(data) else data
            blank = blank + data[end:] if not end else data[end:]

    def _rest_of_line(self, stream: BinaryIO) -> bytes:
        rest = stream.readline(MAX_LINE_BYTES)
        if len(rest) == MAX_LINE_BYTES:
            raise InputError("QP202", f"{self.name}: a line is longer than {MAX_LINE_BYTES:,} bytes.")
        return rest

    def _as_utf8(self, data: bytes) -> bytes:
        if data.isascii():
            return data
        if not self.dialect.is_strict:
            return _as_latin1_unless_utf8(data)
        text = decoded(self.name, data, self.dialect.encoding)
        return data if self.dialect.encoding == "utf-8" else text.encode()

    def _block(self, data: bytes) -> Block:
        table = self._parsed(data) if self._looks_whole(data) else None
        if table is not None and self._is_one_record_per_line(table, data):
            return Block(table, 1, int(table.num_rows), None, ())
        return self._line_by_line(data)

    def _is_one_record_per_line(self, table: pa.Table, data: bytes) -> bool:
        """Whether no line was blank and no quote held a line end."""
        # The parser makes a row of nulls of a blank line, which only a column without nulls rules out.
        may_have_blank = all(column.null_count for column in table.columns) and _has_blank_line(data)
        line_count = data.count(b"\n") + (not data.endswith(b"\n")) if b'"' in data else table.num_rows
        return not may_have_blank and table.num_rows == line_count

    def _parsed(self, data: bytes) -> pa.Table | None:
        """The block as a table of text; None when a row has too few or too many fields."""
        skipped: list[None] = []

        def skip(_row: pa_csv.InvalidRow) -> str:
            skipped.append(None)
            return "skip"

        try:
            table = pa_csv.read_csv(
                pa.BufferReader(data),
                read_options=pa_csv.ReadOptions(column_names=self.header.names, use_threads=False),
                parse_options=self._parse_options(skip, has_quotes=b'"' in data),
                convert_options=self._convert_options(),
            )
        except pa.ArrowInvalid:
            return None
        return None if skipped else table.cast(self._text_schema())

    def _no_rows(self) -> pa.Table:
        return self._text_schema().empty_table()

    def _text_schema(self) -> pa.Schema:
        """Polars' own kind of text: it takes these without a copy, and making them here is the cheaper way."""
        names = self.header.names if self.columns is None else self.columns
        return pa.schema([(name, pa.string_view()) for name in names])

    def _parse_options(self, skip: Callable[[pa_csv.InvalidRow], str], *, has_quotes: bool) -> pa_csv.ParseOptions:
        return pa_csv.ParseOptions(
            delimiter=self.dialect.separator,
            quote_char='"' if has_quotes and self.dialect.has_quotes else False,
            ignore_empty_lines=False,
            invalid_row_handler=skip,
        )

    def _convert_options(self) -> pa_csv.ConvertOptions:
        return pa_csv.ConvertOptions(
            column_types={name: pa.string() for name in self.header.names},
            include_columns=None if self.columns is None else list(self.columns),
            null_values=[""],
            strings_can_be_null=True,
            check_utf8=False,
        )

    def _line_by_line(self, data: bytes) -> Block:
        good: list[bytes] = []
        numbers: list[int] = []
        bad: list[BadLine] = []
        lines = data.removesuffix(b"\n").split(b"\n")
        for number, line in enumerate(lines, start=1):
            if not self.dialect.is_strict and not line.strip():
                continue
            record = self._without_extra_fields(line.removesuffix(b"\r"))
            if self._is_record(record):
                good.append(record)
                numbers.append(number)
            else:
                bad.append(BadLine(number, line.decode(errors="replace")))
        table = self._parsed(b"\n".join(good)) if good else self._no_rows()
        if table is None or table.num_rows != len(good):
            raise InputError("QP202", f"{self.name}: the records cannot be told apart.")
        return Block(table, 1, len(lines), tuple(numbers), tuple(bad))

    def _without_extra_fields(self, line: bytes) -> bytes:
        """CMS's own files have rows with more fields than the header names; the names tell what the first ones are."""
        if self.dialect.is_strict or self.dialect.has_quotes:
            return line
        separator = self.dialect.separator.encode()
        return separator.join(line.split(separator)[: len(self.header.names)])

    def _looks_whole(self, data: bytes) -> bool:
        """Whether the parser will see the lines that we count, and cannot take a broken one for a record."""
        has_odd_bytes = b"\0" in data or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n"))
        if has_odd_bytes:
            return False
        if b'"' not in data or not self.dialect.has_quotes:
            return True
        # The parser closes an open quote at the end of its input without a word, and runs on after a closing one.
        last = data[data.rfind(b"\n", 0, len(data) - 1) + 1 :]
        is_last_whole = b'"' not in last or self._is_record(last.rstrip(b"\r\n"))
        return is_last_whole and not _may_run_on(data, self.dialect.separator)

    def _is_record(self, line: bytes) -> bool:
        if not line or b"\0" in line or b"\r" in line:
            return False
        if b'"' not in line or not self.dialect.has_quotes:
            return line.count(self.dialect.separator.encode()) + 1 == len(self.header.names)
        # An open quote makes the reader ask for the line after.
        records = csv.reader([line.decode(), ""], delimiter=self.dialect.separator, strict=True)
        try:
            fields = next(records)
        except csv.Error:
            return False
        return len(fields) == len(self.header.names) and records.line_num == 1


def _end_of_text(data: bytes) -> int:
    """Where the last line that is not blank ends, its line end included."""
    end = len(data)
    while end and data[end - 1] in b"\r\n":
        end -= 1
    newline = data.find(b"\n", end)
    return newline + 1 if end and newline >= 0 else end


def _may_run_on(data: bytes, separator: str) -> bool:
    """Whether a field may go on after its closing quote; a quote that is itself quoted may be taken for one."""
    separator = re.escape(separator)
    pattern = rf'(?:\A|[{separator}\n])"(?:[^"\n]|"")*"[^{separator}\r\n"]'
    # The whole block is one text: this costs no more than the parser itself.
    return bool(pc.match_substring_regex(pa.array([data], pa.binary()), pattern)[0].as_py())


def _has_blank_line(data: bytes) -> bool:
    return b"\n\n" in data or b"\n\r\n" in data or data.startswith((b"\n", b"\r\n"))


def _as_latin1_unless_utf8(data: bytes) -> bytes:
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1").encode()
    return data
