"""What the codes in claim and beneficiary files mean; the tables and their sources are in `qpcli/inputs/data/`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

PART_A_CODES = ("1", "3", "A", "C")
"""Buy-in codes of a month with Part A; A and C with State buy-in (CCW MDCR_ENTLMT_BUYIN_IND)."""
PART_B_CODES = ("2", "3", "B", "C")
"""Buy-in codes of a month with Part B."""
BUY_IN_CODES = ("0", "1", "2", "3", "A", "B", "C")
PROFESSIONAL_CLAIM_TYPES = ("71", "72")
"""Carrier claims without and with DMEPOS (CCW NCH_CLM_TYPE_CD)."""
OTHER_PAYER_CODES = ("A", "B", "C", "D", "E", "F", "G", "H", "I", "L", "W")
"""Another payer comes before Medicare (CCW LINE_BENE_PRMRY_PYR_CD)."""
GROUP_HEALTH_CODES = ("A", "B", "G")
"""Group health plans among them."""
CAH_METHOD_II_REVENUE_CENTERS = ("096", "097", "098")
"""Professional fees, by the first three digits of the revenue center."""


def _rows(name: str) -> list[dict[str, str]]:
    text = files("qpcli.inputs").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def claim_denial_codes() -> Mapping[str, bool]:
    """Carrier claim payment denial code -> whether the claim was paid."""
    return {row["code"]: row["is_paid"] == "true" for row in _rows("carrier_denial_codes.csv")}


@cache
def line_processing_codes() -> tuple[str, ...]:
    """Processing codes of carrier lines: allowed ones and denials."""
    return tuple(row["code"] for row in _rows("line_processing_codes.csv"))


@cache
def states_by_code(system: str) -> Mapping[str, str]:
    """State code of a system (fips or ssa) -> postal code; ZZ is outside the United States."""
    return {row["code"]: row["state"] for row in _rows("state_codes.csv") if row["system"] == system}
