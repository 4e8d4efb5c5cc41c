"""Attribution-eligible beneficiaries: the criteria that the beneficiary's own facts decide (42 CFR 414.1305)."""

from __future__ import annotations

from datetime import date
from functools import reduce

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.snapshots import at, each
from qpcli.terms import Snapshot

MONTHLY_CRITERIA = ("is_not_managed_care", "is_not_medicare_secondary", "has_part_a_and_b", "is_us_resident")
"""Criteria (1), (2), (3) and (5): judged month by month on the first day (open point enrollment_months)."""

CRITERIA = (
    "has_enrollment_record",
    "is_not_managed_care",
    "is_not_medicare_secondary",
    "has_part_a_and_b",
    "is_at_least_18",
    "is_us_resident",
)
"""All criteria that need no claim, in the order in which exclusions are counted."""

_MASK = pl.UInt16


def eligibility(beneficiaries: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per beneficiary (`bene_key`), each criterion at each snapshot; unknown is not met.

    `is_unknown_...` says that the criterion fails at the newest snapshot only because a fact is missing.
    """
    return (
        _one_row_per_person(beneficiaries, law)
        .with_columns(each(law, "required", lambda snapshot: required_months(law, snapshot)))
        .with_columns(
            *each(law, "has_enrollment_record", lambda snapshot: has_enrollment_record(law, snapshot)),
            *each(law, "is_at_least_18", lambda snapshot: is_of_age(law, snapshot)),
            *[is_met(name, law, s).alias(at(name, s)) for name in MONTHLY_CRITERIA for s in law.snapshots],
            *[is_unknown(name, law) for name in MONTHLY_CRITERIA],
            is_unknown_is_at_least_18=pl.col("birth_date").is_null(),
        )
        .select(
            "bene_key",
            *[at(name, snapshot) for name in CRITERIA for snapshot in law.snapshots],
            *[f"is_unknown_{name}" for name in (*MONTHLY_CRITERIA, "is_at_least_18")],
        )
    )


def facts_disagree(beneficiaries: pl.LazyFrame) -> pl.LazyFrame:
    """How many people have several birth dates, and several death dates: the earliest counts."""
    dates = ("birth_date", "death_date")
    several = beneficiaries.group_by("bene_key").agg((pl.col(name).min() < pl.col(name).max()) for name in dates)
    return several.select(pl.col(dates).sum())


def _one_row_per_person(beneficiaries: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """Months as bits (bit 0 is January): covered by a span, known not to meet a criterion, unknown."""
    met = _facts()
    covered = covered_months(law)
    spans = beneficiaries.with_columns(
        covered=covered,
        **{f"failed_{name}": pl.when(~fact).then(covered).otherwise(0) for name, fact in met.items()},
        **{f"unknown_{name}": pl.when(fact.is_null()).then(covered).otherwise(0) for name, fact in met.items()},
    )
    masks = ["covered", *[f"{what}_{name}" for what in ("failed", "unknown") for name in met]]
    return spans.group_by("bene_key").agg(
        pl.col("birth_date", "death_date").min(), *[pl.col(mask).cast(_MASK).bitwise_or() for mask in masks]
    )


def _facts() -> dict[str, pl.Expr]:
    return {
        "is_not_managed_care": ~pl.col("is_managed_care"),
        "is_not_medicare_secondary": ~pl.col("is_medicare_secondary"),
        "has_part_a_and_b": pl.col("has_part_a") & pl.col("has_part_b"),
        "is_us_resident": pl.col("is_us_resident"),
    }


def _first_days(law: Law) -> list[date]:
    """First day of each calendar month from January to the newest snapshot's."""
    return [date(law.performance_year, month, 1) for month in range(1, law.snapshots[-1].date.month + 1)]


def _months(conditions: list[pl.Expr]) -> pl.Expr:
    none = pl.lit(0, _MASK)
    bits = [pl.when(month).then(pl.lit(1 << i, _MASK)).otherwise(none) for i, month in enumerate(conditions)]
    return reduce(lambda a, b: a | b, bits)


def covered_months(law: Law) -> pl.Expr:
    """Months whose first day the span covers; open ends are null."""
    starts = pl.col("start_date").fill_null(date.min)
    ends = pl.col("end_date").fill_null(date.max)
    return _months([(starts <= day) & (ends >= day) for day in _first_days(law)])


def living_months(law: Law) -> pl.Expr:
    """Months on whose first day the beneficiary is alive; who dies on the 1st is alive that day."""
    dies = pl.col("death_date").fill_null(date.max)
    return _months([dies >= day for day in _first_days(law)])


def required_months(law: Law, snapshot: Snapshot) -> pl.Expr:
    """Living months the criteria look at: January to the snapshot's month, or that month alone (snapshot_month)."""
    newest = snapshot.date.month
    is_last_only = law.assumed("enrollment_months") == "snapshot_month"
    scope = 1 << (newest - 1) if is_last_only else (1 << newest) - 1
    return living_months(law) & pl.lit(scope, _MASK)


def _holds(law: Law, snapshot: Snapshot, good: pl.Expr) -> pl.Expr:
    """The good months are all the required ones, or at least one (any_month); no required month fails."""
    required = pl.col(at("required", snapshot))
    some = (required & good) != 0
    if law.assumed("enrollment_months") == "any_month":
        return some
    return some & ((required & good) == required)


def has_enrollment_record(law: Law, snapshot: Snapshot) -> pl.Expr:
    """A coverage record for the required months."""
    return _holds(law, snapshot, pl.col("covered"))


def is_met(criterion: str, law: Law, snapshot: Snapshot) -> pl.Expr:
    """Every span that covers a required month meets the criterion; an unknown fact does not."""
    bad = pl.col(f"failed_{criterion}") | pl.col(f"unknown_{criterion}")
    return _holds(law, snapshot, pl.col("covered") & ~bad)


def is_unknown(criterion: str, law: Law) -> pl.Expr:
    """The criterion fails at the newest snapshot and would hold if the unknown facts met it."""
    newest = law.snapshots[-1]
    if_known = _holds(law, newest, pl.col("covered") & ~pl.col(f"failed_{criterion}"))
    return (if_known & ~is_met(criterion, law, newest)).alias(f"is_unknown_{criterion}")


def is_of_age(law: Law, snapshot: Snapshot) -> pl.Expr:
    """The 18th birthday is on or before the snapshot date (open point age_reached_by); unknown is not met."""
    days = {"period_start": law.period.first_day, "period_end": law.period.last_day}
    day = days.get(law.assumed("age_reached_by"), snapshot.date)
    born_by = day.replace(year=day.year - law.minimum_age_years)
    return (pl.col("birth_date") <= born_by).fill_null(False)
