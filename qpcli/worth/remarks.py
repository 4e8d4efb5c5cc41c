"""What the worth of QP status leaves to say: findings about base claims, payment years and recipients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.layouts import FoundClaims
from qpcli.line_reading import OF_BENEFICIARIES, LinesRead
from qpcli.regulation.incentive import Incentive
from qpcli.regulation.law import Law
from qpcli.request import Layout
from qpcli.rules.incentive import BILLING_STEP
from qpcli.tables.incentives import NPI_INCENTIVES, NPI_TIN_INCENTIVES

OWN_PEOPLE_ONLY = "own_people_only"
"""What a layout says of scores; of base amounts it is `base_own_people_only`."""


def about_claims(claims: FoundClaims, lines: LinesRead) -> Iterator[Finding]:
    """What recognising and reading the claims found, said of base amounts where it was said of scores.

    No layout of CMS tells MIPS adjustments and bonuses apart from the rest of a payment (414.1450(b)(4)-(5)).
    """
    for found in (*claims.findings, *lines.findings):
        if found.code == OWN_PEOPLE_ONLY:
            yield finding("base_own_people_only", table="claim_lines", layout=lines.layout.value.upper())
        elif found.code not in OF_BENEFICIARIES:
            yield found
    if lines.layout is not Layout.CANONICAL:
        yield finding("base_adjustments_inside", table="claim_lines", layout=lines.layout.value.upper())


def about_days(lines: LinesRead, incentive: Incentive) -> Iterator[Finding]:
    """Whether the claims reach the end of the base period and of its run-out (414.1450(b)(3))."""
    period, service, processed = incentive.base_period, lines.notes.last_service_date, lines.notes.last_processed_date
    if service is not None and service < period.last_day:
        yield finding("base_claims_incomplete", table="claim_lines", date=service, until=period.last_day)
    if processed is not None and processed < period.processed_by:
        yield finding("base_run_out_incomplete", table="claim_lines", date=processed, cutoff=period.processed_by)


def about_worth(incentive: Incentive, law: Law, tables: Mapping[str, pl.DataFrame]) -> Iterator[Finding]:
    """Years without a lump sum, QPs without a base, TINs that no list names."""
    if not incentive.has_lump_sum:
        yield finding("no_lump_sum", year=incentive.payment_year, authority=incentive.lump_sum.authority)
    if incentive.payment_year != law.payment_year:
        year, due = law.performance_year, law.payment_year
        yield finding("other_payment_year", year=incentive.payment_year, performance_year=year, due=due)
    npis, pairs = tables[NPI_INCENTIVES.name], tables[NPI_TIN_INCENTIVES.name]
    without = npis.filter(pl.col("base_amount") == 0).height
    if without:
        yield finding("qps_without_base", table=NPI_INCENTIVES.name, count=without, total=f"{npis.height:,}")
    negative = npis.filter(pl.col("base_amount") < 0).height
    if negative:
        yield finding("negative_base", table=NPI_INCENTIVES.name, count=negative)
    unlisted = pairs.filter(pl.col("recipient_step") == BILLING_STEP).n_unique("npi")
    if unlisted and incentive.has_lump_sum:
        yield finding("recipients_not_listed", table=NPI_TIN_INCENTIVES.name, count=unlisted)
