"""One row of counts about all rows of a table, and the findings that it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.plan import BROKEN, COUNTED, IS_BAD, IS_LEFT_OUT, SourcePlan
from qpcli.tables.schema import Table

ROW_COUNT, BAD_ROW_COUNT, LEFT_OUT_COUNT = "row_count", "bad_row_count", "left_out_count"
Extras = Callable[[SourcePlan], Sequence[pl.Expr]]
"""What a table counts beside what all tables do."""


def nothing_else(_plan: SourcePlan) -> Sequence[pl.Expr]:
    return ()


def quality_of(plans: Sequence[SourcePlan], extras: Extras = nothing_else) -> pl.LazyFrame:
    """One row: how many rows there are, are bad, break each rule, were repaired; `extras` are summed or the largest."""
    return total(pl.concat([plan.checked.select(counts_of(plan, extras)) for plan in plans], how="diagonal"))


def total(counts: pl.LazyFrame) -> pl.LazyFrame:
    """Several rows of counts as one."""
    return counts.select(_total(name, dtype) for name, dtype in counts.collect_schema().items())


def counts_of(plan: SourcePlan, extras: Extras = nothing_else) -> list[pl.Expr]:
    """What is counted about rows of `plan.checked`: one row, sums and newest dates."""
    return [*_sums(plan), *extras(plan)]


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


def repairs(table: Table, row: Mapping[str, Any]) -> Iterator[Finding]:
    """The findings about what was repaired or is odd, from the row of counts."""
    for name, count in row.items():
        if name.startswith(COUNTED) and count:
            code, _, rule = name.removeprefix(COUNTED).partition(":")
            yield finding(code, table=table.name, rule=rule, count=count)
