"""From canonical tables to result tables: the calculation of one run in the order of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

import polars as pl

from qpcli.engines import local
from qpcli.engines.line_cells import parted_as_prepared, parted_by_hash
from qpcli.engines.shard import Shard, TalliedShard, Tally
from qpcli.regulation.code_lists import DEFAULT_SET
from qpcli.regulation.law import Law
from qpcli.rules import (
    all_payer,
    clinicians,
    covered_services,
    determinations,
    exclusions,
    groups,
    numbering,
    participation,
    threshold_scores,
)
from qpcli.rules.claim_lines import CodedLines, lines_in_period
from qpcli.rules.entity_sets import EntitySets
from qpcli.rules.groups import Groups
from qpcli.rules.listings import Roster
from qpcli.rules.listings import listings as listings_of
from qpcli.rules.lists import Lists, OtherPayers, listed_pairs
from qpcli.rules.snapshots import at
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.tables.exclusions import EXCLUSIONS
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from qpcli.terms import Level


@dataclass(frozen=True, slots=True)
class ClaimsShard:
    """Claim lines of some beneficiaries and of no others, lazily, with their coverage and attribution.

    `coded`: the lines in numbers, where a prepared store has them; then the lines hold each version
    once, and `has_versions` marks those that have several.
    """

    claim_lines: pl.LazyFrame
    beneficiaries: pl.DataFrame
    attribution: pl.DataFrame
    coded: CodedLines | None = None


@dataclass(frozen=True, slots=True)
class CanonicalTables:
    """What was read: the shards, good rows only, and the lists as frames.

    `entities` is None when no entities file was given. `attributed_entities`: one row per APM Entity with
    attribution in some shard. `other_payer` is None when no payer was submitted.
    """

    shards: tuple[ClaimsShard, ...]
    participants: pl.DataFrame
    entities: pl.DataFrame | None
    attributed_entities: pl.DataFrame
    other_payer: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Tallied:
    """The lists with keys, and the sums over all beneficiaries."""

    lists: Lists
    tally: Tally


@dataclass(frozen=True, slots=True)
class Results:
    """The result tables, amounts in cents and scores in ten-thousandths of a percent, and the sums behind them.

    `all_payer_scores` is None where nothing was submitted of other payers.
    `attributed_people`: one row per APM Entity with a group, see attribution.failing_criteria and
    tallies.attributed_people_served.
    """

    threshold_scores: pl.DataFrame
    determinations: pl.DataFrame
    clinicians: pl.DataFrame
    exclusions: pl.DataFrame
    attributed_people: pl.DataFrame
    all_payer_scores: pl.DataFrame | None = None


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


Engine: TypeAlias = Callable[[Iterable[Shard], Lists, Law, Callable[[TalliedShard], None] | None], Tally]
"""Tallies shards; each tallied shard is shown to the last argument, where there is one."""


def tally(
    tables: CanonicalTables,
    listed: Lists,
    law: Law,
    keep: Callable[[TalliedShard], None] | None = None,
    engine: Engine = local.tally,
) -> Tallied:
    """Scan the claims once, shard by shard, and sum over the beneficiaries; each tallied shard is shown to `keep`."""
    return Tallied(listed, engine(_shards(tables.shards), listed, law, keep))


def of_shards(tables: CanonicalTables, shards: Iterable[ClaimsShard]) -> CanonicalTables:
    """The same run over some of its shards."""
    return replace(tables, shards=tuple(shards))


def _shards(shards: Iterable[ClaimsShard]) -> Iterable[Shard]:
    for shard in shards:
        lines, coded = shard.claim_lines, shard.coded
        parted = parted_by_hash(lines) if coded is None else parted_as_prepared(lines, coded)
        yield Shard(parted, shard.beneficiaries, shard.attribution)


def with_billing_npis(tables: CanonicalTables, law: Law) -> pl.DataFrame:
    """The participants table; a list of TINs alone has an entry per NPI that bills under them."""
    if not tables.participants["npi"].null_count():
        return tables.participants
    tins = tables.participants.filter(pl.col("npi").is_null()).select("tin").unique().lazy()
    lines = pl.concat([lines_in_period(shard.claim_lines, law).select("tin", "npi") for shard in tables.shards])
    named = participation.with_billing_npis(tables.participants.lazy(), lines.join(tins, on="tin", how="semi"))
    return named.collect(engine="streaming")


def results(tallied: Tallied, law: Law) -> Results:
    """Score every assessed group and determine every clinician."""
    listed = tallied.lists
    assessed = listed.groups
    sums = tallied.tally
    scores = scored_groups(sums.score_sums, assessed, listed, law)
    of_all_payers = _all_payer_scores(scores, listed, law)
    scores = threshold_scores.of_medicare_option(scores)
    listings = listed.listings.lazy()
    of_medicare = determinations.results_of_clinicians(scores, listings, law)
    every_result = of_medicare
    if of_all_payers is not None:
        better = determinations.all_payer_results(of_all_payers.lazy(), listings, law)
        every_result = pl.concat([of_medicare, better])
    determined = determinations.determinations(every_result, listings, listed.numbering, law)
    named_results = clinicians.with_identifiers(of_medicare, listed.numbering)
    frames = pl.collect_all(
        [
            scores.select(THRESHOLD_SCORES.column_names).sort(THRESHOLD_SCORES.keys),
            determined,
            clinicians.clinicians(determined, named_results, clinicians.listed_where(listings, law), listed.names),
            exclusions.exclusions(sums.steps.lazy(), assessed.groups, listed.numbering, law),
            _attributed_people(sums, listed, law),
        ],
        # Of groups and clinicians there are few beside lines: the streaming engine takes three times as long.
        engine="in-memory",
    )
    in_columns = None if of_all_payers is None else of_all_payers.select(ALL_PAYER_SCORES.column_names)
    excluded = frames[3].select(EXCLUSIONS.column_names)
    return Results(frames[0], frames[1], frames[2], excluded, frames[4], in_columns)


def _all_payer_scores(scores: pl.LazyFrame, listed: Lists, law: Law) -> pl.DataFrame | None:
    """The all-payer scores with their keys; None where nothing was submitted."""
    if listed.other_payers is None:
        return None
    listings = listed.listings.lazy()
    found = all_payer.all_payer_scores(scores, listings, listed.other_payers, listed.numbering, law)
    return found.sort(ALL_PAYER_SCORES.keys).collect()


def scored_groups(score_sums: pl.DataFrame, assessed: Groups, listed: Lists, law: Law) -> pl.LazyFrame:
    """One row per assessed group, snapshot and basis, in the columns of THRESHOLD_SCORES and with keys; collected."""
    scores = threshold_scores.threshold_scores(score_sums.lazy(), assessed.groups, listed.numbering, law)
    return threshold_scores.without_individuals_of_qp_entities(scores, assessed.entities, law).collect().lazy()


def _attributed_people(sums: Tally, listed: Lists, law: Law) -> pl.LazyFrame:
    is_entity = pl.col("level") == Level.APM_ENTITY.value
    is_assessed = pl.col(at("is_assessed", law.snapshots[-1]))
    entity_groups = listed.groups.groups.filter(is_entity & is_assessed).select("group_key", "entity_key")
    return (
        entity_groups.join(sums.attributed_people.lazy(), on="group_key", how="left")
        .join(sums.failing.lazy(), on="entity_key", how="left")
        .join(listed.numbering.entities.lazy(), on="entity_key")
        .sort("apm_entity_id")
    )
