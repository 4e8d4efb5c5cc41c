"""The weighted methodology: an APM Entity's higher Medicare score by the own Medicare denominator (42 CFR 414.1440)."""

from __future__ import annotations

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.listings import members
from qpcli.rules.threshold_scores import WIDE
from qpcli.terms import Level

ROW = ("level", "subject_id", "snapshot", "basis", "entity_key")
"""What names a row: an Affiliated Practitioner of several entities has one for each."""


def with_weighting(
    rows: pl.LazyFrame, scores: pl.LazyFrame, listings: pl.LazyFrame, prefix: str, law: Law
) -> pl.LazyFrame:
    """Adds the APM Entity's ratio where it is higher than the own one and is to be weighted (all_payer_weighting)."""
    names = [f"{prefix}_weighting_{name}" for name in ("entity", "numerator", "denominator")]
    if law.assumed("all_payer_weighting") == "own_score":
        return rows.with_columns(pl.lit(None, pl.Int64).alias(name) for name in names)
    best = best_entities(rows, scores, listings, prefix, law)
    joined = rows.join(best, on=ROW, how="left", nulls_equal=True)
    own = [pl.col(f"medicare_{prefix}_{part}").cast(WIDE) for part in ("numerator", "denominator")]
    theirs = [pl.col(f"best_{part}").cast(WIDE) for part in ("numerator", "denominator")]
    is_weighted = (own[1] > 0) & (theirs[0] * own[1] > own[0] * theirs[1])
    found = ("best_entity", "best_numerator", "best_denominator")
    weighted = [pl.when(is_weighted).then(pl.col(one)).alias(name) for one, name in zip(found, names, strict=True)]
    return joined.with_columns(weighted).drop(found)


def best_entities(
    rows: pl.LazyFrame, scores: pl.LazyFrame, listings: pl.LazyFrame, prefix: str, law: Law
) -> pl.LazyFrame:
    """One row per row of a TIN or clinician: the highest Medicare score of an APM Entity that it is in."""
    of_tins = rows.filter(pl.col("level") == Level.TIN.value).select(*ROW, candidate="entity_key")
    of_npis = rows.filter((pl.col("level") == Level.NPI.value) & pl.col("entity_key").is_null())
    groups = pl.concat([members(listings, snapshot) for snapshot in law.snapshots]).rename({"entity_key": "candidate"})
    of_npis = of_npis.join(groups, on=["clinician_key", "snapshot"]).select(*ROW, "candidate")
    entities = scores.filter(
        (pl.col("level") == Level.APM_ENTITY.value) & (pl.col(f"{prefix}_denominator") > 0)
    ).select(
        "snapshot",
        "basis",
        candidate="entity_key",
        numerator=pl.col(f"{prefix}_numerator").cast(WIDE),
        denominator=pl.col(f"{prefix}_denominator").cast(WIDE),
    )
    found = pl.concat([of_tins, of_npis]).join(entities, on=["snapshot", "basis", "candidate"])
    pairs = found.join(found, on=ROW, suffix="_other", nulls_equal=True)
    ours = pl.col("numerator") * pl.col("denominator_other")
    others = pl.col("numerator_other") * pl.col("denominator")
    is_beaten = (others > ours) | ((others == ours) & (pl.col("candidate_other") < pl.col("candidate")))
    best = found.join(pairs.filter(is_beaten), on=[*ROW, "candidate"], how="anti", nulls_equal=True)
    return best.select(
        *ROW,
        best_entity=pl.col("candidate").cast(pl.Int64),
        best_numerator=pl.col("numerator").cast(pl.Int64),
        best_denominator=pl.col("denominator").cast(pl.Int64),
    )
