"""The law of one performance year as of one day, resolved once; rules receive it and never a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from qpcli.terms import (
    IndividualAssessment,
    Method,
    PayerType,
    QpPerformancePeriod,
    QpStatus,
    ServiceBasis,
    Snapshot,
)


class Evidence(StrEnum):
    """What a statement of the regulation data rests on."""

    REGULATION = "R"
    """Read in the regulation or in a CMS page."""
    SECONDARY = "S"
    """From a dated secondary source that quotes it."""
    ASSUMPTION = "A"
    """No published text was found: never to be printed as CMS's own word."""


@dataclass(frozen=True, slots=True)
class LawEntry:
    """One rule that a run used: what it says, who says so, and when it was published (None: not at hand)."""

    rule: str
    value: str
    authority: str
    published: date | None
    citation: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Thresholds:
    """QP and Partial QP thresholds of a payment year, in percent (42 CFR 414.1430(a))."""

    qp_payment: int
    partial_payment: int
    qp_patient: int
    partial_patient: int

    def bar(self, method: Method, status: QpStatus) -> int:
        """The threshold to meet for QP or PARTIAL_QP by a method."""
        qp, partial = (
            (self.qp_payment, self.partial_payment)
            if method is Method.PAYMENT_AMOUNT
            else (self.qp_patient, self.partial_patient)
        )
        return qp if status is QpStatus.QP else partial


@dataclass(frozen=True, slots=True)
class AllPayerOption:
    """The All-Payer Combination Option of a payment year (42 CFR 414.1430(b), 414.1440(a)).

    `medicare_minimums`: what a Medicare score must reach, in percent, beside the thresholds of the year.
    """

    medicare_minimums: Thresholds
    excluded_payers: frozenset[PayerType]


@dataclass(frozen=True, slots=True)
class CodeRange:
    """HCPCS codes of one shape between two codes, in force on service dates from..to (None: open)."""

    code_from: str
    code_to: str
    first_date: date
    last_date: date | None
    why: str


class OpenPointKind(StrEnum):
    """Which values an open point takes."""

    CHOICE = "choice"
    WHOLE_NUMBER = "whole_number"
    CODES = "codes"


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """A question the published law leaves open, with the value this run assumes.

    `alternatives` are the other values, or words for them where the kind is no choice; `option` is
    the one option of a command that sets them. `layouts` and `performance_years` say where the point
    has an effect (no layout: it is not about a layout; None: in every year).
    """

    name: str
    value: str
    default: str
    alternatives: tuple[str, ...]
    reason: str
    is_overridden: bool = False
    question: str = ""
    kind: OpenPointKind = OpenPointKind.CHOICE
    bounds: tuple[int, int] | None = None
    option: str | None = None
    layouts: tuple[str, ...] = ()
    individual_assessment: IndividualAssessment | None = None
    performance_years: tuple[int, ...] | None = None
    citation: str = ""
    evidence: Evidence = Evidence.ASSUMPTION

    def has_effect_in(self, performance_year: int) -> bool:
        """Whether the point can change a result of the year under the law it was resolved with."""
        return self.performance_years is None or performance_year in self.performance_years


@dataclass(frozen=True, slots=True)
class Law:
    """Everything the rules of one run need to know of the law.

    `covered_codes` None: every code outside `not_covered_ranges` is covered; otherwise these codes
    alone are, and `not_covered_ranges` is empty. `all_payer` None: the year has no All-Payer Combination Option.
    """

    performance_year: int
    payment_year: int
    law_as_of: date
    data_version: str
    period: QpPerformancePeriod
    snapshots: tuple[Snapshot, ...]
    december_list_date: date
    thresholds: Thresholds
    all_payer: AllPayerOption | None
    minimum_testing_days: int
    minimum_age_years: int
    termination_deadline: date
    bases: tuple[ServiceBasis, ...]
    individual_assessment: IndividualAssessment
    has_exclusive_attribution: bool
    em_code_sets: Mapping[str, tuple[CodeRange, ...]]
    not_covered_ranges: tuple[CodeRange, ...]
    covered_codes: frozenset[str] | None
    open_points: Mapping[str, OpenPoint]
    entries: tuple[LawEntry, ...]

    def assumed(self, name: str) -> str:
        """The value of an open point in this run; KeyError for an unknown name."""
        return self.open_points[name].value

    def run_out_ends(self, snapshot: Snapshot) -> date:
        """The last day on which a claim may be processed and still count (open point claims_run_out_days)."""
        return snapshot.date + timedelta(days=int(self.assumed("claims_run_out_days")))
