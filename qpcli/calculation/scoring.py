"""Every assessed group scored, every clinician determined, in the order of the rules."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.calculation.summing import Tallied
from qpcli.engines.shard import Tally
from qpcli.regulation.law import Law
from qpcli.rules import all_payer, clinicians, determinations, exclusions, threshold_scores
from qpcli.rules.groups import Groups
from qpcli.rules.lists import Lists
from qpcli.rules.snapshots import at
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.tables.exclusions import EXCLUSIONS
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from qpcli.terms import Level


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
