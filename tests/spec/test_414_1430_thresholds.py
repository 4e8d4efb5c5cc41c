"""42 CFR 414.1430: a Threshold Score that meets or exceeds a threshold, decided exactly."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from qpcli.regulation.resolve import resolve_law
from qpcli.rules.threshold_scores import with_status
from tests.support.spec_tables import computed, computed_under, counts_of, determination, findings, payment, score

FIRST, MIDDLE, FULL = (25, 20, 20, 10), (50, 40, 35, 25), (75, 50, 50, 35)
BARS = dict.fromkeys(range(2019, 2027), MIDDLE) | {2017: FIRST, 2018: FIRST, 2025: FULL, 2027: FULL}

Ratio = tuple[int, int]


def scores_of(year: int, payments: list[Ratio], patients: list[Ratio]) -> list[dict[str, Any]]:
    """What becomes of numerators and denominators: cents and patients, as the calculation has them."""
    sums = {
        "payment_numerator": [n for n, _ in payments],
        "payment_denominator": [d for _, d in payments],
        "patient_numerator": [n for n, _ in patients],
        "patient_denominator": [d for _, d in patients],
    }
    law = resolve_law(performance_year=year)
    return with_status(pl.LazyFrame(sums, schema=dict.fromkeys(sums, pl.Int64)), law).collect().to_dicts()


def by_payment(year: int, *ratios: Ratio) -> list[str]:
    return [row["payment_status"] for row in scores_of(year, list(ratios), [(0, 0)] * len(ratios))]


def by_patients(year: int, *ratios: Ratio) -> list[str]:
    return [row["patient_status"] for row in scores_of(year, [(0, 0)] * len(ratios), list(ratios))]


# Meets or exceeds


@pytest.mark.parametrize("year", range(2017, 2028))
def test_at_each_bar_of_the_year_the_status_is_met_and_one_cent_or_patient_under_it_is_not(year: int) -> None:
    qp_payment, partial_payment, qp_patient, partial_patient = (bar * 100 for bar in BARS[year])
    at_and_under = ["QP", "PARTIAL_QP", "PARTIAL_QP", "NOT_QP"]
    payments = [qp_payment, qp_payment - 1, partial_payment, partial_payment - 1]
    patients = [qp_patient, qp_patient - 1, partial_patient, partial_patient - 1]
    assert by_payment(year, *[(numerator, 10_000) for numerator in payments]) == at_and_under
    assert by_patients(year, *[(numerator, 10_000) for numerator in patients]) == at_and_under


@pytest.mark.parametrize(("paid", "expected"), [("50.00", "QP"), ("49.99", "PARTIAL_QP")])
def test_one_cent_of_a_real_line_decides(paid: str, expected: str) -> None:
    lines = f"""
    bene paid
    B1   {paid}
    B2   {100 - float(paid):.2f}
    B3   0
    B4   0
    """
    row = score(computed(lines=lines, attributed="B1"))
    assert (row["payment_status"], row["patient_status"]) == (expected, "PARTIAL_QP")


# Decided exactly


def test_a_score_a_hair_under_the_bar_is_not_rounded_up_to_it() -> None:
    under, at = 4_999_999_999, 5_000_000_000
    assert by_payment(2024, (under, 2 * at), (at, 2 * at)) == ["PARTIAL_QP", "QP"]


def test_amounts_as_large_as_64_bits_hold_are_compared_exactly() -> None:
    half = 4_611_686_018_427_387_903
    assert by_payment(2024, (half, 2 * half), (half - 1, 2 * half)) == ["QP", "PARTIAL_QP"]


def test_thirds_are_compared_without_dividing() -> None:
    assert by_patients(2024, (7, 20), (35, 101), (1, 3)) == ["QP", "PARTIAL_QP", "PARTIAL_QP"]


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        ((2, 3), 66.6666),
        ((1, 3), 33.3333),
        ((499_999_999, 1_000_000_000), 49.9999),
        ((31_000, 39_000), 79.4871),
        ((-2, 3), -66.6666),
        ((2, -3), -66.6666),
        ((-2, -3), 66.6666),
        ((0, 7), 0.0),
    ],
)
def test_scores_are_truncated_toward_zero_at_4_decimals(ratio: Ratio, shown: float) -> None:
    (row,) = scores_of(2024, [ratio], [(0, 0)])
    assert row["payment_score"] / 10_000 == shown


# A denominator of 0 or less is no score


def test_a_denominator_of_zero_is_no_score_and_never_qp() -> None:
    (row,) = scores_of(2024, [(0, 0)], [(0, 0)])
    assert (row["payment_status"], row["patient_status"], row["status"]) == ("NO_SCORE", "NO_SCORE", "NO_SCORE")
    assert (row["payment_score"], row["patient_score"]) == (None, None)


def test_a_denominator_below_zero_is_no_score_and_never_qp() -> None:
    assert by_payment(2024, (-60, -100), (60, -100), (60, -1), (60, 0), (60, 1)) == ["NO_SCORE"] * 4 + ["QP"]


TAKE_BACKS = """
bene paid
B1   30
B2   -90
"""


def test_dollars_that_net_below_zero_show_their_score_and_give_no_status() -> None:
    row = score(computed(lines=TAKE_BACKS, attributed="B1"))
    assert payment(row) == (30, -60)
    assert (row["payment_score"], row["payment_status"], row["payment_gap_to_qp"]) == (-50.0, "NO_SCORE", None)


def test_a_denominator_below_zero_is_a_finding() -> None:
    found = findings(lines=TAKE_BACKS, attributed="B1")
    assert counts_of(found, "negative_denominator") == [3]
    assert counts_of(found, "score_out_of_range") == [3]


def test_a_score_below_0_or_above_100_shows_as_it_is_with_a_finding() -> None:
    below = {"lines": "bene paid\nB1 -10\nB2 110\nB3 0\nB4 0", "attributed": "B1"}
    above = {"lines": "bene paid\nB1 120\nB2 -20\nB3 0\nB4 0", "attributed": "B1"}
    shown = [
        (row["payment_score"], row["payment_status"]) for row in (score(computed(**below)), score(computed(**above)))
    ]
    assert shown == [(-10.0, "NOT_QP"), (120.0, "QP")]
    assert [counts_of(findings(**tables), "score_out_of_range") for tables in (below, above)] == [[3], [3]]


def test_scores_of_exactly_0_and_100_are_no_finding() -> None:
    assert counts_of(findings(lines="bene\nB1", attributed="B1"), "score_out_of_range") == []
    assert counts_of(findings(lines="bene\nB1"), "score_out_of_range") == []


# The thresholds of the year, as published on a day


def test_the_thresholds_of_the_year_stand_in_every_row() -> None:
    row = score(computed(year=2025, lines="bene\nB1"))
    names = ("payment_qp", "payment_partial", "patient_qp", "patient_partial")
    assert tuple(row[f"{name}_threshold"] for name in names) == FULL


@pytest.mark.parametrize(("as_of", "status"), [(date(2026, 2, 2), "PARTIAL_QP"), (date(2026, 2, 3), "QP")])
def test_last_years_answer_is_reproduced_with_the_law_published_by_a_day(as_of: date, status: str) -> None:
    tables = {"year": 2026, "lines": "bene paid\nB1 50\nB2 50\nB3 0\nB4 0", "attributed": "B1"}
    law = resolve_law(performance_year=2026, law_as_of=as_of)
    assert determination(computed_under(law, **tables))["status"] == status


# The gap to QP


@pytest.mark.parametrize(
    ("ratio", "gap"), [((3_200, 10_000), 300), ((3_499, 10_000), 1), ((3_500, 10_000), 0), ((1, 3), 1), ((0, 0), None)]
)
def test_the_gap_is_what_of_the_existing_patients_would_have_to_become_attributed(
    ratio: Ratio, gap: int | None
) -> None:
    (row,) = scores_of(2024, [(0, 0)], [ratio])
    assert row["patient_gap_to_qp"] == gap


@pytest.mark.parametrize(
    ("ratio", "gap"),
    [((0, 101), 51), ((50, 101), 1), ((51, 101), 0), ((101, 101), 0), ((-10, 100), 60), ((0, 0), None)],
)
def test_the_gap_in_dollars_is_exact_to_the_cent(ratio: Ratio, gap: int | None) -> None:
    (row,) = scores_of(2024, [ratio], [(0, 0)])
    assert row["payment_gap_to_qp"] == gap
