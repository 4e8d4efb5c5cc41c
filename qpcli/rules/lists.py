"""Who is listed where, with keys: all that depends on neither a claim nor a beneficiary."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.regulation.code_lists import DEFAULT_SET
from qpcli.regulation.law import Law
from qpcli.rules import covered_services, groups, numbering, participation
from qpcli.rules.covered_services import ServiceCodes
from qpcli.rules.numbering import Numbering


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of a run.

    `entities`: one row per APM Entity with its key and whether it counts. `entries`: one row per list entry.
    `attributed_entities`: one row per APM Entity with attribution.
    `window_days`: days of the period on which some APM Entity starts or has ended active testing.
    """

    numbering: Numbering
    entities: pl.DataFrame
    entries: pl.DataFrame
    attributed_entities: pl.DataFrame
    codes: ServiceCodes
    window_days: tuple[int, ...]

    def listings(self, law: Law) -> pl.LazyFrame:
        """List entries that are not ignored, with keys and the facts of the entity."""
        return groups.listings(self.entries.lazy(), self.entities.lazy(), self.numbering, law)


def lists_of(
    participants: pl.DataFrame, given_entities: pl.DataFrame | None, attributed_entities: pl.DataFrame, law: Law
) -> Lists:
    """The lists of a run; `given_entities` None: every entity is taken as Advanced.

    `attributed_entities` has one row per entity with attribution.
    """
    listed = participants.lazy()
    assumed = participation.entities_assumed_advanced(listed)
    given = assumed if given_entities is None else given_entities.lazy()
    entities = participation.apm_entities(given, listed, law).collect()
    numbered = numbering.numbering(
        participants=participants, entities=entities, attributed_entities=attributed_entities
    )
    em_set_names = participation.em_set_names(entities, DEFAULT_SET)
    keyed = entities.join(numbered.entities, on="apm_entity_id")
    keyed = keyed.with_columns(participation.em_set(em_set_names, DEFAULT_SET))
    return Lists(
        numbering=numbered,
        entities=keyed,
        entries=participation.list_entries(listed, law).collect(),
        attributed_entities=attributed_entities,
        codes=covered_services.service_codes(law, em_set_names),
        window_days=participation.window_days(keyed, law),
    )
