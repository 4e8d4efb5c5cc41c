"""Tables of CCLF read whole, each row with the delivery that it came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from qpcli.inputs.canonical import TableRead
from qpcli.inputs.parse import RAW, VALUE, ParsedColumn, output_name, output_type
from qpcli.inputs.plan import SourcePlan, output_names
from qpcli.inputs.quality import Extras, nothing_else
from qpcli.inputs.table_scan import Counts, Settled, planned_scan
from qpcli.request import ReadOptions
from qpcli.tables.prepared_lines import DELIVERY
from qpcli.tables.schema import Column, Kind, Table

DELIVERY_COLUMN = Column(
    DELIVERY, Kind.INTEGER, "Delivery as yymmdd * 10**7 + hhmmsst; later is larger, 0 without a date."
)


@dataclass(frozen=True, slots=True)
class RowsRead:
    """The good rows of a table, the row of counts about all, and what they mean."""

    frame: pl.DataFrame
    counts: Counts
    settled: Settled

    def as_table(self) -> TableRead:
        """The rows as a table that was read."""
        return TableRead(self.frame, self.settled.files, self.settled.rejects, self.settled.findings)


def delivery_column(delivery: pl.Expr) -> ParsedColumn:
    """The delivery of a row, an expression over columns of the source, as a column; 0 where it has no date."""
    raw = delivery.cast(pl.Int64).fill_null(0).alias(RAW + DELIVERY)
    value = pl.col(RAW + DELIVERY).alias(VALUE + DELIVERY)
    return ParsedColumn(DELIVERY, raw, value, pl.col(VALUE + DELIVERY).alias(DELIVERY))


def read_rows(
    table: Table,
    plans: Sequence[SourcePlan],
    options: ReadOptions,
    extras: Extras = nothing_else,
    *,
    may_be_empty: bool = False,
) -> RowsRead:
    """Reads the sources into memory, without any an empty frame; raises QP202, QP203, QP208 or QP213."""
    if not plans:
        schema = {output_name(column): output_type(column) for column in table.columns}
        return RowsRead(pl.DataFrame(schema=schema).select(output_names(table)), {}, Settled((), (), ()))
    scan = replace(planned_scan(table, plans, options, extras), may_be_empty=may_be_empty)
    with scan.reading():
        frame, quality = pl.collect_all([scan.rows, scan.quality], engine="streaming")
    row = quality.row(0, named=True)
    return RowsRead(frame, row, scan.settle(row))
