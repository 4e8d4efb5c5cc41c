"""Cells: what one clinician under one TIN did for one beneficiary, by the snapshot that first sees it.

One scan of the claims makes them; every level, basis, method and snapshot comes from them
(42 CFR 414.1435). Snapshots nest, so a cell of snapshot j counts at every snapshot from j on.
"""

from __future__ import annotations

import polars as pl

from qpcli.rules.claim_lines import LineContext
from qpcli.rules.numbering import KEY
from qpcli.rules.packed_keys import packed, unpacked

DTYPES: dict[str, pl.DataType] = {
    "clinician_key": KEY(),
    "tin_key": KEY(),
    "bene_key": KEY(),
    "day": pl.UInt16(),
    "service_snapshot": pl.UInt8(),
    "seen_snapshot": pl.UInt8(),
    "is_denied": pl.Boolean(),
}
"""The keys of a cell and their types."""
CELL_KEYS = tuple(DTYPES)


def measures(context: LineContext) -> list[str]:
    """What a cell adds up: rows as delivered; lines that stand; of these, the kinds that the methods count."""
    em = [f"em_{i}_count" for i in range(len(context.lists.codes.em_set_names))]
    return ["row_count", "row_cents", "line_count", "line_cents", "cps_count", "cps_cents", "rural_count", *em]


def single_lines(numbered: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """Lines delivered once, with measures: all but denied ones and cancellations stand."""
    stands = (~pl.col("is_denied") & ~pl.col("is_cancellation")).cast(pl.Int32)
    return _with_standing(_as_delivered(numbered), context, stands, pl.col("amount_cents") * stands)


def delivered_versions(numbered: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """Rows that are versions of one line, with measures: what stands of them is told by their family."""
    nothing = pl.lit(0, pl.Int32)
    return _with_standing(_as_delivered(numbered), context, nothing, pl.lit(0, pl.Int64))


def standing_versions(standing: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """What stands of families, with measures: `line_count` lines come or go from a snapshot on."""
    no_rows = {"row_count": pl.lit(0, pl.Int32), "row_cents": pl.lit(0, pl.Int64), "is_denied": pl.lit(False)}
    return _with_standing(standing.with_columns(**no_rows), context, pl.col("line_count"), pl.col("amount_cents"))


def _as_delivered(numbered: pl.LazyFrame) -> pl.LazyFrame:
    return numbered.with_columns(row_count=pl.lit(1, pl.Int32), row_cents=pl.col("amount_cents"))


def _with_standing(lines: pl.LazyFrame, context: LineContext, count: pl.Expr, cents: pl.Expr) -> pl.LazyFrame:
    is_cps, count = pl.col("is_covered_professional_service"), count.cast(pl.Int32)
    em = {f"em_{i}_count": count * pl.col(f"is_em_{i}") for i in range(len(context.lists.codes.em_set_names))}
    return lines.with_columns(
        line_count=count,
        line_cents=cents,
        cps_count=count * is_cps,
        cps_cents=cents * is_cps,
        rural_count=count * pl.col("is_rural_service"),
        **em,
    )


def cells(measured: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """One row per clinician, TIN, beneficiary, stretch of dates, snapshots and denial."""
    sizes = key_sizes(context)
    words = packed(sizes)
    sums = [pl.col(name).sum() for name in measures(context)]
    grouped = measured.with_columns(**words).group_by(list(words)).agg(sums)
    return grouped.select(*unpacked(sizes, DTYPES), *measures(context))


def cells_of_neighbours(measured: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """As `cells` for lines in an order in which those of a cell lie together, read in that order.

    Lines of a cell that others lie between make several rows, which add up.
    """
    names = measures(context)
    is_last = pl.any_horizontal(pl.col(key) != pl.col(key).shift(-1) for key in CELL_KEYS).fill_null(True)
    so_far = measured.select(*CELL_KEYS, *[pl.col(name).cum_sum() for name in names])
    return so_far.filter(is_last).with_columns(pl.col(name) - pl.col(name).shift(1, fill_value=0) for name in names)


def key_sizes(context: LineContext) -> dict[str, int]:
    """How many values each cell key can take."""
    law, numbering = context.law, context.lists.numbering
    days = (law.snapshots[-1].date - law.period.first_day).days + 1
    has_days = bool(context.lists.window_days) or context.has_episodes or context.keeps_dates
    return {
        "is_denied": 2,
        "seen_snapshot": len(law.snapshots) + 2,
        "service_snapshot": len(law.snapshots) + 1,
        "day": days if has_days else 1,
        "tin_key": numbering.tin_count,
        "clinician_key": max(numbering.clinicians.height, 1),
        "bene_key": max(context.people.frame.height, 1),
    }
