"""The regulation's vocabulary as types, each with its citation.

Statuses are ordered, so that "most favourable" is `max` (42 CFR 414.1425, 414.1450).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum


class QpStatus(StrEnum):
    """What a Threshold Score, or the best of several, makes of a clinician (42 CFR 414.1305)."""

    NO_SCORE = "NO_SCORE"
    NOT_QP = "NOT_QP"
    PARTIAL_QP = "PARTIAL_QP"
    QP = "QP"

    @property
    def rank(self) -> int:
        """Position from least to most favourable; QP excludes Partial QP."""
        return list(QpStatus).index(self)


class Level(StrEnum):
    """At which level a Threshold Score is computed, most decisive first (42 CFR 414.1425, 414.1440)."""

    APM_ENTITY = "apm_entity"
    INDIVIDUAL = "individual"
    AFFILIATED_PRACTITIONER = "affiliated_practitioner"
    TIN = "tin"
    NPI = "npi"


MEDICARE_LEVELS = (Level.APM_ENTITY, Level.INDIVIDUAL, Level.AFFILIATED_PRACTITIONER)
"""The levels of the Medicare Option (42 CFR 414.1425)."""
ALL_PAYER_LEVELS = (Level.APM_ENTITY, Level.TIN, Level.NPI)
"""The levels of the All-Payer Combination Option (42 CFR 414.1440)."""


class QpOption(StrEnum):
    """The two ways to become a QP, the one shown first where both give a status (42 CFR 414.1425(c)(3))."""

    MEDICARE = "medicare"
    ALL_PAYER = "all_payer"


class PayerType(StrEnum):
    """Kinds of payers other than Original Medicare (42 CFR 414.1440(a))."""

    COMMERCIAL = "commercial"
    MEDICARE_ADVANTAGE = "medicare_advantage"
    MEDICAID = "medicaid"
    DOD = "dod"
    VA = "va"
    OTHER = "other"


class Method(StrEnum):
    """The two Threshold Score methods (42 CFR 414.1435(a) and (b))."""

    PAYMENT_AMOUNT = "payment_amount"
    PATIENT_COUNT = "patient_count"


class ServiceBasis(StrEnum):
    """Which services make a beneficiary attribution-eligible (42 CFR 414.1305)."""

    EM = "em"
    CPS = "cps"


class ListType(StrEnum):
    """A CMS-maintained list that names eligible clinicians (42 CFR 414.1425(a), (b)(2))."""

    PARTICIPATION = "participation"
    AFFILIATED = "affiliated"


class Setting(StrEnum):
    """Where a Part B service was paid."""

    PROFESSIONAL = "professional"
    CAH_METHOD_II = "cah_method_ii"
    RHC = "rhc"
    FQHC = "fqhc"
    OTHER = "other"


class Adjustment(StrEnum):
    """What a delivered row does to its claim line."""

    ORIGINAL = "original"
    CANCELLATION = "cancellation"
    REPLACEMENT = "replacement"


class MipsConsequence(StrEnum):
    """What a status means for MIPS (42 CFR 414.1310(b), 414.1425)."""

    EXCLUDED = "excluded"
    MAY_ELECT = "may_elect"
    SUBJECT = "subject"


class IndividualAssessment(Enum):
    """Whom the law assesses one by one, named by the first year each holds (414.1425(c), (d))."""

    CLINICIANS_OF_SEVERAL_ENTITIES_FROM_2017 = "clinicians_of_several_entities"
    EVERY_LISTED_CLINICIAN_FROM_2026 = "every_listed_clinician"


@dataclass(frozen=True, slots=True, order=True)
class Snapshot:
    """A date on which lists are read and claims are cut off (42 CFR 414.1425(b)(1))."""

    number: int
    date: date


@dataclass(frozen=True, slots=True)
class QpPerformancePeriod:
    """Jan 1 to Aug 31 of the performance year (42 CFR 414.1305)."""

    first_day: date
    last_day: date
