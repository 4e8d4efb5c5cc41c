"""ExplanationOfBenefit resources -> professional claim lines: one row per item, one per claim that is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

import polars as pl

from qpcli.inputs.bcda.resources import child, day, delivery, person, text
from qpcli.inputs.canonical import claim_counts
from qpcli.inputs.denials import denial_columns
from qpcli.inputs.fields import Fields, code, literal, with_absent
from qpcli.inputs.json_scan import Resource
from qpcli.inputs.marks import mark_counts
from qpcli.inputs.parse import RAW, VALUE, ColumnReading, ParsedColumn, Rule, finished, raw
from qpcli.inputs.parse_typed import text_column
from qpcli.inputs.plan import COUNTED, SourcePlan, make_plan
from qpcli.inputs.sources import Source
from qpcli.regulation.law import Law
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.prepared_lines import DELIVERY, PAYER
from qpcli.terms import Adjustment, Setting

_NO_NPI = "0000000000"
_LACKS_PAYMENT, _UNCLEAR_NPI, _REASON = "lacks_payment", "unclear_npi", "left_out_reason"
_CLAIM_CODE, _LINE_CODE = "claim_code", "line_code"
_FIELDS = ("claim_id", "claim_version", "line_number", "bene_id", "npi", "hcpcs", "paid_amount")
_DATES = ("service_date", "processed_date")
_ADJUSTMENTS = {
    "0": Adjustment.ORIGINAL.value,
    "1": Adjustment.CANCELLATION.value,
    "2": Adjustment.REPLACEMENT.value,
}
_TOO_LONG_TIN = r"^[0-9]{10,}$"
_WORDS = {
    _LACKS_PAYMENT: "lines without a paid amount, taken as 0.00",
    _UNCLEAR_NPI: "lines with several possible rendering clinicians, taken as nobody's",
}


class LeftOut(StrEnum):
    """Why a claim is none here, in words for a finding."""

    NOT_ACTIVE = "claims that were cancelled or are not active"
    OTHER_TYPE = "claims of other types than 71 and 72"
    PARTIAL = "claims that are only partially adjudicated"
    NOT_FINAL = "claims that are not final action"
    NO_LINES = "claims without lines"
    UNKNOWN = "claims whose version is not known"


class Line(NamedTuple):
    """One item of a claim as text, with what its claim says; or a claim that is left out, with the reason alone.

    `adjustment` is CMS's code. `lacks_payment` and `unclear_npi` are "1" or None.
    """

    left_out: str | None = None
    claim_version: str | None = None
    delivery: str | None = None
    claim_id: str | None = None
    line_number: str | None = None
    bene_id: str | None = None
    npi: str | None = None
    tin: str | None = None
    hcpcs: str | None = None
    service_date: str | None = None
    processed_date: str | None = None
    paid_amount: str | None = None
    claim_code: str | None = None
    line_code: str | None = None
    adjustment: str | None = None
    payer: str | None = None
    lacks_payment: str | None = None
    unclear_npi: str | None = None


def of_claim(claim: Resource) -> Line:
    """What every line of a claim shares, in either version."""
    return Line(
        claim_version=text(claim, "id"),
        delivery=delivery(claim),
        bene_id=person(child(claim, "patient")),
    )


def service_day(item: Resource) -> str | None:
    """The first day of an item."""
    return day(child(item, "servicedPeriod"), "start") or day(item, "servicedDate")


def amount(adjudication: Resource | None) -> str | None:
    """The amount as it was written."""
    return None if adjudication is None else text(child(adjudication, "amount"), "value")


def distinct_npis(npis: Iterable[str | None]) -> list[str]:
    """Every NPI once; ten zeros are none."""
    return sorted({npi for npi in npis if npi and npi != _NO_NPI})


def claim_lines_plan(source: Source, law: Law) -> SourcePlan:
    """How rows of `Line` are read; raises nothing: the columns are this reader's own."""
    fields = Fields(source)
    is_left_out = code(_REASON).is_not_null()
    is_denied, marks = denial_columns(
        law, claim_code=code(_CLAIM_CODE), line_code=code(_LINE_CODE), is_left_out=is_left_out
    )
    columns = {name: fields.column(CLAIM_LINES.column(name), name) for name in _FIELDS}
    columns |= {name: text_column(CLAIM_LINES.column(name), pl.col(name), None) for name in _DATES}
    columns |= {
        "tin": _tin(fields),
        "setting": literal(CLAIM_LINES.column("setting"), Setting.PROFESSIONAL.value),
        "adjustment": _adjustment(),
        "is_denied": is_denied,
    }
    return make_plan(CLAIM_LINES, source, (*with_absent(columns), *_helpers(fields), *marks), left_out=is_left_out)


def line_counts(plan: SourcePlan) -> list[pl.Expr]:
    """What is counted about the lines: marks, claims left out by reason, and what was taken as something."""
    reasons = [
        (pl.col(_REASON) == reason.value).sum().cast(pl.Int64).alias(f"{COUNTED}rows_left_out:{reason.value}")
        for reason in LeftOut
    ]
    taken = [
        (plan.is_good & pl.col(name)).sum().cast(pl.Int64).alias(f"{COUNTED}counted_for_record:{words}")
        for name, words in _WORDS.items()
    ]
    return [*claim_counts(plan), *mark_counts(plan), *reasons, *taken]


def _helpers(fields: Fields) -> tuple[ParsedColumn, ...]:
    return (
        fields.code(_CLAIM_CODE, _CLAIM_CODE),
        fields.code(_LINE_CODE, _LINE_CODE),
        fields.code(PAYER, "payer"),
        _as_it_is(_REASON, pl.col("left_out")),
        _as_it_is(DELIVERY, pl.col("delivery").cast(pl.Int64).fill_null(0)),
        _as_it_is(_LACKS_PAYMENT, pl.col(_LACKS_PAYMENT).is_not_null()),
        _as_it_is(_UNCLEAR_NPI, pl.col(_UNCLEAR_NPI).is_not_null()),
    )


def _as_it_is(name: str, value: pl.Expr) -> ParsedColumn:
    """A helper column that the shaping of resources has finished."""
    return ParsedColumn(
        name, value.alias(RAW + name), pl.col(RAW + name).alias(VALUE + name), pl.col(VALUE + name).alias(name)
    )


def _tin(fields: Fields) -> ParsedColumn:
    """A longer number than a TIN is not one that lost zeros: the row is bad."""
    column = CLAIM_LINES.column("tin")
    read = fields.column(column, "tin")
    is_longer = raw(column).str.contains(_TOO_LONG_TIN).fill_null(False)
    return replace(read, rules=(*read.rules, Rule("tin_too_long", "a tin of more than 9 digits", is_longer)))


def _adjustment() -> ParsedColumn:
    column = CLAIM_LINES.column("adjustment")
    known = raw(column).replace_strict(_ADJUSTMENTS, default=None, return_dtype=pl.String)
    rule = Rule("adjustment_unknown", "a blank or unknown adjustment type", known.is_null())
    return finished(column, pl.col("adjustment").str.strip_chars(), ColumnReading(known, (rule,)))
