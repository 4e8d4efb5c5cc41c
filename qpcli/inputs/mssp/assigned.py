"""Table 1-1 of an MSSP report: one row per assigned person, with the reasons of those who are excluded."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.attribution_rows import PlansRead, day_column, read_plans
from qpcli.inputs.fields import Fields, code
from qpcli.inputs.parse import RAW, VALUE, ParsedColumn
from qpcli.inputs.plan import IS_LEFT_OUT, SourcePlan, make_plan
from qpcli.inputs.sources import Source
from qpcli.request import ReadOptions
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.schema import Column, Kind, Table

FLAGS = tuple(f"enrollflag{month}" for month in range(1, 13))
_EXCLUDED = "excluded"
_IS_SET = ("1", "1.0", "Y", "TRUE")

ASSIGNED_PEOPLE = Table(
    name=ATTRIBUTION.name,
    grain="One row per assigned person, as delivered.",
    columns=(
        Column("bene_id", Kind.TEXT, "Beneficiary: MBI.", is_required=True, may_be_blank=False),
        Column("birth_date", Kind.DATE, "Date of birth."),
        Column("death_date", Kind.DATE, "Date of death."),
    ),
)
ASSIGNABLE_PEOPLE = Table(
    name=ATTRIBUTION.name,
    grain="One row per assignable person, as delivered.",
    columns=(ASSIGNED_PEOPLE.column("bene_id"),),
)


def assigned_plan(source: Source) -> SourcePlan:
    """The plan of a table 1-1; who is excluded is left out. Raises QP204 without a column of MBIs."""
    fields = Fields(source)
    reasons = [name for name in source.schema if name.lower().endswith(_EXCLUDED)]
    columns = (
        fields.column(ASSIGNED_PEOPLE.column("bene_id"), "BENE_MBI_ID"),
        day_column(fields, ASSIGNED_PEOPLE.column("birth_date"), "BENE_BRTH_DT"),
        day_column(fields, ASSIGNED_PEOPLE.column("death_date"), "BENE_DEATH_DT"),
        *(fields.code(name, name.upper()) for name in FLAGS),
        *(_mark(fields, name) for name in reasons),
    )
    left_out = pl.any_horizontal(pl.lit(False), *(_is_set(name.lower()) for name in reasons))
    return make_plan(ASSIGNED_PEOPLE, source, columns, left_out=left_out)


def assignable_plan(source: Source) -> SourcePlan:
    """The plan of a table 1-6; raises QP204 without a column of MBIs."""
    return make_plan(
        ASSIGNABLE_PEOPLE, source, (Fields(source).column(ASSIGNABLE_PEOPLE.column("bene_id"), "BENE_MBI_ID"),)
    )


def read_assigned(sources: Sequence[Source], options: ReadOptions) -> tuple[list[SourcePlan], PlansRead]:
    """Reads tables 1-1 whole; raises QP202, QP203, QP204 or QP208."""
    plans = [assigned_plan(source) for source in sources]
    return plans, read_plans(ASSIGNED_PEOPLE, plans, options)


def exclusions(frames: Sequence[pl.DataFrame]) -> list[Finding]:
    """People left out by reason, over all lists; who has two reasons counts under both."""
    counts: dict[str, int] = {}
    for rows in frames:
        left_out = rows.filter(pl.col(IS_LEFT_OUT))
        for name in (name for name in rows.columns if name.endswith(_EXCLUDED)):
            counts[name] = counts.get(name, 0) + int(left_out[name].sum())
    return [
        finding("rows_left_out", table=ATTRIBUTION.name, rule=f"{name} = 1", count=count)
        for name, count in counts.items()
        if count
    ]


def _mark(fields: Fields, name: str) -> ParsedColumn:
    """Whether an excluded column is set, under its name in small letters."""
    lower = name.lower()
    text = fields.text(name).str.to_uppercase().alias(RAW + lower)
    value = _is_set(lower).alias(VALUE + lower)
    return ParsedColumn(lower, text, value, pl.col(VALUE + lower).alias(lower))


def _is_set(name: str) -> pl.Expr:
    return code(name).is_in(_IS_SET).fill_null(False)
