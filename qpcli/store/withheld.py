"""Amounts withheld by a cash-flow mechanism, delivered in files of their own, put onto the lines they belong to."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qpcli.store.stamps import day_of

_KEY = ["claim_version", "line_number"]
COLUMNS = {
    "bene_id": pl.String(),
    "claim_version": pl.String(),
    "line_number": pl.Int64(),
    "withheld_cents": pl.Int64(),
    "reduction_cents": pl.Int64(),
    "inclusion_cents": pl.Int64(),
    "delivery": pl.Int64(),
    "delivered_bene_id": pl.String(),
}
"""Columns of withheld amounts in a store."""


def latest_reductions(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """One row per claim version and line: the latest delivery."""
    # Staging leaves out what has no value.
    rows = pl.concat([pl.DataFrame(schema=COLUMNS), *frames], how="diagonal")
    in_order = rows.sort([*_KEY, "delivery", *(name for name in COLUMNS if name not in (*_KEY, "delivery"))])
    return in_order.unique(_KEY, keep="last", maintain_order=True)


def with_reductions(
    lines: pl.DataFrame, reductions: pl.DataFrame, days: frozenset[int] = frozenset()
) -> tuple[pl.DataFrame, int]:
    """Lines with what was withheld from them, and on how many paid and reduction miss the inclusion amount.

    The inclusion amount is what would have been paid; amounts of a cancellation may be signed. A reduction is over
    where the line was delivered again on one of `days`, those with a file of reductions, without one.
    """
    standing = _standing(reductions, lines, days)
    amounts = standing.select(*_KEY, "reduction_cents", "inclusion_cents", found_cents="withheld_cents")
    joined = lines.join(amounts, on=_KEY, how="left", maintain_order="left")
    adds_up = pl.col("paid_cents").abs() + pl.col("reduction_cents").abs() == pl.col("inclusion_cents").abs()
    differing = joined.select(((pl.col("reduction_cents") != 0) & ~adds_up).sum()).item()
    kept = joined.with_columns(withheld_cents=pl.coalesce("found_cents", "withheld_cents"))
    return kept.select(lines.columns), differing


def _standing(reductions: pl.DataFrame, lines: pl.DataFrame, days: frozenset[int]) -> pl.DataFrame:
    """The reductions that no later delivery of their line has ended."""
    reduced = lines.join(reductions, on=_KEY, how="semi").select(*_KEY, told_on=day_of(pl.col("delivery")))
    latest = reduced.filter(pl.col("told_on").is_in(days)).group_by(_KEY).agg(pl.col("told_on").max())
    is_over = pl.col("told_on") > day_of(pl.col("delivery"))
    return reductions.join(latest, on=_KEY, how="left").filter(~is_over.fill_null(False))
