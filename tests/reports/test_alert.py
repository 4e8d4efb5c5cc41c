"""Which APM Entities `--alert-margin` is about."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qpcli.reports.summary_rows import entities_at_risk, entity_scores
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from tests.reports.world import frame, score_row, short_row, unscored_row


def at_risk(margin: str, *rows: dict[str, object]) -> tuple[str, ...]:
    return entities_at_risk(entity_scores(frame(THRESHOLD_SCORES, *rows)), Decimal(margin))


def patients(score: int, snapshot: int = 1, **columns: object) -> dict[str, object]:
    """QP by patients only, at so many ten-thousandths of a percent; the bar is 35."""
    below = {"payment_score": 10_000, "payment_status": "NOT_QP", "patient_score": score}
    return score_row("A1", snapshot, **(below | columns))


@pytest.mark.parametrize(("score", "is_told"), [(400_000, True), (400_001, False)])
def test_within_the_margin_is_up_to_its_last_point(score: int, is_told: bool) -> None:
    assert at_risk("5", patients(score)) == (("A1",) if is_told else ())


@pytest.mark.parametrize(("score", "is_told"), [(350_000, True), (350_001, False)])
def test_a_margin_of_nothing_is_the_bar_itself(score: int, is_told: bool) -> None:
    assert at_risk("0", patients(score)) == (("A1",) if is_told else ())


def test_the_better_method_counts() -> None:
    assert at_risk("5", patients(350_000, payment_score=600_000, payment_status="QP")) == ()


def test_below_the_bar_and_without_a_score_is_at_risk_whatever_the_margin() -> None:
    assert at_risk("0", short_row("A2"), unscored_row("A3")) == ("A2", "A3")


def test_the_newest_snapshot_counts() -> None:
    assert at_risk("1", patients(600_000, 1), patients(350_000, 2)) == ("A1",)
    assert at_risk("1", patients(350_000, 1), patients(600_000, 2)) == ()
