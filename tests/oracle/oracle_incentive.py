"""The APM Incentive Payment, plain and slow, from the specification alone (42 CFR 414.1450)."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from math import floor

from .oracle_claims import is_not_denied, net
from .oracle_facts import Case, Line

PERCENTS = {**dict.fromkeys(range(2019, 2025), "5"), 2025: "3.5", 2026: "1.88", 2028: "3.1"}
"""Lump sum by payment year in percent; a year that is not here has none."""

Amounts = dict[tuple[str, str | None], int]


def base_amounts(case: Case, npis: set[str]) -> Amounts:
    """Cents by NPI and TIN of the case's year as base year; a TIN of another form is none."""
    found: Amounts = defaultdict(int)
    by_pair: dict[tuple[str, str | None], list[Line]] = defaultdict(list)
    for line in case.lines:
        if line.npi in npis and line.service_date.year == case.year and _is_in_time(case, line):
            by_pair[line.npi, _tin(line)].append(line)
    for pair, lines in by_pair.items():
        for service in net(lines):
            if service.is_covered_professional:
                found[pair] += service.cents
    return dict(found)


def _is_in_time(case: Case, line: Line) -> bool:
    is_processed = line.processed_date is None or line.processed_date <= date(case.year + 1, 3, 31)
    return is_processed and is_not_denied(case, line)


def _tin(line: Line) -> str | None:
    return line.tin if line.tin is not None and re.fullmatch("[0-9]{9}", line.tin) else None


def lump_sum(cents: int, payment_year: int) -> int:
    """Half a cent is rounded up; nothing on a base below 0."""
    exact = Fraction(max(cents, 0)) * Fraction(PERCENTS.get(payment_year, "0")) / 100
    return floor(exact + Fraction(1, 2))


def shares(amount: int, recipients: Mapping[str | None, int]) -> dict[str | None, int]:
    """Whole cents in proportion to base amounts above 0, the cents left by largest remainder, then lowest TIN."""
    weights = {tin: max(cents, 0) for tin, cents in recipients.items()}
    if not sum(weights.values()):
        weights = dict.fromkeys(recipients, 1)
    exact = {tin: Fraction(amount * weight, sum(weights.values())) for tin, weight in weights.items()}
    whole = {tin: floor(share) for tin, share in exact.items()}
    order = sorted(exact, key=lambda tin: (whole[tin] - exact[tin], tin or ""))
    for tin in order[: amount - sum(whole.values())]:
        whole[tin] += 1
    return whole


def payments(case: Case, npis: set[str], payment_year: int) -> Amounts:
    """Cents paid by NPI and TIN without lists: to the TINs that billed, to nobody known where there is none."""
    found: Amounts = {}
    base = base_amounts(case, npis)
    for npi in {npi for npi, _ in base}:
        billed = {tin: cents for (other, tin), cents in base.items() if other == npi}
        amount = lump_sum(sum(billed.values()), payment_year)
        known = {tin: cents for tin, cents in billed.items() if tin is not None} or billed
        paid = shares(amount, known)
        found |= {(npi, tin): paid.get(tin, 0) for tin in billed}
    return found
