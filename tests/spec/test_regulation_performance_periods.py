"""42 CFR 414.1305, 414.1425(b): the QP Performance Period, its snapshots and lists, and the years covered."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from qpcli.errors import InternalError, UsageError
from qpcli.regulation.data_files import DATA
from qpcli.regulation.performance_periods import load_performance_periods, supported_years
from qpcli.regulation.resolve import resolve_law
from qpcli.terms import QpPerformancePeriod, Snapshot


def test_performance_years_2017_to_2027_are_covered() -> None:
    assert supported_years() == tuple(range(2017, 2028))


@pytest.mark.parametrize("performance_year", [2016, 2028])
def test_a_year_outside_is_an_error_that_names_the_years(performance_year: int) -> None:
    with pytest.raises(UsageError) as raised:
        resolve_law(performance_year=performance_year)
    assert raised.value.code == "QP105"
    assert "2017-2027" in raised.value.message


@pytest.mark.parametrize("performance_year", range(2017, 2028))
def test_the_payment_year_is_two_years_after_the_performance_year(performance_year: int) -> None:
    assert resolve_law(performance_year=performance_year).payment_year == performance_year + 2


@pytest.mark.parametrize("year", [2017, 2024, 2027])
def test_the_period_runs_from_january_1_to_august_31_with_three_cumulative_snapshots(year: int) -> None:
    law = resolve_law(performance_year=year)

    assert law.period == QpPerformancePeriod(date(year, 1, 1), date(year, 8, 31))
    assert law.snapshots == (
        Snapshot(1, date(year, 3, 31)),
        Snapshot(2, date(year, 6, 30)),
        Snapshot(3, date(year, 8, 31)),
    )
    assert law.december_list_date == date(year, 12, 31)
    assert law.termination_deadline == date(year, 8, 31)


def test_an_apm_is_tested_for_60_days_and_a_beneficiary_is_18() -> None:
    law = resolve_law(performance_year=2024)

    assert (law.minimum_testing_days, law.minimum_age_years) == (60, 18)


def test_every_fact_of_the_calendar_is_recorded_with_its_citation() -> None:
    entries = {entry.rule: entry for entry in resolve_law(performance_year=2024).entries}

    assert entries["qp_performance_period"].value == "2024-01-01 to 2024-08-31"
    assert entries["snapshots"].value == "2024-03-31, 2024-06-30, 2024-08-31"
    assert entries["december_list"].value == "2024-12-31"
    assert entries["testing_window"].value == "at least 60 continuous days"
    assert entries["attribution_eligible_age"].value == "at least 18 years"
    assert entries["termination"].value == "before 2024-08-31"
    assert entries["supported_performance_years"].value == "2017 to 2027; payment year of 2024: 2026"
    assert entries["snapshots"].citation == "42 CFR 414.1425(b)(1)"
    assert entries["testing_window"].citation == "42 CFR 414.1425(c)(7)"


def test_where_the_day_of_publication_is_not_at_hand_none_is_claimed() -> None:
    entries = {entry.rule: entry for entry in resolve_law(performance_year=2024).entries}

    assert entries["testing_window"].published is None
    assert entries["december_list"].published is None
    assert entries["snapshots"].published == date(2016, 11, 4)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("last = 2027", "last = 2016", "no year is supported"),
        ("last = 2027", "last = 2027.5", "last is missing or no int"),
        ('first_day = "01-01"', 'first_day = "02-30"', "02-30 is no month and day"),
        ('first_day = "01-01"', "first_day = 2017-01-01", "first_day is missing or no str"),
        ('days = ["03-31", "06-30"', 'days = ["06-30", "03-31"', "not in order"),
        ('days = ["03-31", "06-30", "08-31"]', 'days = ["03-31", "06-30"]', "not in order"),
        ('days = ["03-31", "06-30", "08-31"]', "days = []", "not in order"),
        ('day = "12-31"', 'day = "08-31"', "not in order"),
        ('last_day = "08-31"', 'last_day = "09-30"', "not in order"),
        ("[termination]", "[end]", "the tables are"),
        ("[termination]", "termination = 1\n[end]", "is not a table"),
        ('deadline = "08-31"', 'dead_line = "08-31"', "missing or unknown: dead_line, deadline"),
    ],
)
def test_a_calendar_out_of_order_or_with_unknown_keys_is_refused(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    folder = Path(shutil.copytree(Path(str(DATA)), tmp_path / "data"))
    file = folder / "qp_performance_periods.toml"
    assert old in file.read_text()
    if new.startswith("termination = 1"):
        file.write_text("termination = 1\n" + file.read_text().replace("[termination]", "[end]"))
    else:
        file.write_text(file.read_text().replace(old, new, 1))

    with pytest.raises(InternalError) as raised:
        load_performance_periods(folder)
    assert raised.value.code == "QP502"
    assert problem in raised.value.message
