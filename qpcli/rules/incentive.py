"""What QP status is worth: the lump sum, to whom it is paid, the higher fee schedule (42 CFR 414.1450)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import polars as pl

from qpcli.regulation.incentive import Incentive
from qpcli.regulation.law import Law
from qpcli.terms import ListType, QpPerformancePeriod, QpStatus, Snapshot

LISTED_STEP, BILLING_STEP, UNKNOWN_STEP = 1, 7, 8
"""Paragraphs of 414.1450(c): listed in the QP Performance Period, billed in the base period, no TIN known."""
_WHOLE = 10_000
_WIDE = pl.Int128


def base_period_law(law: Law, incentive: Incentive) -> Law:
    """The law by which claim lines of the base period are read: every rule of lines holds for it too (414.1450(b)).

    Its days stand in place of the QP Performance Period, with one snapshot at its end and a run-out to the day by
    which claims are processed.
    """
    days = incentive.base_period
    run_out_days = (days.processed_by - days.last_day).days
    run_out = replace(law.open_points["claims_run_out_days"], value=str(run_out_days))
    return replace(
        law,
        period=QpPerformancePeriod(days.first_day, days.last_day),
        snapshots=(Snapshot(1, days.last_day),),
        open_points={**law.open_points, "claims_run_out_days": run_out},
    )


def qps(determinations: pl.LazyFrame) -> pl.LazyFrame:
    """One row per clinician whose newest determination is QP, with the APM Entity that decided (null: individual)."""
    is_qp = pl.col("is_latest") & (pl.col("status") == QpStatus.QP.value)
    return determinations.filter(is_qp).select("npi", apm_entity_id="determined_by_apm_entity_id")


def listed_tins(participants: pl.LazyFrame, qps: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per QP and TIN listed in the QP Performance Period by an APM Entity of the status (414.1450(c)(1)).

    After an individual result every APM Entity that lists the clinician is one through which it was reached.
    """
    begins = pl.col("start_date").is_null() | (pl.col("start_date") <= law.period.last_day)
    ends = pl.col("end_date").is_null() | (pl.col("end_date") >= law.period.first_day)
    is_list = pl.col("list_type").is_in([kind.value for kind in ListType])
    listed = participants.filter(begins & ends & is_list).select("npi", "tin", listed_by="apm_entity_id")
    is_through = pl.col("apm_entity_id").is_null() | (pl.col("apm_entity_id") == pl.col("listed_by"))
    return listed.join(qps, on="npi").filter(is_through).select("npi", "tin").unique()


def pairs(base: pl.LazyFrame, listed: pl.LazyFrame, qps: pl.LazyFrame) -> pl.LazyFrame:
    """One row per QP and TIN with the base amount, its step of 414.1450(c), and whether the QP billed under it."""
    billed = base.join(qps, on="npi", how="semi").group_by("npi", "tin").agg(pl.col("base_cents").sum())
    marked = billed.with_columns(is_billed=pl.lit(True))
    both = marked.join(
        listed.with_columns(is_listed=pl.lit(True)), on=["npi", "tin"], how="full", coalesce=True, nulls_equal=True
    )
    step = (
        pl.when(pl.col("is_listed").fill_null(False))
        .then(LISTED_STEP)
        .when(pl.col("tin").is_not_null())
        .then(BILLING_STEP)
        .otherwise(UNKNOWN_STEP)
    )
    return both.select("npi", "tin", pl.col("base_cents").fill_null(0), pl.col("is_billed").fill_null(False), step=step)


def with_worth(pairs: pl.LazyFrame, incentive: Incentive, law: Law) -> pl.LazyFrame:
    """The pairs with `recipient_step` (null: others are paid), their share of the lump sum, the fee schedule's part."""
    is_recipient = pl.col("step") == pl.col("step").min().over("npi")
    return (
        pairs.with_columns(
            npi_incentive_cents=lump_sum(pl.col("base_cents").sum().over("npi"), incentive, law),
            recipient_step=pl.when(is_recipient).then(pl.col("step")).cast(pl.Int64),
            fee_schedule_cents=fee_schedule_difference(pl.col("base_cents"), incentive),
        )
        .with_columns(weight=_weight(law))
        .with_columns(incentive_cents=_share())
    )


