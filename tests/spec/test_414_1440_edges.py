"""Section 9 at its edges: ties, truncation, snapshots of their own, services of one basis (42 CFR 414.1440)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.spec.test_414_1440_all_payer import MEDICARE_30, all_payer
from tests.support.spec_tables import computed, determination

PATIENTS_20 = """
people  dollars  attributed
20      10       E1
80      990      -
"""
"""20 of 100 patients and 1 % of payments."""


@pytest.mark.parametrize(("part", "score", "status", "gap"), [(50, 35.0, "QP", 0), (49, 34.5, "PARTIAL_QP", 1)])
def test_both_bars_may_be_met_exactly_by_patients(part: int, score: float, status: str, gap: int) -> None:
    outcome = computed(populations=PATIENTS_20, other_payer=f"patients\n{part}/100")
    row = all_payer(outcome)
    assert (row["medicare_patient_score"], row["medicare_minimum_status"]) == (20.0, "QP")
    assert (row["patient_numerator"], row["patient_denominator"]) == (20 + part, 200)
    assert (row["patient_score"], row["patient_status"], row["patient_gap_to_qp"]) == (score, status, gap)
    assert determination(outcome)["determined_by_method"] == "patient_count"


@pytest.mark.parametrize(("cents", "score"), [("699999.00", 49.9999), ("699998.99", 49.9999), ("699998.00", 49.9999)])
def test_a_score_is_cut_after_four_decimals_and_decided_before(cents: str, score: float) -> None:
    """49.99995 %, 49.9999495 % and 49.9999 %: none of them is rounded up to the bar."""
    row = all_payer(computed(populations=MEDICARE_30, other_payer=f"payments\n{cents}/1000000"))
    assert (row["payment_score"], row["payment_status"]) == (score, "PARTIAL_QP")
    assert row["payment_gap_to_qp"] == Decimal(700_000) - Decimal(cents)


@pytest.mark.parametrize("year", [2019, 2020])
@pytest.mark.parametrize(("part", "status"), [("700000", "QP"), ("699999", "PARTIAL_QP"), ("500000", "PARTIAL_QP")])
def test_the_first_two_years_of_the_option_have_the_bars_of_their_payment_years(
    year: int, part: str, status: str
) -> None:
    row = all_payer(computed(year=year, populations=MEDICARE_30, other_payer=f"payments\n{part}/1000000"))
    assert (row["payment_qp_threshold"], row["payment_partial_threshold"], row["status"]) == (50, 40, status)


def test_medicaid_may_be_available_at_one_snapshot_and_not_at_another() -> None:
    submitted = """
    snapshot  payer  type        payments        available
    2         P      commercial  700000/1000000  -
    2         M      medicaid    0/100000        no
    3         P      commercial  700000/1000000  -
    3         M      medicaid    0/100000        yes
    """
    outcome = computed(populations=MEDICARE_30, other_payer=submitted)
    rows = [all_payer(outcome, snapshot=k) for k in (2, 3)]
    assert [(row["payment_score"], row["status"]) for row in rows] == [(50.0, "QP"), (47.619, "PARTIAL_QP")]
    assert [(row["counted_payer_count"], row["excluded_payer_count"]) for row in rows] == [(1, 1), (2, 0)]
    decided = determination(outcome, snapshot=3)
    assert (decided["status"], decided["determined_at_snapshot"], decided["score"]) == ("QP", 2, 50.0)


def test_of_two_states_medicaid_the_available_one_counts() -> None:
    submitted = """
    payer  type      payments       available
    North  medicaid  0/100000       yes
    South  medicaid  0/900000       no
    P      other     200000/200000  -
    """
    row = all_payer(computed(populations=MEDICARE_30, other_payer=submitted))
    assert (row["payment_numerator"], row["payment_denominator"]) == (Decimal(500_000), Decimal(1_300_000))
    assert (row["payment_score"], row["status"]) == (38.4615, "NOT_QP")


def test_only_excluded_payers_leave_the_medicare_score_as_it_is() -> None:
    outcome = computed(populations=MEDICARE_30, other_payer="type payments patients\nva 9/9 9/9\ndod 9/9 9/9")
    row = all_payer(outcome)
    assert (row["payment_score"], row["patient_score"], row["status"]) == (30.0, 1.0, "NOT_QP")
    assert determination(outcome)["determined_by_option"] == "medicare"


def test_a_tin_without_medicare_services_takes_no_score_of_its_entity_and_meets_no_minimum() -> None:
    medicare_45 = "npi tin people dollars attributed\n1 A 45 450 E1\n1 A 55 550 -"
    outcome = computed(populations=medicare_45, listed="A/1 B/2", other_payer="level subject payments\ntin B 90/100")
    row = all_payer(outcome)
    assert (row["payment_score"], row["payment_weighted_by_apm_entity_id"]) == (90.0, None)
    assert (row["medicare_minimum_status"], row["status"]) == ("NO_SCORE", "NOT_QP")


def test_each_basis_is_weighted_by_the_entitys_score_on_it() -> None:
    """NPI 1: E/M 300 of 1,000 like its entity; 1,000 more under another TIN count on the CPS basis alone."""
    lines = """
    bene  npi  tin  hcpcs  paid
    B1    1    A    99213  300
    B2    1    A    99213  700
    B3    1    C    93306  1000
    """
    submitted = "level subject payments\nnpi 1 700/1000"
    outcome = computed(year=2026, lines=lines, listed="A/1", attributed="B1", other_payer=submitted)
    em, cps = (all_payer(outcome, basis=basis) for basis in ("em", "cps"))
    assert (em["payment_score"], em["payment_weighted_by_apm_entity_id"], em["status"]) == (50.0, None, "QP")
    # 30 % of 2,000 and 700, of 3,000; the own 15 % would give 1,000 of 3,000.
    assert (cps["medicare_payment_score"], cps["payment_weighted_by_apm_entity_id"]) == (15.0, "E1")
    assert (cps["payment_numerator"], cps["payment_score"]) == (Decimal(1300), 43.3333)
    assert determination(outcome)["determined_by_basis"] == "em"


def test_a_leaver_stays_in_the_cumulative_group_and_leaves_that_of_the_snapshot_date() -> None:
    given = {
        "populations": MEDICARE_30,
        "listed": "tin npi end\nA 1 04-30",
        "other_payer": "payments\n700000/1000000",
    }
    assert determination(computed(**given))["status"] == "QP"
    on_the_date = computed(**given, assume={"group_membership": "on_snapshot_date"})
    assert all_payer(on_the_date)["not_assessed_because"] == "no_medicare_score"
    assert determination(on_the_date)["status"] == "NOT_QP"


def test_a_clinician_of_two_entities_is_weighted_by_the_higher_of_them() -> None:
    """Own 300/1,000 in E1 and 100/500 in E2: 26.6666 %; E1 has 900 of 2,000 with NPI 3, E2 20 %."""
    populations = """
    npi  tin  people  dollars  attributed
    1    A    3       300      E1
    1    A    7       700      -
    1    B    1       100      E2
    1    B    4       400      -
    3    C    1       600      E1
    3    C    1       400      -
    """
    listed = "entity tin npi\nE1 A 1\nE2 B 1\nE1 C 3"
    submitted = "level subject payments\nnpi 1 400/1000"
    row = all_payer(computed(populations=populations, listed=listed, other_payer=submitted))
    assert (row["medicare_payment_score"], row["payment_weighted_by_apm_entity_id"]) == (26.6666, "E1")
    assert (row["payment_numerator"], row["payment_denominator"]) == (Decimal(1075), Decimal(2500))
    assert (row["payment_score"], row["payment_status"]) == (43.0, "PARTIAL_QP")
