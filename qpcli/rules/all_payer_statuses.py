"""Statuses by an all-payer score and the Medicare minimum, by either method (42 CFR 414.1430(b), 414.1440).

Every score is a ratio of whole numbers, also a weighted one: numerator and denominator are multiplied by the
denominator of the APM Entity's score (`scale`), and nothing is divided before the score is shown.
"""

from __future__ import annotations

import polars as pl

from qpcli.regulation.law import AllPayerOption, Law
from qpcli.rules.threshold_scores import PREFIX, SCORE_UNITS_PER_WHOLE, WIDE, most_favourable
from qpcli.terms import Method, QpStatus

_PER_WHOLE = 100


def with_wide(rows: pl.LazyFrame, prefix: str) -> pl.LazyFrame:
    """Adds the all-payer ratio as whole numbers, both `scale` times as large as they are in cents or patients."""
    own, total = (pl.col(f"medicare_{prefix}_{part}").cast(WIDE) for part in ("numerator", "denominator"))
    other, other_total = (pl.col(f"other_payer_{prefix}_{part}").cast(WIDE) for part in ("numerator", "denominator"))
    theirs = pl.col(f"{prefix}_weighting_numerator").cast(WIDE)
    scale = pl.col(f"{prefix}_weighting_denominator").cast(WIDE)
    is_weighted = scale.is_not_null()
    return rows.with_columns(
        pl.when(is_weighted).then(theirs * total + other * scale).otherwise(own + other).alias(f"{prefix}_wide"),
        pl.when(is_weighted).then((total + other_total) * scale).otherwise(total + other_total).alias(f"{prefix}_all"),
        pl.when(is_weighted).then(scale).otherwise(pl.lit(1, WIDE)).alias(f"{prefix}_scale"),
    )


def with_statuses(rows: pl.LazyFrame, option: AllPayerOption, law: Law) -> pl.LazyFrame:
    """Adds scores, statuses, gaps and what they were measured by; the Medicare minimum by either method."""
    bars = [
        pl.lit(bars.bar(method, status), pl.Int64).alias(f"{prefix}_{name}_{kind}")
        for kind, bars in (("threshold", law.thresholds), ("minimum", option.medicare_minimums))
        for method, prefix in PREFIX.items()
        for name, status in (("qp", QpStatus.QP), ("partial", QpStatus.PARTIAL_QP))
    ]
    with_minimum = rows.with_columns(
        *bars,
        meets_qp_minimum=_meets_minimum(QpStatus.QP, option, law),
        meets_partial_minimum=_meets_minimum(QpStatus.PARTIAL_QP, option, law),
    )
    by_method = with_minimum.with_columns(
        *[_score(prefix).alias(f"{prefix}_score") for prefix in PREFIX.values()],
        *[_status(method, law).alias(f"{prefix}_status") for method, prefix in PREFIX.items()],
        *[_gap_to_qp(method, law).alias(f"{prefix}_gap_to_qp") for method, prefix in PREFIX.items()],
        medicare_minimum_status=_minimum_status(),
        medicare_status=pl.col("medicare_status").fill_null(QpStatus.NO_SCORE.value),
    )
    return by_method.with_columns(status=most_favourable("payment_status", "patient_status"))


def _meets_minimum(status: QpStatus, option: AllPayerOption, law: Law) -> pl.Expr:
    """Whether the Medicare score meets the minimum by one of the methods (414.1430(b))."""
    met = [_meets(method, option.medicare_minimums.bar(method, status), law) for method in PREFIX]
    return pl.any_horizontal(met).fill_null(False)


def _meets(method: Method, bar: int, law: Law) -> pl.Expr:
    """Of the Medicare score that is used, or of the own one (open point all_payer_medicare_minimum)."""
    prefix = PREFIX[method]
    own = [pl.col(f"medicare_{prefix}_{part}").cast(WIDE) for part in ("numerator", "denominator")]
    used = own
    if law.assumed("all_payer_medicare_minimum") == "score_used":
        theirs = [pl.col(f"{prefix}_weighting_{part}").cast(WIDE) for part in ("numerator", "denominator")]
        used = [pl.coalesce(one, other) for one, other in zip(theirs, own, strict=True)]
    return (used[1] > 0) & (used[0] * _PER_WHOLE >= used[1] * bar)


def _minimum_status() -> pl.Expr:
    """The most favourable status whose minimum is met; without a Medicare score by any method there is none."""
    has_score = pl.any_horizontal(pl.col(f"medicare_{prefix}_denominator") > 0 for prefix in PREFIX.values())
    return (
        pl.when(~has_score.fill_null(False))
        .then(pl.lit(QpStatus.NO_SCORE.value))
        .when("meets_qp_minimum")
        .then(pl.lit(QpStatus.QP.value))
        .when("meets_partial_minimum")
        .then(pl.lit(QpStatus.PARTIAL_QP.value))
        .otherwise(pl.lit(QpStatus.NOT_QP.value))
    )


def _score(prefix: str) -> pl.Expr:
    """In ten-thousandths of a percent, truncated toward zero; null over 0."""
    return truncated(pl.col(f"{prefix}_wide") * SCORE_UNITS_PER_WHOLE, pl.col(f"{prefix}_all"))


def truncated(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    is_negative = (numerator < 0) != (denominator < 0)
    size = numerator.abs() // pl.when(denominator == 0).then(None).otherwise(denominator.abs())
    return (size * pl.when(is_negative).then(-1).otherwise(1)).cast(pl.Int64)


def _status(method: Method, law: Law) -> pl.Expr:
    """QP, Partial QP or neither by one method; each needs the Medicare minimum of its own."""
    prefix = PREFIX[method]

    def meets(status: QpStatus) -> pl.Expr:
        return pl.col(f"{prefix}_wide") * _PER_WHOLE >= pl.col(f"{prefix}_all") * law.thresholds.bar(method, status)

    return (
        pl.when(~(pl.col(f"{prefix}_all") > 0).fill_null(False))
        .then(pl.lit(QpStatus.NO_SCORE.value))
        .when(pl.col("meets_qp_minimum") & meets(QpStatus.QP))
        .then(pl.lit(QpStatus.QP.value))
        .when(pl.col("meets_partial_minimum") & meets(QpStatus.PARTIAL_QP))
        .then(pl.lit(QpStatus.PARTIAL_QP.value))
        .otherwise(pl.lit(QpStatus.NOT_QP.value))
    )


def _gap_to_qp(method: Method, law: Law) -> pl.Expr:
    """Least cents or patients that would have to come under an APM; null without a score."""
    prefix, bar = PREFIX[method], law.thresholds.bar(method, QpStatus.QP)
    whole = pl.col(f"{prefix}_scale") * _PER_WHOLE
    missing = pl.col(f"{prefix}_all") * bar - pl.col(f"{prefix}_wide") * _PER_WHOLE
    least = ((missing + whole - 1) // whole).clip(lower_bound=0)
    return pl.when(pl.col(f"{prefix}_all") > 0).then(least).cast(pl.Int64)
