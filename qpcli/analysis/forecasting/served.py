"""Whom each APM Entity has served so far, one row per beneficiary: visits, treatments, and cents by month."""

from __future__ import annotations

import polars as pl

from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.forecasting.run_out import MonthsShown
from qpcli.rules.group_people import PERSON
from qpcli.rules.groups import lines_of_groups
from qpcli.rules.snapshots import at
from qpcli.terms import Snapshot

COUNTS = ("em_visits", "early_em_visits", "treatments", "early_treatments")
AMOUNTS = ("cents", "variance")


def served(run: FinishedRun, lines: pl.LazyFrame, target: Snapshot, months: MonthsShown) -> pl.LazyFrame:
    """One row per group and beneficiary it served up to a snapshot; `lines` as in Groups.

    `em_visits`: days with E/M services; `treatments`: months with covered services that follow on none; of both, those
    of the early months too. `variance`: how much cents vary from month to month, per unit of exposure.
    """
    by_month = _by_month(run, lines, target).with_columns(treatments=_begins().cast(pl.Int64))
    is_early = pl.col("month") <= months.early
    early = {f"early_{name}": pl.col(name).filter(is_early).sum() for name in ("em_visits", "treatments")}
    sums = pl.col("em_visits", "treatments", "cents").sum()
    return by_month.group_by(PERSON).agg(sums, **early, variance=_variance(months))


def _by_month(run: FinishedRun, lines: pl.LazyFrame, target: Snapshot) -> pl.LazyFrame:
    days, year = run.kept_table("service_days"), target.date.year
    sets = [name for name in days.collect_schema().names() if name.startswith("em_")]
    month = (pl.date(year, 1, 1) + pl.duration(days=pl.col("day"))).dt.month().cast(pl.Int64) - 1
    of_groups = lines_of_groups(days.with_columns(month=month), lines)
    is_in_time = pl.col(at("is_in", target)) & (pl.col("month") < target.date.month)
    counted = of_groups.filter(is_in_time, pl.col("cps_days") > 0)
    visits = pl.sum_horizontal(pl.col(name) * pl.col(_uses(name, target)) for name in sets)
    cents = pl.col("cps_cents").sum().cast(pl.Float64)
    return counted.group_by(*PERSON, "month").agg(em_visits=visits.sum().cast(pl.Int64), cents=cents)


def _uses(days: str, target: Snapshot) -> str:
    return at(f"uses_{days.removesuffix('_days')}", target)


def _begins() -> pl.Expr:
    """Treatments that go on for months are no sign that somebody comes often: they count once."""
    return (pl.col("month") - pl.col("month").shift(1) > 1).fill_null(True).over(PERSON, order_by="month")


def _variance(months: MonthsShown) -> pl.Expr:
    """Of what a unit of exposure brings, about each person's own average."""
    told = months.told
    shown = pl.col("month").replace_strict(told, default=None, return_dtype=pl.Float64)
    whole = pl.col("cents").filter(shown.is_not_null()).sum()
    squares = (pl.col("cents") ** 2 / shown).sum() - whole**2 / sum(told.values())
    return squares / max(len(told) - 1, 1)
