"""From canonical tables to result tables: the calculation of one run in the order of the rules."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.engines import local
from qpcli.engines.local import CellsOfClaims, Tallies
from qpcli.regulation.code_lists import DEFAULT_SET
from qpcli.regulation.law import Law
from qpcli.rules import (
    attribution,
    attribution_eligibility,
    covered_services,
    determinations,
    exclusions,
    groups,
    numbering,
    participation,
    threshold_scores,
)
from qpcli.rules.claim_lines import LineContext
from qpcli.rules.groups import Groups
from qpcli.rules.numbering import Numbering
from qpcli.rules.tallies import PersonFacts
from qpcli.tables.exclusions import EXCLUSIONS
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from qpcli.watch import Watcher


@dataclass(frozen=True, slots=True)
class CanonicalTables:
    """What was read: claims lazily with one row of counts about their quality, the lists as frames.

    `entities` is None when no entities file was given.
    """

    claim_lines: pl.LazyFrame
    claim_quality: pl.LazyFrame
    beneficiaries: pl.DataFrame
    participants: pl.DataFrame
    attribution: pl.DataFrame
    entities: pl.DataFrame | None


@dataclass(frozen=True, slots=True)
class Calculated:
    """The result tables, amounts in cents and scores in ten-thousandths of a percent, and what findings ask about."""

    threshold_scores: pl.DataFrame
    determinations: pl.DataFrame
    exclusions: pl.DataFrame
    entities: pl.DataFrame
    entries: pl.DataFrame
    cells: CellsOfClaims
    tallies: Tallies
    removed_own_people: pl.DataFrame


def calculate(tables: CanonicalTables, law: Law, watcher: Watcher) -> Calculated:
    """Determine every clinician of the lists."""
    with watcher.step("lists"):
        lists = _Lists.of(tables, law)
    with watcher.step("claims"):
        context = _line_context(lists, law)
        made = local.make_cells(tables.claim_lines, tables.claim_quality, context)
    with watcher.step("scores"):
        assessed = _assessed_groups(lists, made, law)
        tallied = local.tally(made, assessed, context, _person_facts(lists, law))
        scores = _scores(tallied, assessed, lists.numbering, law)
    with watcher.step("determinations"):
        return _results(scores, tallied, assessed, lists, made, law)


@dataclass(frozen=True, slots=True)
class _Lists:
    """Who is listed where, with keys."""

    numbering: Numbering
    entities: pl.DataFrame
    entries: pl.DataFrame
    attribution: pl.DataFrame
    beneficiaries: pl.DataFrame
    em_set_names: tuple[str, ...]

    @classmethod
    def of(cls, tables: CanonicalTables, law: Law) -> _Lists:
        participants = tables.participants.lazy()
        given = participation.entities_assumed_advanced(participants) if tables.entities is None else tables.entities.lazy()
        entities = participation.apm_entities(given, participants, law).collect()
        numbered = numbering.numbering(
            participants=tables.participants,
            beneficiaries=tables.beneficiaries,
            attribution=tables.attribution,
            entities=entities,
        )
        em_set_names = participation.em_set_names(entities, DEFAULT_SET)
        keyed = entities.join(numbered.entities, on="apm_entity_id")
        return cls(
            numbering=numbered,
            entities=keyed.with_columns(participation.em_set(em_set_names, DEFAULT_SET)),
            entries=participation.list_entries(participants, law).collect(),
            attribution=tables.attribution.join(numbered.entities, on="apm_entity_id").join(numbered.people, on="bene_id"),
            beneficiaries=tables.beneficiaries.join(numbered.people, on="bene_id"),
            em_set_names=em_set_names,
        )

    def listings(self, law: Law) -> pl.LazyFrame:
        return groups.listings(self.entries.lazy(), self.entities.lazy(), self.numbering, law)


def _line_context(lists: _Lists, law: Law) -> LineContext:
    episodes = attribution.episodes(lists.attribution.lazy(), lists.entities.lazy(), law)
    return LineContext(
        law=law,
        codes=covered_services.service_codes(law, lists.em_set_names),
        numbering=lists.numbering,
        window_days=participation.window_days(lists.entities, law),
        episodic_people=episodes.select("bene_key").unique().collect(),
    )


def _assessed_groups(lists: _Lists, made: CellsOfClaims, law: Law) -> Groups:
    seen = made.cells.lazy().select("clinician_key", "tin_key").unique()
    delivered = made.delivered.lazy().select("clinician_key", "tin_key").unique()
    tins = pl.concat([seen, delivered]).unique()
    roster = groups.Roster(lists.listings(law), tins, lists.numbering)
    lazy = groups.assessed_groups(roster, law)
    collected = pl.collect_all([lazy.groups, lazy.lines, lazy.entities])
    return Groups(*[frame.lazy() for frame in collected])


def _person_facts(lists: _Lists, law: Law) -> PersonFacts:
    listed, entities = lists.attribution.lazy(), lists.entities.lazy()
    frames = pl.collect_all(
        [
            attribution_eligibility.eligibility(lists.beneficiaries.lazy(), law),
            attribution.attributed_people(listed, entities, law),
            attribution.episodes(listed, entities, law),
            attribution.prospective_people(listed, law),
        ]
    )
    eligibility, attributed, episodes, prospective = (frame.lazy() for frame in frames)
    return PersonFacts(eligibility, attributed, episodes, prospective, has_episodes=frames[2].height > 0)


def _scores(tallied: Tallies, assessed: Groups, numbered: Numbering, law: Law) -> pl.DataFrame:
    scores = threshold_scores.threshold_scores(tallied.score_sums.lazy(), assessed.groups, numbered, law)
    return threshold_scores.without_individuals_of_qp_entities(scores, assessed.entities, law).collect()


def _results(
    scores: pl.DataFrame, tallied: Tallies, assessed: Groups, lists: _Lists, made: CellsOfClaims, law: Law
) -> Calculated:
    numbered = lists.numbering
    determined = determinations.determinations(scores.lazy(), lists.listings(law), numbered, law)
    steps = exclusions.exclusions(tallied.steps.lazy(), assessed.groups, numbered, law)
    removed = tallied.removed_own_people.lazy().join(assessed.groups, on="group_key")
    removed = removed.join(numbered.entities.lazy(), on="entity_key").select("apm_entity_id", "level", "removed_count")
    frames = pl.collect_all([determined, steps, removed])
    return Calculated(
        threshold_scores=scores.select(THRESHOLD_SCORES.column_names).sort(THRESHOLD_SCORES.keys),
        determinations=frames[0],
        exclusions=frames[1].select(EXCLUSIONS.column_names),
        entities=lists.entities,
        entries=lists.entries,
        cells=made,
        tallies=tallied,
        removed_own_people=frames[2],
    )
