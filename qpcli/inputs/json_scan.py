"""Newline-delimited JSON resources (FHIR) as a lazy frame of text: each resource shaped into rows, block by block.

A line is a resource. A Bundle, on one line or pretty-printed as the whole file, stands for the resources in it.
Numbers stay the text they were written as: no amount ever passes through a binary float.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

import polars as pl
from polars.io.plugins import register_io_source

from qpcli.errors import InputError
from qpcli.inputs.archives import opened
from qpcli.inputs.csv_scan import limited
from qpcli.inputs.faults import reading
from qpcli.inputs.files import InputFile
from qpcli.inputs.opened import ROW, BadLine, LinesSeen, OpenFile

Resource = Mapping[str, Any]
Row = Sequence[str | None]
Shape = Callable[[Resource], Iterable[Row]]
"""Makes the rows of a resource, none of one that holds nothing here; raises ShapeError for an odd one."""
MAX_LINE_BYTES = 64 << 20
MAX_DOCUMENT_BYTES = 256 << 20
_BLOCK_BYTES = 4 << 20
_ROWS_PER_FRAME = 20_000
_BLANKS = b" \t\r\n\x1a"
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


class ShapeError(ValueError):
    """A resource that is JSON and not of the form its type has."""


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A file of resources; `names` are the columns that `shape` makes. Several rows may come of one resource.

    A resource's data record number is that of its line (blank lines counted); a Bundle counts as many as it holds.
    """

    file: InputFile
    names: tuple[str, ...]
    shape: Shape = field(compare=False)
    is_document: bool = False
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
        return "no whole JSON resource, or one of another form than its type has"

    def bad_lines(self) -> Iterator[BadLine]:
        """Every line that is no resource, in a pass of its own."""
        for number, record in _records(self):
            if isinstance(record, str):
                yield BadLine(number, record)

    def scan_with(self, others: Sequence[OpenFile], *, with_rows: bool) -> pl.LazyFrame:
        return _scan((self, *cast("Sequence[JsonFile]", others)), with_rows=with_rows)


def parsed(text: str) -> Resource | None:
    """The resource that the text holds; None for anything else. Numbers are text, NaN is no JSON."""
    try:
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=_refuse)
        if _HALF_CHARACTER.search(text):
            # JSON may escape half a character, which no text can hold.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found if is_resource(found) else None


def is_resource(found: object) -> bool:
    """Whether decoded JSON is a FHIR resource."""
    return isinstance(found, dict) and isinstance(found.get("resourceType"), str)


def members(resource: Resource) -> list[Resource | None]:
    """The resources of a Bundle, None for an entry without one; of any other resource itself."""
    if resource["resourceType"] != "Bundle":
        return [resource]
    entries = resource.get("entry", [])
    if not isinstance(entries, list):
        return [None]
    held = [entry.get("resource") if isinstance(entry, dict) else None for entry in entries]
    return [cast(Resource, one) if is_resource(one) else None for one in held]


def document_text(stream: BinaryIO, name: str) -> str:
    """The whole of a file that is one JSON document; raises QP212 for one too large to be read at once."""
    data = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(data) > MAX_DOCUMENT_BYTES:
        message = f"{name} is one JSON document of more than {MAX_DOCUMENT_BYTES >> 20} MiB and not NDJSON."
        raise InputError("QP212", message, "Write one resource per line: jq -c '.entry[].resource' FILE")
    return decoded(data)


def decoded(data: bytes) -> str:
    """The text of bytes; what is not UTF-8 is Latin-1."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _refuse(_constant: str) -> None:
    raise ValueError


def _scan(files: tuple[JsonFile, ...], *, with_rows: bool) -> pl.LazyFrame:
    schema = dict(files[0].columns)
    if with_rows:
        schema[ROW] = pl.Int64()

    def read(
        columns: list[str] | None, predicate: pl.Expr | None, row_limit: int | None, _batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        wanted = list(schema) if columns is None else columns
        for frame in limited((frame.select(wanted) for frame in _frames(files)), row_limit):
            yield frame if predicate is None else frame.filter(predicate)

    return register_io_source(read, schema=schema, is_pure=True)


def _frames(files: tuple[JsonFile, ...]) -> Iterator[pl.DataFrame]:
    for file in files:
        seen = LinesSeen()
        rows: list[Row] = []
        numbers: list[int] = []
        for number, record in _records(file):
            if isinstance(record, str):
                seen.bad_line_count += 1
                continue
            rows += record
            numbers += [number] * len(record)
            if len(rows) >= _ROWS_PER_FRAME:
                yield _frame(file, rows, numbers)
                seen.record_count += len(rows)
                rows, numbers = [], []
        yield _frame(file, rows, numbers)
        file.seen.record_count = seen.record_count + len(rows) + seen.bad_line_count
        file.seen.bad_line_count = seen.bad_line_count


def _frame(file: JsonFile, rows: Sequence[Row], numbers: Sequence[int]) -> pl.DataFrame:
    values = zip(*rows, strict=True) if rows else [()] * len(file.names)
    columns = [pl.Series(name, texts, dtype=pl.String) for name, texts in zip(file.names, values, strict=True)]
    return pl.DataFrame([*columns, pl.Series(ROW, numbers, dtype=pl.Int64)])


def _records(file: JsonFile) -> Iterator[tuple[int, list[Row] | str]]:
    """Each resource's number and rows, or its text where it is none."""
    number = 0
    for text in _texts(file):
        number += 1
        if not text:
            continue
        resource = parsed(text)
        if resource is None:
            yield number, text
            continue
        held = members(resource)
        for place, member in enumerate(held):
            yield number + place, _shaped(file.shape, member, text if len(held) == 1 else None)
        number += max(len(held) - 1, 0)


def _shaped(shape: Shape, resource: Resource | None, text: str | None) -> list[Row] | str:
    """The rows of a resource, or its text where it cannot be shaped; `text` is None for a member of a Bundle."""
    if resource is None:
        return text or ""
    try:
        return list(shape(resource))
    except ShapeError:
        return _written(resource) if text is None else text


def _written(resource: Resource) -> str:
    try:
        return json.dumps(resource)
    except RecursionError:
        return ""


def _texts(file: JsonFile) -> Iterator[str]:
    """The file's lines without blanks around them, or the whole of a document."""
    with reading(file.file.name), opened(file.file) as stream:
        if file.is_document:
            yield document_text(stream, file.file.name).removeprefix("\ufeff")
            return
        for place, line in enumerate(_lines(stream, file.file.name)):
            data = line if place else line.removeprefix(codecs.BOM_UTF8)
            yield decoded(data.strip(_BLANKS))


def _lines(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """The lines of a stream, without line ends; raises QP202 for one that is absurdly long."""
    rest = b""
    while data := stream.read(_BLOCK_BYTES):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines
        if len(rest) > MAX_LINE_BYTES:
            raise InputError("QP202", f"{name}: a line is longer than {MAX_LINE_BYTES:,} bytes.")
    if rest:
        yield rest
