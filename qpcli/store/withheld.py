"""Amounts withheld by a cash-flow mechanism, delivered in files of their own, put onto the lines they belong to."""

from __future__ import annotations

import polars as pl

_KEY = ["claim_version", "line_number"]
_SCHEMA = {
    "bene_id": pl.String(),
    "claim_version": pl.String(),
    "line_number": pl.Int64(),
    "withheld_cents": pl.Int64(),
    "reduction_cents": pl.Int64(),
    "inclusion_cents": pl.Int64(),
    "delivery": pl.Int64(),
    "delivered_bene_id": pl.String(),
}


def latest_reductions(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """One row per claim version and line: the latest delivery."""
    rows = pl.concat([pl.DataFrame(schema=_SCHEMA), *(frame.select(list(_SCHEMA)) for frame in frames)])
    in_order = rows.sort([*_KEY, "delivery", *(name for name in _SCHEMA if name not in (*_KEY, "delivery"))])
    return in_order.unique(_KEY, keep="last", maintain_order=True)


def with_reductions(lines: pl.DataFrame, reductions: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Lines with what was withheld from them, and on how many paid and reduction miss the inclusion amount.

    The inclusion amount is what would have been paid; amounts of a cancellation may be signed.
    """
    amounts = reductions.select(*_KEY, "reduction_cents", "inclusion_cents", found_cents="withheld_cents")
    joined = lines.join(amounts, on=_KEY, how="left", maintain_order="left")
    adds_up = pl.col("paid_cents").abs() + pl.col("reduction_cents").abs() == pl.col("inclusion_cents").abs()
    differing = joined.select(((pl.col("reduction_cents") != 0) & ~adds_up).sum()).item()
    kept = joined.with_columns(withheld_cents=pl.coalesce("found_cents", "withheld_cents"))
    return kept.select(lines.columns), differing
