"""What deliveries of one claim line mean together: copies out, replacements named, marks of denial handed on.

Nothing is netted here: netting depends on the snapshot and comes after its cut-offs.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.errors import InputError
from qpcli.rules import duplicates
from qpcli.rules.adjustments import FAMILY
from qpcli.terms import Adjustment, Setting

LINE = list(duplicates.LINE)
_VERSION = [*LINE, "processed_date", "claim_version", "is_cancellation"]
_IN_TIME = ["processed_date", "delivery", "claim_version"]
DELIVERED = {"delivered_adjustment": pl.String(), "delivered_is_denied": pl.Boolean()}
"""Columns for what rows said before they were seen beside other versions of their line."""
_CANCELLATION = Adjustment.CANCELLATION.value


@dataclass(frozen=True, slots=True)
class Unique:
    """Rows without copies, and what was counted on the way."""

    rows: pl.DataFrame
    copy_count: int = 0
    differing_cancellation_count: int = 0


def newest_exports(rows: pl.DataFrame, *, with_professional: bool) -> pl.DataFrame:
    """The lines of each claim as it was exported last, where `claim_version` names a claim that is updated in place.

    A line that the newest export no longer has is gone. A claim without a version stays, and so do professional
    lines unless they are asked for: in CCLF they come one by one, and institutional claims as a whole.
    """
    is_single = pl.col("claim_version").is_null()
    if not with_professional:
        is_single |= pl.col("setting") == Setting.PROFESSIONAL.value
    single, whole = rows.filter(is_single), rows.filter(~is_single)
    is_newest = pl.col("delivery") == pl.col("delivery").max().over("claim_version")
    return pl.concat([single, whole.filter(is_newest)])


def unique_versions(rows: pl.DataFrame, *, has_deliveries: bool) -> Unique:
    """Every distinct version of each line; raises QP207 for versions that contradict each other.

    Of a version that was delivered again the latest delivery stands. Layouts without deliveries know copies only
    by their content. Adds `has_versions`, and DELIVERED, null where nothing was changed.
    """
    shares = rows.select(duplicates.line_hash().is_duplicated()).to_series()
    alone, together = rows.filter(~shares), rows.filter(shares)
    settled = _latest(together) if has_deliveries else _distinct(together)
    differing = 0
    if has_deliveries:
        settled, differing = _with_adjustments(settled)
    flagged = settled.with_columns(has_versions=pl.len().over(LINE) > 1)
    whole = pl.concat([alone.with_columns(has_versions=pl.lit(False)), flagged], how="diagonal")
    unchanged = [pl.lit(None, dtype).alias(name) for name, dtype in DELIVERED.items() if name not in whole.columns]
    return Unique(whole.with_columns(unchanged), together.height - settled.height, differing)


def as_delivered(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a store as they were before `unique_versions` changed them; later deliveries may tell another story."""
    before = {
        "adjustment": pl.coalesce("delivered_adjustment", "adjustment"),
        "is_denied": pl.coalesce("delivered_is_denied", "is_denied"),
    }
    return rows.with_columns(**before).drop("has_versions", *DELIVERED)


def _latest(rows: pl.DataFrame) -> pl.DataFrame:
    """The latest delivery of each version (CUR_CLM_UNIQ_ID, line, kind of adjustment, processing date)."""
    marked = rows.with_columns(is_cancellation=pl.col("adjustment") == _CANCELLATION)
    # Whatever differs between copies of one delivery, the order of files must not decide.
    others = [name for name in rows.columns if name not in (*_VERSION, "delivery")]
    in_order = marked.sort([*_VERSION, "delivery", *others])
    return in_order.unique(_VERSION, keep="last", maintain_order=True).drop("is_cancellation")


def _distinct(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that differ; those that share a natural key and differ contradict each other."""
    distinct = duplicates.without_copies(rows.lazy()).collect()
    conflicts = duplicates.conflicting(distinct.lazy()).collect().height
    if conflicts:
        raise InputError("QP207", duplicates.conflict_words(conflicts))
    return distinct


def _with_adjustments(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """An original after a cancellation replaces; a cancellation is as denied as the line it cancels."""
    numbered = _numbered(rows)
    cancelled = numbered.filter(~pl.col("is_cancellation")).select(*FAMILY, "number", cancels_denied="is_denied")
    joined = numbered.join(cancelled, on=[*FAMILY, "number"], how="left", nulls_equal=True)
    has_none = pl.col("is_cancellation") & pl.col("cancels_denied").is_null()
    differing = joined.filter(has_none & (pl.col("positive_count") > 0)).height
    takes_mark = pl.col("is_cancellation") & (pl.col("cancels_denied") != pl.col("is_denied")).fill_null(False)
    settled = joined.with_columns(
        is_denied=pl.when(takes_mark).then("cancels_denied").otherwise("is_denied"),
        adjustment=pl.when(_replaces()).then(pl.lit(Adjustment.REPLACEMENT.value)).otherwise("adjustment"),
        delivered_is_denied=pl.when(takes_mark).then("is_denied"),
        delivered_adjustment=pl.when(_replaces()).then("adjustment").cast(pl.String),
    )
    return settled.select(*rows.columns, *DELIVERED), differing


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """`number` counts originals and replacements, and by itself cancellations, of a family in order of time.

    So the third cancellation cancels the third positive row. `place` counts positive rows of the line.
    """
    is_cancellation = pl.col("adjustment") == _CANCELLATION
    in_time = rows.sort(_IN_TIME).with_columns(is_cancellation=is_cancellation)
    is_positive = ~pl.col("is_cancellation")
    return in_time.with_columns(
        number=pl.int_range(pl.len()).over([*FAMILY, "is_cancellation"]),
        place=is_positive.cum_sum().over(LINE),
        positive_count=is_positive.sum().over(LINE),
        first_cancelled=pl.col("processed_date").filter("is_cancellation").min().over(LINE),
    )


def _replaces() -> pl.Expr:
    """Whether an original comes after a cancellation of its line; on one day the first positive row is the original."""
    earlier = pl.col("first_cancelled") < pl.col("processed_date")
    same_day = (pl.col("first_cancelled") == pl.col("processed_date")) & (pl.col("place") > 1)
    is_original = pl.col("adjustment") == Adjustment.ORIGINAL.value
    return is_original & (earlier | same_day).fill_null(False)
