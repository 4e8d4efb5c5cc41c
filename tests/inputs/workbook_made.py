"""Small workbooks for tests."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from qpcli.inputs.archives import find_files
from qpcli.inputs.files import InputFile, is_delivered

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]], *, hidden: Sequence[str] = ()) -> str:
    """A workbook with the rows of each sheet; a cell given as (value, number format) is formatted."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                plain, number_format = value if isinstance(value, tuple) else (value, None)
                cell = sheet.cell(number, place, plain)
                if number_format:
                    cell.number_format = number_format
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    book.save(path)
    return str(path)


def with_member(path: str, member: str, old: bytes, new: bytes) -> None:
    """Rewrites a part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[member]
    parts[member] = parts[member].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def found(path: str) -> InputFile:
    (file,) = find_files([path], is_delivered)
    return file
