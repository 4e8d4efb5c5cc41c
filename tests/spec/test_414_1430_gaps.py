"""42 CFR 414.1430: how far a Threshold Score is from a threshold, three ways (determination.md section 12)."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpcli.regulation.law import Thresholds
from qpcli.regulation.resolve import resolve_law
from qpcli.rules.gaps import gaps
from qpcli.terms import Method, QpStatus

LAW = resolve_law(performance_year=2024)


def gap(numerator: int, denominator: int, bar: int) -> tuple[int | None, ...]:
    law = replace(LAW, thresholds=Thresholds(bar, bar, bar, bar))
    row = pl.DataFrame({"patient_numerator": [numerator], "patient_denominator": [denominator]})
    return row.select(**gaps(Method.PATIENT_COUNT, QpStatus.QP, law)).row(0)


def test_attribute_existing_add_new_or_shed_unattributed() -> None:
    assert gap(3_200, 10_000, 35) == (300, 462, 858)


@pytest.mark.parametrize(
    ("numerator", "expected"), [(3_500, (0, 0, 0)), (3_499, (1, 2, 3)), (0, (3_500, 5_385, None)), (9_000, (0, 0, 0))]
)
def test_a_met_threshold_lacks_nothing_and_nobody_attributed_cannot_shed(
    numerator: int, expected: tuple[int | None, ...]
) -> None:
    assert gap(numerator, 10_000, 35) == expected


@pytest.mark.parametrize("denominator", [0, -5])
def test_without_a_score_there_is_no_gap(denominator: int) -> None:
    assert gap(0, denominator, 35) == (None, None, None)


def test_a_threshold_of_everything_is_not_reached_by_adding() -> None:
    assert gap(9, 10, 100) == (1, None, 1)


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(1, 99))
def test_each_way_is_enough_and_one_less_is_not(numerator: int, more: int, bar: int) -> None:
    denominator = numerator + more
    existing, new, shed = (value or 0 for value in gap(numerator, denominator, bar))

    def is_met(top: int, bottom: int) -> bool:
        return top * 100 >= bottom * bar

    assert is_met(numerator + existing, denominator)
    assert is_met(numerator + new, denominator + new)
    assert is_met(numerator, denominator - shed)
    if existing:
        assert not is_met(numerator + existing - 1, denominator)
        assert not is_met(numerator + new - 1, denominator + new - 1)
        assert not is_met(numerator, denominator - shed + 1)
