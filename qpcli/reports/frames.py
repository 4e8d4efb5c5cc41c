"""The one place where the calculation's units become the reports' units, and back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

import polars as pl

from qpcli.errors import InternalError
from qpcli.tables.schema import Kind, Table

SCHEMA_VERSION = 2
"""Raised whenever a table is added or a column of an output table comes or changes its name, kind, unit or meaning."""

MONEY_TYPE = pl.Decimal(18, 2)
_WIDE_MONEY = pl.Decimal(38, 2)
_WIDE_CENTS = pl.Decimal(38, 0)
_ONE_CENT = Decimal("0.01")
_TEN_THOUSANDTHS = 10_000

_CALCULATED: Mapping[Kind, pl.DataType] = MappingProxyType(
    {Kind.MONEY: pl.Int64(), Kind.SCORE: pl.Int64(), Kind.INTEGER: pl.Int64()}
    | {Kind.BOOLEAN: pl.Boolean(), Kind.DATE: pl.Date()}
)
_REPORTED: Mapping[Kind, pl.DataType] = MappingProxyType(
    {**_CALCULATED, Kind.MONEY: MONEY_TYPE, Kind.SCORE: pl.Float64()}
)


def calculated_schema(table: Table) -> dict[str, pl.DataType]:
    """Column types inside the calculation: money in cents, scores in ten-thousandths of a percent, both Int64."""
    return {column.name: _CALCULATED.get(column.kind, pl.String()) for column in table.columns}


def reported_schema(table: Table) -> dict[str, pl.DataType]:
    """Column types of the reports: money Decimal(18,2) in USD, scores Float64 in percent."""
    return {column.name: _REPORTED.get(column.kind, pl.String()) for column in table.columns}


def report_frame(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The same rows in the reports' units, columns in the table's order; null stays null.

    Raises InternalError QP501 when a column is missing, unknown or of another type, or when an
    amount does not fit into 18 digits.
    """
    _check_columns(frame, table)
    try:
        return frame.select(_reported(column.name, column.kind) for column in table.columns)
    except pl.exceptions.PolarsError:
        # Polars puts values into its messages: its words stay behind.
        raise InternalError("QP501", f"{table.name}: an amount does not fit into 18 digits.") from None


def calculated_frame(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The inverse of `report_frame`: a report's rows in the calculation's units."""
    return frame.select(_calculated(column.name, column.kind) for column in table.columns)


def _reported(name: str, kind: Kind) -> pl.Expr:
    column = pl.col(name)
    if kind is Kind.MONEY:
        # A product with 0.01 at full width is exact; the strict cast refuses what is too wide.
        return (column.cast(_WIDE_CENTS) * pl.lit(_ONE_CENT)).cast(MONEY_TYPE)
    return column / _TEN_THOUSANDTHS if kind is Kind.SCORE else column


def _calculated(name: str, kind: Kind) -> pl.Expr:
    column = pl.col(name)
    if kind is Kind.MONEY:
        return (column.cast(_WIDE_MONEY) * 100).cast(pl.Int64)
    return (column * _TEN_THOUSANDTHS).round().cast(pl.Int64) if kind is Kind.SCORE else column


def _check_columns(frame: pl.DataFrame, table: Table) -> None:
    expected, found = calculated_schema(table), dict(frame.schema)
    problems = [f"{name} is missing" for name in expected if name not in found]
    problems += [f"{name} is not a column of the table" for name in found if name not in expected]
    problems += [
        f"{name} is {found[name]} and not {wanted}"
        for name, wanted in expected.items()
        if name in found and found[name] != wanted
    ]
    if problems:
        raise InternalError("QP501", f"{table.name}: {'; '.join(problems)}.")
