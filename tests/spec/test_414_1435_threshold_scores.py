"""42 CFR 414.1435: the two Threshold Scores of an APM Entity, and the more favourable status of the two."""

from __future__ import annotations

import pytest

from tests.support.in_memory import Outcome
from tests.support.spec_tables import computed, individual, patients, payment, score


@pytest.fixture(scope="module")
def entity() -> Outcome:
    lines = """
    bene npi hcpcs paid
    B1   1   99213 1        # attributed
    B1   2   93306 2
    B2   1   93306 4        # attributed, the E/M service by a colleague
    B2   2   99213 8
    B3   2   99214 16
    B3   2   J1100 32       # not covered
    B4   1   93306 64       # attributed, no E/M service
    B5   1   99213 128
    B6   1   99213 256      # attributed, in Medicare Advantage
    """
    return computed(lines=lines, attributed="B1 B2 B4 B6", benes="bene ma\nB6 yes")


def test_the_payment_score_is_dollars_of_attributed_over_dollars_of_attribution_eligible_people(
    entity: Outcome,
) -> None:
    row = score(entity)
    assert payment(row) == (1 + 2 + 4 + 8, 1 + 2 + 4 + 8 + 16 + 128)
    assert row["payment_score"] == 9.4339  # 15/159


def test_the_patient_score_is_attributed_over_attribution_eligible_people(entity: Outcome) -> None:
    row = score(entity)
    assert (patients(row), row["patient_score"]) == ((2, 4), 50.0)


def test_the_more_favourable_of_the_two_methods_counts(entity: Outcome) -> None:
    row = score(entity)
    assert (row["payment_status"], row["patient_status"], row["status"]) == ("NOT_QP", "QP", "QP")


@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        ("50", ("QP", "PARTIAL_QP", "QP")),
        ("49.99", ("PARTIAL_QP", "PARTIAL_QP", "PARTIAL_QP")),
        ("39.99", ("NOT_QP", "PARTIAL_QP", "PARTIAL_QP")),
    ],
)
def test_either_method_alone_gives_the_status(paid: str, expected: tuple[str, ...]) -> None:
    rest = 100 - float(paid)
    row = score(computed(lines=f"bene paid\nB1 {paid}\nB2 {rest:.2f}\nB3 0\nB4 0", attributed="B1"))
    assert (row["payment_status"], row["patient_status"], row["status"]) == expected


def test_without_dollars_the_patient_method_decides() -> None:
    row = score(computed(lines="bene paid\nB1 0\nB2 0", attributed="B1"))
    assert (row["payment_status"], row["patient_status"], row["status"]) == ("NO_SCORE", "QP", "QP")
    assert (row["payment_score"], row["patient_score"]) == (None, 50.0)


def test_an_entity_without_any_line_has_a_row_and_no_score() -> None:
    row = score(computed(lines="bene npi\nB1 2", listed="A/1"))
    assert (payment(row), patients(row), row["status"]) == ((0, 0), (0, 0), "NO_SCORE")
    assert (row["payment_score"], row["patient_score"]) == (None, None)
    assert (row["payment_gap_to_qp"], row["patient_gap_to_qp"]) == (None, None)


def test_only_people_with_a_covered_or_rural_service_of_the_group_are_counted() -> None:
    """All are eligible through E1; clinician 1, of two entities, gave B1 a drug, B2 a visit, B3 an RHC service."""
    lines = """
    bene npi hcpcs setting
    B1   1   J1100 professional
    B2   1   93306 professional
    B3   1   T1015 rhc
    B1   2   99213 professional
    B2   2   99213 professional
    B3   2   99213 professional
    B4   2   99213 professional
    """
    listed = """
    entity npi
    E1     1
    E1     2
    E2     1
    """
    outcome = computed(lines=lines, listed=listed, attributed="B1")
    assert patients(score(outcome)) == (1, 4)
    assert patients(individual(outcome)) == (0, 2)


def test_the_group_is_of_tin_and_npi_pairs_and_shared_patients_count_once() -> None:
    lines = """
    bene tin npi paid
    B1   A   1   1
    B1   B   1   2
    B1   B   2   4
    B2   C   1   8
    """
    row = score(computed(lines=lines, listed="A/1 B/1 B/2", attributed="B1"))
    assert (payment(row), patients(row)) == ((7, 7), (1, 1))


def test_each_snapshot_has_its_own_score() -> None:
    lines = """
    bene service paid
    B1   02-01   50
    B2   02-01   50
    B3   05-01   25
    B1   08-01   15
    """
    outcome = computed(lines=lines, attributed="B1")
    shown = [(row["payment_score"], row["patient_score"]) for row in (score(outcome, snapshot=k) for k in (1, 2, 3))]
    assert shown == [(50.0, 50.0), (40.0, 33.3333), (46.4285, 33.3333)]


def test_rows_are_sorted_by_their_keys_and_there_is_one_per_entity_snapshot_and_basis() -> None:
    listed = """
    entity npi
    E2     1
    E10    1
    """
    rows = computed(year=2026, lines="bene\nB1", listed=listed).threshold_scores
    keys = [(row["snapshot"], row["level"], row["apm_entity_id"] or "", row["basis"]) for row in rows]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(rows) == 3 * 3 * 2
