"""How CCLF1 (one row per institutional claim) and CCLF2 (one row per revenue center line) are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from qpcli.inputs.cclf.delivered import DELIVERY_COLUMN, delivery_column
from qpcli.inputs.cclf.files import DeliveredSource
from qpcli.inputs.faults import reading
from qpcli.inputs.fields import Fields, code, derived, flag
from qpcli.inputs.parse import RAW, VALUE, ParsedColumn, Rule, value
from qpcli.inputs.plan import IS_LEFT_OUT, SourcePlan, make_plan
from qpcli.inputs.sources import Lookup
from qpcli.regulation.law import Law
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.prepared_lines import PAYER
from qpcli.tables.schema import Column, Kind, Table
from qpcli.terms import Adjustment, Setting

KEY, ORPHAN = "key", "is_orphan"
_USE, _USED, _OTHER = "__use__", "USED", "OTHER"
_CLAIM_TYPE, _OUTPATIENT = "claim_type", "40"
_FACILITY, _CLASSIFICATION, _ADJUSTMENT, _NONPAYMENT = "facility", "classification", "adjustment_code", "nonpayment"
_VERSION = "CUR_CLM_UNIQ_ID"

CLAIMS = Table(
    name="claim_lines",
    grain="One row per delivery and version of an institutional claim.",
    columns=(
        DELIVERY_COLUMN,
        CLAIM_LINES.column("claim_version"),
        CLAIM_LINES.column("bene_id"),
        Column("oscar", Kind.TEXT, "Number of the facility."),
        Column("from_date", Kind.DATE, "First day of the claim.", is_required=True, may_be_blank=False),
        Column("thru_date", Kind.DATE, "Last day of the claim.", is_required=True, may_be_blank=False),
        CLAIM_LINES.column("npi"),
        CLAIM_LINES.column("processed_date"),
        Column("payment_amount", Kind.MONEY, "Medicare paid for the claim.", is_required=True, may_be_blank=False),
        Column("setting", Kind.TEXT, "Setting by bill type."),
        Column("adjustment", Kind.TEXT, "What the claim does to its earlier version."),
        Column("is_denied", Kind.BOOLEAN, "Medicare denied the claim."),
        Column(PAYER, Kind.TEXT, "Code of a payer before Medicare."),
        Column(KEY, Kind.TEXT, "The version's id as it stands in the file."),
    ),
)
LINES = Table(
    name="claim_lines",
    grain="One row per delivery and line of a claim of CLAIMS.",
    columns=(
        DELIVERY_COLUMN,
        CLAIM_LINES.column("claim_version"),
        CLAIM_LINES.column("line_number"),
        Column("line_date", Kind.DATE, "First day of the line."),
        Column("revenue_date", Kind.DATE, "Day of the revenue center."),
        Column("revenue_center", Kind.TEXT, "Revenue center."),
        CLAIM_LINES.column("hcpcs"),
        CLAIM_LINES.column("paid_amount"),
    ),
)
_CLAIM_FIELDS = {
    "bene_id": "BENE_MBI_ID",
    "from_date": "CLM_FROM_DT",
    "thru_date": "CLM_THRU_DT",
    "payment_amount": "CLM_PMT_AMT",
}
_LINE_FIELDS = {
    "claim_version": _VERSION,
    "line_number": "CLM_LINE_NUM",
    "line_date": "CLM_LINE_FROM_DT",
    "revenue_date": "CLM_LINE_INSTNL_REV_CTR_DT",
    "hcpcs": "CLM_LINE_HCPCS_CD",
    "paid_amount": "CLM_LINE_CVRD_PD_AMT",
}
_NPIS = {
    "attending": ("CLM_ATNDG_PRVDR_NPI_NUM", "ATNDG_PRVDR_NPI_NUM"),
    "operating": ("CLM_OPRTG_PRVDR_NPI_NUM", "OPRTG_PRVDR_NPI_NUM"),
    "other": ("CLM_OTHR_PRVDR_NPI_NUM", "OTHR_PRVDR_NPI_NUM"),
}
"""Open point institutional_npi -> the column, and the one of before 2022 that stands in where it is blank."""
_PROCESSED = {"processed": "CLM_EFCTV_DT", "loaded": "CLM_IDR_LD_DT"}
"""Open point run_out_date -> column."""
_SETTINGS = {"85": Setting.CAH_METHOD_II.value, "71": Setting.RHC.value, "77": Setting.FQHC.value}
"""Bill type -> setting."""
_ADJUSTMENTS = {
    "0": Adjustment.ORIGINAL.value,
    "1": Adjustment.CANCELLATION.value,
    "2": Adjustment.REPLACEMENT.value,
}


def claims_plan(delivered: DeliveredSource, law: Law) -> SourcePlan:
    """How CCLF1 files are read; raises QP202 or QP204."""
    fields = Fields(delivered.source)
    for needed in ("CLM_TYPE_CD", "CLM_BILL_FAC_TYPE_CD", "CLM_BILL_CLSFCTN_CD", "CLM_MDCR_NPMT_RSN_CD"):
        fields.required(needed)
    version = fields.required(_VERSION)
    columns = (
        delivery_column(delivered.delivery),
        fields.column(CLAIMS.column("claim_version"), version),
        *(fields.column(CLAIMS.column(name), cms_name) for name, cms_name in _CLAIM_FIELDS.items()),
        fields.first_text(CLAIMS.column("oscar"), "CLM_BLG_PRVDR_OSCAR_NUM", "PRVDR_OSCAR_NUM"),
        fields.first_text(CLAIMS.column("npi"), *_NPIS[law.assumed("institutional_npi")]),
        fields.column(CLAIMS.column("processed_date"), _PROCESSED[law.assumed("run_out_date")]),
        derived(CLAIMS.column("setting"), _setting()),
        _adjustment(),
        derived(CLAIMS.column("is_denied"), code(_NONPAYMENT).is_not_null()),
        fields.code(PAYER, "CLM_NCH_PRMRY_PYR_CD"),
        _as_it_stands(version),
    )
    return make_plan(CLAIMS, delivered.source, (*columns, *_codes(fields)), left_out=~_is_used())


def _codes(fields: Fields) -> tuple[ParsedColumn, ...]:
    return (
        fields.code(_CLAIM_TYPE, "CLM_TYPE_CD"),
        fields.code(_FACILITY, "CLM_BILL_FAC_TYPE_CD"),
        fields.code(_CLASSIFICATION, "CLM_BILL_CLSFCTN_CD"),
        fields.code(_NONPAYMENT, "CLM_MDCR_NPMT_RSN_CD"),
        fields.code(_ADJUSTMENT, fields.required("CLM_ADJSMT_TYPE_CD")),
    )


def _setting() -> pl.Expr:
    bill_type = pl.concat_str(code(_FACILITY), code(_CLASSIFICATION))
    return bill_type.replace_strict(_SETTINGS, default=None, return_dtype=pl.String)


def _is_used() -> pl.Expr:
    return (code(_CLAIM_TYPE) == _OUTPATIENT).fill_null(False) & _setting().is_not_null()


def _adjustment() -> ParsedColumn:
    """Nothing stands in for a code that is blank or unknown: the sign of the claim would be a guess."""
    column = CLAIMS.column("adjustment")
    read = derived(column, code(_ADJUSTMENT).replace_strict(_ADJUSTMENTS, default=None, return_dtype=pl.String))
    return replace(
        read, rules=(Rule("adjustment_unknown", "a blank or unknown adjustment type", value(column).is_null()),)
    )


def _as_it_stands(name: str) -> ParsedColumn:
    """The text that CCLF2 has too, not tidied: a join finds it without a look at each of its lines."""
    later = pl.col(VALUE + KEY).alias(KEY)
    return ParsedColumn(KEY, pl.col(name).cast(pl.String).alias(RAW + KEY), pl.col(RAW + KEY).alias(VALUE + KEY), later)


def uses(claims: pl.DataFrame, plans: Sequence[SourcePlan]) -> pl.DataFrame:
    """One row per version of an outpatient claim: its id as it stands in the file, and whether the claim is used."""
    with reading(CLAIMS.name):
        others = [
            plan.checked.filter(pl.col(IS_LEFT_OUT) & (pl.col(_CLAIM_TYPE) == _OUTPATIENT)).select(KEY)
            for plan in plans
        ]
        none = claims.lazy().select(KEY).head(0)
        other = pl.concat([none, *others]).unique().collect(engine="streaming")
    used = claims.select(KEY).unique()
    return pl.concat(
        [
            used.with_columns(pl.lit(_USED).alias(_USE)),
            other.join(used, on=KEY, how="anti").with_columns(pl.lit(_OTHER).alias(_USE)),
        ]
    )


def lines_plans(delivered: DeliveredSource, uses: pl.DataFrame) -> Iterator[SourcePlan]:
    """How CCLF2 files are read: of most claims nothing; raises QP202 or QP204."""
    for source in delivered.source.singly():
        name = Fields(source).required(_VERSION)
        known = uses.select(pl.col(KEY).cast(source.schema[name], strict=False).alias(name), _USE)
        schema = {**source.schema, _USE: pl.String()}
        looking_up = replace(source, schema=schema, lookup=Lookup(known.lazy(), name, ()))
        yield _lines_plan(DeliveredSource(looking_up, delivered.delivery))


def _lines_plan(delivered: DeliveredSource) -> SourcePlan:
    fields = Fields(delivered.source)
    is_orphan = code(_USE).is_null() & (code(_CLAIM_TYPE) == _OUTPATIENT).fill_null(False)
    columns = (
        delivery_column(delivered.delivery),
        *(fields.column(LINES.column(name), cms_name) for name, cms_name in _LINE_FIELDS.items()),
        fields.code("revenue_center", fields.required("CLM_LINE_PROD_REV_CTR_CD")),
        fields.code(_USE, _USE),
        fields.code(_CLAIM_TYPE, "CLM_TYPE_CD"),
        flag(ORPHAN, is_orphan),
    )
    return make_plan(LINES, delivered.source, columns, left_out=(code(_USE) != _USED).fill_null(True))
