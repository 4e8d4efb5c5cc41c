"""Lists as CSV or XLSX: the header found below title rows, the rows in memory, all cells text."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice

import polars as pl

from qpcli.errors import InputError, UsageError
from qpcli.inputs.archives import opened
from qpcli.inputs.csv_header import MAX_HEADER_BYTES, check_encoding
from qpcli.inputs.faults import reading
from qpcli.inputs.files import FileForm, InputFile
from qpcli.inputs.frame_scan import FrameFile
from qpcli.inputs.opened import BadLine
from qpcli.inputs.workbook import UNCALCULATED, Row, Sheet, read_workbook
from qpcli.request import ReadOptions

HEADER_WITHIN = 20
"""Rows at the top among which the header is searched."""
SEPARATORS = (",", ";", "\t", "|")
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_SECOND_OF_NAME = re.compile(r" \([2-9][0-9]*\)$")

IsHeader = Callable[[tuple[str, ...]], bool]
"""Whether these cells of a row, tidied, are the names of the list's columns."""


@dataclass(frozen=True, slots=True)
class ListHeader:
    """Where the header stands (0 is the first row) and its names as written, blank where a cell is."""

    place: int
    names: tuple[str, ...]
    separator: str = ","


def plain_name(name: str) -> str:
    """A column's name without case, blanks, underscores and punctuation, and without the number of a second one."""
    return re.sub(r"[\W_]+", "", _SECOND_OF_NAME.sub("", name).casefold())


def find_header(file: InputFile, options: ReadOptions, *, is_header: IsHeader) -> ListHeader | None:
    """The header of the list by a look at the top of the file; None where no row of it is one.

    Raises QP110, QP111, QP202, QP210 or QP214 as `open_list`.
    """
    if file.form is FileForm.PARQUET:
        return None
    if file.form is FileForm.WORKBOOK:
        found = _sheet_with_header(file, options, is_header, read_workbook(file, first_rows=HEADER_WITHIN))
        return None if found is None else found[1]
    with reading(file.name), opened(file) as stream:
        start = stream.read(MAX_HEADER_BYTES)
    # The last line may be cut, even within a character.
    whole = start if len(start) < MAX_HEADER_BYTES else start[: start.rfind(b"\n") + 1]
    return _text_header(file, _decoded(file, whole, options)[0], is_header)


def open_list(file: InputFile, options: ReadOptions, *, is_header: IsHeader) -> FrameFile:
    """The rows below the header, blank ones skipped, with their numbers counted from the header.

    Equal names get a number: `NPI`, `NPI (2)`; columns without a name are left out. Raises QP110 without the
    workbook reader, QP111 when several sheets have a header, QP202 for damaged files, QP204 without a header,
    QP206 for an empty file, QP210 for UTF-16 and QP214 for unsafe archives.
    """
    if file.form is FileForm.WORKBOOK:
        found = _sheet_with_header(file, options, is_header, read_workbook(file))
        if found is None:
            raise _no_header(file)
        sheet, header = found
        return _framed(file, header, _numbered(sheet.rows[header.place + 1 :]), is_ragged=True)
    if file.form is FileForm.PARQUET:
        raise InputError("QP212", f"{file.name}: lists as Parquet need the canonical columns.")
    with reading(file.name), opened(file) as stream:
        text, encoding = _decoded(file, stream.read(), options)
    if (text_header := _text_header(file, text, is_header)) is None:
        raise _no_header(file)
    rows = islice(_records(file, text, text_header.separator), text_header.place + 1, None)
    return _framed(file, text_header, _numbered(rows), is_ragged=False, encoding=encoding)


def _no_header(file: InputFile) -> InputError:
    return InputError("QP204", f"{file.name}: none of the first {HEADER_WITHIN} rows is the header of a known list.")


def _decoded(file: InputFile, content: bytes, options: ReadOptions) -> tuple[str, str | None]:
    """The text, and the encoding when it is not the one asked for: Windows's own, else Latin-1."""
    if content.startswith(_OLD_WORKBOOK):
        raise InputError(
            "QP202",
            f"{file.name} is a workbook that is protected by a password or in the old .xls form.",
            "Save it as .xlsx without a password.",
        )
    check_encoding(file.name, content[:MAX_HEADER_BYTES], options.encoding)
    content = content.removeprefix(codecs.BOM_UTF8).removesuffix(b"\x1a")
    if not content.strip():
        raise InputError("QP206", f"{file.name} is empty.")
    asked = options.encoding
    for encoding in (asked, "cp1252", "latin-1"):
        try:
            return content.decode(encoding), None if encoding == asked else encoding
        except UnicodeDecodeError:
            continue
    raise InputError("QP210", f"{file.name} is not {asked} text.")


