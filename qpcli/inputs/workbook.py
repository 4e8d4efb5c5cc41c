"""XLSX workbooks: the visible sheets, every cell as the text that a person sees, as far as it can be had.

The library finds sheets, shared text and number formats. The cells are read here: a fifth of its time, and it makes
errors of numbers, such as NPIs, in cells that are formatted as dates.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib.util import find_spec
from io import BytesIO
from itertools import islice
from typing import Any
from xml.etree.ElementTree import Element, iterparse

from qpcli.errors import InputError, UsageError
from qpcli.inputs.archives import check_ratio, opened
from qpcli.inputs.faults import reading
from qpcli.inputs.files import InputFile

UNCALCULATED = "\N{REPLACEMENT CHARACTER}"
"""Stands for a formula whose value is not stored in the file: a row that needs it is a bad row."""
MAX_ROWS = 1 << 20
_LAST_SERIAL = 2_958_465
"""9999-12-31; larger numbers are no days, whatever the format of their cell."""
_ZEROS = re.compile(r"0[0-]*0")
_QUOTED, _BRACKETED = re.compile(r'"[^"]*"'), re.compile(r"\[[^\]]*\]")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _VALUE, _FORMULA, _TEXT = (_MAIN + tag for tag in ("row", "v", "f", "t"))

Row = tuple[str | None, ...]
Shown = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visible sheet; its rows have as many cells as the last one that is filled."""

    name: str
    rows: list[Row]


def read_workbook(file: InputFile, *, first_rows: int | None = None) -> tuple[Sheet, ...]:
    """The visible sheets in their order, of each the first rows or all.

    Raises QP110 without the library, QP202 for a damaged workbook and QP214 for one that unpacks to an absurd size.
    """
    if find_spec("openpyxl") is None:
        raise UsageError("QP110", f"{file.name} is a workbook.", "Install the reader: pip install 'qpcli[excel]'")
    content = _content(file)
    with _as_input_errors(file), warnings.catch_warnings():
        # Warnings of the library quote cells.
        warnings.simplefilter("ignore")
        return tuple(_sheets(content, first_rows))


@contextmanager
def _as_input_errors(file: InputFile) -> Iterator[None]:
    """Whatever the library stumbles over is a damaged workbook; its words may quote a cell."""
    try:
        with reading(file.name):
            yield
    except (KeyError, TypeError, IndexError, AttributeError, SyntaxError, OverflowError) as fault:
        raise InputError("QP202", f"{file.name}: the workbook is damaged.") from fault


def _content(file: InputFile) -> bytes:
    with reading(file.name):
        with opened(file) as stream:
            content = stream.read()
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for entry in archive.infolist():
                check_ratio(file.name, packed_bytes=entry.compress_size, unpacked_bytes=entry.file_size)
    return content


def _sheets(content: bytes, first_rows: int | None) -> Iterator[Sheet]:
    from openpyxl import load_workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    book = load_workbook(BytesIO(content), read_only=True)
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible" and isinstance(sheet, ReadOnlyWorksheet):
            yield Sheet(sheet.title, list(islice(_rows(sheet, _Cells(sheet)), first_rows)))


def _rows(sheet: Any, cells: _Cells) -> Iterator[Row]:
    """Every row, those that are not stored as empty ones."""
    number = 0
    with sheet._get_source() as source:
        for _, element in iterparse(source):
            if element.tag != _ROW:
                continue
            place = int(element.get("r", number + 1))
            if not number < place <= MAX_ROWS:
                raise ValueError("rows out of order or more than a sheet can have")
            yield from [()] * (place - number - 1)
            yield cells.of(element)
            number = place
            element.clear()


class _Cells:
    """Reads the cells of a sheet; places of columns and number formats are worked out once each."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._shared: list[str] = sheet._shared_strings
        self._places: dict[str, int] = {}
        self._formats: dict[str, Shown | None] = {}

    def of(self, row: Element) -> Row:
        texts: list[str | None] = []
        for cell in row:
            reference = cell.get("r")
            place = len(texts) if reference is None else self._place(reference)
            if place != len(texts):
                texts.extend([None] * (place - len(texts)))
            texts.append(self._text(cell) or None)
        return tuple(texts)

    def _place(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        place = self._places.get(letters)
        if place is None:
            from openpyxl.utils import column_index_from_string

            # Raises ValueError beyond ZZZ: no row can be made longer than that.
            place = self._places[letters] = column_index_from_string(letters) - 1
        return place

    def _text(self, cell: Element) -> str | None:
        kind, text = cell.get("t", "n"), cell.findtext(_VALUE)
        if kind == "inlineStr":
            return "".join(part.text or "" for part in cell.iter(_TEXT))
        if not text:
            return UNCALCULATED if kind == "n" and cell.find(_FORMULA) is not None else None
        if kind == "s":
            return self._shared[int(text)]
        if kind == "n":
            return self._number(text, cell.get("s", "0"))
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        return text.removesuffix("T00:00:00") if kind == "d" else text

    def _number(self, text: str, style: str) -> str:
        if style not in self._formats:
            self._formats[style] = self._reading(int(style))
        shown = self._formats[style]
        if shown is None:
            return text if text.isdigit() else _plain(float(text))
        return shown(int(text) if text.isdigit() else float(text))

    def _reading(self, style: int) -> Shown | None:
        from openpyxl.cell.read_only import ReadOnlyCell
        from openpyxl.styles.numbers import is_date_format

        number_format: str = ReadOnlyCell(self._sheet, 1, 1, None, style_id=style).number_format
        if is_date_format(number_format):
            return self._day
        zeros = _QUOTED.sub("", _BRACKETED.sub("", number_format.split(";")[0])).replace("\\", "")
        return (lambda value: _with_zeros(value, zeros)) if _ZEROS.fullmatch(zeros) else None

    def _day(self, value: float) -> str:
        from openpyxl.utils.datetime import from_excel

        is_day = 1 <= value < _LAST_SERIAL + 1
        return _moment(from_excel(value, self._sheet.parent.epoch)) if is_day else _plain(value)


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _with_zeros(value: float, zeros: str) -> str:
    """A number as a format like `000000000` or `00-0000000` shows it."""
    digits = _plain(value)
    if not digits.isdigit():
        return digits
    left = list(digits.zfill(zeros.count("0")))
    shown = [left.pop() if place == "0" else place for place in reversed(zeros)]
    return "".join([*left, *reversed(shown)])


def _moment(value: object) -> str:
    """A day as ISO text, with its time where it has one."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
