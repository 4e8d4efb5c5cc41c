"""42 CFR 414.1435(c)(1)(i): prospectively attributed to one APM Entity, removed from the others, from PY 2021."""

from __future__ import annotations

import pytest

from tests.support.in_memory import Outcome
from tests.support.spec_tables import computed, counts_of, findings, individual, patients, payment, score

TWO_LISTS = """
entity npi
E1     1
E2     2
"""


def denominators(outcome: Outcome, entity: str) -> list[int]:
    return [int(payment(score(outcome, snapshot=snapshot, entity=entity))[1]) for snapshot in (1, 2, 3)]


LINES = """
bene npi paid
B1   1   1
B2   1   2
B3   1   4
B1   2   1
B2   2   2
B3   2   4
"""
ATTRIBUTED = """
entity bene prospective
E1     B1   no
E1     B2   yes
E2     B3   yes
"""


@pytest.mark.parametrize(("year", "expected"), [(2020, (7, 7)), (2021, (1 + 2, 1 + 4)), (2026, (1 + 2, 1 + 4))])
def test_from_2021_somebody_prospective_at_one_entity_is_removed_from_the_others(
    year: int, expected: tuple[int, int]
) -> None:
    outcome = computed(year=year, lines=LINES, listed=TWO_LISTS, attributed=ATTRIBUTED)
    assert (denominators(outcome, "E1"), denominators(outcome, "E2")) == ([expected[0]] * 3, [expected[1]] * 3)


def test_an_entity_whose_apm_would_allow_the_beneficiary_removes_nobody() -> None:
    entities = """
    entity removes
    E1     no
    E2     yes
    """
    outcome = computed(lines=LINES, listed=TWO_LISTS, attributed=ATTRIBUTED, entities=entities)
    assert (denominators(outcome, "E1")[2], denominators(outcome, "E2")[2]) == (7, 1 + 4)


def test_the_prospective_row_must_be_in_force_on_the_snapshot_date() -> None:
    lines = """
    bene paid
    B1   1
    B2   2
    B3   4
    B4   8
    """
    attributed = """
    entity bene prospective start end
    X      B1   yes         -     03-31
    X      B2   yes         -     06-29
    X      B3   yes         06-30 -
    X      B4   yes         07-01 08-31
    """
    outcome = computed(lines=lines, attributed=attributed)
    assert denominators(outcome, "E1") == [4 + 8, 1 + 2 + 8, 1 + 2]


def test_the_other_entity_may_be_any_on_the_attribution_file() -> None:
    tables = {"lines": "bene paid\nB1 1\nB2 2", "attributed": "entity bene prospective\nX B1 yes\nE1 B2 no"}
    assert payment(score(computed(**tables))) == (2, 2)
    assert counts_of(findings(**tables), "attribution_without_participants") == [1]


def test_even_somebody_whom_the_entity_lists_itself_is_removed() -> None:
    attributed = """
    entity bene prospective
    E1     B1   no
    X      B1   yes
    E1     B2   yes
    """
    row = score(computed(lines="bene paid\nB1 1\nB2 2", attributed=attributed))
    assert (payment(row), patients(row)) == ((2, 2), (1, 1))


def test_losing_somebody_whom_the_entity_lists_itself_is_a_finding() -> None:
    lines = """
    bene
    B1
    B2
    B3
    B4
    """
    attributed = """
    entity bene prospective start
    E1     B1   no          -
    X      B1   yes         -
    E1     B2   no          -
    X      B2   yes         06-30      # by the newest snapshot
    E1     B3   no          -          # kept
    X      B4   yes         -          # not its own
    """
    assert counts_of(findings(lines=lines, attributed=attributed), "own_beneficiary_removed") == [2]


def test_somebody_prospective_at_two_entities_is_removed_from_both() -> None:
    attributed = """
    entity bene prospective start
    E1     B1   yes         -
    E2     B1   yes         -
    E1     B2   yes         -
    E1     B2   yes         02-01     # twice at one entity is one entity
    """
    outcome = computed(lines=LINES, listed=TWO_LISTS, attributed=attributed)
    assert [payment(score(outcome, entity=entity)) for entity in ("E1", "E2")] == [(2, 2 + 4), (0, 4)]


def test_attribution_elsewhere_that_is_not_prospective_removes_nobody() -> None:
    attributed = """
    entity bene prospective
    X      B1   no
    X      B2   -
    X      B3   yes
    """
    outcome = computed(lines=LINES, listed=TWO_LISTS, attributed=attributed)
    assert denominators(outcome, "E1") == [3, 3, 3]


# For a clinician: removed when every entity of the clinician would remove the beneficiary


def test_from_2026_a_clinician_keeps_who_is_prospective_at_one_of_the_own_entities() -> None:
    lines = """
    bene npi paid
    B1   1   1
    B2   1   2
    B3   1   4
    B1   2   8
    B2   2   16
    """
    listed = """
    entity npi
    E1     1
    E2     1
    E2     2
    """
    attributed = """
    entity bene prospective
    E1     B1   yes
    X      B2   yes
    """
    outcome = computed(year=2026, lines=lines, listed=listed, attributed=attributed)
    assert payment(individual(outcome, "1")) == (1, 1 + 4)
    assert payment(individual(outcome, "2")) == (0, 0)


def test_from_2026_a_clinician_keeps_whom_one_of_the_own_entities_would_allow() -> None:
    lines = """
    bene npi paid
    B1   1   1
    B2   1   2
    """
    listed = """
    entity npi
    E1     1
    E2     1
    """
    entities = """
    entity removes
    E1     yes
    E2     no
    """
    tables = {"year": 2026, "lines": lines, "listed": listed, "attributed": "entity bene prospective\nX B1 yes"}
    assert payment(individual(computed(**tables))) == (0, 2)
    assert payment(individual(computed(**tables, entities=entities))) == (0, 3)


def test_through_2025_a_clinician_of_several_entities_keeps_whom_one_of_them_keeps() -> None:
    lines = """
    bene npi paid
    B1   1   1
    B2   1   2
    B3   1   4
    B4   1   8
    """
    listed = """
    entity npi
    E1     1
    E2     1
    """
    attributed = """
    entity bene prospective
    E1     B1   yes
    X      B2   yes
    """
    outcome = computed(lines=lines, listed=listed, attributed=attributed)
    assert [payment(score(outcome, entity=entity))[1] for entity in ("E1", "E2")] == [1 + 4 + 8, 4 + 8]
    assert payment(individual(outcome)) == (1, 1 + 4 + 8)
