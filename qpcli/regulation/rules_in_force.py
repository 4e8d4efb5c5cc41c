"""Where the logic of the law changed by performance year (42 CFR 414.1305, 414.1425(c), 414.1435(c)(1)(i))."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import TypeVar

from qpcli.regulation.data_files import DATA, Row, contradiction, read_histories
from qpcli.regulation.histories import HISTORY_KEYS, DatedValue, checked, dated_value
from qpcli.terms import IndividualAssessment, ServiceBasis

FILE = "rules_in_force.toml"
RULES = ("service_bases", "individual_assessment", "exclusive_attribution")
KEYS = {"value", "performance_year_from"} | HISTORY_KEYS

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The history of each rule whose logic changed, oldest first, by performance year."""

    service_bases: tuple[DatedValue[tuple[ServiceBasis, ...]], ...]
    individual_assessment: tuple[DatedValue[IndividualAssessment], ...]
    exclusive_attribution: tuple[DatedValue[bool], ...]


def load_rules_in_force(performance_years: Iterable[int], folder: Traversable = DATA) -> RulesInForce:
    """The histories, each covering the performance years; QP502 when one contradicts itself."""
    rows, years = read_histories(folder, FILE), tuple(performance_years)
    if set(rows) != set(RULES):
        raise contradiction(FILE, f"the tables are {', '.join(RULES)}")

    def history(rule: str, value: Callable[[Row], V]) -> tuple[DatedValue[V], ...]:
        entries = [_entry(row, value) for row in rows[rule]]
        return checked(f"{FILE} [{rule}]", entries, years)

    return RulesInForce(
        service_bases=history("service_bases", _bases),
        individual_assessment=history("individual_assessment", lambda row: row.member("value", IndividualAssessment)),
        exclusive_attribution=history("exclusive_attribution", lambda row: row.boolean("value")),
    )


def _entry(row: Row, value: Callable[[Row], V]) -> DatedValue[V]:
    row.expect(KEYS, {"performance_year_to"})
    return dated_value(row, value(row), "performance_year")


def _bases(row: Row) -> tuple[ServiceBasis, ...]:
    bases = tuple(row.as_member(name, ServiceBasis) for name in row.texts("value"))
    if not bases or len(set(bases)) < len(bases):
        raise contradiction(row.where, "no basis, or one basis twice")
    return bases
