"""Who is listed where, with keys: all that depends on neither a claim nor a beneficiary."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.rules.covered_services import ServiceCodes
from qpcli.rules.groups import Groups
from qpcli.rules.numbering import Numbering, clinician_tin
from qpcli.terms import Level


@dataclass(frozen=True, slots=True)
class OtherPayers:
    """What was submitted of other payers (42 CFR 414.1440).

    `submissions`: one row per level, subject, payer and snapshot. `billing`: one row per submitted TIN and NPI that
    billed under it in the period, with the first service date; empty where no claim is asked.
    """

    submissions: pl.DataFrame
    billing: pl.DataFrame

    def subjects(self, level: Level) -> tuple[str, ...]:
        """The subjects of a level, sorted."""
        named = self.submissions.filter(pl.col("level") == level.value).get_column("subject_id")
        return tuple(named.unique().sort().to_list())


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of a run.

    `entities`: one row per APM Entity with its key and whether it counts. `entries`: one row per list entry.
    `attributed_entities`: one row per APM Entity with attribution. `names`: one row per NPI with a name, for people.
    `listings`: those of the entries that are not ignored, with keys and the facts of the entity; `groups` are of them.
    `pairs`: each clinician and TIN that a list names together, on whatever days, as numbering.clinician_tin.
    `window_days`: days of the period on which some APM Entity starts or has ended active testing.
    `everybody`: keys of every NPI and TIN of the claims, where the cells of all are kept; None where they are not.
    `other_payers` is None when nothing was submitted.
    """

    numbering: Numbering
    entities: pl.DataFrame
    entries: pl.DataFrame
    attributed_entities: pl.DataFrame
    listings: pl.DataFrame
    groups: Groups
    codes: ServiceCodes
    window_days: tuple[int, ...]
    names: pl.DataFrame
    pairs: pl.Series
    everybody: Numbering | None = None
    other_payers: OtherPayers | None = None


def listed_pairs(entries: pl.LazyFrame, numbering: Numbering) -> pl.LazyFrame:
    """One row per clinician and TIN that a list names together: `pair`, see numbering.clinician_tin."""
    named = entries.select("npi", "tin").unique()
    keyed = named.join(numbering.clinicians.lazy(), on="npi").join(numbering.tins.lazy(), on="tin")
    return keyed.select(pair=clinician_tin())
