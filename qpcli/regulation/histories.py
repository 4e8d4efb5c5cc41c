"""A rule on its two time axes: the years that it governs, and the day on which it was published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from typing import Generic, TypeVar

from qpcli.errors import UsageError
from qpcli.regulation.data_files import Row, contradiction
from qpcli.regulation.law import Evidence

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class DatedValue(Generic[V]):
    """What one publication says for the years first..last (None: and all later ones)."""

    value: V
    first_year: int
    last_year: int | None
    published: date
    authority: str
    citation: str
    evidence: Evidence

    def holds_in(self, year: int) -> bool:
        """Whether the publication speaks of the year."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)


HISTORY_KEYS = {"published", "authority", "citation", "evidence"}


def dated_value(row: Row, value: V, axis: str) -> DatedValue[V]:
    """One entry of a history; `axis` is the kind of year, as in payment_year_from."""
    return DatedValue(
        value=value,
        first_year=row.whole_number(f"{axis}_from"),
        last_year=row.whole_number(f"{axis}_to") if row.has(f"{axis}_to") else None,
        published=row.day("published"),
        authority=row.text("authority"),
        citation=row.text("citation"),
        evidence=row.evidence(),
    )


def checked(where: str, history: Sequence[DatedValue[V]], years: Iterable[int]) -> tuple[DatedValue[V], ...]:
    """The history, when each day's entries join without gap or overlap and the first day covers all years."""
    ordered = sorted(history, key=lambda entry: (entry.published, entry.first_year))
    layers = [list(entries) for _, entries in groupby(ordered, key=lambda entry: entry.published)]
    for layer in layers:
        _check_layer(where, layer)
    missing = [year for year in years if not any(entry.holds_in(year) for layer in layers[:1] for entry in layer)]
    if missing:
        raise contradiction(where, f"nothing holds from the first publication in {_listed(missing)}")
    return tuple(ordered)


def in_force(history: Sequence[DatedValue[V]], year: int, law_as_of: date) -> DatedValue[V]:
    """The newest entry for a covered year published on or before the day; QP106 before the first one."""
    known = [entry for entry in history if entry.published <= law_as_of]
    if not known:
        first = min(entry.published for entry in history)
        raise UsageError("QP106", f"law as of {law_as_of}: the first rule was published on {first}")
    return max((entry for entry in known if entry.holds_in(year)), key=lambda entry: entry.published)


def in_force_if_any(history: Sequence[DatedValue[V]], year: int, law_as_of: date) -> DatedValue[V] | None:
    """As `in_force`, or None where nothing of the history holds in the year; QP106 before the first one."""
    return in_force(history, year, law_as_of) if any(entry.holds_in(year) for entry in history) else None


def newest_publication(history: Sequence[DatedValue[V]]) -> date:
    """The newest day on which any entry was published."""
    return max(entry.published for entry in history)


def _check_layer(where: str, layer: Sequence[DatedValue[V]]) -> None:
    for entry in layer:
        if entry.last_year is not None and entry.last_year < entry.first_year:
            raise contradiction(where, f"years run backwards from {entry.first_year}")
    for before, after in pairwise(layer):
        if before.holds_in(after.first_year):
            raise contradiction(where, f"two values published {after.published} for {after.first_year}")
        if not before.holds_in(after.first_year - 1):
            raise contradiction(where, f"published {after.published}: a gap before {after.first_year}")


def _listed(years: Iterable[int]) -> str:
    return ", ".join(str(year) for year in years)
