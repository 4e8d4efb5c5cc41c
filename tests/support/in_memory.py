"""Runs qpcli's calculation on a World of plain rows, without files, and gives plain rows back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from qpcli import calculation
from qpcli.calculation import CanonicalTables, ClaimsShard, Results, Tallied
from qpcli.regulation.law import CodeRange, Law
from qpcli.regulation.resolve import resolve_law
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.beneficiaries import BENEFICIARIES
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.clinicians import CLINICIANS
from qpcli.tables.determinations import DETERMINATIONS
from qpcli.tables.entities import ENTITIES
from qpcli.tables.exclusions import EXCLUSIONS
from qpcli.tables.other_payer import OTHER_PAYER
from qpcli.tables.participants import PARTICIPANTS
from qpcli.tables.schema import Column, Kind, Table
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from tests.oracle.world import Row, World

DTYPES = {Kind.DATE: pl.Date, Kind.MONEY: pl.Int64, Kind.INTEGER: pl.Int64, Kind.BOOLEAN: pl.Boolean}


@dataclass(frozen=True)
class Outcome:
    """The result tables as plain rows: money in dollars, scores in percent; all-payer scores where submitted."""

    threshold_scores: list[dict[str, Any]]
    determinations: list[dict[str, Any]]
    clinicians: list[dict[str, Any]]
    exclusions: list[dict[str, Any]]
    results: Results
    all_payer_scores: list[dict[str, Any]] | None = None


def outcome_of(world: World) -> Outcome:
    """What qpcli makes of a world."""
    law = law_of(world)
    return outcome_of_tables(canonical_tables(world), law)


def outcome_of_tables(tables: CanonicalTables, law: Law) -> Outcome:
    """What qpcli makes of canonical tables."""
    results = calculation.results(tallied_of(tables, law), law)
    return Outcome(
        plain_rows(results.threshold_scores, THRESHOLD_SCORES),
        plain_rows(results.determinations, DETERMINATIONS),
        plain_rows(results.clinicians, CLINICIANS),
        plain_rows(results.exclusions, EXCLUSIONS),
        results,
        None if results.all_payer_scores is None else plain_rows(results.all_payer_scores, ALL_PAYER_SCORES),
    )


def tallied_of(tables: CanonicalTables, law: Law) -> Tallied:
    """The lists and the sums over all beneficiaries."""
    return calculation.tally(tables, calculation.lists(tables, law), law)


def law_of(world: World) -> Law:
    """The law of the world's year, up to its newest snapshot and with its own code sets."""
    law = resolve_law(performance_year=world.performance_year, assumptions=world.assumptions)
    own = {name: _code_set(codes) for name, codes in world.em_code_sets.items()}
    return replace(law, snapshots=law.snapshots[: max(world.snapshots)], em_code_sets={**law.em_code_sets, **own})


def _code_set(codes: Iterable[str]) -> tuple[CodeRange, ...]:
    return tuple(CodeRange(code, code, date(2017, 1, 1), None, "a test") for code in codes)


def canonical_tables(world: World) -> CanonicalTables:
    """The world's rows in canonical columns and types, as readers hand them over."""
    attribution = frame_of(ATTRIBUTION, world.attribution)
    lines = frame_of(CLAIM_LINES, world.claim_lines).lazy()
    return CanonicalTables(
        shards=(ClaimsShard(lines, frame_of(BENEFICIARIES, world.beneficiaries), attribution),),
        participants=frame_of(PARTICIPANTS, world.participants),
        entities=None if world.entities is None else frame_of(ENTITIES, world.entities),
        attributed_entities=attribution.select("apm_entity_id").unique(),
        other_payer=None if world.other_payer is None else frame_of(OTHER_PAYER, world.other_payer),
    )


def frame_of(table: Table, rows: Iterable[Row]) -> pl.DataFrame:
    """Rows as a canonical frame; an absent or blank value is the column's default."""
    rows = list(rows)
    columns = [column for column in table.columns if column.kind is not Kind.STATE]
    return pl.DataFrame(
        {canonical_name(column): [_value(column, row.get(column.name)) for row in rows] for column in columns},
        schema={canonical_name(column): DTYPES.get(column.kind, pl.String) for column in columns},
    )


def canonical_name(column: Column) -> str:
    return column.name.replace("_amount", "_cents") if column.kind is Kind.MONEY else column.name


def _value(column: Column, value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip() or None
    if value is None:
        value = column.default
    if value is None:
        return None
    if column.kind is Kind.MONEY:
        return int(Decimal(value) * 100)
    if column.kind is Kind.HCPCS:
        return value.upper()
    return str(value) if column.kind is Kind.CHOICE else value


def plain_rows(frame: pl.DataFrame, table: Table) -> list[dict[str, Any]]:
    """Rows with Decimal dollars and scores as floats with 4 decimals, columns in the table's order."""
    kinds = {column.name: column.kind for column in table.columns}
    return [{name: _plain(kinds[name], value) for name, value in row.items()} for row in frame.iter_rows(named=True)]


def _plain(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind is Kind.MONEY:
        return (Decimal(value) / 100).quantize(Decimal("0.01"))
    return value / 10_000 if kind is Kind.SCORE else value
