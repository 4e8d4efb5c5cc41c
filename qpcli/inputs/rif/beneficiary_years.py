"""Yearly beneficiary files read: one row per beneficiary and reference year, with twelve of each monthly code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.fields import Fields
from qpcli.inputs.opened import ROW
from qpcli.inputs.parse import ParsedColumn, unreadable, value
from qpcli.inputs.plan import SourcePlan, make_plan
from qpcli.inputs.sources import Source
from qpcli.inputs.table_scan import planned_scan
from qpcli.request import ReadOptions
from qpcli.tables.schema import Column, Kind, Table

MONTHS = range(1, 13)
BUY_IN, MANAGED_CARE, COUNTY, CONTRACT = "buy_in", "managed_care", "county", "contract"
MANAGED_CARE_MONTHS, STATE, MBI = "managed_care_months", "state_code", "mbi"
_CHANGE = "change"
_FILE = "file"
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEPT", "OCT", "NOV", "DEC")

BENEFICIARY_YEARS = Table(
    name="beneficiaries",
    grain="One row per beneficiary and reference year, as delivered.",
    columns=(
        Column("bene_id", Kind.TEXT, "Beneficiary.", is_required=True, may_be_blank=False),
        Column("birth_date", Kind.DATE, "Date of birth.", is_required=True),
        Column("death_date", Kind.DATE, "Date of death."),
        Column("reference_year", Kind.INTEGER, "Year of the months.", is_required=True, may_be_blank=False),
    ),
)
_FIELDS = {
    "bene_id": ("BENE_ID",),
    "birth_date": ("BENE_BIRTH_DT",),
    "death_date": ("DEATH_DT", "BENE_DEATH_DT"),
    "reference_year": ("RFRNC_YR", "BENE_ENROLLMT_REF_YR"),
}


def month_column(what: str, month: int) -> str:
    """Name of a monthly code in the frame."""
    return f"{what}_{month}"


def read_years(sources: Sequence[Source], options: ReadOptions) -> TableRead:
    """The newest row of each beneficiary and year, with the monthly codes; raises QP202, QP203 or QP204."""
    plans = [_plan(source) for source in sources]
    scan = planned_scan(BENEFICIARY_YEARS, plans, options)
    delivered = [
        plan.with_rows()[0].filter(plan.is_good).with_columns(pl.lit(place).alias(_FILE))
        for place, plan in enumerate(plans)
    ]
    with scan.reading():
        rows, quality = pl.collect_all([pl.concat(delivered, how="diagonal"), scan.quality], engine="streaming")
    settled = scan.settle(quality.row(0, named=True))
    frame, superseded = _newest(rows)
    return TableRead(frame, settled.files, settled.rejects, (*settled.findings, *superseded))


def _plan(source: Source) -> SourcePlan:
    fields = Fields(source)
    columns = tuple(_column(fields, column) for column in BENEFICIARY_YEARS.columns)
    monthly = [
        fields.code(month_column(what, month), *names) for month in MONTHS for what, names in _monthly_names(month)
    ]
    others = (
        fields.code(MANAGED_CARE_MONTHS, "HMO_MO_CNT", "BENE_HMO_CVRAGE_TOT_MONS"),
        fields.code(STATE, "STATE_CODE"),
        fields.code(MBI, "MBI_NUM"),
        fields.code(_CHANGE, "DML_IND"),
    )
    return make_plan(BENEFICIARY_YEARS, source, (*columns, *monthly, *others))


def _column(fields: Fields, column: Column) -> ParsedColumn:
    read = fields.column(column, *_FIELDS[column.name])
    if column.name != "reference_year":
        return read
    is_no_year = ~value(column).is_between(1900, 2100).fill_null(True)
    rules = tuple(
        replace(rule, is_broken=rule.is_broken | is_no_year) if rule.name == unreadable(column).name else rule
        for rule in read.rules
    )
    return replace(read, rules=rules)


def _monthly_names(month: int) -> tuple[tuple[str, tuple[str, str]], ...]:
    """Both spellings of the monthly fields."""
    name = _MONTH_NAMES[month - 1]
    return (
        (BUY_IN, (f"MDCR_ENTLMT_BUYIN_{month}_IND", f"MDCR_ENTLMT_BUYIN_IND_{month:02}")),
        (MANAGED_CARE, (f"HMO_{month}_IND", f"HMO_IND_{month:02}")),
        (COUNTY, (f"FIPS_STATE_CNTY_{name}_CD", f"STATE_CNTY_FIPS_CD_{month:02}")),
        (CONTRACT, (f"PTC_CNTRCT_{name}_ID", f"PTC_CNTRCT_ID_{month:02}")),
    )


def _newest(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """The last row of each beneficiary and year, unless it deletes; earlier ones that say otherwise are counted."""
    key = ["bene_id", "reference_year"]
    facts = [name for name in rows.columns if name not in (_FILE, ROW, _CHANGE)]
    in_time = rows.sort(_FILE, ROW)
    newest = in_time.unique(key, keep="last", maintain_order=True)
    differing = in_time.join(newest, on=facts, how="anti", nulls_equal=True).height
    deleted = newest.filter(pl.col(_CHANGE) == "DELETE").height
    frame = newest.filter((pl.col(_CHANGE) != "DELETE").fill_null(True))
    count = differing + deleted
    return frame, [
        finding("replaced_lines", table=BENEFICIARY_YEARS.name, rule="reference year", count=count)
    ] if count else []
