"""What is missing for a status, three ways: attribute existing, add new attributed, shed unattributed (414.1430).

With numerator N, denominator D and threshold t, the least whole cents or patients x for which (N + x) / D,
(N + x) / (D + x) or N / (D - x) meets t. Integers throughout: t is a whole percent.
"""

from __future__ import annotations

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.threshold_scores import WIDE
from qpcli.terms import Method, QpStatus

_WHOLE = 100
_PREFIX = {Method.PAYMENT_AMOUNT: "payment", Method.PATIENT_COUNT: "patient"}
WAYS = ("attribute_existing", "add_new_attributed", "shed_unattributed")


def gaps(method: Method, status: QpStatus, law: Law) -> dict[str, pl.Expr]:
    """Each way by its name: 0 when the status is met, null without a score or where the way does not lead there."""
    bar = law.thresholds.bar(method, status)
    numerator, denominator = (pl.col(f"{_PREFIX[method]}_{part}").cast(WIDE) for part in ("numerator", "denominator"))
    missing = denominator * bar - numerator * _WHOLE
    exact = {
        "attribute_existing": _rounded_up(missing, _WHOLE),
        "add_new_attributed": _rounded_up(missing, _WHOLE - bar) if bar < _WHOLE else pl.lit(None, WIDE),
        "shed_unattributed": pl.when(numerator > 0).then(denominator - numerator * _WHOLE // bar),
    }
    has_score, is_met = denominator > 0, missing <= 0
    return {
        way: pl.when(has_score).then(pl.when(is_met).then(0).otherwise(least)).cast(pl.Int64).alias(way)
        for way, least in exact.items()
    }


def _rounded_up(value: pl.Expr, divisor: int) -> pl.Expr:
    return (value + (divisor - 1)) // divisor
