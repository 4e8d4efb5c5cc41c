"""Outpatient claims: one row per revenue center -> lines of CAH method II, RHC and FQHC; all else is left out."""

from __future__ import annotations

import polars as pl

from qpcli.inputs.codes import CAH_METHOD_II_REVENUE_CENTERS
from qpcli.inputs.fields import Fields, code, derived, flag, with_absent
from qpcli.inputs.marks import NOT_FINAL, OTHER_BILL_TYPE, PAID_BY_PLAN
from qpcli.inputs.parse import RAW, ParsedColumn
from qpcli.inputs.plan import SourcePlan, make_plan
from qpcli.inputs.rif.carrier import FINAL_ACTION, is_not_final
from qpcli.inputs.sources import Source
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.prepared_lines import DELIVERY, PAYER
from qpcli.terms import Setting

_FACILITY, _CLASSIFICATION, _REVENUE_CENTER = "facility_type", "service_classification", "revenue_center"
_NONPAYMENT, _PAID_BY_PLAN_CODE = "nonpayment_reason", "managed_care_switch"
_FIELDS = {
    "claim_id": ("CLM_ID",),
    "line_number": ("CLM_LINE_NUM",),
    "bene_id": ("BENE_ID",),
    "hcpcs": ("HCPCS_CD",),
    "processed_date": ("NCH_WKLY_PROC_DT",),
    "paid_amount": ("REV_CNTR_PMT_AMT_AMT",),
}
_FIRST_FIELDS = {
    "npi": ("RNDRNG_PHYSN_NPI", "AT_PHYSN_NPI"),
    "service_date": ("REV_CNTR_DT", "CLM_FROM_DT"),
}
"""Canonical column -> the fields of which the first that is not blank counts."""


def outpatient_plan(source: Source) -> SourcePlan:
    """How an outpatient file is read; institutional claims have no tax number. Raises QP202 or QP204."""
    fields = Fields(source)
    columns = {name: fields.column(CLAIM_LINES.column(name), *names) for name, names in _FIELDS.items()}
    columns |= {name: fields.first_text(CLAIM_LINES.column(name), *names) for name, names in _FIRST_FIELDS.items()}
    columns["setting"] = derived(CLAIM_LINES.column("setting"), _setting())
    columns["is_denied"] = derived(CLAIM_LINES.column("is_denied"), code(_NONPAYMENT).is_not_null())
    left_out = is_not_final() | _setting().is_null() | _is_paid_by_plan()
    return make_plan(CLAIM_LINES, source, (*with_absent(columns), *_helpers(fields)), left_out=left_out)


def _helpers(fields: Fields) -> tuple[ParsedColumn, ...]:
    is_other = _setting().is_null() & ~is_not_final()
    return (
        fields.code(_FACILITY, "CLM_FAC_TYPE_CD"),
        fields.code(_CLASSIFICATION, "CLM_SRVC_CLSFCTN_TYPE_CD"),
        fields.code(_REVENUE_CENTER, "REV_CNTR"),
        fields.code(_NONPAYMENT, "CLM_MDCR_NON_PMT_RSN_CD"),
        fields.code(_PAID_BY_PLAN_CODE, "CLM_MCO_PD_SW"),
        fields.code(FINAL_ACTION, "FINAL_ACTION"),
        fields.code(PAYER, "NCH_PRMRY_PYR_CD"),
        flag(NOT_FINAL, is_not_final()),
        flag(OTHER_BILL_TYPE, is_other),
        flag(PAID_BY_PLAN, _is_paid_by_plan() & ~is_other & ~is_not_final()),
        flag(DELIVERY, pl.lit(0, dtype=pl.Int64)),
    )


def _setting() -> pl.Expr:
    """By bill type, for method II also by revenue center (which may have lost its zeros); null for all others."""
    bill_type = pl.concat_str(code(_FACILITY), code(_CLASSIFICATION))
    is_fee = pl.col(RAW + _REVENUE_CENTER).str.zfill(4).str.head(3).is_in(CAH_METHOD_II_REVENUE_CENTERS)
    return (
        pl.when((bill_type == "85") & is_fee)
        .then(pl.lit(Setting.CAH_METHOD_II.value))
        .when(bill_type == "71")
        .then(pl.lit(Setting.RHC.value))
        .when(bill_type == "77")
        .then(pl.lit(Setting.FQHC.value))
    )


def _is_paid_by_plan() -> pl.Expr:
    return (code(_PAID_BY_PLAN_CODE) == "1").fill_null(False)
