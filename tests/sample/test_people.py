"""Every way to fail a criterion, or just to meet it, is somebody's history in a sample of the default size."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.sample.made import Sample

UNKNOWN = ["birth_date", "has_part_a", "has_part_b", "is_managed_care", "is_medicare_secondary", "is_us_resident"]


def people(sample: Sample, condition: pl.Expr) -> set[str]:
    return set(sample.beneficiaries.filter(condition)["bene_id"])


def served(sample: Sample) -> set[str]:
    return set(sample.claim_lines["bene_id"])


def attributed(sample: Sample) -> set[str]:
    return set(sample.attribution["bene_id"])


FAILING = {
    "managed care": pl.col("is_managed_care"),
    "managed care in some months": pl.col("is_managed_care") & pl.col("start_date").is_not_null(),
    "Medicare secondary": pl.col("is_medicare_secondary"),
    "no Part A": ~pl.col("has_part_a"),
    "no Part B": ~pl.col("has_part_b"),
    "under 18": pl.col("birth_date") > date(2007, 12, 31),
    "outside the United States": ~pl.col("is_us_resident"),
    "coverage from March on": (pl.col("start_date") == date(2025, 3, 1)) & ~pl.col("bene_id").is_duplicated(),
    "died": pl.col("death_date").is_not_null(),
} | {f"unknown {column}": pl.col(column).is_null() for column in UNKNOWN}


@pytest.mark.parametrize("criterion", FAILING)
def test_some_people_with_services_fail(sample: Sample, criterion: str) -> None:
    assert people(sample, FAILING[criterion]) & served(sample)


@pytest.mark.parametrize("criterion", [each for each in FAILING if not each.startswith("unknown")])
def test_some_attributed_people_fail(sample: Sample, criterion: str) -> None:
    assert people(sample, FAILING[criterion]) & served(sample) & attributed(sample)


def test_some_people_have_no_enrollment_record(sample: Sample) -> None:
    unknown = served(sample) - people(sample, pl.lit(True))
    assert unknown and unknown & attributed(sample)


def test_some_turn_18_on_the_last_day_of_the_period_and_some_a_day_late(sample: Sample) -> None:
    for birthday in (date(2007, 8, 31), date(2007, 9, 1)):
        assert people(sample, pl.col("birth_date") == birthday) & served(sample)


def test_some_die_on_the_first_of_a_month(sample: Sample) -> None:
    assert people(sample, pl.col("death_date").dt.day() == 1)


def test_some_have_a_gap_and_some_overlapping_spans(sample: Sample) -> None:
    spans = sample.beneficiaries.filter(pl.col("bene_id").is_duplicated())
    pairs = spans.group_by("bene_id", maintain_order=True).agg(
        ends=pl.col("end_date").first(), begins=pl.col("start_date").last()
    )
    assert pairs.filter((pl.col("begins") - pl.col("ends")).dt.total_days() > 28).height > 0
    assert pairs.filter(pl.col("ends").is_null() & pl.col("begins").is_not_null()).height > 0
    assert pairs.filter((pl.col("begins") - pl.col("ends")).dt.total_days() == 1).height > 0


def test_some_attributed_people_are_never_served(sample: Sample) -> None:
    assert attributed(sample) - served(sample)


def test_one_person_has_one_birth_and_one_death_date(sample: Sample) -> None:
    dates = sample.beneficiaries.group_by("bene_id").agg(pl.col("birth_date", "death_date").n_unique())
    assert dates.select(pl.max_horizontal("birth_date", "death_date").max()).item() == 1


@pytest.mark.parametrize("table", ["beneficiaries", "attribution", "participants"])
def test_no_span_is_inverted(sample: Sample, table: str) -> None:
    rows: pl.DataFrame = getattr(sample, table)
    assert rows.filter(pl.col("start_date") > pl.col("end_date")).height == 0
    assert not rows.is_duplicated().any()
