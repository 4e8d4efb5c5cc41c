"""Section 9: all-payer Threshold Scores of an APM Entity, and what they make of a clinician (42 CFR 414.1440)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from qpcli.regulation.resolve import resolve_law
from tests.oracle.world import Row
from tests.support.in_memory import Outcome
from tests.support.spec_tables import computed, counts_of, decided_by, determination, findings, the_row

MEDICARE_30 = """
people  dollars    attributed
1       300,000    E1
99      700,000    -
"""
"""30 % of payments and 1 % of patients."""

COMMERCIAL_AND_ADVANTAGE = """
type                payments
commercial          450000/600000
medicare_advantage  250000/400000
"""


def all_payer(outcome: Outcome, *, snapshot: int = 3, basis: str = "em", **wanted: Any) -> Row:
    """The one all-payer row with these values."""
    assert outcome.all_payer_scores is not None
    return the_row(outcome.all_payer_scores, snapshot=snapshot, basis=basis, **wanted)


def medicare(cents_attributed: int, patients: str = "") -> str:
    """Payments of so many cents out of 1,000,000.00 dollars, in a world of 100 people."""
    rest = 100_000_000 - cents_attributed
    return f"people dollars attributed\n1 {cents_attributed / 100:.2f} E1\n99 {rest / 100:.2f} -\n{patients}"


def test_performance_years_before_2019_have_no_all_payer_combination_option() -> None:
    assert resolve_law(performance_year=2018).all_payer is None
    assert resolve_law(performance_year=2019).all_payer is not None


@pytest.mark.parametrize(("year", "status"), [(2019, "QP"), (2024, "QP"), (2025, "PARTIAL_QP"), (2026, "QP")])
def test_payments_of_medicare_and_other_payers_are_added_up_and_meet_the_thresholds_of_the_year(
    year: int, status: str
) -> None:
    outcome = computed(year=year, populations=MEDICARE_30, other_payer=COMMERCIAL_AND_ADVANTAGE + "va 0/50000")
    row = all_payer(outcome)
    assert (row["payment_numerator"], row["payment_denominator"]) == (Decimal("1000000.00"), Decimal("2000000.00"))
    assert (row["payment_score"], row["status"]) == (50.0, status)
    assert determination(outcome)["status"] == status


@pytest.mark.parametrize("excluded", ["va", "dod"])
def test_payments_by_defense_and_veterans_affairs_never_count(excluded: str) -> None:
    row = all_payer(computed(populations=MEDICARE_30, other_payer=f"type payments\n{excluded} 900000/900000"))
    assert (row["payment_score"], row["counted_payer_count"], row["excluded_payer_count"]) == (30.0, 0, 1)


@pytest.mark.parametrize(
    ("available", "score", "status"), [("yes", 47.619, "PARTIAL_QP"), ("no", 50.0, "QP"), ("-", 47.619, "PARTIAL_QP")]
)
def test_medicaid_counts_where_a_model_is_available_to_the_clinician(available: str, score: float, status: str) -> None:
    submitted = f"""
    type                payments       available
    commercial          450000/600000  no
    medicare_advantage  250000/400000  -
    medicaid            0/100000       {available}
    """
    row = all_payer(computed(populations=MEDICARE_30, other_payer=submitted))
    assert (row["payment_score"], row["status"]) == (score, status)


def test_a_person_may_count_once_per_payer_in_the_patient_method() -> None:
    submitted = "type patients\ncommercial 60/70\nmedicare_advantage 30/30"
    row = all_payer(computed(populations=MEDICARE_30, other_payer=submitted))
    assert (row["patient_numerator"], row["patient_denominator"], row["patient_score"]) == (91, 200, 45.5)


@pytest.mark.parametrize(
    ("cents", "status"),
    [(25_000_000, "QP"), (24_999_999, "PARTIAL_QP"), (24_000_000, "PARTIAL_QP"), (20_000_000, "PARTIAL_QP")],
)
def test_a_qp_needs_the_medicare_minimum_too_and_below_it_becomes_a_partial_qp(cents: int, status: str) -> None:
    outcome = computed(populations=medicare(cents), other_payer="payments\n9000000/9000000")
    assert all_payer(outcome)["status"] == determination(outcome)["status"] == status


def test_below_the_medicare_minimum_of_partial_qp_other_payers_cannot_help() -> None:
    outcome = computed(populations=medicare(19_999_999), other_payer="payments\n9000000/9000000")
    row = all_payer(outcome)
    assert (row["medicare_minimum_status"], row["status"]) == ("NOT_QP", "NOT_QP")
    assert determination(outcome)["determined_by_option"] == "medicare"


@pytest.mark.parametrize(("attributed", "status"), [(20, "QP"), (19, "PARTIAL_QP"), (10, "PARTIAL_QP"), (9, "NOT_QP")])
def test_the_medicare_minimum_may_be_met_by_patients_and_the_threshold_by_payments(
    attributed: int, status: str
) -> None:
    populations = f"""
    people             dollars                attributed
    {attributed}       {attributed}           E1
    {100 - attributed} {1000 - attributed}    -
    """
    outcome = computed(populations=populations, other_payer="payments\n9000000/9000000")
    row = all_payer(outcome)
    assert (row["payment_status"], row["patient_status"], row["status"]) == (status, "NO_SCORE", status)


def test_the_minimum_may_be_met_by_payments_and_the_threshold_by_patients() -> None:
    row = all_payer(computed(populations=MEDICARE_30, other_payer="patients\n99/100"))
    assert (row["patient_score"], row["patient_status"], row["payment_status"]) == (50.0, "QP", "NO_SCORE")


@pytest.mark.parametrize(("other", "status"), [("70000000", "QP"), ("69999999", "PARTIAL_QP")])
def test_one_cent_under_the_all_payer_threshold_is_partial(other: str, status: str) -> None:
    cents = f"{other[:-2]}.{other[-2:]}"
    row = all_payer(computed(populations=MEDICARE_30, other_payer=f"payments\n{cents}/1000000.00"))
    assert row["payment_status"] == status
    assert row["payment_gap_to_qp"] == (Decimal(0) if status == "QP" else Decimal("0.01"))


def test_partial_qp_has_the_partial_threshold_of_the_year() -> None:
    met = computed(populations=MEDICARE_30, other_payer="payments\n500000/1000000")
    missed = computed(populations=MEDICARE_30, other_payer="payments\n499999.99/1000000")
    assert (all_payer(met)["status"], all_payer(missed)["status"]) == ("PARTIAL_QP", "NOT_QP")


def test_the_largest_amounts_are_compared_exactly() -> None:
    largest = "100000000000.00"
    under = computed(populations=MEDICARE_30, other_payer=f"payments\n50000199999.99/{largest}")
    at_the_bar = computed(populations=MEDICARE_30, other_payer=f"payments\n50000200000.00/{largest}")
    assert (all_payer(under)["status"], all_payer(at_the_bar)["status"]) == ("PARTIAL_QP", "QP")
    assert all_payer(under)["payment_score"] == 49.9999


def test_an_all_payer_result_can_only_improve_a_medicare_result() -> None:
    medicare_45, worse = medicare(45_000_000), "payments\n0/9000000"
    alone, both = computed(populations=medicare_45), computed(populations=medicare_45, other_payer=worse)
    assert all_payer(both)["status"] == "NOT_QP"
    assert both.determinations == alone.determinations


def test_a_medicare_qp_stays_a_qp_and_needs_no_other_payer() -> None:
    given = {"populations": medicare(50_000_000), "other_payer": "payments\n0/9000000"}
    row = determination(computed(**given))
    assert (row["status"], row["determined_by_option"]) == ("QP", "medicare")
    assert counts_of(findings(**given), "all_payer_not_needed") == [1]


def test_the_determination_names_the_option_and_the_all_payer_score() -> None:
    outcome = computed(populations=MEDICARE_30, other_payer=COMMERCIAL_AND_ADVANTAGE)
    row = determination(outcome)
    assert decided_by(row) == ("apm_entity", "E1", "em", "payment_amount", 3)
    assert (row["determined_by_option"], row["score"], row["threshold"]) == ("all_payer", 50.0, 50)


def test_where_both_options_give_the_status_at_a_snapshot_the_medicare_option_is_shown() -> None:
    outcome = computed(populations=medicare(45_000_000), other_payer="snapshot payments\n1 450000/1000000")
    assert all_payer(outcome, snapshot=1)["status"] == "PARTIAL_QP"
    assert determination(outcome)["determined_by_option"] == "medicare"


def test_who_has_no_score_is_determined_by_no_option() -> None:
    assert determination(computed(listed="A/1"))["determined_by_option"] is None


def test_each_snapshot_has_the_submissions_up_to_its_date_and_the_best_status_sticks() -> None:
    submitted = """
    snapshot  payer  payments
    2         X      700000/1000000
    3         X      700000/2000000
    """
    outcome = computed(populations=MEDICARE_30, other_payer=submitted)
    assert [all_payer(outcome, snapshot=k)["status"] for k in (2, 3)] == ["QP", "NOT_QP"]
    assert [determination(outcome, snapshot=k)["status"] for k in (1, 2, 3)] == ["NOT_QP", "QP", "QP"]
    assert determination(outcome)["determined_at_snapshot"] == 2


def test_submissions_of_snapshots_that_are_not_computed_are_passed_over() -> None:
    outcome = computed(populations=MEDICARE_30, other_payer="snapshot payments\n3 1/1", snapshots=(1, 2))
    assert outcome.all_payer_scores == []


def test_only_members_of_the_group_at_the_snapshot_have_its_all_payer_result() -> None:
    listed = "npi start\n1 -\n2 06-01"
    submitted = "snapshot payments\n1 700000/1000000"
    outcome = computed(populations=MEDICARE_30, listed=listed, other_payer=submitted)
    assert determination(outcome, "1")["status"] == "QP"
    assert determination(outcome, "2")["status"] == "NOT_QP"


def test_from_2026_each_basis_has_its_own_all_payer_score() -> None:
    lines = """
    bene  hcpcs  paid
    B1    99213  300
    B2    99213  700
    B3    93306  1000
    """
    outcome = computed(year=2026, lines=lines, attributed="B1", other_payer="payments\n1000/1000")
    scores = [all_payer(outcome, basis=basis, level="apm_entity")["payment_score"] for basis in ("em", "cps")]
    assert scores == [65.0, 43.3333]


def test_a_payer_that_submits_nothing_for_a_method_leaves_the_other_method() -> None:
    submitted = "type payments patients\ncommercial 700000/1000000 90/100\nother 0/0 -"
    row = all_payer(computed(populations=MEDICARE_30, other_payer=submitted))
    assert (row["payment_score"], row["patient_score"], row["patient_status"]) == (50.0, None, "NO_SCORE")
    assert row["patient_gap_to_qp"] is None
    excluded = "type payments patients\ncommercial 700000/1000000 90/100\nva 0/0 -"
    assert all_payer(computed(populations=MEDICARE_30, other_payer=excluded))["patient_score"] == 45.5


def test_without_medicare_services_the_minimum_is_not_met() -> None:
    outcome = computed(listed="A/1", other_payer="payments\n9/10")
    row = all_payer(outcome)
    assert (row["medicare_minimum_status"], row["status"]) == ("NO_SCORE", "NOT_QP")
    assert determination(outcome)["status"] == "NO_SCORE", "not to be a QP is no better than to have no score"
    assert row["payment_score"] == 90.0


def test_without_any_denominator_there_is_no_score() -> None:
    row = all_payer(computed(listed="A/1", other_payer="payments\n0/0"))
    assert (row["payment_score"], row["payment_status"], row["payment_gap_to_qp"]) == (None, "NO_SCORE", None)


def test_without_submissions_there_is_no_all_payer_table() -> None:
    assert computed(populations=MEDICARE_30).all_payer_scores is None


def test_excluded_payers_and_medicaid_without_a_model_are_counted() -> None:
    submitted = "type payments available\nva 0/1 -\nva 0/2 -\ndod 0/1 -\nmedicaid 0/1 no\nmedicaid 0/1 yes"
    found = findings(populations=MEDICARE_30, other_payer=submitted)
    excluded = [(one.rule, one.count) for one in found if one.code == "other_payer_excluded"]
    assert excluded == [("dod", 1), ("va", 2)]
    assert counts_of(found, "medicaid_unavailable") == [1]


def test_a_blank_method_and_a_payer_that_is_missing_later_are_findings() -> None:
    submitted = "snapshot payer payments\n1 X 1/2\n1 Y 1/2\n2 X 1/2\n3 Y 1/2"
    found = findings(populations=MEDICARE_30, other_payer=submitted)
    assert [(one.rule, one.count) for one in found if one.code == "other_payer_incomplete"] == [("patient_count", 4)]
    missing = [(one.rule, one.count) for one in found if one.code == "other_payer_missing_at_snapshot"]
    assert missing == [("2", 1), ("3", 1)]


def missing_payers(submitted: str) -> list[tuple[str | None, int | None]]:
    found = findings(populations=MEDICARE_30, other_payer="snapshot payer type payments available\n" + submitted)
    return [(one.rule, one.count) for one in found if one.code == "other_payer_missing_at_snapshot"]


def test_medicaid_that_is_no_longer_available_is_not_missing() -> None:
    first = "2 M medicaid 1/2 yes\n2 P other 1/2 -\n"
    assert missing_payers(first + "3 M medicaid 1/2 no\n3 P other 1/2 -") == []
    assert missing_payers(first + "3 M medicaid 1/2 no") == [("3", 1)]


def test_who_lies_below_the_minimum_is_counted() -> None:
    found = findings(populations=medicare(19_999_999), other_payer="payments\n9/9")
    assert counts_of(found, "all_payer_below_minimum") == [1]
    at_the_minimum = findings(populations=medicare(20_000_000), other_payer="payments\n9/9")
    assert not counts_of(at_the_minimum, "all_payer_below_minimum")
