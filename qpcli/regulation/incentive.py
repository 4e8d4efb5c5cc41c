"""The APM Incentive Payment of a payment year: percentage, base period, fee schedule (42 CFR 414.1450)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable

from qpcli.errors import UsageError
from qpcli.regulation.data_files import DATA, Row, contradiction, read_histories
from qpcli.regulation.fee_schedule import FeeSchedule, load_fee_schedules, percent
from qpcli.regulation.histories import HISTORY_KEYS, DatedValue, checked, dated_value, in_force, newest_publication
from qpcli.regulation.law import LawEntry
from qpcli.regulation.performance_periods import load_performance_periods

FILE = "incentive.toml"
LUMP_SUM_KEYS = {"hundredths_of_percent", "payment_year_from"} | HISTORY_KEYS
PERIOD_KEYS = {"first_day", "last_day", "processed_by", "payment_year_from"} | HISTORY_KEYS


@dataclass(frozen=True, slots=True)
class BasePeriod:
    """Service dates first_day..last_day of the year before the payment year, processed by a day of the payment year."""

    first_day: date
    last_day: date
    processed_by: date

    @property
    def year(self) -> int:
        """The base year."""
        return self.first_day.year


@dataclass(frozen=True, slots=True)
class Incentive:
    """What the law gives a QP in one payment year as of one day.

    `lump_sum_hundredths`: hundredths of a percent of the base amount, 0 in a year without a lump sum;
    `years_with_lump_sum` says which payment years have one.
    """

    payment_year: int
    law_as_of: date
    lump_sum_hundredths: int
    base_period: BasePeriod
    fee_schedule: FeeSchedule
    lump_sum: LawEntry
    years_with_lump_sum: tuple[str, ...]
    entries: tuple[LawEntry, ...]

    @property
    def has_lump_sum(self) -> bool:
        return self.lump_sum_hundredths > 0

    @property
    def lump_sum_percent(self) -> str:
        """As people write it: `3.5`."""
        return percent(self.lump_sum_hundredths)


def resolve_incentive(payment_year: int, law_as_of: date | None = None, folder: Traversable = DATA) -> Incentive:
    """The incentive of a payment year as of a day; None is the day of the newest publication.

    Errors: QP105 for a payment year that is not covered, QP106 for a day before the first publication, QP502.
    """
    years = load_performance_periods(folder).payment_years
    if payment_year not in years:
        raise UsageError("QP105", f"payment year {payment_year} is not covered; covered are {years[0]}-{years[-1]}")
    lump_sums, periods = _load(years, folder)
    as_of = newest_publication(lump_sums) if law_as_of is None else law_as_of
    lump_sum, period = in_force(lump_sums, payment_year, as_of), in_force(periods, payment_year, as_of)
    base_period = _base_period(period.value, payment_year)
    until = (year for year in years if year <= payment_year)
    fee_schedule = load_fee_schedules(years, folder).of(until, as_of)
    entry = _lump_sum_entry(lump_sum)
    return Incentive(
        payment_year=payment_year,
        law_as_of=as_of,
        lump_sum_hundredths=lump_sum.value,
        base_period=base_period,
        fee_schedule=fee_schedule,
        lump_sum=entry,
        years_with_lump_sum=_years_with_lump_sum(lump_sums, as_of),
        entries=(entry, _period_entry(period, base_period), *fee_schedule.entries),
    )


def _load(years: Iterable[int], folder: Traversable) -> tuple[tuple[DatedValue[int], ...], tuple[DatedValue[Row], ...]]:
    rows, years = read_histories(folder, FILE), tuple(years)
    if set(rows) != {"lump_sum", "base_period"}:
        raise contradiction(FILE, "the tables are [[lump_sum]] and [[base_period]]")
    lump_sums = checked(f"{FILE} [lump_sum]", [_lump_sum(row) for row in rows["lump_sum"]], years)
    return lump_sums, checked(f"{FILE} [base_period]", [_period(row) for row in rows["base_period"]], years)


def _lump_sum(row: Row) -> DatedValue[int]:
    row.expect(LUMP_SUM_KEYS, {"payment_year_to"})
    hundredths = row.whole_number("hundredths_of_percent")
    if not 0 <= hundredths <= 10_000:
        raise contradiction(row.where, "no percentage")
    return dated_value(row, hundredths, "payment_year")


def _period(row: Row) -> DatedValue[Row]:
    row.expect(PERIOD_KEYS, {"payment_year_to"})
    return dated_value(row, row, "payment_year")


def _base_period(row: Row, payment_year: int) -> BasePeriod:
    def on(key: str, year: int) -> date:
        try:
            return date.fromisoformat(f"{year}-{row.text(key)}")
        except ValueError:
            raise contradiction(row.where, f"{key} is no month and day") from None

    before = payment_year - 1
    return BasePeriod(on("first_day", before), on("last_day", before), on("processed_by", payment_year))


def _years_with_lump_sum(lump_sums: Iterable[DatedValue[int]], law_as_of: date) -> tuple[str, ...]:
    """Each publication that gives a lump sum, with its payment years: "2019 to 2024 (MACRA ...)"."""
    given = [entry for entry in lump_sums if entry.value and entry.published <= law_as_of]
    return tuple(f"{_span(entry)} ({entry.authority})" for entry in given)


def _span(entry: DatedValue[int]) -> str:
    last = entry.last_year
    return str(entry.first_year) if last == entry.first_year else f"{entry.first_year} to {last or 'later'}"


def _lump_sum_entry(dated: DatedValue[int]) -> LawEntry:
    words = f"{percent(dated.value)} % of the base amount" if dated.value else "none"
    return LawEntry("incentive", words, dated.authority, dated.published, dated.citation, dated.evidence)


def _period_entry(dated: DatedValue[Row], period: BasePeriod) -> LawEntry:
    words = f"services {period.first_day} to {period.last_day}, processed by {period.processed_by}"
    return LawEntry("incentive_base_period", words, dated.authority, dated.published, dated.citation, dated.evidence)
