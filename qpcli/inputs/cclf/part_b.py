"""CCLF5, Part B physicians: one row per line -> professional claim lines."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import claim_counts
from qpcli.inputs.cclf.files import LAYOUT, DeliveredSource
from qpcli.inputs.codes import PROFESSIONAL_CLAIM_TYPES
from qpcli.inputs.denials import denial_columns
from qpcli.inputs.fields import Fields, code, derived, flag, literal, with_absent
from qpcli.inputs.marks import DISPOSITION_DIFFERS, OTHER_CLAIM_TYPE, CodeNames, mark_counts, mark_findings
from qpcli.inputs.parse import RAW, VALUE, ParsedColumn, Rule, value
from qpcli.inputs.plan import SourcePlan, make_plan
from qpcli.inputs.table_scan import Counts
from qpcli.regulation.law import Law
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.prepared_lines import DELIVERY, PAYER
from qpcli.terms import Adjustment, Setting

NAMES = CodeNames(
    layout=LAYOUT,
    claim_type="CLM_TYPE_CD",
    claim_code="CLM_CARR_PMT_DNL_CD",
    line_code="CLM_PRCSG_IND_CD",
    disposition="CLM_DISP_CD",
)
_CLAIM_TYPE, _CLAIM_CODE, _LINE_CODE, _ADJUSTMENT_CODE, _DISPOSITION = (
    "claim_type",
    "claim_code",
    "line_code",
    "adjustment_code",
    "disposition",
)
_CLAIM_NPI, _PECOS_NPI = "CLM_RNDRG_PRVDR_NPI_NUM", "RNDRG_PRVDR_NPI_NUM"
_CONTROL_NUMBER, _VERSION = "CLM_CNTL_NUM", "CUR_CLM_UNIQ_ID"
_FIELDS = {
    "claim_version": _VERSION,
    "line_number": "CLM_LINE_NUM",
    "bene_id": "BENE_MBI_ID",
    "tin": "CLM_RNDRG_PRVDR_TAX_NUM",
    "hcpcs": "CLM_LINE_HCPCS_CD",
    "service_date": "CLM_LINE_FROM_DT",
    "paid_amount": "CLM_LINE_CVRD_PD_AMT",
}
_PROCESSED = {"processed": "CLM_EFCTV_DT", "loaded": "CLM_IDR_LD_DT"}
"""Open point run_out_date -> column."""
_ADJUSTMENTS = (
    ("0", Adjustment.ORIGINAL.value),
    ("1", Adjustment.CANCELLATION.value),
    ("2", Adjustment.REPLACEMENT.value),
)
_IS_CANCELLED = "03"
_TWO_NPIS, _LACKS_CONTROL_NUMBER = "has_two_npis", "lacks_control_number"
_MARKS = (_TWO_NPIS, _LACKS_CONTROL_NUMBER)


def part_b_plan(delivered: DeliveredSource, law: Law) -> SourcePlan:
    """How CCLF5 files are read; raises QP202 or QP204."""
    fields = Fields(delivered.source)
    for needed in (_CONTROL_NUMBER, NAMES.claim_type, NAMES.claim_code, NAMES.line_code, "CLM_ADJSMT_TYPE_CD"):
        fields.required(needed)
    is_denied, marks = denial_columns(
        law, claim_code=code(_CLAIM_CODE), line_code=code(_LINE_CODE), is_left_out=_is_left_out()
    )
    columns = {name: fields.column(CLAIM_LINES.column(name), cms_name) for name, cms_name in _FIELDS.items()} | {
        "claim_id": fields.first_text(CLAIM_LINES.column("claim_id"), _CONTROL_NUMBER, _VERSION),
        "npi": fields.first_text(CLAIM_LINES.column("npi"), *_npi_names(law)),
        "processed_date": fields.column(CLAIM_LINES.column("processed_date"), _PROCESSED[law.assumed("run_out_date")]),
        "setting": literal(CLAIM_LINES.column("setting"), Setting.PROFESSIONAL.value),
        "adjustment": _adjustment(),
        "is_denied": is_denied,
    }
    stages = (*with_absent(columns), *_helpers(fields, delivered), *marks)
    return make_plan(CLAIM_LINES, delivered.source, stages, left_out=_is_left_out())


def _npi_names(law: Law) -> tuple[str, str]:
    """The NPI that counts, and the one that stands in where it is blank."""
    return (_PECOS_NPI, _CLAIM_NPI) if law.assumed("rendering_npi") == "pecos" else (_CLAIM_NPI, _PECOS_NPI)


def _helpers(fields: Fields, delivered: DeliveredSource) -> tuple[ParsedColumn, ...]:
    return (
        fields.code(_CLAIM_TYPE, NAMES.claim_type),
        fields.code(_CLAIM_CODE, NAMES.claim_code),
        fields.code(_LINE_CODE, NAMES.line_code),
        fields.code(_ADJUSTMENT_CODE, "CLM_ADJSMT_TYPE_CD"),
        fields.code(_DISPOSITION, NAMES.disposition),
        fields.code(PAYER, "CLM_LINE_PRMRY_PYR_CD"),
        flag(OTHER_CLAIM_TYPE, _is_left_out()),
        flag(DISPOSITION_DIFFERS, (_is_cancellation() != _is_cancelled()).fill_null(False) & ~_is_left_out()),
        _picked(DELIVERY, delivered.delivery),
        _picked(_TWO_NPIS, (fields.text(_CLAIM_NPI) != fields.text(_PECOS_NPI)).fill_null(False)),
        _picked(_LACKS_CONTROL_NUMBER, fields.text(_CONTROL_NUMBER).is_null()),
    )


def _picked(name: str, expr: pl.Expr) -> ParsedColumn:
    """A helper column worked out from the file's own columns."""
    later = pl.col(VALUE + name).alias(name)
    return ParsedColumn(name, expr.alias(RAW + name), pl.col(RAW + name).alias(VALUE + name), later)


