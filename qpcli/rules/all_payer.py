"""The All-Payer Combination Option: Threshold Scores over Medicare and other payers (42 CFR 414.1440)."""

from __future__ import annotations

import polars as pl

from qpcli.regulation.law import AllPayerOption, Law
from qpcli.rules.all_payer_statuses import truncated, with_statuses, with_wide
from qpcli.rules.all_payer_subjects import assessed_tins, with_reason
from qpcli.rules.all_payer_weighting import with_weighting
from qpcli.rules.lists import OtherPayers
from qpcli.rules.numbering import Numbering
from qpcli.rules.threshold_scores import PREFIX
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.terms import ALL_PAYER_LEVELS, IndividualAssessment, Level, PayerType

SUBJECT = ("level", "subject_id", "snapshot")


def all_payer_scores(
    scores: pl.LazyFrame, listings: pl.LazyFrame, other_payers: OtherPayers, numbering: Numbering, law: Law
) -> pl.LazyFrame:
    """One row per submitted subject, snapshot and basis, in the columns of ALL_PAYER_SCORES and with its keys.

    `scores` has every group's row. What was not assessed has a reason, no numbers and NO_SCORE.
    """
    assert law.all_payer is not None
    submitted = totals(other_payers.submissions.lazy(), law)
    medicare = medicare_scores(scores, listings, other_payers, numbering, law)
    bases = pl.LazyFrame({"basis": [basis.value for basis in law.bases]})
    joined = submitted.join(bases, how="cross").join(medicare, on=[*SUBJECT, "basis"], how="left", nulls_equal=True)
    rows = joined.with_columns(is_assessed=pl.col("clinician_count").is_not_null())
    for prefix in PREFIX.values():
        rows = with_wide(with_weighting(rows, scores, listings, prefix, law), prefix)
    rows = with_statuses(rows, law.all_payer, law)
    return _in_columns(with_reason(rows, listings, other_payers, law), numbering, law)


def is_excluded(option: AllPayerOption) -> pl.Expr:
    """The payers that the law excludes, and Medicaid where no model of it is available (414.1440(a))."""
    never = pl.col("payer_type").is_in(sorted(payer.value for payer in option.excluded_payers))
    return never | ((pl.col("payer_type") == PayerType.MEDICAID.value) & ~pl.col("medicaid_available"))


def totals(submissions: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per subject and snapshot: other payers' sums, null where a payer that counts submitted none."""
    assert law.all_payer is not None
    counts = ~is_excluded(law.all_payer)
    amounts = {
        "other_payer_payment_numerator": "apm_payment_cents",
        "other_payer_payment_denominator": "total_payment_cents",
        "other_payer_patient_numerator": "apm_patient_count",
        "other_payer_patient_denominator": "total_patient_count",
    }
    asked = pl.col("snapshot").is_in([snapshot.number for snapshot in law.snapshots])
    return (
        submissions.filter(asked)
        .group_by(SUBJECT)
        .agg(
            *[_sum_of_all(pl.col(source).filter(counts)).alias(name) for name, source in amounts.items()],
            counted_payer_count=counts.sum().cast(pl.Int64),
            excluded_payer_count=(~counts).sum().cast(pl.Int64),
        )
        .with_columns(_both_or_none(prefix, part) for prefix in PREFIX.values() for part in _RATIO)
    )


_RATIO = ("numerator", "denominator")


def _sum_of_all(amounts: pl.Expr) -> pl.Expr:
    return pl.when(amounts.is_null().any()).then(None).otherwise(amounts.sum())


def _both_or_none(prefix: str, part: str) -> pl.Expr:
    """A part of a ratio, null where the other part is not there."""
    name, other = f"other_payer_{prefix}_{part}", "denominator" if part == "numerator" else "numerator"
    return pl.when(pl.col(f"other_payer_{prefix}_{other}").is_not_null()).then(pl.col(name)).alias(name)


CLINICIAN_LEVELS = {
    IndividualAssessment.CLINICIANS_OF_SEVERAL_ENTITIES_FROM_2017: (Level.NPI, Level.AFFILIATED_PRACTITIONER),
    IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026: (Level.INDIVIDUAL,),
}
"""Whose Medicare scores are those of single clinicians."""


def medicare_scores(
    scores: pl.LazyFrame, listings: pl.LazyFrame, other_payers: OtherPayers, numbering: Numbering, law: Law
) -> pl.LazyFrame:
    """One row per subject, snapshot and basis that can be assessed, with its own Medicare sums."""
    levels = [level.value for level in CLINICIAN_LEVELS[law.individual_assessment]]
    tins = assessed_tins(listings, other_payers, law).select("tin_key", "entity_key", "snapshot")
    of_level = {
        Level.APM_ENTITY: scores.filter(pl.col("level") == Level.APM_ENTITY.value),
        Level.TIN: scores.filter(pl.col("level") == Level.TIN.value).join(
            tins, on=["tin_key", "entity_key", "snapshot"], how="semi"
        ),
        Level.NPI: scores.filter(pl.col("level").is_in(levels)),
    }
    subjects = {Level.APM_ENTITY: "apm_entity_id", Level.TIN: "tin", Level.NPI: "npi"}
    named = [
        of_level[level]
        .join(numbering.tins.lazy(), on="tin_key", how="left")
        .select(
            "snapshot",
            "basis",
            "entity_key",
            "clinician_key",
            "tin_key",
            "clinician_count",
            *[pl.col(name).alias(f"medicare_{name}") for name in _MEDICARE],
            level=pl.lit(level.value),
            subject_id=subjects[level],
        )
        for level in ALL_PAYER_LEVELS
    ]
    return pl.concat(named)


_PARTS = tuple(f"{prefix}_{part}" for prefix in PREFIX.values() for part in (*_RATIO, "score"))
_MEDICARE = (*_PARTS, "status")


def _in_columns(rows: pl.LazyFrame, numbering: Numbering, law: Law) -> pl.LazyFrame:
    """The columns of ALL_PAYER_SCORES, and the keys of entity, clinician and TIN beside them."""
    entities = numbering.entities.lazy()
    named = rows.join(entities, on="entity_key", how="left")
    for prefix in PREFIX.values():
        weighting = entities.select(
            pl.col("entity_key").cast(pl.Int64).alias(f"{prefix}_weighting_entity"),
            pl.col("apm_entity_id").alias(f"{prefix}_weighted_by_apm_entity_id"),
        )
        named = named.join(weighting, on=f"{prefix}_weighting_entity", how="left")
    level, subject = pl.col("level"), pl.col("subject_id")
    return named.with_columns(
        performance_year=pl.lit(law.performance_year, pl.Int64),
        apm_entity_id=pl.when(level == Level.APM_ENTITY.value).then(subject).otherwise("apm_entity_id"),
        tin=pl.when(level == Level.TIN.value).then(subject),
        npi=pl.when(level == Level.NPI.value).then(subject),
        **{f"{p}_numerator": truncated(pl.col(f"{p}_wide"), pl.col(f"{p}_scale")) for p in PREFIX.values()},
        **{f"{p}_denominator": truncated(pl.col(f"{p}_all"), pl.col(f"{p}_scale")) for p in PREFIX.values()},
        **{f"medicare_{p}_{n}_minimum": f"{p}_{n}_minimum" for p in PREFIX.values() for n in ("qp", "partial")},
    ).select(*ALL_PAYER_SCORES.column_names, "entity_key", "clinician_key", "tin_key")
