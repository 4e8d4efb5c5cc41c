"""Which column of a participant list is what, by the many names that lists use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qpcli.inputs.list_tables import IsHeader, plain_name

TIN, NPI = "tin", "npi"
SOLE_PROPRIETOR, SOLE_PROPRIETOR_TIN = "sole_proprietor", "sole_proprietor_tin"
FIRST_NAME, LAST_NAME = "first_name", "last_name"
ORGANIZATION_NPI, CCN = "organization_npi", "ccn"
PROVIDER_TYPE, DROPPED_REASON, TIN_STATUS = "provider_type", "dropped_reason", "tin_status"

_ALIASES: dict[str, tuple[str, ...]] = {
    TIN: ("tin", "billing tin", "base provider tin", "participant tin"),
    NPI: ("npi", "individual npi", "individual npi(s)", "rendering npi", "provider npi"),
    "start_date": ("start date", "start", "effective start date", "effective date"),
    "end_date": ("end date", "end", "effective end date", "termination date"),
    "apm_entity_id": ("apm entity id", "apm entity", "entity id", "aco id"),
    "list_type": ("list type",),
    "apm_id": ("apm id",),
    "clinician_name": ("clinician name",),
    "specialty": ("specialty",),
    FIRST_NAME: ("first name", "individual first name"),
    LAST_NAME: ("last name", "individual last name"),
    SOLE_PROPRIETOR: ("sole proprietor",),
    SOLE_PROPRIETOR_TIN: ("sole proprietor tin",),
    ORGANIZATION_NPI: ("organization npi", "organizational npi", "facility npi"),
    CCN: ("ccn", "facility ccn"),
    PROVIDER_TYPE: ("provider type",),
    DROPPED_REASON: ("dropped reason",),
    TIN_STATUS: ("tin status",),
}
_ENTITY_ID = re.compile(r"(?<![A-Za-z0-9])(?:[ADKC][0-9]{4}|P[0-9]{6}|F[0-9]{3})(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class RosterColumns:
    """What a list has: role -> the list's columns that could be meant, and its columns that are not used."""

    found: Mapping[str, tuple[str, ...]]
    unused: tuple[str, ...]

    def of(self, role: str) -> tuple[str, ...]:
        return self.found.get(role, ())


def is_roster_header(names: Sequence[str]) -> bool:
    """Whether these could be the columns of a participant list: one of them is that of TINs or NPIs."""
    known = set(map(plain_name, (*_ALIASES[TIN], *_ALIASES[NPI])))
    return any(plain_name(name) in known for name in names)


def header_test(user_names: Mapping[str, str]) -> IsHeader:
    """As `is_roster_header`, where the user's own names for the two count too."""
    own = {user_names[role].casefold() for role in (TIN, NPI) if role in user_names}
    return lambda names: is_roster_header(names) or any(name.casefold() in own for name in names)


def match_roster(names: Sequence[str], user_names: Mapping[str, str]) -> RosterColumns:
    """The columns of each role: the user's name for it, else every alias in the order of the aliases."""
    found: dict[str, tuple[str, ...]] = {}
    for role, aliases in _ALIASES.items():
        own = user_names.get(role, "").casefold()
        chosen = tuple(name for name in names if name.casefold() == own)
        found[role] = chosen or tuple(
            name for alias in aliases for name in names if plain_name(name) == plain_name(alias)
        )
    used = {name for columns in found.values() for name in columns}
    return RosterColumns(found, tuple(name for name in names if name not in used))


def entity_id_in(file_name: str) -> str | None:
    """The APM Entity's id in the name of a file or of its archive, where there is one only."""
    for part in reversed(file_name.split("/")):
        ids = set(_ENTITY_ID.findall(part))
        if ids:
            return ids.pop() if len(ids) == 1 else None
    return None
