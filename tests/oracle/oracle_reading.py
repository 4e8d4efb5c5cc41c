"""The inputs read: text stripped, defaults filled in, duplicates collapsed (data.md, section 1)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from .oracle_facts import AttributionRow, Case, Entity, Entry, Line, Span
from .oracle_law import ALL_PAYER_OPEN_POINTS, OPEN_POINTS
from .world import Row, World


class DuplicateConflict(Exception):  # noqa: N818 (the spec's word)
    """Two claim lines share the natural key and differ otherwise."""


def read(world: World) -> Case:
    """Read a world."""
    entries = [_entry(row) for row in world.participants]
    attribution = _by_beneficiary(world.attribution, _attribution_row)
    named = {row.apm_entity_id for rows in attribution.values() for row in rows} | {e.apm_entity_id for e in entries}
    given = [_entity(row, world) for row in world.entities or ()]
    return Case(
        year=world.performance_year,
        highest=max(world.snapshots),
        assume=_assumptions(world.assumptions),
        lines=_without_duplicates(_line(row) for row in world.claim_lines),
        entries=entries,
        spans=_by_beneficiary(world.beneficiaries, _span),
        attribution=attribution,
        entities={id_: Entity(id_) for id_ in named} | {entity.apm_entity_id: entity for entity in given},
    )


def _assumptions(given: Mapping[str, str]) -> dict[str, str]:
    points = OPEN_POINTS | ALL_PAYER_OPEN_POINTS
    for name, value in given.items():
        if value not in points[name] and name != "claims_run_out_days":
            raise ValueError(f"{name} has no value {value}")
    return {name: values[0] for name, values in points.items()} | dict(given)


def _without_duplicates(lines: Iterable[Line]) -> list[Line]:
    """Rows equal in everything collapse; equal in the natural key only is a conflict."""
    by_key: dict[tuple[object, ...], Line] = {}
    for line in lines:
        if by_key.setdefault(line.natural_key, line) != line:
            raise DuplicateConflict
    return list(by_key.values())


def _by_beneficiary(rows: Sequence[Row], reader: Any) -> dict[str, list[Any]]:
    found = defaultdict(list)
    for row in rows:
        found[_text(row, "bene_id")].append(reader(row))
    return dict(found)


def _text(row: Row, column: str) -> Any:
    """Stripped text; blank is None."""
    return (row.get(column) or "").strip() or None


def _tin(row: Row) -> str | None:
    """A shorter TIN of digits only is filled with zeros; any other form stays as it is."""
    tin: str | None = _text(row, "tin")
    return tin.zfill(9) if tin and re.fullmatch("[0-9]+", tin) else tin


def _or(row: Row, column: str, default: Any) -> Any:
    value = row.get(column)
    return default if value is None else value


def _cents(row: Row, column: str, *, is_cancellation: bool) -> int:
    cents = _or(row, column, Decimal(0)) * 100
    assert cents == int(cents)
    return abs(int(cents)) if is_cancellation else int(cents)


def _line(row: Row) -> Line:
    adjustment = _text(row, "adjustment") or "original"
    cancels = adjustment == "cancellation"
    hcpcs = _text(row, "hcpcs")
    return Line(
        bene_id=_text(row, "bene_id"),
        claim_id=_text(row, "claim_id"),
        line_number=row["line_number"],
        adjustment=adjustment,
        processed_date=row.get("processed_date"),
        claim_version=_text(row, "claim_version"),
        npi=_text(row, "npi"),
        tin=_tin(row),
        hcpcs=hcpcs and hcpcs.upper(),
        service_date=row["service_date"],
        setting=_text(row, "setting") or "professional",
        is_denied=_or(row, "is_denied", False),
        paid=_cents(row, "paid_amount", is_cancellation=cancels),
        withheld=_cents(row, "withheld_amount", is_cancellation=cancels),
        excluded=_cents(row, "excluded_amount", is_cancellation=cancels),
    )


def _entry(row: Row) -> Entry:
    list_type = _text(row, "list_type") or "participation"
    who = (_text(row, "apm_entity_id"), _tin(row), _text(row, "npi"))
    return Entry(*who, list_type, row.get("start_date"), row.get("end_date"))


def _span(row: Row) -> Span:
    return Span(*(row.get(f.name) for f in fields(Span)))


def _attribution_row(row: Row) -> AttributionRow:
    return AttributionRow(
        apm_entity_id=_text(row, "apm_entity_id"),
        start_date=row.get("start_date"),
        end_date=row.get("end_date"),
        is_prospective=_or(row, "is_prospective", False),
        episode_start_date=row.get("episode_start_date"),
        episode_end_date=row.get("episode_end_date"),
    )


def _entity(row: Row, world: World) -> Entity:
    code_set = _text(row, "em_code_set")
    return Entity(
        apm_entity_id=_text(row, "apm_entity_id"),
        is_advanced=_or(row, "is_advanced", True),
        active_from=row.get("active_from"),
        active_to=row.get("active_to"),
        terminated_on=row.get("terminated_on"),
        bears_risk=_or(row, "bears_risk", True),
        is_episode_based=_or(row, "is_episode_based", False),
        removes_prospective_elsewhere=_or(row, "removes_prospective_elsewhere", True),
        is_mips_apm=_or(row, "is_mips_apm", True),
        em_codes=code_set and frozenset(code.strip().upper() for code in world.em_code_sets[code_set]),
    )