def lump_sum(base_cents: pl.Expr, incentive: Incentive, law: Law) -> pl.Expr:
    """The lump sum in cents; none on a base below 0 (414.1450(b)(1), open point incentive_rounding)."""
    hundredths = base_cents.clip(lower_bound=0) * incentive.lump_sum_hundredths
    half = 0 if law.assumed("incentive_rounding") == "down" else _WHOLE // 2
    return (hundredths + half) // _WHOLE


def fee_schedule_difference(base_cents: pl.Expr, incentive: Incentive) -> pl.Expr:
    """What the same services bring more at the QPs' conversion factor, to the nearest cent; null where it is equal."""
    if not incentive.fee_schedule.is_higher_for_qps:
        return pl.lit(None, pl.Int64)
    return _nearest(base_cents, incentive.fee_schedule.ratio - 1)


def _nearest(cents: pl.Expr, ratio: Fraction) -> pl.Expr:
    doubled = 2 * cents.cast(_WIDE) * pl.lit(ratio.numerator, _WIDE) + pl.lit(ratio.denominator, _WIDE)
    return (doubled // pl.lit(2 * ratio.denominator, _WIDE)).cast(pl.Int64)


def _weight(law: Law) -> pl.Expr:
    """How recipients share: by their base amounts, equally where none has any (open point incentive_tin_shares)."""
    is_recipient = pl.col("recipient_step").is_not_null()
    equal = is_recipient.cast(pl.Int64)
    if law.assumed("incentive_tin_shares") == "equal_parts":
        return equal
    amounts = pl.when(is_recipient).then(pl.col("base_cents").clip(lower_bound=0)).otherwise(0)
    return pl.when(amounts.sum().over("npi") > 0).then(amounts).otherwise(equal)


def _share() -> pl.Expr:
    """Whole cents that add up to the lump sum: rounded down, and the cents left to the largest remainders."""
    total = pl.col("weight").sum().over("npi").cast(_WIDE)
    product = pl.col("npi_incentive_cents").cast(_WIDE) * pl.col("weight").cast(_WIDE)
    whole, rest = product // total, product % total
    left = pl.col("npi_incentive_cents").cast(_WIDE) - whole.sum().over("npi")
    place = pl.struct(-rest.cast(pl.Int64), pl.col("tin")).rank("ordinal").over("npi")
    return (whole + (place <= left)).cast(pl.Int64)


def by_npi(worth: pl.LazyFrame, qps: pl.LazyFrame, incentive: Incentive) -> pl.LazyFrame:
    """One row per QP, also one who billed nothing in the base period."""
    sums = worth.group_by("npi").agg(
        tin_count=(pl.col("is_billed") & pl.col("tin").is_not_null()).sum().cast(pl.Int64),
        base_cents=pl.col("base_cents").sum(),
        incentive_cents=pl.col("incentive_cents").sum(),
        fee_schedule_cents=_sum_or_null("fee_schedule_cents"),
    )
    higher = 0 if incentive.fee_schedule.is_higher_for_qps else None
    return (
        qps.join(sums, on="npi", how="left")
        .with_columns(
            pl.col("tin_count", "base_cents", "incentive_cents").fill_null(0),
            pl.col("fee_schedule_cents").fill_null(pl.lit(higher, pl.Int64)),
            lump_sum_percent=pl.lit(incentive.lump_sum_hundredths * 100, pl.Int64),
        )
        .sort("npi")
    )


def by_tin(worth: pl.LazyFrame) -> pl.LazyFrame:
    """One row per TIN."""
    sums = worth.group_by("tin").agg(
        qp_count=pl.len().cast(pl.Int64),
        base_cents=pl.col("base_cents").sum(),
        incentive_cents=pl.col("incentive_cents").sum(),
        fee_schedule_cents=_sum_or_null("fee_schedule_cents"),
    )
    return sums.sort("tin")


def _sum_or_null(column: str) -> pl.Expr:
    return pl.when(pl.col(column).is_not_null().any()).then(pl.col(column).sum())
