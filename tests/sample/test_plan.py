"""A plan says what it cannot do, and its parts cover everybody once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qpcli.errors import UsageError
from qpcli.sample import SamplePlan, write_sample


@pytest.mark.parametrize(
    "wrong",
    [
        {"beneficiaries": 0},
        {"lines_per_beneficiary": 0},
        {"lines_per_beneficiary": 10_001},
        {"parts": 0},
        {"beneficiaries": 5, "parts": 6},
        {"format": "xlsx"},
    ],
)
def test_a_value_that_no_sample_can_have_is_a_usage_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as error:
        SamplePlan(**({"performance_year": 2025} | wrong))
    assert error.value.code == "QP101"


@pytest.mark.parametrize("year", [2016, 2028])
def test_a_year_without_law_is_refused_before_anything_is_written(tmp_path: Path, year: int) -> None:
    with pytest.raises(UsageError) as error:
        write_sample(SamplePlan(performance_year=year), tmp_path / "out")
    assert error.value.code == "QP105"
    assert not (tmp_path / "out").exists()


def test_about_a_million_lines_make_a_part() -> None:
    assert SamplePlan(performance_year=2025).part_count == 1
    assert SamplePlan(performance_year=2025, beneficiaries=1_250_000, lines_per_beneficiary=40).part_count == 50
    assert SamplePlan(performance_year=2025, parts=3).part_count == 3


def test_parts_cover_everybody_once() -> None:
    plan = SamplePlan(performance_year=2025, beneficiaries=1003, parts=7)
    ranges = [plan.part_range(part) for part in range(7)]
    assert [index for first, following in ranges for index in range(first, following)] == list(range(1003))
