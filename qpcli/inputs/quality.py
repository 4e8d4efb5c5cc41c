"""One row of counts about all rows of a table, and the findings that it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.parse_text import NPI_DIGITS, TIN_DIGITS, is_digits
from qpcli.inputs.plan import BROKEN, COUNTED, IS_BAD, IS_LEFT_OUT, SourcePlan
from qpcli.tables.schema import Kind, Table

ROW_COUNT, BAD_ROW_COUNT, LEFT_OUT_COUNT = "row_count", "bad_row_count", "left_out_count"
Extras = Callable[[SourcePlan], Sequence[pl.Expr]]
"""What a table counts beside what all tables do."""
_WIDTHS = {Kind.TIN: TIN_DIGITS, Kind.NPI: NPI_DIGITS}
_ISSUER_SUM = 24
"""What the prefix 80840 adds to the Luhn sum of an NPI (45 CFR 162.406)."""


def nothing_else(_plan: SourcePlan) -> Sequence[pl.Expr]:
    return ()


def quality_of(plans: Sequence[SourcePlan], extras: Extras = nothing_else) -> pl.LazyFrame:
    """One row: how many rows there are, are bad, break each rule, were repaired; `extras` are summed or the largest."""
    sums = pl.concat([plan.checked.select(*_sums(plan), *extras(plan)) for plan in plans], how="diagonal")
    row = sums.select(_total(name, dtype) for name, dtype in sums.collect_schema().items())
    for column in plans[0].table.columns:
        if column.kind in _WIDTHS:
            row = row.join(_forms(plans, column.name, column.kind), how="cross")
    return row


def _sums(plan: SourcePlan) -> list[pl.Expr]:
    names = [BROKEN + rule.name for rule in plan.rules] + [name for name, _ in plan.counts()]
    left_out = pl.col(IS_LEFT_OUT).sum() if plan.leaves_out else pl.lit(0)
    return [
        pl.len().cast(pl.Int64).alias(ROW_COUNT),
        pl.col(IS_BAD).sum().cast(pl.Int64).alias(BAD_ROW_COUNT),
        left_out.cast(pl.Int64).alias(LEFT_OUT_COUNT),
        *(pl.col(name).sum().cast(pl.Int64) for name in names),
    ]


def _total(name: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(name).sum() if dtype.is_numeric() else pl.col(name).max()


def _forms(plans: Sequence[SourcePlan], name: str, kind: Kind) -> pl.LazyFrame:
    """Rows with an identifier of an odd form, and NPIs that fail the check digit; judged once per identifier."""
    used = [plan.checked.filter(~pl.col(IS_LEFT_OUT)) if plan.leaves_out else plan.checked for plan in plans]
    distinct = pl.concat([frame.select(name) for frame in used]).group_by(name).len()
    has_form = (pl.col(name).str.len_bytes() == _WIDTHS[kind]) & is_digits(pl.col(name))
    odd = pl.col("len").filter(~has_form).sum().cast(pl.Int64).alias(f"{COUNTED}odd_form:{name}")
    if kind is Kind.TIN:
        return distinct.select(odd)
    fails = (has_form & ~passes_luhn(pl.col(name))).sum().cast(pl.Int64).alias(f"{COUNTED}npi_check_digit:{name}")
    return distinct.select(odd, fails)


def passes_luhn(npi: pl.Expr) -> pl.Expr:
    """Whether ten digits with the prefix 80840 have the right check digit; null for other text."""
    digits = [npi.str.slice(place, 1).cast(pl.Int64, strict=False) for place in range(NPI_DIGITS)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[::2]]
    return (_ISSUER_SUM + pl.sum_horizontal(*doubled, *digits[1::2], ignore_nulls=False)) % 10 == 0


def repairs(table: Table, row: Mapping[str, Any]) -> Iterator[Finding]:
    """The findings about what was repaired or is odd, from the row of counts."""
    for name, count in row.items():
        if name.startswith(COUNTED) and count:
            code, _, rule = name.removeprefix(COUNTED).partition(":")
            yield finding(code, table=table.name, rule=rule, count=count)
