"""Who is listed where, with keys: all that depends on neither a claim nor a beneficiary."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules import groups
from qpcli.rules.covered_services import ServiceCodes
from qpcli.rules.numbering import Numbering


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of a run.

    `entities`: one row per APM Entity with its key and whether it counts. `entries`: one row per list entry.
    `attributed_entities`: one row per APM Entity with attribution. `names`: one row per NPI with a name, for people.
    `window_days`: days of the period on which some APM Entity starts or has ended active testing.
    `everybody`: keys of every NPI and TIN of the claims, where the cells of all are kept; None where they are not.
    """

    numbering: Numbering
    entities: pl.DataFrame
    entries: pl.DataFrame
    attributed_entities: pl.DataFrame
    codes: ServiceCodes
    window_days: tuple[int, ...]
    names: pl.DataFrame
    everybody: Numbering | None = None

    @property
    def pairs(self) -> pl.LazyFrame:
        """One row per clinician and TIN that a list names together, on whatever days, by their keys."""
        named = self.entries.lazy().select("npi", "tin").unique()
        keyed = named.join(self.numbering.clinicians.lazy(), on="npi").join(self.numbering.tins.lazy(), on="tin")
        return keyed.select("clinician_key", "tin_key")

    def listings(self, law: Law) -> pl.LazyFrame:
        """List entries that are not ignored, with keys and the facts of the entity."""
        return groups.listings(self.entries.lazy(), self.entities.lazy(), self.numbering, law)
