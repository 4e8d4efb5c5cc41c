"""When each assignment list of a performance year is in force, and which months its enrollment flags are about.

Which list is in force at a snapshot is not published (open point assignment_list).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from qpcli.regulation.law import Law
from qpcli.request import Assignment


class ListKind(StrEnum):
    """The lists of a performance year, in the order in which they are made."""

    INITIAL = "initial"
    Q1 = "Q1"
    Q2 = "Q2"
    Q3 = "Q3"
    Q4 = "Q4"
    ANNUAL = "annual"

    @property
    def rank(self) -> int:
        return list(ListKind).index(self)

    @classmethod
    def quarter_of(cls, day: date) -> ListKind:
        """The quarterly list of the quarter that holds a day."""
        return cls(f"Q{(day.month + 2) // 3}")


_WINDOWS = {
    ListKind.INITIAL: (-2, 10),
    ListKind.Q1: (-1, 4),
    ListKind.Q2: (-1, 7),
    ListKind.Q3: (-1, 10),
    ListKind.Q4: (0, 1),
    ListKind.ANNUAL: (0, 1),
}
"""First month of the twelve that a list looks back on: years from the performance year, month."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A list with the days on which it counts; `is_own` is false where it stands in for a list that is missing."""

    kind: ListKind
    first_day: date
    last_day: date
    is_own: bool


@dataclass(frozen=True, slots=True)
class _Period:
    first_day: date
    last_day: date
    kinds: tuple[ListKind, ...]
    """The list that counts, then those that stand in for it."""


def lists_in_force(kinds: Collection[ListKind], year: int, assignment: Assignment, law: Law) -> Iterator[InForce]:
    """The lists of one performance year that count, of those at hand, in the order of their days.

    Where a list is missing, the newest one made before it stands in, and the annual one where there is none: it
    settles the whole year. A list made later never does, for it was not known on those days.
    """
    for period in _periods(year, assignment, law):
        kind = next((kind for kind in period.kinds if kind in kinds), None)
        if kind is not None:
            yield InForce(kind, period.first_day, period.last_day, kind is period.kinds[0])


def _periods(year: int, assignment: Assignment, law: Law) -> tuple[_Period, ...]:
    if assignment is Assignment.PROSPECTIVE:
        # Later lists of a prospective ACO are the initial one less those who lost their eligibility.
        return (_Period(date(year, 1, 1), date(year, 12, 31), tuple(ListKind)),)
    first = _Period(date(year, 1, 1), date(year, 3, 31), _up_to(ListKind.Q1))
    if law.assumed("assignment_list") == "second_quarter":
        return (first, _Period(date(year, 4, 1), date(year, 8, 31), _up_to(ListKind.Q2)))
    return (
        first,
        _Period(date(year, 4, 1), date(year, 6, 30), _up_to(ListKind.Q2)),
        _Period(date(year, 7, 1), date(year, 12, 31), _up_to(ListKind.Q3)),
    )


def _up_to(kind: ListKind) -> tuple[ListKind, ...]:
    earlier = [other for other in ListKind if other.rank <= kind.rank]
    return (*reversed(earlier), ListKind.ANNUAL)


def window_months(kind: ListKind, year: int) -> tuple[date, ...]:
    """First days of the twelve months that enrollflag1 to enrollflag12 of a list are about."""
    years, month = _WINDOWS[kind]
    first = (year + years) * 12 + month - 1
    return tuple(date(count // 12, count % 12 + 1, 1) for count in range(first, first + 12))
