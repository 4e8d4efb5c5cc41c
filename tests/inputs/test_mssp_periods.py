"""Which assignment list counts when, over every set of lists that may be at hand."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations, pairwise

import pytest

from qpcli.inputs.mssp.periods import InForce, ListKind, lists_in_force
from qpcli.request import Assignment
from tests.inputs.list_made import law_of

EVERY_SET = [kinds for size in range(len(ListKind) + 1) for kinds in combinations(ListKind, size)]


def in_force(kinds: tuple[ListKind, ...], assignment: Assignment, after_june: str) -> list[InForce]:
    return list(lists_in_force(kinds, 2025, assignment, law_of(assignment_list=after_june)))


@pytest.mark.parametrize("assignment", Assignment)
@pytest.mark.parametrize("after_june", ["second_quarter", "third_quarter"])
def test_one_list_counts_on_a_day(assignment: Assignment, after_june: str) -> None:
    for kinds in EVERY_SET:
        spans = in_force(kinds, assignment, after_june)
        assert all(found.kind in kinds for found in spans)
        assert all(earlier.last_day < later.first_day for earlier, later in pairwise(spans))


def test_with_every_list_nothing_stands_in_and_no_day_of_the_period_is_left() -> None:
    for assignment in Assignment:
        for after_june in ("second_quarter", "third_quarter"):
            spans = in_force(tuple(ListKind), assignment, after_june)
            assert all(found.is_own for found in spans)
            assert all(later.first_day - earlier.last_day == timedelta(days=1) for earlier, later in pairwise(spans))
            snapshots = [snapshot.date for snapshot in law_of().snapshots]
            assert spans[0].first_day == law_of().period.first_day and spans[-1].last_day >= snapshots[-1]


def test_a_list_made_later_never_stands_in_for_a_retrospective_aco() -> None:
    later = (ListKind.Q2, ListKind.Q3, ListKind.Q4)
    spans = in_force(later, Assignment.RETROSPECTIVE, "second_quarter")
    assert [(found.kind, found.first_day.month) for found in spans] == [(ListKind.Q2, 4)]


def test_any_list_of_the_year_stands_in_for_a_prospective_one_the_earliest_first() -> None:
    spans = in_force((ListKind.Q3, ListKind.ANNUAL), Assignment.PROSPECTIVE, "second_quarter")
    assert [(found.kind, found.is_own) for found in spans] == [(ListKind.Q3, False)]
