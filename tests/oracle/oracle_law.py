"""What the law sets: a second copy, typed from the published tables and not shared with qpcli."""

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Thresholds:
    """The four bars of a performance year, in percent (42 CFR 414.1430(a))."""

    payment_qp: int
    payment_partial: int
    patient_qp: int
    patient_partial: int


_FIRST = Thresholds(25, 20, 20, 10)
_FROZEN = Thresholds(50, 40, 35, 25)
_FULL = Thresholds(75, 50, 50, 35)

THRESHOLDS = {
    2017: _FIRST,
    2018: _FIRST,
    2019: _FROZEN,
    2020: _FROZEN,
    2021: _FROZEN,  # Pub. L. 116-260
    2022: _FROZEN,  # Pub. L. 116-260
    2023: _FROZEN,  # Pub. L. 117-328
    2024: _FROZEN,  # Pub. L. 118-42
    2025: _FULL,
    2026: _FROZEN,  # Pub. L. 119-75
    2027: _FULL,
}

FIRST_YEAR_OF_PROSPECTIVE_REMOVAL = 2021  # 42 CFR 414.1435(c)(1)(i)
FIRST_YEAR_OF_TWO_BASES = 2026  # CY 2026 PFS final rule; 42 CFR 414.1425(c)(3)(ii)
FIRST_YEAR_OF_ALL_PAYER = 2019  # 42 CFR 414.1430(b)
MEDICARE_MINIMUMS = Thresholds(25, 20, 20, 10)  # 42 CFR 414.1430(b)
MINIMUM_DAYS_TESTED = 60  # 42 CFR 414.1425(c)(7)
AGE = 18  # 42 CFR 414.1305

SNAPSHOT_ENDS = {1: (3, 31), 2: (6, 30), 3: (8, 31), 4: (12, 31)}  # 42 CFR 414.1425(b)

# Each open point: the default first, then the alternatives.
OPEN_POINTS = {
    "claims_run_out_days": ("60",),  # any whole number
    "group_membership": ("any_snapshot_so_far", "on_snapshot_date"),
    "denied_lines": ("never_count", "count"),
    "rhc_fqhc_satisfies_em": ("no", "yes"),
    "enrollment_months": ("every_month", "any_month", "snapshot_month"),
    "age_reached_by": ("snapshot_date", "period_start", "period_end"),
    "attribution_list_date": ("snapshot_date", "latest"),
    "individual_claims": ("listed_tins", "all_tins"),
    "individual_criterion_6": ("entity", "own_services"),
    "individual_snapshots": ("all", "third"),
}

# The same for the All-Payer Combination Option.
ALL_PAYER_OPEN_POINTS = {
    "all_payer_weighting": ("higher_entity_score", "own_score"),
    "all_payer_medicare_minimum": ("score_used", "own_score"),
    "all_payer_tin_clinicians": ("listed_or_billing", "listed"),
}

CodeRange = tuple[str, str, date]  # from, to, first date of service

_2017 = date(2017, 1, 1)
_2020 = date(2020, 1, 1)

EM_CODES: list[CodeRange] = [
    ("99201", "99499", _2017),
    ("G0402", "G0402", _2017),
    ("G0438", "G0439", _2017),
    ("G0506", "G0506", _2017),
    ("G2212", "G2212", date(2021, 1, 1)),
    ("G0316", "G0318", date(2023, 1, 1)),
    ("G0556", "G0558", date(2025, 1, 1)),
]

COVERED_SERVICE_EXCLUSIONS: list[CodeRange] = [
    ("36415", "36416", _2017),
    ("80047", "80499", _2017),
    ("80507", "84999", _2017),
    ("85002", "85059", _2017),
    ("85061", "85096", _2017),
    ("85098", "85999", _2017),
    ("86000", "86076", _2017),
    ("86080", "86484", _2017),
    ("86581", "87999", _2017),
    ("88130", "88140", _2017),
    ("88142", "88155", _2017),
    ("88164", "88167", _2017),
    ("88174", "88175", _2017),
    ("88230", "88289", _2017),
    ("89049", "89398", _2017),
    ("0001U", "0999U", _2017),
    ("0002M", "0099M", _2017),
    ("90281", "90399", _2017),
    ("90476", "90759", _2017),
    ("A0000", "A9999", _2017),
    ("B0000", "B9999", _2017),
    ("C0000", "C9999", _2017),
    ("E0000", "E9999", _2017),
    ("G0027", "G0027", _2017),
    ("G0103", "G0103", _2017),
    ("G0123", "G0123", _2017),
    ("G0143", "G0148", _2017),
    ("G0306", "G0307", _2017),
    ("G0328", "G0328", _2017),
    ("G0432", "G0435", _2017),
    ("G0463", "G0463", _2017),
    ("G0466", "G0470", _2017),
    ("G0471", "G0472", _2017),
    ("G0475", "G0483", _2017),
    ("G0499", "G0499", _2017),
    ("G0511", "G0512", _2017),
    ("G0659", "G0659", _2017),
    ("G2023", "G2024", _2020),
    ("J0000", "J9999", _2017),
    ("K0000", "K9999", _2017),
    ("L0000", "L9999", _2017),
    ("M0201", "M0250", _2020),
    ("P0000", "P9999", _2017),
    ("Q0000", "Q0090", _2017),
    ("Q0093", "Q9999", _2017),
    ("S0000", "S9999", _2017),
    ("T0000", "T9999", _2017),
    ("U0001", "U0005", _2020),
    ("V2020", "V5364", _2017),
]


def snapshot_date(year: int, snapshot: int) -> date:
    """Return the last day of a snapshot; 4 is December 31."""
    month, day = SNAPSHOT_ENDS[snapshot]
    return date(year, month, day)


def _shape(code: str) -> str:
    return re.sub("[0-9]", "0", code)


def is_in(hcpcs: str, service_date: date, ranges: list[CodeRange]) -> bool:
    """A code is in a range when its letters stand where the range's do and its digits lie between."""
    return any(
        low <= hcpcs <= high and _shape(hcpcs) == _shape(low) and service_date >= first for low, high, first in ranges
    )
