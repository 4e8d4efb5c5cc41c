"""The numbers of the Advanced APM criteria in one performance year as of one day (42 CFR 414.1415)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources.abc import Traversable
from typing import TypeVar

from qpcli.errors import UsageError
from qpcli.regulation.data_files import DATA, Row, contradiction, read_histories
from qpcli.regulation.histories import HISTORY_KEYS, DatedValue, checked, dated_value, in_force
from qpcli.regulation.performance_periods import load_performance_periods

FILE = "advanced_apm_criteria.toml"
TENTHS, CLINICIANS, VALUE = "tenths_of_percent", "clinicians", "value"
TABLES = {
    "cehrt_percent": TENTHS,
    "cehrt_by_penalty": VALUE,
    "revenue_percent": TENTHS,
    "expenditure_percent": TENTHS,
    "medical_home_percent": TENTHS,
    "medical_home_clinician_limit": CLINICIANS,
}
"""Each history with the key of its value."""

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class AdvancedApmCriteria:
    """What an APM must meet in the year; each number with the publication that sets it.

    A percentage or limit of 0: the year has none of this kind.
    """

    performance_year: int
    law_as_of: date
    cehrt_percent: DatedValue[Decimal]
    cehrt_by_penalty: DatedValue[bool]
    revenue_percent: DatedValue[Decimal]
    expenditure_percent: DatedValue[Decimal]
    medical_home_percent: DatedValue[Decimal]
    medical_home_clinician_limit: DatedValue[int]


def resolve_criteria(
    performance_year: int, law_as_of: date | None = None, folder: Traversable = DATA
) -> AdvancedApmCriteria:
    """The criteria of a performance year as of a day (None: the newest publication's); QP105, QP106 or QP502."""
    years = load_performance_periods(folder).performance_years
    if performance_year not in years:
        message = f"performance year {performance_year} is not covered; covered are {years[0]}-{years[-1]}"
        raise UsageError("QP105", message)
    rows = read_histories(folder, FILE)
    if set(rows) != set(TABLES):
        raise contradiction(FILE, f"the tables are {', '.join(TABLES)}")
    as_of = law_as_of or max(row.day("published") for history in rows.values() for row in history)

    def governing(table: str, value: Callable[[Row], V]) -> DatedValue[V]:
        entries = [_entry(row, TABLES[table], value) for row in rows[table]]
        return in_force(checked(f"{FILE} [{table}]", entries, years), performance_year, as_of)

    return AdvancedApmCriteria(
        performance_year=performance_year,
        law_as_of=as_of,
        cehrt_percent=governing("cehrt_percent", _percent),
        cehrt_by_penalty=governing("cehrt_by_penalty", lambda row: row.boolean(VALUE)),
        revenue_percent=governing("revenue_percent", _percent),
        expenditure_percent=governing("expenditure_percent", _percent),
        medical_home_percent=governing("medical_home_percent", _percent),
        medical_home_clinician_limit=governing(
            "medical_home_clinician_limit", lambda row: row.whole_number(CLINICIANS)
        ),
    )


def _entry(row: Row, key: str, value: Callable[[Row], V]) -> DatedValue[V]:
    row.expect({key, "performance_year_from"} | HISTORY_KEYS, {"performance_year_to"})
    return dated_value(row, value(row), "performance_year")


def _percent(row: Row) -> Decimal:
    return Decimal(row.whole_number(TENTHS)) / 10
