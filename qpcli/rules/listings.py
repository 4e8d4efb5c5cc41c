"""Listings: one row per entity, list, TIN and NPI that is not ignored, with keys (42 CFR 414.1425(b)).

`is_in_k` tells that it is in the group of an entity that counts at snapshot k.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.numbering import Numbering
from qpcli.rules.snapshots import at, days_from, each
from qpcli.terms import ListType, Snapshot

BEYOND_THE_PERIOD = 400
"""A day after the last of the period: an APM that does not stop being tested."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The listings of a run, and how many code sets its entities attribute on.

    `submitted_tins`, `submitted_npis`: those for whom other payers' amounts were submitted.
    """

    listings: pl.LazyFrame
    numbering: Numbering
    em_set_count: int
    submitted_tins: tuple[str, ...] = ()
    submitted_npis: tuple[str, ...] = ()


def listings(entries: pl.LazyFrame, entities: pl.LazyFrame, numbering: Numbering, law: Law) -> pl.LazyFrame:
    """List entries that are not ignored, with keys and the facts of the entity."""
    first_day = law.period.first_day
    facts = entities.with_columns(
        from_day=days_from(first_day, pl.col("active_from")).fill_null(0).clip(lower_bound=0),
        to_day=days_from(first_day, pl.col("active_to")).fill_null(BEYOND_THE_PERIOD),
    ).drop("has_participation_list")
    return (
        entries.filter(~pl.col("is_ignored"))
        .join(facts, on="apm_entity_id")
        .join(numbering.clinicians.lazy(), on="npi")
        .join(numbering.tins.lazy(), on="tin", how="left")
        .with_columns(each(law, "is_in", lambda s: pl.col(at("is_member", s)) & pl.col(at("counts", s))))
    )


def members(listings: pl.LazyFrame, snapshot: Snapshot, *more: str) -> pl.LazyFrame:
    """One row per APM Entity and clinician in its group at a snapshot, and per value of the columns named beside."""
    is_participation = pl.col("list_type") == ListType.PARTICIPATION.value
    found = listings.filter(is_participation & pl.col(at("is_in", snapshot)))
    found = found.select("entity_key", "clinician_key", *more).unique()
    return found.with_columns(snapshot=pl.lit(snapshot.number, pl.Int64))
