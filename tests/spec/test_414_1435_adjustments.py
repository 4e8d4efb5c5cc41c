"""42 CFR 414.1435(a)(3): final-action lines - what originals, cancellations and replacements leave standing."""

from __future__ import annotations

import pytest

from tests.support.in_memory import Outcome
from tests.support.spec_tables import computed, counts_of, findings, patients, payment, score


def dollars(outcome: Outcome) -> list[int]:
    """The denominator at each snapshot."""
    return [int(payment(score(outcome, snapshot=snapshot))[1]) for snapshot in (1, 2, 3)]


# Originals and replacements +1, cancellations -1


def test_a_cancelled_line_counts_no_dollars_and_no_patient() -> None:
    lines = """
    claim bene adjustment   processed paid
    L1    B1   original     02-20     80
    L1    B1   cancellation 02-25     80
    L2    B2   original     02-20     5
    """
    row = score(computed(lines=lines, attributed="B1"))
    assert (payment(row), patients(row)) == ((0, 5), (0, 1))


def test_a_replaced_line_counts_as_its_replacement() -> None:
    lines = """
    claim bene adjustment   processed paid
    L1    B1   original     02-20     80
    L1    B1   cancellation 02-25     80
    L1    B1   replacement  02-25     95
    """
    row = score(computed(lines=lines))
    assert (payment(row), patients(row)) == ((0, 95), (0, 1))


def test_a_replacement_with_another_hcpcs_stands_as_another_line() -> None:
    lines = """
    claim bene adjustment   processed hcpcs paid
    L1    B1   original     02-20     99213 80
    L1    B1   cancellation 02-25     99213 80
    L1    B1   replacement  02-25     99214 110
    """
    assert payment(score(computed(lines=lines))) == (0, 110)


def test_amounts_on_cancellations_are_absolute() -> None:
    lines = """
    claim bene adjustment   processed paid withheld excluded
    L1    B1   original     02-20     80   10       3
    L1    B1   cancellation 02-25     -80  -10      -3
    L1    B1   replacement  02-26     1    0        0
    L2    B1   original     02-20     80   10       3
    L2    B1   cancellation 02-25     80   10       3
    L2    B1   replacement  02-26     2    0        0
    """
    assert payment(score(computed(lines=lines))) == (0, 3)


# Only the same claim, line, clinician, TIN, beneficiary, date, code and setting cancel one another


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("claim", "L2"),
        ("line", "2"),
        ("npi", "2"),
        ("tin", "B"),
        ("bene", "B2"),
        ("service", "02-02"),
        ("hcpcs", "99214"),
        ("setting", "cah_method_ii"),
    ],
)
def test_a_cancellation_that_differs_from_the_original_cancels_nothing(column: str, other: str) -> None:
    original = {
        "claim": "L1",
        "line": "1",
        "npi": "1",
        "tin": "A",
        "bene": "B1",
        "service": "02-01",
        "hcpcs": "99213",
        "setting": "professional",
        "adjustment": "original",
        "paid": "80",
    }
    cancellation = {**original, column: other, "adjustment": "cancellation"}
    lines = "\n".join(" ".join(cells) for cells in (original, original.values(), cancellation.values()))
    assert payment(score(computed(lines=lines, listed="A/1 A/2 B/1"))) == (0, 80)


# A net count below 1 gives nothing


def test_a_cancellation_without_its_original_takes_no_dollars_away() -> None:
    lines = """
    claim bene adjustment   paid
    L1    B1   cancellation 80
    L2    B1   original     5
    """
    assert payment(score(computed(lines=lines))) == (0, 5)


def test_a_cancellation_without_its_original_is_a_finding() -> None:
    lines = """
    claim bene adjustment   processed paid
    L1    B1   cancellation 02-25     80
    L2    B1   original     02-20     80
    L2    B1   cancellation 02-25     80
    L2    B1   cancellation 02-26     80     # one too many
    L3    B1   original     09-01     80     # late, but there by the newest snapshot
    L3    B1   cancellation 02-25     80
    L4    B1   original     02-20     80
    L4    B1   cancellation 09-01     80
    L4    B1   cancellation 09-02     80     # one too many by the newest snapshot
    L5    B1   original     02-20     80
    L5    B1   cancellation 09-01     80
    L5    B1   cancellation 09-02     80
    """
    assert counts_of(findings(lines=lines), "orphan_cancellation") == [4]


def test_a_cancellation_whose_original_is_late_is_no_finding_once_the_original_is_there() -> None:
    lines = """
    claim bene adjustment   processed paid
    L3    B1   original     09-01     80
    L3    B1   cancellation 02-25     80
    """
    assert counts_of(findings(lines=lines), "orphan_cancellation") == []


def test_one_cancellation_too_many_is_a_finding_from_the_snapshot_that_sees_it() -> None:
    lines = """
    claim bene adjustment   processed paid
    L4    B1   original     02-20     80
    L4    B1   cancellation 09-01     80
    L4    B1   cancellation 09-02     80
    """
    assert counts_of(findings(lines=lines), "orphan_cancellation") == [1]


def test_an_original_and_its_cancellation_are_no_finding() -> None:
    lines = """
    claim bene adjustment   processed paid
    L1    B1   original     02-20     80
    L1    B1   cancellation 02-25     80
    L2    B1   original     02-20     80
    L2    B1   cancellation 06-15     80
    L3    B1   original     02-20     80
    L3    B1   cancellation 02-25     80
    L3    B1   replacement  02-25     95
    """
    found = findings(lines=lines)
    assert (counts_of(found, "orphan_cancellation"), counts_of(found, "net_count_above_one")) == ([], [])


