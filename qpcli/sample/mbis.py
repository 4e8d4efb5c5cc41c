"""The Medicare Beneficiary Identifiers of a sample: some people had another one before, some of these two."""

from __future__ import annotations

import polars as pl

from qpcli.sample.identifiers import beneficiary_ids
from qpcli.sample.plan import SamplePlan
from qpcli.sample.randomness import draw, field, has_chance, share

_CHANGED, _CHANGED_TWICE = 300, 100
"""Chances of ten thousand people."""
_EARLIEST, _CHOICES, _MONTHS_BETWEEN = 3, 8, 2
_OLD_IDS, _OLDEST_IDS = 100_000_000, 200_000_000
"""Where the numbers of old ids begin; no sample has so many people."""
_TOLD_MONTHS = 3


def with_mbis(people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """Add the ids before the current one, which is bene_id, and the numbers of the deliveries that changed them.

    old_id holds before changed_in and oldest_id before first_changed_in; null for those without.
    """
    return (
        people.with_columns(
            old_id=beneficiary_ids(plan.seed, people["index"] + _OLD_IDS),
            oldest_id=beneficiary_ids(plan.seed, people["index"] + _OLDEST_IDS),
            mbi_draw=draw(plan.seed, "mbi changes", pl.col("index")),
        )
        .with_columns(
            changed_in=pl.when(has_chance(field("mbi_draw", 0), _CHANGED)).then(
                _EARLIEST + share("mbi_draw", 1, _CHOICES).cast(pl.Int32)
            )
        )
        .with_columns(
            first_changed_in=pl.when(has_chance(field("mbi_draw", 0), _CHANGED_TWICE)).then(
                pl.col("changed_in") - _MONTHS_BETWEEN
            )
        )
        .drop("mbi_draw")
    )


def mbi_in(delivery: pl.Expr | int) -> pl.Expr:
    """The id under which a delivery names a person."""
    return (
        pl.when(pl.col("first_changed_in") > delivery)
        .then("oldest_id")
        .when(pl.col("changed_in") > delivery)
        .then("old_id")
        .otherwise("bene_id")
    )


def links_in(people: pl.DataFrame, delivery: int) -> pl.DataFrame:
    """One row per change that a delivery tells, as three deliveries do: current_id and old_id."""
    pairs = (
        people.select("index", changed_in="first_changed_in", current_id="old_id", old_id="oldest_id"),
        people.select("index", "changed_in", current_id="bene_id", old_id="old_id"),
    )
    is_told = pl.lit(delivery).is_between("changed_in", pl.col("changed_in") + _TOLD_MONTHS - 1)
    return pl.concat(pairs).filter(is_told).sort("index", maintain_order=True).select("current_id", "old_id")
