"""The columns a sample writes: those of the canonical tables, in their order and with their types."""

from __future__ import annotations

import polars as pl

from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.beneficiaries import BENEFICIARIES
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.entities import ENTITIES
from qpcli.tables.participants import PARTICIPANTS
from qpcli.tables.schema import Kind, Table

TABLES: tuple[Table, ...] = (CLAIM_LINES, BENEFICIARIES, PARTICIPANTS, ATTRIBUTION, ENTITIES)

LEFT_OUT = frozenset({("claim_lines", "claim_version"), ("beneficiaries", "state")})
"""Optional columns that would say the same twice: the dates tell versions apart, is_us_resident tells the State."""


def table_columns(table: Table) -> tuple[str, ...]:
    """The columns that a sample writes of a table."""
    return tuple(name for name in table.column_names if (table.name, name) not in LEFT_OUT)


def table_schema(table: Table) -> dict[str, pl.DataType]:
    """Their types: text, Date, Decimal(18,2), Boolean and Int32."""
    return {name: _dtype(table.column(name).kind) for name in table_columns(table)}


def conform(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The table's columns of a frame, in order and typed; whole-number amounts are cents."""
    return frame.select(_typed(frame, name, dtype) for name, dtype in table_schema(table).items())


def _typed(frame: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Decimal) and frame.schema[name].is_integer():
        return (column.cast(dtype) / 100).cast(dtype)
    return column.cast(dtype)


def _dtype(kind: Kind) -> pl.DataType:
    match kind:
        case Kind.DATE:
            return pl.Date()
        case Kind.MONEY:
            return pl.Decimal(18, 2)
        case Kind.INTEGER:
            return pl.Int32()
        case Kind.BOOLEAN:
            return pl.Boolean()
        case _:
            return pl.String()
