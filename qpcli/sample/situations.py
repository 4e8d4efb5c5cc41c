"""The coverage histories of a sample's beneficiaries: one for every way to fail, or just to meet, a criterion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from qpcli.sample.market import MonthAndDay

REGULAR = 0
"""The situation of everybody to whom nothing special happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One coverage span; days are of the performance year and None is open, facts may be unknown."""

    start: MonthAndDay | None = None
    end: MonthAndDay | None = None
    has_part_a: bool | None = True
    has_part_b: bool | None = True
    is_managed_care: bool | None = False
    is_medicare_secondary: bool | None = False
    is_us_resident: bool | None = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What happens to so many of a thousand beneficiaries.

    `turns_18_on` is a birthday of the performance year, `is_child` someone well below 18; `dies_on` a
    day of the year, `dies` any day of it. No spans: no enrollment record.
    """

    name: str
    per_mille: int
    spans: tuple[Coverage, ...] = (Coverage(),)
    is_child: bool = False
    turns_18_on: MonthAndDay | None = None
    has_birth_date: bool = True
    dies: bool = False
    dies_on: MonthAndDay | None = None


SITUATIONS: tuple[Situation, ...] = (
    Situation(name="regular", per_mille=0),
    Situation(name="no_record", per_mille=8, spans=()),
    Situation(name="managed_care", per_mille=20, spans=(Coverage(is_managed_care=True),)),
    Situation(
        name="managed_care_from_may",
        per_mille=12,
        spans=(Coverage(end=(4, 30)), Coverage(start=(5, 1), is_managed_care=True)),
    ),
    Situation(
        name="managed_care_until_february",
        per_mille=10,
        spans=(Coverage(end=(2, 28), is_managed_care=True), Coverage(start=(3, 1))),
    ),
    Situation(name="medicare_secondary", per_mille=14, spans=(Coverage(is_medicare_secondary=True),)),
    Situation(
        name="medicare_secondary_until_april",
        per_mille=6,
        spans=(Coverage(end=(4, 30), is_medicare_secondary=True), Coverage(start=(5, 1))),
    ),
    Situation(name="no_part_a", per_mille=10, spans=(Coverage(has_part_a=False),)),
    Situation(name="no_part_b", per_mille=12, spans=(Coverage(has_part_b=False),)),
    Situation(name="part_b_ends", per_mille=4, spans=(Coverage(end=(6, 30)), Coverage(start=(7, 1), has_part_b=False))),
    Situation(name="coverage_gap", per_mille=8, spans=(Coverage(end=(4, 30)), Coverage(start=(6, 1)))),
    Situation(name="joins_in_march", per_mille=6, spans=(Coverage(start=(3, 1)),)),
    Situation(
        name="spans_that_disagree",
        per_mille=3,
        spans=(Coverage(), Coverage(start=(2, 1), end=(3, 31), is_managed_care=True)),
    ),
    Situation(name="child", per_mille=9, is_child=True),
    Situation(name="turns_18_in_june", per_mille=3, turns_18_on=(6, 15)),
    Situation(name="turns_18_on_the_last_day", per_mille=3, turns_18_on=(8, 31)),
    Situation(name="turns_18_a_day_late", per_mille=3, turns_18_on=(9, 1)),
    Situation(name="lives_abroad", per_mille=10, spans=(Coverage(is_us_resident=False),)),
    Situation(
        name="moves_abroad", per_mille=4, spans=(Coverage(end=(5, 31)), Coverage(start=(6, 1), is_us_resident=False))
    ),
    Situation(name="dies", per_mille=14, dies=True),
    Situation(name="dies_on_the_first", per_mille=3, dies_on=(6, 1)),
    Situation(name="unknown_birth_date", per_mille=3, has_birth_date=False),
    Situation(name="unknown_part_a", per_mille=3, spans=(Coverage(has_part_a=None),)),
    Situation(name="unknown_part_b", per_mille=2, spans=(Coverage(has_part_b=None),)),
    Situation(name="unknown_managed_care", per_mille=3, spans=(Coverage(is_managed_care=None),)),
    Situation(name="unknown_medicare_secondary", per_mille=3, spans=(Coverage(is_medicare_secondary=None),)),
    Situation(name="unknown_residence", per_mille=3, spans=(Coverage(is_us_resident=None),)),
)


def situation_by_per_mille() -> pl.Series:
    """The situation of each thousandth of the beneficiaries."""
    special = [number for number, each in enumerate(SITUATIONS) for _ in range(each.per_mille)]
    return pl.Series(special + [REGULAR] * (1000 - len(special)), dtype=pl.UInt8)


def situations_frame(performance_year: int) -> pl.DataFrame:
    """One row per situation: the fixed birthday and day of death, null where they vary by beneficiary."""
    rows = [
        {
            "situation": number,
            "is_child": each.is_child,
            "has_birth_date": each.has_birth_date,
            "dies": each.dies,
            "fixed_birth_date": _day(performance_year - 18, each.turns_18_on),
            "fixed_death_date": _day(performance_year, each.dies_on),
        }
        for number, each in enumerate(SITUATIONS)
    ]
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"situation": pl.UInt8})


def spans_frame(performance_year: int) -> pl.DataFrame:
    """One row per situation and coverage span, with the span's columns of the beneficiaries table."""
    rows = [
        {
            "situation": number,
            "start_date": _day(performance_year, span.start),
            "end_date": _day(performance_year, span.end),
            "has_part_a": span.has_part_a,
            "has_part_b": span.has_part_b,
            "is_managed_care": span.is_managed_care,
            "is_medicare_secondary": span.is_medicare_secondary,
            "is_us_resident": span.is_us_resident,
        }
        for number, each in enumerate(SITUATIONS)
        for span in each.spans
    ]
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"situation": pl.UInt8})


def _day(year: int, day: MonthAndDay | None) -> date | None:
    return day and date(year, *day)
