"""Carrier claims: one row per line -> professional claim lines."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from qpcli.inputs.parse import RAW, VALUE, Count, ParsedColumn
from qpcli.inputs.plan import SourcePlan, make_plan
from qpcli.inputs.rif.codes import PROFESSIONAL_CLAIM_TYPES, claim_denial_codes
from qpcli.inputs.rif.fields import RifFields, derived, literal
from qpcli.inputs.sources import Source
from qpcli.regulation.law import Law
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.terms import Adjustment, Setting

CLAIM_CODE, LINE_CODE, ENTRY_CODE, DISPOSITION = "claim_code", "line_code", "entry_code", "disposition"
CLAIM_TYPE, FINAL_ACTION, PAYER = "claim_type", "final_action", "payer"
UNKNOWN_CLAIM_CODE, OTHER_CLAIM_TYPE = "has_unknown_claim_code", "is_other_claim_type"

_FIELDS = {
    "claim_id": ("CLM_ID",),
    "line_number": ("LINE_NUM",),
    "bene_id": ("BENE_ID",),
    "npi": ("PRF_PHYSN_NPI", "PRFNPI"),
    "tin": ("TAX_NUM",),
    "hcpcs": ("HCPCS_CD",),
    "service_date": ("LINE_1ST_EXPNS_DT", "EXPNSDT1"),
    "processed_date": ("NCH_WKLY_PROC_DT",),
    "paid_amount": ("LINE_NCH_PMT_AMT", "LINEPMT"),
}
"""Canonical column -> the carrier column and its old short name."""


def carrier_plan(source: Source, law: Law) -> SourcePlan:
    """How a carrier file is read; raises QP202 or QP204."""
    fields = RifFields(source)
    read = {name: fields.column(CLAIM_LINES.column(name), *names) for name, names in _FIELDS.items()}
    columns = {
        **read,
        "setting": literal(CLAIM_LINES.column("setting"), Setting.PROFESSIONAL.value),
        "adjustment": derived(CLAIM_LINES.column("adjustment"), _adjustment()),
        "is_denied": derived(CLAIM_LINES.column("is_denied"), _is_denied(law)),
    }
    return make_plan(CLAIM_LINES, source, with_absent(columns) + _helpers(fields), left_out=_left_out())


def with_absent(columns: dict[str, ParsedColumn]) -> tuple[ParsedColumn, ...]:
    """The columns of claim_lines in their order; those that the layout does not have hold their default."""
    from qpcli.inputs.parse import absent

    return tuple(columns.get(column.name, absent(column)) for column in CLAIM_LINES.columns)


def _helpers(fields: RifFields) -> tuple[ParsedColumn, ...]:
    fields.required("CARR_CLM_PMT_DNL_CD", "PMT_DNL")
    fields.required("LINE_PRCSG_IND_CD", "PRCNGIND")
    final_action = fields.code(FINAL_ACTION, "FINAL_ACTION")
    return (
        fields.code(CLAIM_CODE, "CARR_CLM_PMT_DNL_CD", "PMT_DNL"),
        fields.code(LINE_CODE, "LINE_PRCSG_IND_CD", "PRCNGIND"),
        fields.code(ENTRY_CODE, "CARR_CLM_ENTRY_CD"),
        fields.code(DISPOSITION, "CLM_DISP_CD"),
        fields.code(CLAIM_TYPE, "NCH_CLM_TYPE_CD"),
        fields.code(PAYER, "LINE_BENE_PRMRY_PYR_CD", "LPRPAYCD"),
        final_action,
        _flag(UNKNOWN_CLAIM_CODE, _has_unknown_claim_code()),
        _flag(OTHER_CLAIM_TYPE, _is_other_claim_type()),
    )


def _flag(name: str, is_true: pl.Expr) -> ParsedColumn:
    return ParsedColumn(name, pl.lit(None).alias(RAW + name), is_true.alias(VALUE + name), pl.col(VALUE + name).alias(name))


def _code(name: str) -> pl.Expr:
    return pl.col(RAW + name)


def _adjustment() -> pl.Expr:
    """Entry code 3 is a full credit, disposition 03 a cancellation; all else is final action."""
    is_credit = (_code(ENTRY_CODE) == "3") | _code(DISPOSITION).is_in(["3", "03"])
    cancelled = pl.when(is_credit.fill_null(False)).then(pl.lit(Adjustment.CANCELLATION.value))
    return cancelled.otherwise(pl.lit(Adjustment.ORIGINAL.value))


def _is_denied(law: Law) -> pl.Expr:
    """Denied as a claim or as a line; a code that is not known is no allowance."""
    paid = [code for code, is_paid in claim_denial_codes().items() if is_paid]
    allowed = [code.strip().upper() for code in law.assumed("allowed_line_codes").split(",")]
    return ~(_code(CLAIM_CODE).is_in(paid) & _code(LINE_CODE).is_in(allowed)).fill_null(False)


def _has_unknown_claim_code() -> pl.Expr:
    return ~_code(CLAIM_CODE).is_in(list(claim_denial_codes())).fill_null(False) & ~_left_out()


def _is_other_claim_type() -> pl.Expr:
    """Lines without a claim type are carrier lines by the name of their columns."""
    return (~_code(CLAIM_TYPE).is_in(PROFESSIONAL_CLAIM_TYPES)).fill_null(False)


def is_not_final() -> pl.Expr:
    """A row that a later version of its claim replaces."""
    return (_code(FINAL_ACTION) == "N").fill_null(False)


def _left_out() -> pl.Expr:
    return is_not_final() | _is_other_claim_type()
