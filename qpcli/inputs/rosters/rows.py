"""Rows of a participant list -> participants: which are left out, which are worth a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from qpcli.inputs.fields import Fields, code, derived, literal
from qpcli.inputs.list_dates import list_date
from qpcli.inputs.parse import RAW, VALUE, ParsedColumn, absent, value
from qpcli.inputs.plan import COUNTED, SourcePlan, make_plan
from qpcli.inputs.rosters.names import CCN, DROPPED_REASON, NPI, ORGANIZATION_NPI, PROVIDER_TYPE, TIN_STATUS
from qpcli.inputs.rosters.tidy import Roster
from qpcli.inputs.sources import Source
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.participants import PARTICIPANTS
from qpcli.tables.schema import Column
from qpcli.terms import ListType

_MARKS = {
    "is_preferred": "preferred_left_out:Provider Type",
    "is_organization": "rows_left_out:they name an organization and no individual NPI",
    "is_over": "rows_left_out:they end before the list date",
    "is_not_active": "counted_for_record:have a Dropped reason or a TIN Status other than active; their dates decide",
    "has_other_type": "counted_for_record:have a Provider Type of another name and count as participants",
}
"""Mark of a row -> the finding that it gives."""
_CODES = (PROVIDER_TYPE, DROPPED_REASON, TIN_STATUS, ORGANIZATION_NPI, CCN)


@dataclass(frozen=True, slots=True)
class Told:
    """What a list does not say itself and holds for all its rows; `dates` are the days on which it is valid."""

    apm_entity_id: str | None
    dates: tuple[date, date] | None
    list_type: ListType


def roster_plan(roster: Roster, told: Told, options: ReadOptions, law: Law) -> SourcePlan:
    """How a tidied list is read; raises QP204 without a column of TINs."""
    fields = Fields(Source((roster.file,), roster.file.columns))
    codes = [_code(fields, roster, name) for name in _CODES]
    marks = _marks(law, told.dates, has_only_tins=roster.has_only_tins)
    left_out = marks["is_preferred"] | marks["is_organization"] | marks["is_over"]
    flags = [_flag(name, mark) for name, mark in marks.items()]
    columns = [_column(fields, roster, column, told, options) for column in PARTICIPANTS.columns]
    return make_plan(
        PARTICIPANTS,
        fields.source,
        (*columns, *codes, *flags),
        unused=roster.columns.unused,
        left_out=left_out,
    )


def roster_counts(plan: SourcePlan) -> Sequence[pl.Expr]:
    """Rows per mark, under the names of their findings."""
    names = {column.name for column in plan.columns}
    return [pl.col(mark).sum().cast(pl.Int64).alias(COUNTED + found) for mark, found in _MARKS.items() if mark in names]


def _code(fields: Fields, roster: Roster, role: str) -> ParsedColumn:
    name = roster.column(role)
    return fields.code(role) if name is None else fields.code(role, name)


def _flag(name: str, mark: pl.Expr) -> ParsedColumn:
    """A mark may look at values that are read, so it is made after them."""
    nothing = pl.lit(None)
    return ParsedColumn(name, nothing.alias(RAW + name), nothing.alias(VALUE + name), mark.alias(name))


def _marks(law: Law, dates: tuple[date, date] | None, *, has_only_tins: bool) -> dict[str, pl.Expr]:
    """Booleans without null, each row with at most one of those that leave it out."""
    is_preferred = _starts(PROVIDER_TYPE, "PREFERRED") & pl.lit(law.assumed("reach_preferred") == "exclude")
    has_no_npi = pl.col(RAW + NPI).is_null() & pl.lit(not has_only_tins)
    is_organization = has_no_npi & (code(ORGANIZATION_NPI).is_not_null() | code(CCN).is_not_null()) & ~is_preferred
    is_over = pl.lit(False)
    if dates is not None:
        ends_before = (value(PARTICIPANTS.column("end_date")) < dates[0]).fill_null(False)
        is_over = ends_before & ~is_preferred & ~is_organization
    is_used = ~(is_preferred | is_organization | is_over)
    is_status_other = code(TIN_STATUS).is_not_null() & ~_starts(TIN_STATUS, "ACTIVE")
    is_other_type = code(PROVIDER_TYPE).is_not_null() & ~_starts(PROVIDER_TYPE, "PARTICIPANT", "PREFERRED")
    return {
        "is_preferred": is_preferred,
        "is_organization": is_organization,
        "is_over": is_over,
        "is_not_active": (code(DROPPED_REASON).is_not_null() | is_status_other) & is_used,
        "has_other_type": is_other_type & is_used,
    }


def _starts(role: str, *words: str) -> pl.Expr:
    return pl.any_horizontal(code(role).str.starts_with(word) for word in words).fill_null(False)


def _column(fields: Fields, roster: Roster, column: Column, told: Told, options: ReadOptions) -> ParsedColumn:
    name = roster.column(column.name)
    if column.name in ("start_date", "end_date"):
        return _date(fields, name, column, told, options)
    if column.name == "apm_entity_id" and told.apm_entity_id is not None:
        return literal(column, told.apm_entity_id)
    if column.name == "list_type":
        column = replace(column, default=told.list_type.value)
    if column.name == NPI and roster.has_only_tins:
        return absent(column)
    return absent(column) if name is None and not column.is_required else fields.column(column, name or column.name)


def _date(fields: Fields, name: str | None, column: Column, told: Told, options: ReadOptions) -> ParsedColumn:
    """A day of the list; a list without start dates is valid on the days told only."""
    if told.dates is not None and column.name == "start_date":
        return derived(column, pl.lit(told.dates[0]))
    read = absent(column) if name is None else list_date(column, fields.text(name), options.date_format)
    if told.dates is None:
        return read
    return replace(read, final=pl.min_horizontal(read.final, pl.lit(told.dates[1])).alias(read.name))
