"""Cancellations and replacements: what of a claim line stands at each snapshot (42 CFR 414.1435(a)(3))."""

from __future__ import annotations

from functools import reduce

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.snapshots import at, each
from qpcli.terms import Snapshot

FAMILY = ("claim_id", "line_number", "npi", "tin", "bene_id", "service_date", "hcpcs", "setting")
"""Rows of one family are versions of one service."""


def families(numbered: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per family with its net count and net cents among the rows visible at each snapshot.

    Everything that numbering said of a line is the same for all rows of its family.
    """
    sign = pl.when("is_cancellation").then(-1).otherwise(1)
    not_summed = {*FAMILY, *_SUMMED}
    told = [name for name in numbered.collect_schema().names() if name not in not_summed]
    return numbered.group_by(FAMILY).agg(
        *[pl.col(name).first() for name in told],
        *each(law, "net_count", lambda snapshot: pl.when(is_visible(snapshot)).then(sign).otherwise(0).sum()),
        *each(law, "net_cents", lambda snapshot: pl.col("amount_cents").filter(is_visible(snapshot)).sum()),
    )


_SUMMED = ("amount_cents", "is_cancellation", "is_denied", "seen_snapshot")


def is_visible(snapshot: Snapshot) -> pl.Expr:
    """Served and processed in time for the snapshot, and not denied."""
    return (pl.col("seen_snapshot") <= snapshot.number) & ~pl.col("is_denied")


def standing(families: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per family and snapshot at which it changed: lines and cents to add to those of the snapshot before.

    A net count of at least 1 stands with the net cents; below 1 nothing stands.
    """
    return pl.concat([_change(families, law, position) for position in range(len(law.snapshots))])


def _change(families: pl.LazyFrame, law: Law, position: int) -> pl.LazyFrame:
    snapshot = law.snapshots[position]
    lines, cents = _standing_lines(snapshot), _standing_cents(snapshot)
    if position:
        before = law.snapshots[position - 1]
        lines, cents = lines - _standing_lines(before), cents - _standing_cents(before)
    seen = pl.lit(snapshot.number, pl.UInt8)
    changed = families.with_columns(line_count=lines, amount_cents=cents, seen_snapshot=seen)
    return changed.filter((pl.col("line_count") != 0) | (pl.col("amount_cents") != 0))


def _standing_lines(snapshot: Snapshot) -> pl.Expr:
    return pl.col(at("net_count", snapshot)).clip(lower_bound=0)


def _standing_cents(snapshot: Snapshot) -> pl.Expr:
    stands = pl.col(at("net_count", snapshot)) >= 1
    return pl.when(stands).then(at("net_cents", snapshot)).otherwise(0)


def orphan_cancellation_count(families: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """How many families net below 0 at the newest snapshot: a cancellation whose original was not delivered."""
    newest = at("net_count", law.snapshots[-1])
    return families.select(orphan_cancellation=(pl.col(newest) < 0).sum())


def net_count_above_one(families: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """How many families stand more than once at some snapshot."""
    above = reduce(lambda a, b: a | b, [pl.col(at("net_count", s)) > 1 for s in law.snapshots])
    return families.select(net_count_above_one=above.sum())
