"""The tables of a workbook that qpcli wrote, read back: only the forms of cells that it writes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError, iterparse, parse

import polars as pl

from qpcli.errors import InputError
from qpcli.reports.frames import calculated_schema
from qpcli.tables.catalogue import OUTPUT_TABLES, WORTH_TABLES
from qpcli.tables.schema import Kind, Table

_UNITS = {Kind.MONEY: 100, Kind.SCORE: 10_000, Kind.INTEGER: 1}
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _SHEET, _VALUE, _TEXT = (_MAIN + tag for tag in ("row", "sheet", "v", "t"))
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""Characters that XML cannot hold."""


def read_workbook(path: Path) -> dict[str, pl.DataFrame]:
    """The tables in the calculation's units; InputError QP202 for what is no such workbook, OSError passes."""
    try:
        with zipfile.ZipFile(path) as book:
            with book.open("xl/workbook.xml") as part:
                names = [sheet.attrib["name"] for sheet in parse(part).iter(_SHEET)]
            known = [table for table in (*OUTPUT_TABLES, *WORTH_TABLES) if table.name in names]
            return {table.name: _table(book, names.index(table.name) + 1, table) for table in known}
    except (zipfile.BadZipFile, ParseError, KeyError, IndexError, ValueError, ArithmeticError, TypeError):
        # What the libraries say may quote a cell.
        raise InputError("QP202", f"{path} cannot be read as a qpcli report.") from None


def _table(book: zipfile.ZipFile, number: int, table: Table) -> pl.DataFrame:
    with book.open(f"xl/worksheets/sheet{number}.xml") as part:
        rows = _rows(part, [column.kind for column in table.columns])
        next(rows)
        return pl.DataFrame(list(rows), schema=calculated_schema(table), orient="row")


def _rows(part: IO[bytes], kinds: list[Kind]) -> Iterator[list[Any]]:
    """The rows with their values in the calculation's units; the first holds the names of columns."""
    is_header = True
    for _, element in iterparse(part):
        if element.tag != _ROW:
            continue
        row: list[Any] = [None] * len(kinds)
        for cell in element:
            place = _place(cell.attrib["r"])
            row[place] = _value(cell, Kind.TEXT if is_header else kinds[place])
        yield row
        is_header = False
        element.clear()


def _place(reference: str) -> int:
    """Column of a cell such as AB12, from 0."""
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: Element, kind: Kind) -> Any:
    if cell.get("t") == "inlineStr":
        text = cell.find(f".//{_TEXT}")
        return "" if text is None else _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text.text or "")
    value = cell.find(_VALUE)
    if value is None or value.text is None:
        return None
    if cell.get("t") == "b":
        return value.text == "1"
    return int((Decimal(value.text) * _UNITS[kind]).to_integral_value())