def _text_header(file: InputFile, text: str, is_header: IsHeader) -> ListHeader | None:
    """The header with the separator that gives most columns."""
    found = [
        header
        for separator in SEPARATORS
        if (header := _header(_top(file, text, separator), is_header, separator)) is not None
    ]
    return max(found, key=lambda header: len(header.names), default=None)


def _top(file: InputFile, text: str, separator: str) -> list[Row]:
    """The first rows; with the wrong separator quotes stand anywhere, and no row is a header."""
    try:
        return list(islice(_records(file, text, separator, is_strict=False), HEADER_WITHIN))
    except InputError:
        return []


def _header(rows: Iterable[Row], is_header: IsHeader, separator: str = ",") -> ListHeader | None:
    for place, row in enumerate(rows):
        names = tuple(" ".join((cell or "").split()) for cell in row)
        if is_header(names):
            return ListHeader(place, names, separator)
    return None


def _records(file: InputFile, text: str, separator: str, *, is_strict: bool = True) -> Iterator[Row]:
    """The rows of delimited text; a quoted cell may hold line ends."""
    try:
        for record in csv.reader(StringIO(text, newline=""), delimiter=separator, strict=is_strict):
            yield tuple(cell or None for cell in record)
    except csv.Error:
        raise InputError("QP202", f"{file.name}: a quote is not closed, or stands inside a cell.") from None


def _sheet_with_header(
    file: InputFile, options: ReadOptions, is_header: IsHeader, sheets: Sequence[Sheet]
) -> tuple[Sheet, ListHeader] | None:
    """The only sheet with a header, or the one asked for."""
    asked = options.lists.sheet
    named = [sheet for sheet in sheets if asked is not None and sheet.name.casefold() == asked.casefold()]
    found = [
        (sheet, header)
        for sheet in named or sheets
        if (header := _header(sheet.rows[:HEADER_WITHIN], is_header)) is not None
    ]
    if len(found) > 1:
        names = ", ".join(sheet.name for sheet, _ in found)
        raise UsageError("QP111", f"{file.name}: several sheets have a header ({names}).", "Choose one: --sheet NAME.")
    return found[0] if found else None


def _numbered(rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    return ((number, row) for number, row in enumerate(rows, start=1) if any(cell and cell.strip() for cell in row))


def _framed(
    file: InputFile,
    header: ListHeader,
    rows: Iterable[tuple[int, Row]],
    *,
    is_ragged: bool,
    encoding: str | None = None,
) -> FrameFile:
    """The rows as a frame; `is_ragged` rows may end before the header does."""
    width = len(header.names)
    columns = [place for place, name in enumerate(header.names) if name]
    numbers: list[int] = []
    whole: list[Row] = []
    broken: list[BadLine] = []
    for number, row in rows:
        record = _of_width(row, width, is_ragged=is_ragged)
        if record is None or any(record[place] == UNCALCULATED for place in columns):
            broken.append(BadLine(number, "\t".join(cell or "" for cell in row)))
        else:
            numbers.append(number)
            whole.append(record)
    cells = list(zip(*whole, strict=True)) if whole else [()] * width
    names = _distinct(header.names[place] for place in columns)
    frame = pl.DataFrame(
        {name: pl.Series(cells[place], dtype=pl.String) for name, place in zip(names, columns, strict=True)}
    )
    return FrameFile(file, frame, tuple(numbers), tuple(broken), encoding)


def _of_width(row: Row, width: int, *, is_ragged: bool) -> Row | None:
    """The row with as many cells as the header; None when that would lose or invent some."""
    if len(row) == width:
        return row
    if len(row) > width:
        return None if any(cell and cell.strip() for cell in row[width:]) and not is_ragged else row[:width]
    return row + (None,) * (width - len(row)) if is_ragged else None


def _distinct(names: Iterable[str]) -> list[str]:
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        count = seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        distinct.append(name if count == 1 else f"{name} ({count})")
    return distinct
