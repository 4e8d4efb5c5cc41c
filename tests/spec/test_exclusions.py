"""42 CFR 414.1305, 414.1425, 414.1435: the steps from all lines of an APM Entity's group to its numerator."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.in_memory import Outcome
from tests.support.spec_tables import computed, patients, payment, score

STEPS = [
    "group_lines_in_period",
    "processed_in_time",
    "not_denied",
    "not_cancelled",
    "covered_professional_service",
    "has_enrollment_record",
    "is_not_managed_care",
    "is_not_medicare_secondary",
    "has_part_a_and_b",
    "is_at_least_18",
    "is_us_resident",
    "has_qualifying_service",
    "is_not_prospective_elsewhere",
    "is_attributed",
]

# One line and one person lost at each step; the dollars 1, 2, 4, ... say who is left.
LINES = """
claim bene tin service processed denied adjustment   hcpcs setting      paid
L1    B1   A   02-01   02-20     no     original     99213 professional 1       # attributed
L2    B2   A   02-01   02-20     no     original     99213 professional 2       # not attributed
L3    B3   A   02-01   02-20     no     original     99213 professional 4       # prospective elsewhere
L4    B4   A   02-01   02-20     no     original     93306 professional 8       # no qualifying service
L5    B5   A   02-01   02-20     no     original     99213 professional 16      # no US resident
L6    B6   A   02-01   02-20     no     original     99213 professional 32      # 17 years old
L7    B7   A   02-01   02-20     no     original     99213 professional 64      # no Part A
L8    B8   A   02-01   02-20     no     original     99213 professional 128     # Medicare secondary
L9    B9   A   02-01   02-20     no     original     99213 professional 256     # managed care
L10   B10  A   02-01   02-20     no     original     99213 professional 512     # no enrollment record
L11   B1   A   02-01   02-20     no     original     J1100 professional 1024    # not covered
L12   B1   A   02-01   02-20     no     original     T1015 rhc          2048    # a service without dollars
L13   B1   A   02-01   02-20     no     original     99213 professional 4096    # cancelled
L13   B1   A   02-01   02-25     no     cancellation 99213 professional 4096
L14   B1   A   02-01   02-20     yes    original     99213 professional 8192    # denied
L15   B1   A   02-01   05-31     no     original     99213 professional 16384   # late for snapshot 1
L16   B1   A   04-01   04-20     no     original     99213 professional 32768   # after snapshot 1
L17   B1   A   09-01   09-20     no     original     99213 professional 65536   # after the period
L18   B1   C   02-01   02-20     no     original     99213 professional 131072  # not the group's
L1    B1   A   02-01   02-20     no     original     99213 professional 1       # a duplicate
"""
BENES = """
bene age ma  msp a   us
B5   70  no  no  yes no
B6   17  no  no  yes yes
B7   70  no  no  no  yes
B8   70  no  yes yes yes
B9   70  yes no  yes yes
"""
ATTRIBUTED = """
entity bene prospective
E1     B1   no
X      B3   yes
E1     B3   no         # attributed, and lost before the last step
E1     B4   no
E1     B5   no
E1     B9   no
E1     B10  no
"""


def lose_one_at_each_step(year: int) -> Outcome:
    tables = {"lines": LINES, "benes": BENES, "attributed": ATTRIBUTED, "unrecorded": "B10", "listed": "A/1"}
    return computed(year=year, **tables)


@pytest.fixture(scope="module")
def in_2024() -> Outcome:
    return lose_one_at_each_step(2024)


@pytest.fixture(scope="module")
def in_2026() -> Outcome:
    return lose_one_at_each_step(2026)


def column(outcome: Outcome, name: str, *, snapshot: int = 1, basis: str = "em", entity: str = "E1") -> list[Any]:
    rows = [row for row in outcome.exclusions if row["snapshot"] == snapshot and row["basis"] == basis]
    return [row[name] for row in rows if row["apm_entity_id"] == entity]


def test_the_steps_stand_in_the_order_of_the_calculation(in_2024: Outcome) -> None:
    assert column(in_2024, "step") == STEPS
    assert column(in_2024, "step_number") == list(range(1, 15))


def test_claim_steps_carry_lines_after_duplicates(in_2024: Outcome) -> None:
    assert column(in_2024, "lines_remaining") == [16, 15, 14, 12, 11] + [None] * 9
    assert column(in_2024, "lines_removed") == [0, 1, 1, 2, 1] + [None] * 9


def test_person_steps_carry_beneficiaries(in_2024: Outcome) -> None:
    assert column(in_2024, "beneficiaries_remaining") == [None] * 5 + [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert column(in_2024, "beneficiaries_removed") == [None] * 5 + [1] * 9


def test_every_step_carries_dollars_cancellations_negative(in_2024: Outcome) -> None:
    people = 1 + 2 + 4 + 8 + 16 + 32 + 64 + 128 + 256 + 512
    standing = people + 1024 + 2048
    in_time = standing + 8192  # the cancelled line and its cancellation are 0 together
    remaining = [in_time + 16384, in_time, standing, standing, people, 511, 255, 127, 63, 31, 15, 7, 3, 1]
    assert column(in_2024, "amount_remaining") == remaining
    removed = [0, 16384, 8192, 0, 1024 + 2048, 512, 256, 128, 64, 32, 16, 8, 4, 2]
    assert column(in_2024, "amount_removed") == removed


def test_step_13_is_the_denominator_and_step_14_the_numerator(in_2024: Outcome, in_2026: Outcome) -> None:
    for outcome, bases in ((in_2024, ["em"]), (in_2026, ["em", "cps"])):
        for basis in bases:
            for snapshot in (1, 2, 3):
                row = score(outcome, snapshot=snapshot, basis=basis)
                amounts = column(outcome, "amount_remaining", snapshot=snapshot, basis=basis)
                people = column(outcome, "beneficiaries_remaining", snapshot=snapshot, basis=basis)
                assert (amounts[13], amounts[12]) == payment(row)
                assert (people[13], people[12]) == patients(row)


def test_at_the_next_snapshot_the_late_line_and_the_lines_since_are_there(in_2024: Outcome) -> None:
    assert column(in_2024, "lines_remaining", snapshot=2)[:5] == [17, 17, 16, 14, 13]
    assert column(in_2024, "lines_remaining", snapshot=3)[:5] == [17, 17, 16, 14, 13]
    assert column(in_2024, "amount_remaining", snapshot=2)[13] == 1 + 16384 + 32768


def test_from_2026_each_basis_has_its_own_steps(in_2026: Outcome) -> None:
    assert column(in_2026, "beneficiaries_remaining", basis="em")[5:] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert column(in_2026, "beneficiaries_remaining", basis="cps")[5:] == [9, 8, 7, 6, 5, 4, 4, 3, 2]
    assert column(in_2026, "lines_remaining", basis="cps") == column(in_2026, "lines_remaining", basis="em")


def test_a_line_that_stands_twice_is_two_lines_and_an_orphan_cancellation_is_a_line_until_step_4() -> None:
    lines = """
    claim bene adjustment   processed paid withheld excluded
    L1    B1   original     02-20     80   0        0
    L1    B1   replacement  02-25     90   0        0
    L2    B1   cancellation 02-25     -7   -2       -1         # absolute: 7 + 2 - 1 dollars off
    """
    outcome = computed(lines=lines)
    assert column(outcome, "lines_remaining")[:5] == [3, 3, 3, 2, 2]
    assert column(outcome, "amount_remaining")[:5] == [162, 162, 162, 170, 170]
    assert column(outcome, "lines_removed")[:5] == [0, 0, 0, 1, 0]
    assert column(outcome, "amount_removed")[:5] == [0, 0, 0, -8, 0]


def test_the_beneficiaries_before_step_6_are_those_with_a_covered_or_rural_service() -> None:
    lines = """
    bene hcpcs setting
    B1   99213 professional
    B2   T1015 rhc
    B3   J1100 professional
    """
    outcome = computed(lines=lines, benes="bene ma\nB1 yes")
    assert column(outcome, "beneficiaries_remaining")[5:8] == [2, 1, 1]
    assert column(outcome, "beneficiaries_removed")[5:8] == [0, 1, 0]


def test_the_lines_are_those_of_the_days_the_entity_was_tested() -> None:
    lines = """
    bene service
    B1   01-31
    B1   02-01
    B1   06-30
    B1   07-01
    """
    outcome = computed(lines=lines, entities="entity from to\nE1 02-01 06-30")
    assert [column(outcome, "lines_remaining", snapshot=k)[0] for k in (1, 2, 3)] == [1, 2, 2]


def test_there_are_steps_of_every_entity_with_a_score_and_of_nobody_else() -> None:
    listed = """
    entity npi list
    E1     1   participation
    E2     1   participation
    E3     1   affiliated
    E4     1   participation
    """
    entities = """
    entity advanced from
    E1     yes      -
    E2     yes      05-02
    E3     yes      -
    E4     no       -
    """
    rows = computed(lines="bene\nB1", listed=listed, entities=entities).exclusions
    found = sorted({(row["snapshot"], row["apm_entity_id"]) for row in rows})
    assert found == [(1, "E1"), (2, "E1"), (2, "E2"), (3, "E1"), (3, "E2")]
    assert len(rows) == 5 * 14


def test_an_entity_without_lines_has_steps_of_zero() -> None:
    outcome = computed(lines="bene npi\nB1 2", listed="A/1")
    assert column(outcome, "lines_remaining") == [0] * 5 + [None] * 9
    assert column(outcome, "beneficiaries_remaining") == [None] * 5 + [0] * 9
    assert column(outcome, "beneficiaries_removed") == [None] * 5 + [0] * 9
    assert column(outcome, "amount_remaining") == [0] * 14


def test_somebody_attributed_only_by_an_episode_is_lost_at_the_last_step_outside_it() -> None:
    lines = """
    bene service paid
    B1   02-09   1
    B2   02-10   2
    """
    attributed = """
    bene episode_start episode_end
    B1   02-10         02-20
    B2   02-10         02-20
    """
    outcome = computed(lines=lines, attributed=attributed, entities="entity episodes\nE1 yes")
    assert column(outcome, "beneficiaries_remaining")[12:] == [2, 1]
    assert column(outcome, "amount_remaining")[12:] == [3, 2]
