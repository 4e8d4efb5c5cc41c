"""Threshold Scores by both methods and the status each gives (42 CFR 414.1425, 414.1430, 414.1435).

Thresholds are met by integer cross-multiplication; nothing is divided to decide a status.
"""

from __future__ import annotations

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.numbering import Numbering
from qpcli.rules.snapshots import at, is_third
from qpcli.rules.tallies import SUMS
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from qpcli.terms import MEDICARE_LEVELS, IndividualAssessment, Level, Method, QpStatus, ServiceBasis, Snapshot

WIDE = pl.Int128
"""Products of amounts and percents are formed in 128 bits, so that no sum can wrap."""

SCORE_UNITS_PER_WHOLE = 1_000_000
"""Scores are kept in ten-thousandths of a percent: 50.0000 % is 500,000."""

PREFIX = {Method.PAYMENT_AMOUNT: "payment", Method.PATIENT_COUNT: "patient"}


def threshold_scores(sums: pl.LazyFrame, groups: pl.LazyFrame, numbering: Numbering, law: Law) -> pl.LazyFrame:
    """One row per assessed group, snapshot and basis, in the columns of THRESHOLD_SCORES; amounts in cents.

    Groups that only the All-Payer Combination Option knows are among them.
    """
    rows = [_at_snapshot(sums, groups, basis, snapshot) for basis in law.bases for snapshot in law.snapshots]
    scored = with_status(pl.concat(rows), law)
    named = (
        scored.join(numbering.entities.lazy(), on="entity_key", how="left")
        .join(numbering.clinicians.lazy(), on="clinician_key", how="left")
        .with_columns(performance_year=pl.lit(law.performance_year, pl.Int64))
    )
    return named.sort(THRESHOLD_SCORES.keys)


def _at_snapshot(sums: pl.LazyFrame, groups: pl.LazyFrame, basis: ServiceBasis, snapshot: Snapshot) -> pl.LazyFrame:
    """The groups assessed at a snapshot with their sums; 0 where no eligible beneficiary was served."""
    values = sums.select("group_key", *[pl.col(at(f"{name}_{basis}", snapshot)).alias(name) for name in SUMS])
    return (
        groups.filter(pl.col(at("is_assessed", snapshot)))
        .select(
            "group_key",
            "level",
            "entity_key",
            "clinician_key",
            "tin_key",
            clinician_count=pl.col(at("clinician_count", snapshot)).cast(pl.Int64),
            snapshot=pl.lit(snapshot.number, pl.Int64),
            basis=pl.lit(basis.value),
        )
        .join(values, on="group_key", how="left")
        .with_columns(pl.col(SUMS).fill_null(0).cast(pl.Int64))
    )


def with_status(sums: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """Adds scores, thresholds, statuses and gaps to rows of numerators and denominators."""
    bars = {
        f"{prefix}_{name}_threshold": pl.lit(law.thresholds.bar(method, status), pl.Int64)
        for method, prefix in PREFIX.items()
        for name, status in (("qp", QpStatus.QP), ("partial", QpStatus.PARTIAL_QP))
    }
    by_method = sums.with_columns(
        **bars,
        **{f"{prefix}_score": score(prefix) for prefix in PREFIX.values()},
        **{f"{prefix}_status": status(method, law) for method, prefix in PREFIX.items()},
        **{f"{prefix}_gap_to_qp": gap_to_qp(method, law) for method, prefix in PREFIX.items()},
    )
    return by_method.with_columns(status=most_favourable("payment_status", "patient_status"))


def score(prefix: str) -> pl.Expr:
    """Numerator over denominator in ten-thousandths of a percent, truncated toward zero; null over 0."""
    numerator, denominator = (pl.col(f"{prefix}_{part}").cast(WIDE) for part in ("numerator", "denominator"))
    is_negative = (numerator < 0) != (denominator < 0)
    size = numerator.abs() * SCORE_UNITS_PER_WHOLE // pl.when(denominator == 0).then(None).otherwise(denominator.abs())
    return (size * pl.when(is_negative).then(-1).otherwise(1)).cast(pl.Int64)


def meets(method: Method, qp_status: QpStatus, law: Law) -> pl.Expr:
    """Meets or exceeds a threshold (414.1430): numerator x 100 >= denominator x percent."""
    prefix, bar = PREFIX[method], law.thresholds.bar(method, qp_status)
    return pl.col(f"{prefix}_numerator").cast(WIDE) * 100 >= pl.col(f"{prefix}_denominator").cast(WIDE) * bar


def status(method: Method, law: Law) -> pl.Expr:
    """QP, Partial QP or neither by one method; no score over a denominator of 0 or less."""
    has_no_score = pl.col(f"{PREFIX[method]}_denominator") <= 0
    return (
        pl.when(has_no_score)
        .then(pl.lit(QpStatus.NO_SCORE.value))
        .when(meets(method, QpStatus.QP, law))
        .then(pl.lit(QpStatus.QP.value))
        .when(meets(method, QpStatus.PARTIAL_QP, law))
        .then(pl.lit(QpStatus.PARTIAL_QP.value))
        .otherwise(pl.lit(QpStatus.NOT_QP.value))
    )


def gap_to_qp(method: Method, law: Law) -> pl.Expr:
    """Least existing denominator that would have to become attributed: ceil(tD - N); null without a score."""
    prefix, bar = PREFIX[method], law.thresholds.bar(method, QpStatus.QP)
    numerator, denominator = (pl.col(f"{prefix}_{part}").cast(WIDE) for part in ("numerator", "denominator"))
    missing = (denominator * bar - numerator * 100 + 99) // 100
    return pl.when(denominator > 0).then(missing.clip(lower_bound=0)).cast(pl.Int64)


def rank(status_column: str) -> pl.Expr:
    """Position of a status from least to most favourable."""
    ranks = {qp_status.value: qp_status.rank for qp_status in QpStatus}
    return pl.col(status_column).replace_strict(ranks, return_dtype=pl.Int8)


def most_favourable(one: str, other: str) -> pl.Expr:
    """The better of two statuses (414.1425, 414.1435: the more favourable of the two methods counts)."""
    return pl.when(rank(one) >= rank(other)).then(pl.col(one)).otherwise(pl.col(other))


def without_individuals_of_qp_entities(scores: pl.LazyFrame, group_entities: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """Scores without clinicians one of whose entities has QP status at the third snapshot (414.1425(c)(4)).

    From PY 2026 every listed clinician is assessed, whatever the entities' status.
    """
    third = law.snapshots[-1]
    is_every_clinician = law.individual_assessment is IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026
    if is_every_clinician or not is_third(law, third):
        return scores
    is_entity_row = (pl.col("level") == Level.APM_ENTITY.value) & (pl.col("snapshot") == third.number)
    qp_entities = scores.filter(is_entity_row & (pl.col("status") == QpStatus.QP.value)).select("entity_key").unique()
    is_in = group_entities.filter(pl.col(at("is_in", third)))
    of_qp_entities = is_in.join(qp_entities, on="entity_key").select("group_key", in_qp_entity=pl.lit(True)).unique()
    is_left_out = (pl.col("level") == Level.INDIVIDUAL.value) & pl.col("in_qp_entity").fill_null(False)
    return scores.join(of_qp_entities, on="group_key", how="left").filter(~is_left_out).drop("in_qp_entity")


def of_medicare_option(scores: pl.LazyFrame) -> pl.LazyFrame:
    """The rows that the Medicare Option assesses; TINs and submitted clinicians are the All-Payer Option's."""
    return scores.filter(pl.col("level").is_in([level.value for level in MEDICARE_LEVELS]))
