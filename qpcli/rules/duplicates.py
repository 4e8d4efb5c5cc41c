"""The same claim line delivered twice counts once; a delivery that contradicts another is an error."""

from __future__ import annotations

import polars as pl

from qpcli.terms import Adjustment

LINE = ("bene_id", "claim_id", "line_number")
"""Rows that agree in these may be copies, versions or cancellations of one line; all others stand alone."""

NATURAL_KEY = (*LINE, "adjustment", "processed_date", "claim_version")


def line_hash() -> pl.Expr:
    """Equal for rows of one claim line. Unequal lines may collide: the rules below compare the columns themselves."""
    bene_id, claim_id, line_number = (pl.col(name).hash(seed) for seed, name in enumerate(LINE))
    return (bene_id ^ claim_id ^ line_number).alias("line_hash")


def repeated(line_hashes: pl.LazyFrame) -> pl.LazyFrame:
    """The hashes that occur more than once, one row each."""
    in_order = line_hashes.sort("line_hash")
    return in_order.filter(pl.col("line_hash") == pl.col("line_hash").shift(1)).unique()


def without_copies(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One row per distinct delivered row: rows equal in the natural key and all used columns are one delivery.

    A cancellation's amounts are compared by their absolute values, the only thing used of them.
    """
    return with_absolute_amounts(rows).unique()


def with_absolute_amounts(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows with the absolute amounts of cancellations."""
    is_cancellation = pl.col("adjustment") == Adjustment.CANCELLATION.value
    amounts = pl.col("paid_cents", "withheld_cents", "excluded_cents")
    return rows.with_columns(pl.when(is_cancellation).then(amounts.abs()).otherwise(amounts))


def conflicting(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One row per natural key that rows without copies still share: the deliveries contradict each other."""
    return rows.group_by(NATURAL_KEY).agg(row_count=pl.len()).filter(pl.col("row_count") > 1)


def conflict_words(count: int) -> str:
    """What to say of natural keys whose deliveries contradict each other."""
    return (
        f"claim_lines: {count:,} claim lines were delivered in versions that contradict each other (duplicate_conflict)"
    )
