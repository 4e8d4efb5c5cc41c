"""The tables of a workbook that qpcli wrote, read back."""

from __future__ import annotations

import warnings
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from qpcli.errors import InputError
from qpcli.reports.frames import calculated_schema
from qpcli.tables.catalogue import OUTPUT_TABLES, WORTH_TABLES
from qpcli.tables.schema import Kind, Table

_UNITS = {Kind.MONEY: 100, Kind.SCORE: 10_000, Kind.INTEGER: 1}


def read_workbook(path: Path) -> dict[str, pl.DataFrame]:
    """The tables in the calculation's units; InputError QP202 for what is no such workbook, OSError passes."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True)
            names = {table.name: table for table in (*OUTPUT_TABLES, *WORTH_TABLES) if table.name in book.sheetnames}
            return {name: _frame(book[name], table) for name, table in names.items()}
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, ArithmeticError, pl.exceptions.PolarsError):
        # What the libraries say may quote a cell.
        raise InputError("QP202", f"{path} cannot be read as a qpcli report.") from None


def _frame(sheet: Any, table: Table) -> pl.DataFrame:
    rows = sheet.iter_rows(min_row=2, max_col=len(table.columns), values_only=True)
    content = [
        [_calculated(value, column.kind) for value, column in zip(row, table.columns, strict=True)] for row in rows
    ]
    return pl.DataFrame(content, schema=calculated_schema(table), orient="row")


def _calculated(value: Any, kind: Kind) -> Any:
    if value is None or kind not in _UNITS:
        return value
    return int((Decimal(repr(value)) * _UNITS[kind]).to_integral_value())
