"""Helper columns of claim plans: what marks a row, and what is counted by mark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.plan import SourcePlan

PAYER = "payer"
NOT_FINAL = "is_not_final"
OTHER_CLAIM_TYPE = "is_other_claim_type"
UNKNOWN_CLAIM_CODE = "has_unknown_claim_code"
OTHER_BILL_TYPE = "is_other_bill_type"
PAID_BY_PLAN = "is_paid_by_plan"
LACKS_TIN = "lacks_tin"
_FLAGS = (NOT_FINAL, OTHER_CLAIM_TYPE, UNKNOWN_CLAIM_CODE, OTHER_BILL_TYPE, PAID_BY_PLAN)
_CENTS = "cents:"
PROFESSIONAL_COUNT = "professional_count"


def mark_counts(plan: SourcePlan) -> list[pl.Expr]:
    """Rows per mark, and their cents."""
    names = [column.name for column in plan.columns if column.name in _FLAGS]
    cents = [pl.col("paid_cents").filter(pl.col(name)).sum().alias(_CENTS + name) for name in names]
    is_professional = plan.is_good & (pl.col("setting") == "professional")
    return [
        *(pl.col(name).sum().cast(pl.Int64) for name in names),
        *cents,
        is_professional.sum().cast(pl.Int64).alias(PROFESSIONAL_COUNT),
        (is_professional & pl.col("tin").is_null()).sum().cast(pl.Int64).alias(LACKS_TIN),
    ]


def mark_findings(row: Mapping[str, Any]) -> Iterator[Finding]:
    """What the marks give to say."""
    table = "claim_lines"
    if count := row.get(NOT_FINAL):
        yield finding("replaced_lines", table=table, rule="FINAL_ACTION", count=count)
    if count := row.get(OTHER_CLAIM_TYPE):
        yield _unknown_code(row, OTHER_CLAIM_TYPE, "NCH_CLM_TYPE_CD", count, "not used")
    if count := row.get(UNKNOWN_CLAIM_CODE):
        yield _unknown_code(row, UNKNOWN_CLAIM_CODE, "CARR_CLM_PMT_DNL_CD", count, "denied")
    if count := row.get(OTHER_BILL_TYPE):
        yield finding("lines_not_used", table=table, rule="bill type", count=count)
    if count := row.get(PAID_BY_PLAN):
        yield finding("managed_care_paid", table=table, count=count)
    total = row[PROFESSIONAL_COUNT]
    if total and row[LACKS_TIN] == total:
        yield finding("no_tin", table=table, rule="tin", count=total, layout="RIF", total=f"{total:,}")


def _unknown_code(row: Mapping[str, Any], mark: str, rule: str, count: int, treatment: str) -> Finding:
    amount = _dollars(row[_CENTS + mark] or 0)
    return finding("unknown_code", table="claim_lines", rule=rule, count=count, amount=amount, treatment=treatment)


def _dollars(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
