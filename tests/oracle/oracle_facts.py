"""What a case holds: the rows of the inputs as plain facts, identifiers as text, money in cents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from .oracle_law import snapshot_date


@dataclass(frozen=True)
class Line:
    """One row per claim line as delivered; money in cents."""

    bene_id: str
    claim_id: str
    line_number: int
    adjustment: str
    processed_date: date | None
    claim_version: str | None
    npi: str | None
    tin: str | None
    hcpcs: str | None
    service_date: date
    setting: str
    is_denied: bool
    paid: int
    withheld: int
    excluded: int

    @property
    def natural_key(self) -> tuple[object, ...]:
        """What names a delivered line: bene, claim, line, adjustment, processed date, version."""
        return tuple(getattr(self, f.name) for f in fields(self)[:6])

    @property
    def family(self) -> tuple[object, ...]:
        """What an original, its cancellation and its replacement have in common."""
        claim = (self.claim_id, self.line_number, self.npi, self.tin)
        return (*claim, self.bene_id, self.service_date, self.hcpcs, self.setting)

    @property
    def sign(self) -> int:
        """Minus one for a cancellation, else one."""
        return -1 if self.adjustment == "cancellation" else 1

    @property
    def cents(self) -> int:
        """Signed net amount: paid + withheld - excluded (42 CFR 414.1450(b))."""
        return self.sign * (self.paid + self.withheld - self.excluded)


@dataclass(frozen=True)
class Entry:
    """One row per list entry."""

    apm_entity_id: str
    tin: str | None
    npi: str
    list_type: str
    start_date: date | None
    end_date: date | None


@dataclass(frozen=True)
class Span:
    """One row per beneficiary and coverage span; None in a fact is unknown."""

    start_date: date | None
    end_date: date | None
    birth_date: date | None
    death_date: date | None
    has_part_a: bool | None
    has_part_b: bool | None
    is_managed_care: bool | None
    is_medicare_secondary: bool | None
    is_us_resident: bool | None


@dataclass(frozen=True)
class AttributionRow:
    """One row per beneficiary on an entity's attribution list."""

    apm_entity_id: str
    start_date: date | None
    end_date: date | None
    is_prospective: bool
    episode_start_date: date | None
    episode_end_date: date | None


@dataclass(frozen=True)
class Entity:
    """One APM Entity; `em_codes` None is the default list."""

    apm_entity_id: str
    is_advanced: bool = True
    active_from: date | None = None
    active_to: date | None = None
    terminated_on: date | None = None
    bears_risk: bool = True
    is_episode_based: bool = False
    removes_prospective_elsewhere: bool = True
    is_mips_apm: bool = True
    em_codes: frozenset[str] | None = None


@dataclass(frozen=True)
class Case:
    """A world read; `spans` and `attribution` by beneficiary, `entities` by id."""

    year: int
    highest: int
    assume: Mapping[str, str]
    lines: Sequence[Line]
    entries: Sequence[Entry]
    spans: Mapping[str, Sequence[Span]]
    attribution: Mapping[str, Sequence[AttributionRow]]
    entities: Mapping[str, Entity]

    def day(self, snapshot: int) -> date:
        """The snapshot's last day."""
        return snapshot_date(self.year, snapshot)


def covers(span: Any, day: date) -> bool:
    """A null start or end is open; both days belong to the span."""
    return (span.start_date or date.min) <= day <= (span.end_date or date.max)
