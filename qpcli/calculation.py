"""From canonical tables to result tables: the calculation of one run in the order of the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
from qpcli.rules.claim_lines import LineContext, lines_in_period
from qpcli.rules.group_people import PersonFacts
from qpcli.rules.groups import Groups
from qpcli.rules.numbering import UNLISTED_TIN, Numbering
from qpcli.rules.snapshots import at
from qpcli.tables.cells import CELLS
from qpcli.tables.exclusions import EXCLUSIONS
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from qpcli.terms import Level


@dataclass(frozen=True, slots=True)
class CanonicalTables:
    """What was read: claims lazily, good rows only; the lists as frames.

    `is_prepared`: the claims hold each version once, and `has_versions` marks lines that have several.
    `entities` is None when no entities file was given.
    """

    claim_lines: pl.LazyFrame
    beneficiaries: pl.DataFrame
    participants: pl.DataFrame
    attribution: pl.DataFrame
    entities: pl.DataFrame | None
    is_prepared: bool = False


@dataclass(frozen=True, slots=True)
class Scanned:
    """Lists with keys, and what one scan of the claims gave."""

    lists: Lists
    context: LineContext
    claims: CellsOfClaims


@dataclass(frozen=True, slots=True)
class Results:
    """The result tables, amounts in cents and scores in ten-thousandths of a percent, and the sums behind them.

    `attributed_people`: one row per APM Entity with a group, see attribution.failing_criteria and
    tallies.attributed_people_served.
    """

    threshold_scores: pl.DataFrame
    determinations: pl.DataFrame
    exclusions: pl.DataFrame
    attributed_people: pl.DataFrame
    unknown_facts: pl.DataFrame


def scan(tables: CanonicalTables, law: Law) -> Scanned:
    """Number the lists and scan the claims once."""
    tables = _with_billing_npis(tables, law)
    named = numbering.named_people(tables.beneficiaries, tables.attribution)
    only_in_claims = local.people_only_in_claims(tables.claim_lines, named)
    lists = Lists.of(tables, named, only_in_claims, law)
    context = _line_context(lists, law)
    parted = local.parted_as_prepared if tables.is_prepared else local.parted_by_hash
    return Scanned(lists, context, local.make_cells(parted(tables.claim_lines), context))


def _with_billing_npis(tables: CanonicalTables, law: Law) -> CanonicalTables:
    """Lists of TINs alone name the NPIs that bill under them in the period."""
    if not tables.participants["npi"].null_count():
        return tables
    tins = tables.participants.filter(pl.col("npi").is_null()).select("tin").unique()
    lines = lines_in_period(tables.claim_lines, law).join(tins.lazy(), on="tin", how="semi")
    named = participation.with_billing_npis(tables.participants.lazy(), lines)
    return replace(tables, participants=named.collect(engine="streaming"))


def score(scanned: Scanned, law: Law) -> Results:
    """Tally the cells, score every assessed group and determine every clinician."""
    assessed = _assessed_groups(scanned, law)
    facts = _person_facts(scanned.lists, law)
    tallied = local.tally(scanned.claims, assessed, scanned.context, facts)
    scores = _scores(tallied, assessed, scanned.lists.numbering, law)
    failing = attribution.failing_criteria(facts.attributed, facts.eligibility, law)
    return _results(scores, tallied, assessed, scanned.lists, failing, law)


@dataclass(frozen=True, slots=True)
class Lists:
    """Who is listed where, with keys."""

    numbering: Numbering
    entities: pl.DataFrame
    entries: pl.DataFrame
    attribution: pl.DataFrame
    beneficiaries: pl.DataFrame
    disagreements: pl.DataFrame
    em_set_names: tuple[str, ...]

    @classmethod
    def of(cls, tables: CanonicalTables, named: pl.DataFrame, only_in_claims: pl.DataFrame, law: Law) -> Lists:
        participants = tables.participants.lazy()
        assumed = participation.entities_assumed_advanced(participants)
        given = assumed if tables.entities is None else tables.entities.lazy()
        entities = participation.apm_entities(given, participants, law).collect()
        numbered = numbering.numbering(
            participants=tables.participants,
            attribution=tables.attribution,
            entities=entities,
            named=named,
            only_in_claims=only_in_claims,
        )
        em_set_names = participation.em_set_names(entities, DEFAULT_SET)
        keyed = entities.join(numbered.entities, on="apm_entity_id")
        beneficiaries = tables.beneficiaries.join(numbered.people, on="bene_id")
        listed_people = tables.attribution.join(numbered.people, on="bene_id")
        return cls(
            numbering=numbered,
            entities=keyed.with_columns(participation.em_set(em_set_names, DEFAULT_SET)),
            entries=participation.list_entries(participants, law).collect(),
            attribution=listed_people.join(numbered.entities, on="apm_entity_id"),
            beneficiaries=beneficiaries,
            disagreements=attribution_eligibility.facts_disagree(beneficiaries.lazy()).collect(),
            em_set_names=em_set_names,
        )

    def listings(self, law: Law) -> pl.LazyFrame:
        return groups.listings(self.entries.lazy(), self.entities.lazy(), self.numbering, law)


def _line_context(lists: Lists, law: Law) -> LineContext:
    episodes = attribution.episodes(lists.attribution.lazy(), lists.entities.lazy(), law)
    return LineContext(
        law=law,
        codes=covered_services.service_codes(law, lists.em_set_names),
        numbering=lists.numbering,
        window_days=participation.window_days(lists.entities, law),
        episodic_people=episodes.select("bene_key").unique().collect(),
    )


def _assessed_groups(scanned: Scanned, law: Law) -> Groups:
    """The groups of the year, collected: numbering of groups and lines is used by every part of the tally."""
    seen = scanned.claims.cells.lazy().select("clinician_key", "tin_key").unique()
    roster = groups.Roster(scanned.lists.listings(law), seen, scanned.lists.numbering)
    lazy = groups.assessed_groups(roster, law)
    frames = pl.collect_all([lazy.groups, lazy.lines, lazy.entities])
    return Groups(*[frame.lazy() for frame in frames])


def _person_facts(lists: Lists, law: Law) -> PersonFacts:
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
    scores: pl.DataFrame, tallied: Tallies, assessed: Groups, lists: Lists, failing: pl.LazyFrame, law: Law
) -> Results:
    numbered = lists.numbering
    is_entity = pl.col("level") == Level.APM_ENTITY.value
    is_assessed = pl.col(at("is_assessed", law.snapshots[-1]))
    entity_groups = assessed.groups.filter(is_entity & is_assessed).select("group_key", "entity_key")
    attributed = (
        entity_groups.join(tallied.attributed_people_served.lazy(), on="group_key", how="left")
        .join(failing, on="entity_key", how="left")
        .join(numbered.entities.lazy(), on="entity_key")
        .sort("apm_entity_id")
    )
    frames = pl.collect_all(
        [
            determinations.determinations(scores.lazy(), lists.listings(law), numbered, law),
            exclusions.exclusions(tallied.steps.lazy(), assessed.groups, numbered, law),
            attributed,
        ]
    )
    return Results(
        threshold_scores=scores.select(THRESHOLD_SCORES.column_names).sort(THRESHOLD_SCORES.keys),
        determinations=frames[0],
        exclusions=frames[1].select(EXCLUSIONS.column_names),
        attributed_people=frames[2],
        unknown_facts=tallied.unknown_facts,
    )


def named_cells(scanned: Scanned, law: Law) -> pl.DataFrame:
    """The cells with identifiers in place of keys, in the columns of CELLS; patient data."""
    numbered = scanned.lists.numbering
    first_day = pl.lit(law.period.first_day)
    named = (
        scanned.claims.cells.lazy()
        .filter((pl.col("line_count") != 0) | (pl.col("line_cents") != 0))
        .filter(pl.col("seen_snapshot") <= law.snapshots[-1].number)
        .join(numbered.clinicians.lazy(), on="clinician_key")
        .join(numbered.tins.lazy(), on="tin_key", how="left")
        .join(numbered.people.lazy(), on="bene_key")
        .rename(_CELL_NAMES)
        .with_columns(
            has_unlisted_tin=pl.col("tin_key") == UNLISTED_TIN,
            stretch_start=first_day + pl.duration(days=pl.col("day")),
        )
    )
    counts = ["snapshot", *[column.name for column in CELLS.columns if column.name.endswith("_count")]]
    in_order = named.with_columns(pl.col(counts).cast(pl.Int64)).select(CELLS.column_names)
    return in_order.sort(CELLS.column_names).collect()


_CELL_NAMES = {
    "seen_snapshot": "snapshot",
    "em_0_count": "em_count",
    "line_cents": "line_amount",
    "cps_cents": "cps_amount",
}
