"""Which all-payer rows are hidden: what the Threshold Scores hide may not be read out of them."""

from __future__ import annotations

import polars as pl

from qpcli.suppression.cells import small
from qpcli.terms import Level

ENTITY_KEYS = ("snapshot", "apm_entity_id", "basis")
_SUMS = ("", "medicare_", "other_payer_")
FIGURES = tuple(
    f"{whose}{prefix}_{name}"
    for prefix in ("payment", "patient")
    for whose, names in (
        ("", ("numerator", "denominator", "score", "gap_to_qp")),
        ("medicare_", ("numerator", "denominator", "score")),
        ("other_payer_", ("numerator", "denominator")),
    )
    for name in names
)


def with_hidden(all_payer_scores: pl.DataFrame, hidden_entities: pl.DataFrame) -> pl.DataFrame:
    """The rows of ALL_PAYER_SCORES in their order, with `is_hidden`.

    `hidden_entities`: the ENTITY_KEYS of hidden Threshold Scores. TINs and clinicians are parts of APM Entities that
    share patients and were not counted together: all of their rows are hidden.
    """
    marks = hidden_entities.select(ENTITY_KEYS).unique().with_columns(has_hidden_score=pl.lit(True))
    joined = all_payer_scores.join(marks, on=ENTITY_KEYS, how="left", maintain_order="left", nulls_equal=True)
    is_part = pl.col("level") != Level.APM_ENTITY.value
    is_hidden = is_part | pl.col("has_hidden_score").fill_null(False) | _has_small_count()
    return joined.with_columns(is_hidden=is_hidden).drop("has_hidden_score")


def _has_small_count() -> pl.Expr:
    """Of Medicare, of other payers, or of both together: under an APM, in all, or not under one."""
    counts = []
    for whose in _SUMS:
        part, whole = (pl.col(f"{whose}patient_{name}") for name in ("numerator", "denominator"))
        counts += [small(part), small(whole), small(whole - part)]
    return pl.any_horizontal(counts)
