"""The supported performance years and their calendar: period, snapshots, lists (42 CFR 414.1305, 414.1425(b))."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from itertools import pairwise

from qpcli.errors import UsageError
from qpcli.regulation.data_files import DATA, Row, contradiction, read_tables
from qpcli.regulation.law import LawEntry
from qpcli.terms import QpPerformancePeriod, Snapshot

FILE = "qp_performance_periods.toml"
SOURCE_KEYS = {"authority", "citation", "evidence"}
TABLES = {
    "supported_performance_years": {"first", "last", "payment_year_offset"},
    "qp_performance_period": {"first_day", "last_day"},
    "snapshots": {"days"},
    "december_list": {"day"},
    "testing_window": {"minimum_testing_days"},
    "attribution_eligible_age": {"minimum_age_years"},
    "termination": {"deadline"},
}


@dataclass(frozen=True, slots=True)
class YearCalendar:
    """The dates and numbers of one performance year, with the entries that set them."""

    performance_year: int
    payment_year: int
    period: QpPerformancePeriod
    snapshots: tuple[Snapshot, ...]
    december_list_date: date
    minimum_testing_days: int
    minimum_age_years: int
    termination_deadline: date
    entries: tuple[LawEntry, ...]


@dataclass(frozen=True, slots=True)
class PerformancePeriods:
    """The supported performance years, and the tables that make a year's calendar."""

    performance_years: tuple[int, ...]
    payment_year_offset: int
    tables: Mapping[str, Row]

    @property
    def payment_years(self) -> tuple[int, ...]:
        """The payment years of the supported performance years."""
        return tuple(self.payment_year(year) for year in self.performance_years)

    def payment_year(self, performance_year: int) -> int:
        """The year in which a status of the performance year is worth something (414.1425(b))."""
        return performance_year + self.payment_year_offset

    def calendar(self, performance_year: int) -> YearCalendar:
        """The calendar of a supported year; QP105 for another."""
        if performance_year not in self.performance_years:
            first, last = self.performance_years[0], self.performance_years[-1]
            raise UsageError("QP105", f"performance year {performance_year} is not covered; covered are {first}-{last}")
        return _calendar(self, performance_year)


def load_performance_periods(folder: Traversable = DATA) -> PerformancePeriods:
    """The calendar data; QP502 when days are out of order."""
    tables = read_tables(folder, FILE)
    if set(tables) != set(TABLES):
        raise contradiction(FILE, f"the tables are {', '.join(TABLES)}")
    for name, row in tables.items():
        row.expect(TABLES[name] | SOURCE_KEYS, {"published"})
    years = tables["supported_performance_years"]
    supported = tuple(range(years.whole_number("first"), years.whole_number("last") + 1))
    if not supported:
        raise contradiction(years.where, "no year is supported")
    periods = PerformancePeriods(supported, years.whole_number("payment_year_offset"), tables)
    _check_order(periods.calendar(supported[0]))
    return periods


def supported_years(folder: Traversable = DATA) -> tuple[int, ...]:
    """The performance years the data cover, in order."""
    return load_performance_periods(folder).performance_years


def _calendar(periods: PerformancePeriods, year: int) -> YearCalendar:
    def on(table: str, key: str) -> date:
        row = periods.tables[table]
        return _day(row, row.text(key), year)

    return YearCalendar(
        performance_year=year,
        payment_year=periods.payment_year(year),
        period=QpPerformancePeriod(on("qp_performance_period", "first_day"), on("qp_performance_period", "last_day")),
        snapshots=_snapshots(periods.tables["snapshots"], year),
        december_list_date=on("december_list", "day"),
        minimum_testing_days=periods.tables["testing_window"].whole_number("minimum_testing_days"),
        minimum_age_years=periods.tables["attribution_eligible_age"].whole_number("minimum_age_years"),
        termination_deadline=on("termination", "deadline"),
        entries=tuple(_entry(rule, periods, year) for rule in TABLES),
    )


def _snapshots(row: Row, year: int) -> tuple[Snapshot, ...]:
    days = (_day(row, text, year) for text in row.texts("days"))
    return tuple(Snapshot(number, day) for number, day in enumerate(days, start=1))


def _day(row: Row, month_and_day: str, year: int) -> date:
    try:
        return date.fromisoformat(f"{year}-{month_and_day}")
    except ValueError:
        raise contradiction(row.where, f"{month_and_day} is no month and day") from None


def _check_order(calendar: YearCalendar) -> None:
    snapshot_days = [snapshot.date for snapshot in calendar.snapshots]
    days = [calendar.period.first_day, *snapshot_days, calendar.december_list_date]
    is_in_order = all(before < after for before, after in pairwise(days))
    if not snapshot_days or not is_in_order or snapshot_days[-1] != calendar.period.last_day:
        raise contradiction(FILE, "first day, snapshots and December list are not in order, or the last one is not")


VALUES: dict[str, Callable[[Row, int], str]] = {
    "supported_performance_years": lambda row, year: (
        f"{row.whole_number('first')} to {row.whole_number('last')}; payment year of {year}:"
        f" {year + row.whole_number('payment_year_offset')}"
    ),
    "qp_performance_period": lambda row, year: f"{year}-{row.text('first_day')} to {year}-{row.text('last_day')}",
    "snapshots": lambda row, year: ", ".join(f"{year}-{day}" for day in row.texts("days")),
    "december_list": lambda row, year: f"{year}-{row.text('day')}",
    "testing_window": lambda row, _: f"at least {row.whole_number('minimum_testing_days')} continuous days",
    "attribution_eligible_age": lambda row, _: f"at least {row.whole_number('minimum_age_years')} years",
    "termination": lambda row, year: f"before {year}-{row.text('deadline')}",
}


def _entry(rule: str, periods: PerformancePeriods, year: int) -> LawEntry:
    row = periods.tables[rule]
    return LawEntry(
        rule=rule,
        value=VALUES[rule](row, year),
        authority=row.text("authority"),
        published=row.day("published") if row.has("published") else None,
        citation=row.text("citation"),
        evidence=row.evidence(),
    )
