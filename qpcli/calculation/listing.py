"""The lists of a run with keys: who is on them, in which groups, and what codes and windows they ask for."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from qpcli.calculation.tables import CanonicalTables
from qpcli.regulation.code_lists import DEFAULT_SET
from qpcli.regulation.law import Law
from qpcli.rules import clinicians, covered_services, groups, numbering, participation
from qpcli.rules.claim_lines import lines_in_period
from qpcli.rules.entity_sets import EntitySets
from qpcli.rules.groups import Groups
from qpcli.rules.listings import Roster
from qpcli.rules.listings import listings as listings_of
from qpcli.rules.lists import Lists, OtherPayers, listed_pairs
from qpcli.terms import Level


def lists(tables: CanonicalTables, law: Law, *, keeps_everybody: bool = False) -> Lists:
    """The lists with keys; lists of TINs alone name the NPIs that bill under them.

    `keeps_everybody`: every NPI and TIN of the claims gets a key too, in a numbering of its own.
    """
    participants = with_billing_npis(tables, law)
    entities = apm_entities(participants, tables.entities, law)
    numbered = numbering.numbering(
        participants=participants, entities=entities, attributed_entities=tables.attributed_entities
    )
    submitted = None if tables.other_payer is None else _other_payers(tables, tables.other_payer, law)
    listed = keyed_lists(numbered, participants, entities, tables.attributed_entities, law, submitted)
    return replace(listed, everybody=_everybody(tables, participants, law)) if keeps_everybody else listed


def keyed_lists(
    numbered: numbering.Numbering,
    participants: pl.DataFrame,
    entities: pl.DataFrame,
    attributed_entities: pl.DataFrame,
    law: Law,
    other_payers: OtherPayers | None = None,
) -> Lists:
    """The lists with the keys given; `entities` as `apm_entities` returns them."""
    em_set_names = participation.em_set_names(entities, DEFAULT_SET)
    keyed = entities.join(numbered.entities, on="apm_entity_id")
    keyed = keyed.with_columns(participation.em_set(em_set_names, DEFAULT_SET))
    entries = participation.list_entries(participants.lazy(), law).collect()
    listings = listings_of(entries.lazy(), keyed.lazy(), numbered, law).collect()
    subjects = {level: () if other_payers is None else other_payers.subjects(level) for level in Level}
    roster = Roster(listings.lazy(), numbered, len(em_set_names), subjects[Level.TIN], subjects[Level.NPI])
    return Lists(
        numbering=numbered,
        entities=keyed,
        entries=entries,
        attributed_entities=attributed_entities,
        listings=listings,
        groups=collected_groups(groups.assessed_groups(roster, law)),
        codes=covered_services.service_codes(law, em_set_names),
        window_days=participation.window_days(keyed, law),
        names=clinicians.clinician_names(participants.lazy()).collect(),
        pairs=listed_pairs(entries.lazy(), numbered).collect().to_series(),
        other_payers=other_payers,
    )


def collected_groups(lazy: Groups) -> Groups:
    """The same groups worked out: whoever uses them several times wants them once."""
    frames = [lazy.groups, lazy.lines, lazy.entities, lazy.sets.set_of_group, lazy.sets.entities]
    collected = pl.collect_all(frames, engine="in-memory")
    of_year, lines, entities, set_of_group, of_sets = (frame.lazy() for frame in collected)
    return Groups(of_year, lines, entities, EntitySets(set_of_group, of_sets), lazy.key_bound)


def _everybody(tables: CanonicalTables, participants: pl.DataFrame, law: Law) -> numbering.Numbering:
    """Keys of every NPI and TIN of the lists and of the claims."""
    lines = pl.concat(
        [lines_in_period(shard.claim_lines, law).select("tin", "npi").unique() for shard in tables.shards]
    )
    seen = lines.unique().drop_nulls("npi").collect(engine="streaming")
    nowhere = seen.with_columns(apm_entity_id=pl.lit(None, pl.String))
    named = pl.concat([participants.select(nowhere.columns), nowhere])
    return numbering.numbering(participants=named, entities=named.clear(), attributed_entities=named.clear())


def _other_payers(tables: CanonicalTables, submissions: pl.DataFrame, law: Law) -> OtherPayers:
    """The submissions, and who billed under the submitted TINs, where that is asked (all_payer_tin_clinicians)."""
    nothing = pl.DataFrame(schema={"tin": pl.String, "npi": pl.String, "first_date": pl.Date})
    submitted = OtherPayers(submissions, nothing)
    tins = submitted.subjects(Level.TIN)
    if not tins or law.assumed("all_payer_tin_clinicians") == "listed":
        return submitted
    lines = pl.concat(
        [lines_in_period(shard.claim_lines, law).select("tin", "npi", "service_date") for shard in tables.shards]
    )
    billed = lines.filter(pl.col("tin").is_in(tins), pl.col("npi").is_not_null()).group_by("tin", "npi")
    return replace(submitted, billing=billed.agg(first_date=pl.col("service_date").min()).collect(engine="streaming"))


def apm_entities(participants: pl.DataFrame, given: pl.DataFrame | None, law: Law) -> pl.DataFrame:
    """One row per APM Entity: its kind and whether it counts; `given` None: all are taken as Advanced."""
    listed = participants.lazy()
    entities = participation.entities_assumed_advanced(listed) if given is None else given.lazy()
    return participation.apm_entities(entities, listed, law).collect()


def with_billing_npis(tables: CanonicalTables, law: Law) -> pl.DataFrame:
    """The participants table; a list of TINs alone has an entry per NPI that bills under them."""
    if not tables.participants["npi"].null_count():
        return tables.participants
    tins = tables.participants.filter(pl.col("npi").is_null()).select("tin").unique().lazy()
    lines = pl.concat([lines_in_period(shard.claim_lines, law).select("tin", "npi") for shard in tables.shards])
    named = participation.with_billing_npis(tables.participants.lazy(), lines.join(tins, on="tin", how="semi"))
    return named.collect(engine="streaming")
