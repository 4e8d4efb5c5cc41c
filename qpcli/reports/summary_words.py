"""Scores, margins and counts in words for people; truncated, so that 49.9999 never reads as 50."""

from __future__ import annotations

from qpcli.reports.summary_rows import EntityScore, MethodScore
from qpcli.terms import Method, QpStatus

STATUS_WORDS = {
    QpStatus.QP: "QP",
    QpStatus.PARTIAL_QP: "Partial QP",
    QpStatus.NOT_QP: "Not QP",
    QpStatus.NO_SCORE: "No score",
}

HIDDEN = "hidden"
"""In place of a figure that --share does not show."""


def points(ten_thousandths: int) -> str:
    """`-0.49` for -4999: two decimals, truncated toward zero."""
    hundredths = abs(ten_thousandths) // 100
    sign = "-" if ten_thousandths < 0 else ""
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}"


def dollars(cents: int) -> str:
    """`$1,234.50` for 123450."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """`1 patient`, `12 patients`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def against_bar(score: MethodScore) -> str:
    """`79.48 >= 50` or `49.99  < 50`: the sign is the method's status, not a comparison of rounded numbers."""
    if score.score is None:
        return HIDDEN if score.is_hidden else "-"
    if score.status is QpStatus.NO_SCORE:
        return points(score.score)
    sign = ">=" if score.status is QpStatus.QP else " <"
    return f"{points(score.score)} {sign} {score.qp_threshold}"


def margin(entity: EntityScore) -> str:
    """How far above the QP bar, or the least that is missing by either method."""
    if any(score.is_hidden for score in entity.methods):
        return HIDDEN
    if entity.status is QpStatus.QP:
        return _above(entity)
    missing = [_missing(score) for score in entity.methods if score.gap is not None]
    return f"short by {' or '.join(missing)}" if missing else "-"


def _above(entity: EntityScore) -> str:
    met = (score for score in entity.methods if score.status is QpStatus.QP)
    above = [(score.points_above_bar, score.method) for score in met if score.points_above_bar is not None]
    most, method = max(above, key=lambda pair: pair[0])
    return f"+{points(most)} points ({'payments' if method is Method.PAYMENT_AMOUNT else 'patients'})"


def _missing(score: MethodScore) -> str:
    gap = score.gap or 0
    return dollars(gap) if score.method is Method.PAYMENT_AMOUNT else counted(gap, "patient")


def printable(text: str) -> str:
    """The text without what could steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
