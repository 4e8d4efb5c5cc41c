"""Helper columns of claim plans: what marks a row, and what is counted by mark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.codes import line_processing_codes
from qpcli.inputs.plan import SourcePlan

NOT_FINAL = "is_not_final"
OTHER_CLAIM_TYPE = "is_other_claim_type"
UNKNOWN_CLAIM_CODE = "has_unknown_claim_code"
UNKNOWN_LINE_CODE = "has_unknown_line_code"
DISPOSITION_DIFFERS = "disposition_differs"
OTHER_BILL_TYPE = "is_other_bill_type"
PAID_BY_PLAN = "is_paid_by_plan"
LEFT_OUT_LINE_CODE = "left_out_line_code"
"""Of a line that only its own code denies: the place of the code in the list of line codes."""
LACKS_TIN = "lacks_tin"
_FLAGS = (
    NOT_FINAL,
    OTHER_CLAIM_TYPE,
    UNKNOWN_CLAIM_CODE,
    UNKNOWN_LINE_CODE,
    DISPOSITION_DIFFERS,
    OTHER_BILL_TYPE,
    PAID_BY_PLAN,
)
_CENTS = "cents:"
_LEFT_OUT = LEFT_OUT_LINE_CODE + ":"
PROFESSIONAL_COUNT = "professional_count"
_TABLE = "claim_lines"


@dataclass(frozen=True, slots=True)
class CodeNames:
    """What a layout calls itself and the fields of its codes."""

    layout: str
    claim_type: str
    claim_code: str
    line_code: str
    disposition: str
    final_action: str = ""


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
        *_left_out_counts(plan),
    ]


def _left_out_counts(plan: SourcePlan) -> Iterator[pl.Expr]:
    """Lines per line code that is not allowed, and their cents."""
    if LEFT_OUT_LINE_CODE not in {column.name for column in plan.columns}:
        return
    for number, code in enumerate(line_processing_codes()):
        has_code = pl.col(LEFT_OUT_LINE_CODE) == number
        yield has_code.sum().cast(pl.Int64).alias(_LEFT_OUT + code)
        yield pl.col("paid_cents").filter(has_code).sum().alias(_CENTS + _LEFT_OUT + code)


def mark_findings(row: Mapping[str, Any], names: CodeNames) -> Iterator[Finding]:
    """What the marks give to say."""
    if count := row.get(NOT_FINAL):
        yield finding("replaced_lines", table=_TABLE, rule=names.final_action, count=count)
    yield from _unknown_codes(row, names)
    if count := row.get(DISPOSITION_DIFFERS):
        words = f"{names.disposition} says otherwise than the adjustment"
        yield finding("counted_for_record", table=_TABLE, rule=words, count=count)
    if count := row.get(OTHER_BILL_TYPE):
        yield finding("lines_not_used", table=_TABLE, rule="bill type", count=count)
    if count := row.get(PAID_BY_PLAN):
        yield finding("managed_care_paid", table=_TABLE, count=count)
    for code in line_processing_codes():
        if count := row.get(_LEFT_OUT + code):
            amount = dollars(row[_CENTS + _LEFT_OUT + code])
            yield finding("left_out_line_code", table=_TABLE, rule=code, count=count, amount=amount)
    total = row[PROFESSIONAL_COUNT]
    if total and row[LACKS_TIN] == total:
        yield finding("no_tin", table=_TABLE, rule="tin", count=total, layout=names.layout, total=f"{total:,}")


def _unknown_codes(row: Mapping[str, Any], names: CodeNames) -> Iterator[Finding]:
    marks = (
        (OTHER_CLAIM_TYPE, names.claim_type, "not used"),
        (UNKNOWN_CLAIM_CODE, names.claim_code, "denied"),
        (UNKNOWN_LINE_CODE, names.line_code, "denied"),
    )
    for mark, rule, treatment in marks:
        if count := row.get(mark):
            amount = dollars(row[_CENTS + mark] or 0)
            yield finding("unknown_code", table=_TABLE, rule=rule, count=count, amount=amount, treatment=treatment)


def dollars(cents: int) -> str:
    """Cents as dollars in a message."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
