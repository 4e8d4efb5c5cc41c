"""The coverage facts of a sample month by month, as yearly and monthly files tell them."""

from __future__ import annotations

from datetime import date

import polars as pl

from qpcli.sample.situations import spans_frame

MONTHS = range(1, 13)


def months_frame(performance_year: int) -> pl.DataFrame:
    """One row per situation with an enrollment record and month of the year: the facts on the month's first day.

    Where spans overlap, all must be covered and one in managed care or secondary is enough. `is_covered` is false
    in a month without a span, whose other facts are null; `covered_from` is null for spans that are open. A fact
    that the span does not tell is null.
    """
    spans = spans_frame(performance_year)
    firsts = pl.DataFrame({"month": list(MONTHS)}, schema={"month": pl.Int8}).with_columns(
        first_day=pl.date(performance_year, "month", 1)
    )
    holds = (pl.col("start_date").fill_null(date.min) <= pl.col("first_day")) & (
        pl.col("end_date").fill_null(date.max) >= pl.col("first_day")
    )
    facts = (
        spans.join(firsts, how="cross")
        .filter(holds)
        .group_by("situation", "month")
        .agg(
            pl.col("has_part_a", "has_part_b", "is_us_resident").min(),
            pl.col("is_managed_care", "is_medicare_secondary").max(),
            is_covered=pl.lit(True).first(),
        )
    )
    return (
        _covered_from(spans)
        .join(firsts.select("month"), how="cross")
        .join(facts, on=["situation", "month"], how="left")
        .with_columns(pl.col("is_covered").fill_null(False))
        .sort("situation", "month")
    )


def buy_in_code() -> pl.Expr:
    """CMS's code of Part A and Part B in a month, with the State's codes for one in eight; null when not known."""
    has_part_a, has_part_b = pl.col("has_part_a"), pl.col("has_part_b")
    is_bought_in = pl.col("index") % 8 == 0
    return (
        pl.when(~pl.col("is_covered"))
        .then(pl.lit("0"))
        .when(has_part_a & has_part_b)
        .then(pl.when(is_bought_in).then(pl.lit("C")).otherwise(pl.lit("3")))
        .when(has_part_a & ~has_part_b)
        .then(pl.when(is_bought_in).then(pl.lit("A")).otherwise(pl.lit("1")))
        .when(~has_part_a & has_part_b)
        .then(pl.when(is_bought_in).then(pl.lit("B")).otherwise(pl.lit("2")))
        .when(~has_part_a & ~has_part_b)
        .then(pl.lit("0"))
    )


def lives_in_the_us() -> pl.Expr:
    """Residence in a month, at home where no span tells it; null when not known."""
    return pl.when("is_covered").then("is_us_resident").otherwise(True)


def _covered_from(spans: pl.DataFrame) -> pl.DataFrame:
    """One row per situation: the first day of its first span, null when that is open."""
    has_open_start = pl.col("start_date").is_null().any()
    return spans.group_by("situation").agg(
        covered_from=pl.when(~has_open_start).then(pl.col("start_date").min()),
    )
