"""Cells: what one clinician under one TIN did for one beneficiary, by the snapshot that first sees it.

One scan of the claims makes them; every level, basis, method and snapshot comes from them
(42 CFR 414.1435). Snapshots nest, so a cell of snapshot j counts at every snapshot from j on.
"""

from __future__ import annotations

from math import prod

import polars as pl

from qpcli.rules.adjustments import is_visible
from qpcli.rules.claim_lines import LineContext

CELL_KEYS = ("clinician_key", "tin_key", "bene_key", "day", "seen_snapshot")
DELIVERED_KEYS = ("clinician_key", "tin_key", "day", "service_snapshot", "seen_snapshot", "is_denied")
_WORD = 2**63


def measures(context: LineContext) -> list[str]:
    """What a cell adds up: lines and cents of every kind, then of the kinds the methods count."""
    em = [f"em_{i}_count" for i in range(len(context.codes.em_set_names))]
    return ["line_count", "line_cents", "cps_count", "cps_cents", "rural_count", *em]


def with_measures(lines: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """Lines with their measures; `line_count` says how often the line stands, negative where it fell away."""
    is_cps, count = pl.col("is_covered_professional_service"), pl.col("line_count").cast(pl.Int32)
    em = {f"em_{i}_count": count * pl.col(f"is_em_{i}") for i in range(len(context.codes.em_set_names))}
    return lines.with_columns(
        line_count=count,
        line_cents=pl.col("amount_cents"),
        cps_count=count * is_cps,
        cps_cents=pl.col("amount_cents") * is_cps,
        rural_count=count * pl.col("is_rural_service"),
        **em,
    )


def single_lines(numbered: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """Lines delivered once that stand: seen by the newest snapshot, not denied, not a cancellation."""
    stands = is_visible(context.law.snapshots[-1]) & ~pl.col("is_cancellation")
    return with_measures(numbered.filter(stands).with_columns(line_count=pl.lit(1)), context)


def cells(measured: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """One row per clinician, TIN, beneficiary with a key, stretch and snapshot that first sees the lines."""
    words = _packed(measured_sizes(context))
    sums = [pl.col(name).sum() for name in measures(context)]
    grouped = measured.filter(pl.col("bene_key").is_not_null()).with_columns(**words).group_by(list(words)).agg(sums)
    return grouped.select(*_unpacked(measured_sizes(context)), *measures(context))


def cells_of_unnamed_people(measured: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """Cells of people whom no beneficiaries file or attribution list names: `bene_id` in place of `bene_key`."""
    keys = ["bene_id" if key == "bene_key" else key for key in CELL_KEYS]
    sums = [pl.col(name).sum() for name in measures(context)]
    return measured.filter(pl.col("bene_key").is_null()).group_by(keys).agg(sums)


def delivered_lines(numbered: pl.LazyFrame) -> pl.LazyFrame:
    """Rows and cents as delivered, by the steps that remove lines before people are looked at."""
    return numbered.group_by(DELIVERED_KEYS).agg(
        row_count=pl.len().cast(pl.Int64),
        row_cents=pl.col("amount_cents").sum(),
        orphan_count=(pl.col("is_cancellation")).sum(),
    )


def measured_sizes(context: LineContext) -> dict[str, int]:
    """How many values each cell key can take."""
    law, numbering = context.law, context.numbering
    days = (law.snapshots[-1].date - law.period.first_day).days + 1
    has_days = bool(context.window_days) or context.episodic_people.height > 0
    return {
        "seen_snapshot": len(law.snapshots) + 1,
        "day": days if has_days else 1,
        "tin_key": numbering.tin_count,
        "clinician_key": max(numbering.clinicians.height, 1),
        "bene_key": max(numbering.people.height, 1),
    }


def _packed(sizes: dict[str, int]) -> dict[str, pl.Expr]:
    """The keys as one 64-bit integer (two for very large inputs): grouping by integers is what makes cells fast."""
    words: dict[str, pl.Expr] = {}
    for word, names in enumerate(_words(sizes)):
        packed = pl.lit(0, pl.UInt64)
        for name in names:
            packed = packed * sizes[name] + pl.col(name).cast(pl.UInt64)
        words[f"word_{word}"] = packed
    return words


def _unpacked(sizes: dict[str, int]) -> list[pl.Expr]:
    dtypes = {"seen_snapshot": pl.UInt8, "day": pl.UInt16}
    columns: dict[str, pl.Expr] = {}
    for word, names in enumerate(_words(sizes)):
        rest = pl.col(f"word_{word}")
        for name in reversed(names):
            columns[name] = (rest % sizes[name]).cast(dtypes.get(name, pl.UInt32)).alias(name)
            rest = rest // sizes[name]
    return [columns[name] for name in CELL_KEYS]


def _words(sizes: dict[str, int]) -> list[list[str]]:
    """The key names split so that each group's packed values fit a word."""
    words: list[list[str]] = [[]]
    for name in reversed(sizes):
        if prod(sizes[other] for other in [*words[-1], name]) > _WORD:
            words.append([])
        words[-1].append(name)
    return words
