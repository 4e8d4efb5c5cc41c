"""Everything that was published on the two time axes, and what of it governs a year as of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from typing import TypeVar

from qpcli.regulation.all_payer import load_all_payer
from qpcli.regulation.data_files import DATA
from qpcli.regulation.histories import DatedValue, in_force, in_force_if_any, newest_publication
from qpcli.regulation.law import AllPayerOption, Evidence, LawEntry, Thresholds
from qpcli.regulation.performance_periods import PerformancePeriods, load_performance_periods
from qpcli.regulation.rules_in_force import RulesInForce, load_rules_in_force
from qpcli.regulation.thresholds import load_thresholds
from qpcli.terms import IndividualAssessment, ServiceBasis

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class DatedRules:
    """The publications that govern one performance year as of one day; `all_payer` None: there is no such option."""

    thresholds: DatedValue[Thresholds]
    all_payer: DatedValue[AllPayerOption] | None
    service_bases: DatedValue[tuple[ServiceBasis, ...]]
    individual_assessment: DatedValue[IndividualAssessment]
    exclusive_attribution: DatedValue[bool]

    @property
    def entries(self) -> tuple[LawEntry, ...]:
        """The same, as a run records them."""
        return (
            _entry("thresholds", self.thresholds, _percents(self.thresholds.value)),
            *([] if self.all_payer is None else [_all_payer_entry(self.all_payer)]),
            _entry("service_bases", self.service_bases, ", ".join(self.service_bases.value)),
            _entry("individual_assessment", self.individual_assessment, self.individual_assessment.value.value),
            _entry("exclusive_attribution", self.exclusive_attribution, _yes_or_no(self.exclusive_attribution.value)),
        )


@dataclass(frozen=True, slots=True)
class DatedHistories:
    """All publications, oldest first, with the calendar that joins performance years to payment years."""

    periods: PerformancePeriods
    thresholds: tuple[DatedValue[Thresholds], ...]
    all_payer: tuple[DatedValue[AllPayerOption], ...]
    rules: RulesInForce

    @property
    def newest(self) -> date:
        """The day of the newest publication."""
        return max(
            newest_publication(self.thresholds),
            newest_publication(self.all_payer),
            newest_publication(self.rules.service_bases),
            newest_publication(self.rules.individual_assessment),
            newest_publication(self.rules.exclusive_attribution),
        )

    def governing(self, performance_year: int, law_as_of: date) -> DatedRules:
        """What governs a supported year as of a day; QP106 before the first publication."""
        payment_year = self.periods.payment_year(performance_year)
        return DatedRules(
            thresholds=in_force(self.thresholds, payment_year, law_as_of),
            all_payer=in_force_if_any(self.all_payer, payment_year, law_as_of),
            service_bases=in_force(self.rules.service_bases, performance_year, law_as_of),
            individual_assessment=in_force(self.rules.individual_assessment, performance_year, law_as_of),
            exclusive_attribution=in_force(self.rules.exclusive_attribution, performance_year, law_as_of),
        )

    def individual_assessments(self, law_as_of: date) -> dict[int, IndividualAssessment]:
        """Whom the law assesses one by one in each supported year as of a day."""
        history = self.rules.individual_assessment
        return {year: in_force(history, year, law_as_of).value for year in self.periods.performance_years}


@dataclass(frozen=True, slots=True)
class ThresholdsOfYear:
    """One row per performance year: its thresholds and the publication that sets them."""

    performance_year: int
    payment_year: int
    thresholds: Thresholds
    authority: str
    published: date
    citation: str
    evidence: Evidence


def load_histories(folder: Traversable = DATA) -> DatedHistories:
    """Every publication the data hold; QP502 when they contradict themselves."""
    periods = load_performance_periods(folder)
    return DatedHistories(
        periods=periods,
        thresholds=load_thresholds(periods.payment_years, folder),
        all_payer=load_all_payer(periods.payment_years, folder),
        rules=load_rules_in_force(periods.performance_years, folder),
    )


def all_thresholds(law_as_of: date | None = None) -> tuple[ThresholdsOfYear, ...]:
    """The thresholds of every supported year as of a day (None: all that was published); QP106 before the first."""
    histories = load_histories()
    as_of = histories.newest if law_as_of is None else law_as_of
    return tuple(_of_year(histories, year, as_of) for year in histories.periods.performance_years)


def _of_year(histories: DatedHistories, performance_year: int, law_as_of: date) -> ThresholdsOfYear:
    payment_year = histories.periods.payment_year(performance_year)
    entry = in_force(histories.thresholds, payment_year, law_as_of)
    return ThresholdsOfYear(
        performance_year, payment_year, entry.value, entry.authority, entry.published, entry.citation, entry.evidence
    )


def _entry(rule: str, dated: DatedValue[V], value: str) -> LawEntry:
    return LawEntry(rule, value, dated.authority, dated.published, dated.citation, dated.evidence)


def _all_payer_entry(dated: DatedValue[AllPayerOption]) -> LawEntry:
    option = dated.value
    value = f"Medicare minimum: {_percents(option.medicare_minimums)}; never counted: payers of type "
    return _entry("all_payer_combination_option", dated, value + " and ".join(sorted(option.excluded_payers)))


def _percents(thresholds: Thresholds) -> str:
    payment = f"payment amount QP {thresholds.qp_payment} %, Partial QP {thresholds.partial_payment} %"
    return f"{payment}; patient count QP {thresholds.qp_patient} %, Partial QP {thresholds.partial_patient} %"


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
