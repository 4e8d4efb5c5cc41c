"""Coverages as facts in time: per person and part, days on which the part is known to be held or not."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from qpcli.inputs.bcda.people import PART_A, PART_B, PART_C
from qpcli.inputs.codes import BUY_IN_CODES, PART_A_CODES, PART_B_CODES
from qpcli.regulation.law import Law

FIRST_DAY, LAST_DAY = date.min, date.max
"""Stand for an open start and an open end."""
PAYER_PART = "payer"
_FACT = ["person", "part", "from_day", "until_day", "is_month", "is_held"]


def facts_of(records: pl.DataFrame, payer_months: pl.DataFrame, law: Law) -> pl.DataFrame:
    """One row per person, part and stretch of days: `is_held` (null: unknown), `is_month` where a monthly code says so.

    `records` has the current id in `person`. Months with another payer first are a part of their own.
    """
    months = payer_months.select(
        pl.col("bene_id").alias("person"),
        pl.lit(PAYER_PART).alias("part"),
        pl.col("start_date").alias("from_day"),
        pl.col("start_date").dt.month_end().alias("until_day"),
        pl.lit(True).alias("is_month"),
        pl.lit(True).alias("is_held"),
    )
    return pl.concat([_periods(records), _months(records, law), months])


def _newest(records: pl.DataFrame, *key: str) -> pl.DataFrame:
    """Of resources that were delivered again the newest."""
    return records.sort("delivery", maintain_order=True).unique(["bene_id", *key], keep="last", maintain_order=True)


def _periods(records: pl.DataFrame) -> pl.DataFrame:
    """Held from the first to the last day; a coverage cancelled without a last day ended on a day unknown."""
    coverages = records.filter(pl.col("part").is_not_null())
    dated = _newest(coverages, "part", "resource_id").filter(
        pl.col("start_date").is_not_null() | pl.col("end_date").is_not_null()
    )
    has_ended = (pl.col("status") == "cancelled").fill_null(False) & pl.col("end_date").is_null()
    return dated.select(
        "person",
        "part",
        pl.col("start_date").fill_null(FIRST_DAY).alias("from_day"),
        pl.col("end_date").fill_null(LAST_DAY).alias("until_day"),
        pl.lit(False).alias("is_month"),
        pl.when(~has_ended).then(True).alias("is_held"),
    )


def _months(records: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Stretches of months whose codes say the same; the newest resource counts for each year."""
    coded = records.filter(pl.col("month_codes").is_not_null() & pl.col("reference_year").is_not_null())
    newest = _newest(coded, "part", "reference_year")
    # Many people share few ways in which a year went.
    ways = _stretches(newest.select("part", "reference_year", "month_codes").unique(), law)
    return newest.join(ways, on=["part", "reference_year", "month_codes"]).select(
        *_FACT[:4], pl.lit(True).alias("is_month"), "is_held"
    )


def _stretches(years: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Per part, year and its codes, the stretches of months that say the same; none of months without a code."""
    key = ["part", "reference_year", "month_codes"]
    each = (
        years.sort(key)
        .with_columns(pl.col("month_codes").str.split(",").alias("code"), month=pl.int_ranges(1, 13))
        .explode("code", "month")
        .with_columns(is_held=_is_held(law))
        .with_columns(stretch=pl.struct(*key, "is_held", pl.col("code") == "").rle_id())
        .filter(pl.col("code") != "")
    )
    first = pl.date(pl.col("reference_year"), pl.col("month"), 1)
    return each.group_by(*key, "stretch", "is_held").agg(from_day=first.min(), until_day=first.dt.month_end().max())


def _is_held(law: Law) -> pl.Expr:
    """What a monthly code says of its part; null for one that is not known."""
    code, part = pl.col("code"), pl.col("part")
    free_codes = [free.strip().upper() for free in law.assumed("rif_fee_for_service_hmo_codes").split(",")]
    is_known = code.is_in(BUY_IN_CODES)
    return (
        pl.when(code == "")
        .then(None)
        .when(part == PART_C)
        .then(~code.is_in(free_codes))
        .when((part == PART_A) & is_known)
        .then(code.is_in(PART_A_CODES))
        .when((part == PART_B) & is_known)
        .then(code.is_in(PART_B_CODES))
    )


def segments_of(people: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """One row per person and stretch of days in which no fact begins or ends; the first and last are open."""
    ends = facts.filter(pl.col("until_day") < LAST_DAY)
    starts = [
        people.select("person", pl.lit(FIRST_DAY).alias("from_day")),
        facts.select("person", "from_day"),
        ends.select("person", (pl.col("until_day") + timedelta(days=1)).alias("from_day")),
    ]
    next_start = pl.col("from_day").shift(-1).over("person")
    return (
        pl.concat(starts)
        .unique()
        .sort("person", "from_day")
        .with_columns((next_start - timedelta(days=1)).fill_null(LAST_DAY).alias("until_day"))
    )


def held_in(segments: pl.DataFrame, facts: pl.DataFrame, part: str) -> pl.DataFrame:
    """Per segment: `by_month` and `by_period` say whether the part is held, null where no fact (or an unknown) does.

    `has_month` tells a month with a code from one without, `has_period` a person with periods from one without.
    """
    mine = facts.filter(pl.col("part") == part)
    inside = (
        segments.join(mine.rename({"from_day": "first", "until_day": "last"}), on="person")
        .filter(pl.col("first") <= pl.col("from_day"), pl.col("last") >= pl.col("until_day"))
        .group_by("person", "from_day")
        .agg(
            has_month=pl.col("is_month").any(),
            by_month=pl.col("is_held").filter("is_month").max(),
            is_in_period=(~pl.col("is_month")).any(),
            in_period=pl.col("is_held").filter(~pl.col("is_month")).max(),
        )
    )
    dated = mine.filter(~pl.col("is_month")).select("person", pl.lit(True).alias("has_period")).unique()
    joined = segments.join(inside, on=["person", "from_day"], how="left").join(dated, on="person", how="left")
    outside = pl.when("has_period").then(False)
    return joined.select(
        "person",
        "from_day",
        pl.col("has_month").fill_null(False),
        "by_month",
        pl.when(pl.col("is_in_period").fill_null(False)).then("in_period").otherwise(outside).alias("by_period"),
    )
