"""CCLFB: what was held back from Part B lines by capitation, population-based payment and sequestration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from qpcli.inputs.cclf.delivered import delivery_column
from qpcli.inputs.cclf.files import DeliveredSource
from qpcli.inputs.fields import Fields
from qpcli.inputs.parse import RAW, VALUE, ParsedColumn, output_name, raw, value
from qpcli.inputs.plan import SourcePlan, make_plan
from qpcli.inputs.table_scan import TableScan, planned_scan
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.schema import Column
from qpcli.tables.withheld import WITHHELD

_FIELDS = {
    "bene_id": ("BENE_MBI_ID",),
    "claim_version": ("CUR_CLM_UNIQ_ID",),
    "line_number": ("CLM_LINE_NUM",),
    "inclusion_amount": ("CLM_PBP_INCLSN_AMT",),
    "reduction_amount": ("CLM_PBP_RDCTN_AMT",),
    "sequestration_amount": ("CLM_SQSTRTN_RDCTN_AMT",),
}
_REDUCTION, _SEQUESTRATION = WITHHELD.column("reduction_amount"), WITHHELD.column("sequestration_amount")


def withheld_scan(sources: Sequence[DeliveredSource], options: ReadOptions, law: Law) -> TableScan:
    """One row per line with something to add back, signed as delivered; needs a source. Raises QP202 or QP204.

    The plans hold DELIVERY beside the columns of WITHHELD. Lines with nothing to add back are left out. Records of
    93 characters have no sequestration.
    """
    plans = [_plan(delivered, law) for delivered in sources]
    return replace(planned_scan(WITHHELD, plans, options), may_be_empty=True)


def _plan(delivered: DeliveredSource, law: Law) -> SourcePlan:
    fields = Fields(delivered.source)
    fields.required(*_FIELDS["reduction_amount"])
    columns = [fields.column(WITHHELD.column(name), *names) for name, names in _FIELDS.items()]
    added = _added_back(law)
    return make_plan(
        WITHHELD,
        delivered.source,
        (delivery_column(delivered.delivery), *columns, _withheld(added)),
        left_out=pl.all_horizontal(_is_nothing(column) for column in added),
    )


def _added_back(law: Law) -> tuple[Column, ...]:
    """The reductions that count as paid; sequestration is an open point."""
    return (_REDUCTION, _SEQUESTRATION) if law.assumed("sequestration") == "added_back" else (_REDUCTION,)


def _withheld(added: Sequence[Column]) -> ParsedColumn:
    """The sum of the reductions, of values that are read by then."""
    column = WITHHELD.column("withheld_amount")
    nothing = pl.lit(None)
    amount = pl.sum_horizontal(value(part) for part in added)
    return ParsedColumn(
        output_name(column),
        nothing.alias(RAW + column.name),
        nothing.alias(VALUE + column.name),
        amount.alias(output_name(column)),
    )


def _is_nothing(column: Column) -> pl.Expr:
    """Zero or blank; what cannot be read is neither."""
    return raw(column).is_null() | (value(column) == 0).fill_null(False)