def _adjustment() -> ParsedColumn:
    """Nothing stands in for a code that is blank or unknown: the sign of the line would be a guess."""
    column = CLAIM_LINES.column("adjustment")
    # Not `replace_strict`, for which the engine would gather the whole column.
    words = pl.coalesce(pl.when(code(_ADJUSTMENT_CODE) == known).then(pl.lit(word)) for known, word in _ADJUSTMENTS)
    read = derived(column, words)
    rule = Rule("adjustment_unknown", "a blank or unknown adjustment type", value(column).is_null())
    return ParsedColumn(read.name, read.raw, read.value, read.final, (rule,))


def _is_cancellation() -> pl.Expr:
    return code(_ADJUSTMENT_CODE) == "1"


def _is_cancelled() -> pl.Expr:
    return code(_DISPOSITION) == _IS_CANCELLED


def _is_left_out() -> pl.Expr:
    """A claim that is neither of a clinician nor with DMEPOS, or that does not say."""
    return ~code(_CLAIM_TYPE).is_in(PROFESSIONAL_CLAIM_TYPES).fill_null(False)


def part_b_counts(plan: SourcePlan) -> list[pl.Expr]:
    """What is counted about CCLF5 lines beside what is counted about all."""
    return [
        *claim_counts(plan),
        *mark_counts(plan),
        *((plan.is_good & pl.col(name)).sum().cast(pl.Int64).alias(name) for name in _MARKS),
    ]


def part_b_findings(row: Counts, law: Law) -> Iterator[Finding]:
    """What the counts give to say."""
    yield from mark_findings(row, NAMES)
    table = CLAIM_LINES.name
    if count := row[_TWO_NPIS]:
        used = "PECOS" if law.assumed("rendering_npi") == "pecos" else "claim"
        yield finding("two_npis", table=table, count=count, used=used)
    if count := row[_LACKS_CONTROL_NUMBER]:
        words = f"{_CONTROL_NUMBER} is blank; {_VERSION} stands in"
        yield finding("counted_for_record", table=table, rule=words, count=count)
