"""A report as one XLSX workbook: typed cells, identifiers as text, nothing that calculates or links; equal bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from shutil import copyfileobj
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import polars as pl

from qpcli.errors import UsageError
from qpcli.reports.frames import report_frame
from qpcli.reports.manifest import Manifest
from qpcli.reports.private_files import create_private
from qpcli.reports.xlsx_sheets import (
    PIVOT_NAME,
    about_rows,
    definition_rows,
    pivot_frame,
    pivot_table,
    status_colours,
    threshold_rules,
)
from qpcli.tables.catalogue import OUTPUT_TABLES, WORTH_TABLES
from qpcli.tables.schema import Column, Kind, Table
from qpcli.tables.threshold_scores import THRESHOLD_SCORES

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MAX_ROWS = 1_048_576
"""Rows of a sheet, the header among them."""
_WRITER = "xlsxwriter"
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_NUMBER_FORMATS = MappingProxyType({Kind.MONEY: "#,##0.00", Kind.SCORE: "0.0000", Kind.INTEGER: "#,##0"})
_PLAIN_INTEGERS = frozenset({"performance_year", "snapshot", "step_number", "determined_at_snapshot"})
_ROWS_AT_ONCE = 16_384
_MOST_TEXT = 32_767
_NARROWEST, _WIDEST = 10, 42


def refuse_without_writer() -> None:
    """Raises UsageError QP110 where the library that writes workbooks is not installed."""
    if find_spec(_WRITER) is None:
        raise UsageError("QP110", "Workbooks need a library.", "Install it: pip install 'qpcli[excel]'")


def refuse_rows(rows: int) -> None:
    """Raises UsageError QP112 when a sheet of so many rows and a header would be too long."""
    if rows >= MAX_ROWS:
        raise UsageError("QP112", f"A sheet holds {MAX_ROWS:,} rows, and this report may need {rows + 1:,}.")


def write_workbook(tables: Mapping[str, pl.DataFrame], manifest: Manifest, path: Path) -> int:
    """Write tables in the calculation's units to a new file (0600); returns their rows.

    Raises as `fill_workbook`. What does not fit into memory lies meanwhile in a private folder beside the file.
    """
    with create_private(path) as file, tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        return fill_workbook(tables, manifest, file, Path(scratch))


def fill_workbook(tables: Mapping[str, pl.DataFrame], manifest: Manifest, file: BinaryIO, scratch: Path) -> int:
    """Write tables in the calculation's units as a workbook; returns their rows.

    `scratch` is a private folder for what does not fit into memory. Raises UsageError QP112 for a table that is too
    long, OSError when the file cannot be written.
    """
    known = [(table, tables[table.name]) for table in (*OUTPUT_TABLES, *WORTH_TABLES) if table.name in tables]
    _repack(_made(known, manifest, str(scratch)), file)
    return sum(frame.height for _, frame in known)


def _made(known: Sequence[tuple[Table, pl.DataFrame]], manifest: Manifest, scratch: str) -> BytesIO:
    from xlsxwriter import Workbook

    made = BytesIO()
    options = {"constant_memory": True, "tmpdir": scratch, "strings_to_urls": False, "strings_to_formulas": False}
    book = Workbook(made, options)
    book.set_properties({"title": f"qpcli report {manifest.run_id}", "created": _CREATED})
    _plain_sheet(book, "about", about_rows(manifest), widths=(26, 60, 40))
    for table, frame in known:
        _table_sheet(book, table, frame)
        if table is THRESHOLD_SCORES:
            _table_sheet(book, pivot_table(), pivot_frame(frame))
    _plain_sheet(book, "definitions", definition_rows([table for table, _ in known]), widths=(20, 28, 22, 90))
    book.close()
    return made


def _repack(made: BytesIO, file: BinaryIO) -> None:
    """The parts of the workbook without the times and rights of the files they were made in."""
    with ZipFile(made) as source, ZipFile(file, "w", ZIP_DEFLATED) as target:
        for entry in source.infolist():
            fixed = ZipInfo(entry.filename, _ZIP_DATE)
            fixed.compress_type = ZIP_DEFLATED
            with source.open(entry) as part, target.open(fixed, "w", force_zip64=entry.file_size >= 1 << 31) as place:
                copyfileobj(part, place, 1 << 20)


def _plain_sheet(book: Workbook, name: str, rows: Iterable[Sequence[str]], *, widths: Sequence[int]) -> None:
    """A sheet of words under a bold first row."""
    sheet = book.add_worksheet(name)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(1, 0)
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for number, row in enumerate(rows):
        for place, text in enumerate(row):
            sheet.write_string(number, place, text[:_MOST_TEXT], wrapped if number else bold)


def _table_sheet(book: Workbook, table: Table, frame: pl.DataFrame) -> None:
    """A sheet of one table: frozen header, filters, a name for pivot tables, colours at the thresholds."""
    refuse_rows(frame.height)
    sheet = book.add_worksheet(table.name)
    last_row, last_column = frame.height, len(table.columns) - 1
    formats = {kind: book.add_format({"num_format": form}) for kind, form in _NUMBER_FORMATS.items()}
    sheet.freeze_panes(1, len(table.keys) if table.name == PIVOT_NAME else 0)
    sheet.autofilter(0, 0, last_row, last_column)
    book.define_name(f"{table.name}_data", f"={table.name}!$A$1:{_cell(last_row, last_column)}")
    header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, _width(column))
        sheet.write_string(0, place, column.name, header)
    if last_row:
        _colour(book, sheet, table, last_row)
        sheet.ignore_errors({"number_stored_as_text": f"A2:{_cell(last_row, last_column)}"})
    _write_rows(
        sheet, table, frame, [None if c.name in _PLAIN_INTEGERS else formats.get(c.kind) for c in table.columns]
    )


def _colour(book: Workbook, sheet: Worksheet, table: Table, last_row: int) -> None:
    fills = {name: book.add_format(colours) for name, colours in status_colours().items()}
    for rule in threshold_rules(table):
        criteria = {"type": "formula", "criteria": rule.formula, "format": fills[rule.colour], "stop_if_true": True}
        sheet.conditional_format(1, rule.column, last_row, rule.column, criteria)


def _write_rows(sheet: Worksheet, table: Table, frame: pl.DataFrame, formats: Sequence[Any]) -> None:
    """Text is written as text whatever it begins with; null leaves the cell blank."""
    writers = [_writer(sheet, column) for column in table.columns]
    for number, row in enumerate(_rows(report_frame(frame, table)), start=1):
        for place, value in enumerate(row):
            if value is not None:
                writers[place](number, place, value, formats[place])


def _writer(sheet: Worksheet, column: Column) -> Any:
    if column.kind is Kind.BOOLEAN:
        return sheet.write_boolean
    if column.kind in (Kind.MONEY, Kind.SCORE, Kind.INTEGER):
        return sheet.write_number
    return lambda row, place, text, form: sheet.write_string(row, place, str(text)[:_MOST_TEXT], form)


def _rows(reported: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    for part in reported.iter_slices(_ROWS_AT_ONCE):
        yield from part.iter_rows()


def _width(column: Column) -> int:
    if column.kind is Kind.TEXT:
        return _WIDEST if column.name in ("message", "decided_by") else 18
    return max(_NARROWEST, min(18, len(column.name) + 2))


def _cell(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    name: str = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
    return name
