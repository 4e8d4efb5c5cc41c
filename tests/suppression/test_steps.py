"""No count of 1 to 10 stands in the steps that are shown, or can be told from those around it."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpcli.suppression.cells import is_small
from qpcli.suppression.steps import hidden_places

COUNTS = st.one_of(st.integers(0, 12), st.integers(11, 200), st.just(0))


def remaining_after(total: int, removed: list[int]) -> list[int]:
    return list(accumulate(removed, lambda left, less: left - less, initial=total))[1:]


def hidden(removed: list[int], left: int, *, is_end_known: bool = True) -> list[int]:
    remaining = remaining_after(sum(removed) + left, removed)
    return sorted(hidden_places(removed, remaining, forced=set(), is_end_known=is_end_known))


@pytest.mark.parametrize(("count", "is_hidden"), [(0, False), (1, True), (10, True), (11, False)])
def test_a_small_cell_is_1_to_10(count: int, is_hidden: bool) -> None:
    assert (1 in hidden([50, count, 50], 100)) is is_hidden


def test_the_next_smallest_step_beside_a_small_one_is_hidden_too() -> None:
    assert hidden([50, 3, 20, 50], 100) == [1, 2]
    assert hidden([20, 3, 50, 50], 100) == [0, 1]


def test_steps_that_remove_few_together_are_hidden_until_they_remove_many() -> None:
    assert hidden([50, 3, 0, 4, 30, 90], 100) == [1, 2, 3, 4]


def test_what_remains_is_a_count_too() -> None:
    assert hidden([50, 40], 5, is_end_known=False) == [0, 1]


@given(st.lists(COUNTS, min_size=2, max_size=9), st.integers(11, 100), st.booleans())
def test_nothing_small_can_be_subtracted(removed: list[int], left: int, is_end_known: bool) -> None:
    remaining = remaining_after(sum(removed) + left, removed)
    gone = hidden_places(removed, remaining, forced=set(), is_end_known=is_end_known)
    shown = [place for place in range(len(removed)) if place not in gone]
    assert not [place for place in shown if is_small(removed[place]) or is_small(remaining[place])]
    # What a reader knows remains after a step: what is shown, and the step before a shown one.
    known = {place: remaining[place] for place in shown}
    known |= {place - 1: remaining[place] + removed[place] for place in shown}
    if is_end_known:
        known[len(removed) - 1] = remaining[-1]
    places = sorted(known)
    for one, other in pairwise(places):
        is_of_hidden_steps = any(place in gone for place in range(one + 1, other + 1))
        assert not (is_of_hidden_steps and is_small(known[one] - known[other]))
        assert not (is_of_hidden_steps and other - one == 1)


def test_a_chain_of_nothing_hides_nothing() -> None:
    assert hidden([0, 0, 0], 0) == []
