"""Snapshots as columns: a fact that may differ by snapshot k has a column `fact_k` (42 CFR 414.1425(b)(1))."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import polars as pl

from qpcli.regulation.law import Law
from qpcli.terms import Snapshot


def at(fact: str, snapshot: Snapshot | int) -> str:
    """The column that holds a fact at a snapshot."""
    return f"{fact}_{snapshot.number if isinstance(snapshot, Snapshot) else snapshot}"


def each(law: Law, fact: str, expression: Callable[[Snapshot], pl.Expr]) -> list[pl.Expr]:
    """One named expression per snapshot."""
    return [expression(snapshot).alias(at(fact, snapshot)) for snapshot in law.snapshots]


def any_of(conditions: Sequence[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(*conditions) if conditions else pl.lit(False)


def days_from(first_day: date, day: pl.Expr) -> pl.Expr:
    """Whole days from the first day of the period, 0 on that day."""
    return (day - pl.lit(first_day)).dt.total_days()


def run_out_date(law: Law, snapshot: Snapshot) -> date:
    """Claims processed after this day are too late for the snapshot (open point claims_run_out_days)."""
    return snapshot.date + timedelta(days=int(law.assumed("claims_run_out_days")))


def is_third(law: Law, snapshot: Snapshot) -> bool:
    """The third snapshot is the one that ends the period (414.1425(b)(1))."""
    return snapshot.date == law.period.last_day
