"""The law of one performance year as of one day, resolved once; rules receive it and never a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from qpcli.terms import IndividualAssessment, Method, QpPerformancePeriod, QpStatus, ServiceBasis, Snapshot


@dataclass(frozen=True, slots=True)
class LawEntry:
    """One dated rule that a run used: what it says, who says so, and when it was published."""

    rule: str
    value: str
    authority: str
    published: date


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
class CodeRange:
    """HCPCS codes of one shape between two codes, in force on service dates from..to (None: open)."""

    code_from: str
    code_to: str
    first_date: date
    last_date: date | None
    why: str


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """A question the published law leaves open, with the value this run assumes."""

    name: str
    value: str
    default: str
    alternatives: tuple[str, ...]
    reason: str
    is_overridden: bool = False


@dataclass(frozen=True, slots=True)
class Law:
    """Everything the rules of one run need to know of the law."""

    performance_year: int
    payment_year: int
    law_as_of: date
    data_version: str
    period: QpPerformancePeriod
    snapshots: tuple[Snapshot, ...]
    december_list_date: date
    thresholds: Thresholds
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
