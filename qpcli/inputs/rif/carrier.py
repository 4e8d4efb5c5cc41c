"""Carrier claims: one row per line -> professional claim lines."""

from __future__ import annotations

import polars as pl

from qpcli.inputs.codes import PROFESSIONAL_CLAIM_TYPES
from qpcli.inputs.denials import denial_columns
from qpcli.inputs.fields import Fields, code, derived, flag, literal, with_absent
from qpcli.inputs.marks import DISPOSITION_DIFFERS, NOT_FINAL, OTHER_CLAIM_TYPE, CodeNames
from qpcli.inputs.parse import ParsedColumn
from qpcli.inputs.plan import SourcePlan, make_plan
from qpcli.inputs.sources import Source
from qpcli.regulation.law import Law
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.prepared_lines import DELIVERY, PAYER
from qpcli.terms import Adjustment, Setting

FINAL_ACTION = "final_action"
NAMES = CodeNames(
    layout="RIF",
    claim_type="NCH_CLM_TYPE_CD",
    claim_code="CARR_CLM_PMT_DNL_CD",
    line_code="LINE_PRCSG_IND_CD",
    disposition="CLM_DISP_CD",
    final_action="FINAL_ACTION",
)
_CLAIM_CODE, _LINE_CODE, _ENTRY_CODE, _DISPOSITION, _CLAIM_TYPE = (
    "claim_code",
    "line_code",
    "entry_code",
    "disposition",
    "claim_type",
)
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
_DENIAL_CODES, _LINE_CODES = ("CARR_CLM_PMT_DNL_CD", "PMT_DNL"), ("LINE_PRCSG_IND_CD", "PRCNGIND")


def carrier_plan(source: Source, law: Law) -> SourcePlan:
    """How a carrier file is read; raises QP202 or QP204."""
    fields = Fields(source)
    for names in (_DENIAL_CODES, _LINE_CODES):
        fields.required(*names)
    is_denied, marks = denial_columns(
        law, claim_code=code(_CLAIM_CODE), line_code=code(_LINE_CODE), is_left_out=_is_left_out()
    )
    columns = {name: fields.column(CLAIM_LINES.column(name), *names) for name, names in _FIELDS.items()} | {
        "setting": literal(CLAIM_LINES.column("setting"), Setting.PROFESSIONAL.value),
        "adjustment": derived(CLAIM_LINES.column("adjustment"), _adjustment()),
        "is_denied": is_denied,
    }
    stages = (*with_absent(columns), *_helpers(fields), *marks)
    return make_plan(CLAIM_LINES, source, stages, left_out=_is_left_out())


def _helpers(fields: Fields) -> tuple[ParsedColumn, ...]:
    return (
        fields.code(_CLAIM_CODE, *_DENIAL_CODES),
        fields.code(_LINE_CODE, *_LINE_CODES),
        fields.code(_ENTRY_CODE, "CARR_CLM_ENTRY_CD"),
        fields.code(_DISPOSITION, "CLM_DISP_CD"),
        fields.code(_CLAIM_TYPE, "NCH_CLM_TYPE_CD"),
        fields.code(FINAL_ACTION, "FINAL_ACTION"),
        fields.code(PAYER, "LINE_BENE_PRMRY_PYR_CD", "LPRPAYCD"),
        flag(NOT_FINAL, is_not_final()),
        flag(OTHER_CLAIM_TYPE, _is_other_claim_type() & ~is_not_final()),
        flag(DISPOSITION_DIFFERS, (_is_credit() != _is_cancelled()).fill_null(False) & ~_is_left_out()),
        flag(DELIVERY, pl.lit(0, dtype=pl.Int64)),
    )


def _adjustment() -> pl.Expr:
    """Entry code 3 is a full credit and disposition 03 a cancellation; all else is final action."""
    is_cancellation = _is_credit().fill_null(False) | _is_cancelled().fill_null(False)
    original = pl.lit(Adjustment.ORIGINAL.value)
    return pl.when(is_cancellation).then(pl.lit(Adjustment.CANCELLATION.value)).otherwise(original)


def _is_credit() -> pl.Expr:
    return code(_ENTRY_CODE) == "3"


def _is_cancelled() -> pl.Expr:
    return code(_DISPOSITION).is_in(["3", "03"])


def _is_other_claim_type() -> pl.Expr:
    """Lines without a claim type are carrier lines by the names of their columns."""
    return (~code(_CLAIM_TYPE).is_in(PROFESSIONAL_CLAIM_TYPES)).fill_null(False)


def is_not_final() -> pl.Expr:
    """A row that a later version of its claim replaces."""
    return (code(FINAL_ACTION) == "N").fill_null(False)


def _is_left_out() -> pl.Expr:
    return is_not_final() | _is_other_claim_type()
