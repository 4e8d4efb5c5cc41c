"""Days on which a clinician served a beneficiary, by month: how often people come, which no score asks.

What is still to come of a QP Performance Period (42 CFR 414.1305) is told from it, see analysis.forecasting.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from qpcli.rules.claim_lines import LineContext, stretch_of

DAY_KEYS = ("clinician_key", "tin_key", "bene_key", "day")


def service_days(dated_cells: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """One row per clinician, TIN, beneficiary and month, or stretch of a month that an entity's window tells apart.

    `dated_cells`: cells that keep their dates, rows of which may add up; those that no snapshot sees stay out.
    `cps_days`: dates with a covered professional service that stands; `em_0_days` and so on: with a service of a
    code set; `cps_cents`: amounts. RHC and FQHC services count as both where rhc_fqhc_satisfies_em says so.
    """
    measures = {"cps_days": _services("cps_count", context)}
    for i in range(len(context.lists.codes.em_set_names)):
        measures[f"em_{i}_days"] = _services(f"em_{i}_count", context)
    is_in_time = pl.col("seen_snapshot") <= context.law.snapshots[-1].number
    by_date = dated_cells.filter(is_in_time, ~pl.col("is_denied")).group_by(DAY_KEYS)
    counted = by_date.agg(pl.col("cps_cents").sum(), *(value.sum().alias(name) for name, value in measures.items()))
    stretch = stretch_of(pl.col("day"), _first_days(context)).cast(pl.UInt16)
    days = [(pl.col(name) > 0).sum().cast(pl.UInt16) for name in measures]
    by_month = counted.with_columns(day=stretch).group_by(DAY_KEYS).agg(pl.col("cps_cents").sum(), *days)
    return by_month.filter(pl.any_horizontal(pl.col("cps_cents", *measures) != 0)).sort(DAY_KEYS)


def _services(count: str, context: LineContext) -> pl.Expr:
    services = pl.col(count).cast(pl.Int64)
    qualifies = context.law.assumed("rhc_fqhc_satisfies_em") == "yes"
    return services + pl.col("rural_count") if qualifies else services


def _first_days(context: LineContext) -> list[int]:
    """The first days of months and of stretches, in days from Jan 1."""
    period, last = context.law.period, context.law.snapshots[-1].date
    months = [(date(last.year, month, 1) - period.first_day).days for month in range(1, last.month + 1)]
    return sorted({*months, *context.lists.window_days})


def processing(lines: pl.LazyFrame) -> pl.LazyFrame:
    """One row per service date and processing date: how many lines were processed that day, denied ones apart.

    Cancellations and replacements are left out: they tell when a claim was mended, not when it came.
    """
    came = lines.filter(
        ~pl.col("is_denied"), pl.col("adjustment") == "original", pl.col("processed_date").is_not_null()
    )
    return came.group_by("service_date", "processed_date").agg(line_count=pl.len().cast(pl.Int64))