def test_a_net_count_of_zero_gives_nothing_though_dollars_are_left() -> None:
    lines = """
    claim bene adjustment   processed paid
    L1    B1   original     02-20     80
    L1    B1   cancellation 02-25     70
    L2    B2   original     02-20     5
    """
    row = score(computed(lines=lines))
    assert (payment(row), patients(row)) == ((0, 5), (0, 1))


def test_a_net_count_of_one_gives_the_net_dollars() -> None:
    lines = """
    claim bene adjustment   processed paid
    L1    B1   original     02-20     80
    L1    B1   cancellation 02-25     70
    L1    B1   replacement  02-25     90
    """
    assert payment(score(computed(lines=lines))) == (0, 100)


# A net count above 1 sums

STANDS_TWICE = """
claim bene adjustment   processed paid
L1    B1   original     02-20     80
L1    B1   replacement  02-25     90
"""


def test_a_replacement_whose_cancellation_is_missing_sums_with_the_original() -> None:
    row = score(computed(lines=STANDS_TWICE))
    assert (payment(row), patients(row)) == ((0, 170), (0, 1))


def test_a_replacement_whose_cancellation_is_missing_is_a_finding() -> None:
    assert counts_of(findings(lines=STANDS_TWICE), "net_count_above_one") == [1]
    for_a_while = """
    L2    B1   original     02-20     80
    L2    B1   replacement  02-25     90
    L2    B1   cancellation 09-01     80
    """
    assert counts_of(findings(lines=STANDS_TWICE + for_a_while), "net_count_above_one") == [2]


# Among the rows visible at the snapshot


def test_a_cancellation_processed_after_the_cut_off_does_not_cancel_yet() -> None:
    in_time = """
    claim bene adjustment   processed paid
    L1    B1   original     02-20     80
    L1    B1   cancellation 05-30     80
    """
    late = in_time.replace("05-30", "05-31")
    assert [dollars(computed(lines=lines)) for lines in (in_time, late)] == [[0, 0, 0], [80, 0, 0]]


def test_a_line_is_replaced_from_the_snapshot_on_that_sees_the_replacement() -> None:
    lines = """
    claim bene adjustment   processed paid
    L1    B1   original     02-20     80
    L1    B1   cancellation 06-15     80
    L1    B1   replacement  09-15     95
    """
    outcome = computed(lines=lines, attributed="B1")
    assert dollars(outcome) == [80, 0, 95]
    assert [patients(score(outcome, snapshot=snapshot)) for snapshot in (1, 2, 3)] == [(1, 1), (0, 0), (1, 1)]


def test_a_line_whose_replacement_comes_with_the_cancellation_changes_its_dollars_alone() -> None:
    lines = """
    claim bene adjustment   processed paid
    L1    B1   original     02-20     80
    L1    B1   cancellation 06-15     80
    L1    B1   replacement  06-15     95
    """
    outcome = computed(lines=lines)
    assert dollars(outcome) == [80, 95, 95]
    assert [patients(score(outcome, snapshot=snapshot)) for snapshot in (1, 2, 3)] == [(0, 1), (0, 1), (0, 1)]


def test_a_cancelled_line_without_dollars_takes_its_patient_away() -> None:
    lines = """
    claim bene adjustment   processed paid
    L1    B1   original     02-20     0
    L1    B1   cancellation 06-15     0
    """
    outcome = computed(lines=lines)
    assert [patients(score(outcome, snapshot=snapshot)) for snapshot in (1, 2, 3)] == [(0, 1), (0, 0), (0, 0)]


def test_a_cancelled_em_service_no_longer_makes_its_person_eligible() -> None:
    lines = """
    claim bene hcpcs adjustment   processed paid
    L1    B1   99213 original     02-20     80
    L1    B1   99213 cancellation 06-15     80
    L2    B1   93306 original     02-20     120
    """
    assert dollars(computed(lines=lines)) == [200, 0, 0]


def test_a_denied_cancellation_does_not_cancel_and_a_denied_original_is_not_there_to_cancel() -> None:
    lines = """
    claim bene adjustment   processed denied paid
    L1    B1   original     02-20     no     80
    L1    B1   cancellation 02-25     yes    80
    L2    B1   original     02-20     yes    7
    L2    B1   cancellation 02-25     no     7
    """
    assert payment(score(computed(lines=lines))) == (0, 80)


def test_a_cancellation_without_a_processed_date_cancels_at_every_snapshot() -> None:
    lines = """
    claim bene adjustment   processed paid
    L1    B1   original     02-20     80
    L1    B1   cancellation -         80
    """
    assert dollars(computed(lines=lines)) == [0, 0, 0]


def test_a_cancelled_rhc_service_counts_no_patient() -> None:
    lines = """
    claim bene hcpcs setting      adjustment   processed
    L1    B1   T1015 rhc          original     02-20
    L1    B1   T1015 rhc          cancellation 06-15
    L2    B2   99213 professional original     02-20
    L3    B2   T1015 rhc          original     02-20
    L3    B2   T1015 rhc          cancellation 06-15
    """
    outcome = computed(lines=lines, assume={"rhc_fqhc_satisfies_em": "yes"})
    assert [patients(score(outcome, snapshot=snapshot)) for snapshot in (1, 2, 3)] == [(0, 2), (0, 1), (0, 1)]
