"""One shard tallied: a pure function of its claims, its beneficiaries and the lists; tallies of shards add up.

The claims are scanned once for cells, and the cells are tallied part by part of the beneficiaries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import ceil

import polars as pl

from qpcli.engines.line_cells import CellsOfClaims, PartedLines, make_cells, off_list_counts
from qpcli.regulation.law import Law
from qpcli.rules import (
    attribution,
    attribution_eligibility,
    eligible_people,
    exclusions,
    group_people,
    numbering,
    service_days,
    tallies,
)
from qpcli.rules.claim_lines import CodedLines, LineContext, people_of_listed
from qpcli.rules.group_people import PersonFacts
from qpcli.rules.groups import Groups, lines_of_groups
from qpcli.rules.lists import Lists
from qpcli.rules.numbering import KEY, People

CELLS_PER_PART = 4_000_000
"""Beneficiaries are tallied in parts of about this many cells, so that memory does not grow with the shard."""


@dataclass(frozen=True, slots=True)
class Shard:
    """All that is known of some beneficiaries, and of no others: claim lines lazily, coverage, attribution."""

    lines: PartedLines
    beneficiaries: pl.DataFrame
    attribution: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over beneficiaries; tallies of disjoint beneficiaries add up (see `added`).

    `score_sums` and `steps`: one row per group. `attributed_people`: one row per group, of the attributed people
    it served. `failing`: one row per APM Entity, of its attributed people. `counts`: one row, for findings.
    """

    score_sums: pl.DataFrame
    steps: pl.DataFrame
    attributed_people: pl.DataFrame
    failing: pl.DataFrame
    counts: pl.DataFrame


KEYS = {"score_sums": "group_key", "steps": "group_key", "attributed_people": "group_key", "failing": "entity_key"}
"""The key of each frame of a tally; `counts` has none."""


def added(parts: list[Tally]) -> Tally:
    """The tally of all beneficiaries from those of disjoint ones."""
    sums = {name: tallies.added([getattr(part, name) for part in parts], [key]).collect() for name, key in KEYS.items()}
    return Tally(**sums, counts=pl.concat([part.counts for part in parts]).sum())


@dataclass(frozen=True, slots=True)
class TalliedShard:
    """A tally, and what it came from: cells, whose beneficiaries `people` names, and what is known of these.

    `cells` are those of everybody where the lists number everybody. `eligibility` and `attribution` have the key
    `bene_key`: see attribution_eligibility.eligibility, and the attribution table. `service_days`: see the rule of
    that name; without rows where nothing is to be kept.
    """

    tally: Tally
    cells: pl.DataFrame
    people: pl.DataFrame
    eligibility: pl.DataFrame
    attribution: pl.DataFrame
    service_days: pl.DataFrame


def summed(shards: Iterable[TalliedShard], keep: Callable[[TalliedShard], None] | None) -> Tally:
    """The tally of all shards as they come; each is shown to `keep`, if given, before it is forgotten."""
    parts = []
    for tallied in shards:
        if keep is not None:
            keep(tallied)
        parts.append(tallied.tally)
    return added(parts)


def tally_shard(shard: Shard, lists: Lists, law: Law, *, keeps: bool = False) -> TalliedShard:
    """Scan and tally one shard; `keeps`: what a run keeps for later questions takes scans of its own."""
    keyed = _keyed(shard, lists, law)
    made = make_cells(shard.lines, keyed.context)
    facts = _person_facts(keyed, lists, law)
    tally = _tally(made, keyed, facts)
    cells, days = _kept(shard.lines, made, keyed.context) if keeps else (made.cells, pl.DataFrame())
    return TalliedShard(tally, cells, keyed.context.people.frame, facts.eligibility.collect(), keyed.attribution, days)


def _kept(lines: PartedLines, made: CellsOfClaims, context: LineContext) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells and service days of the listed clinicians, or of everybody, of whom nobody else may enter the tally."""
    everybody, cells = context.lists.everybody, made.cells
    if everybody is not None:
        context = replace(context, lists=replace(context.lists, numbering=everybody))
        cells = make_cells(lines, context).cells
    dated = replace(context, keeps_dates=True)
    days = service_days.service_days(make_cells(lines, dated).cells.lazy(), dated)
    return cells, days.collect(engine="streaming")


@dataclass(frozen=True, slots=True)
class _Keyed:
    """The tables of a shard under the keys of its people."""

    context: LineContext
    beneficiaries: pl.DataFrame
    attribution: pl.DataFrame


def _keyed(shard: Shard, lists: Lists, law: Law) -> _Keyed:
    people = _people(shard, lists, law)
    listed = shard.attribution.with_columns(bene_key=people.bene_key).join(lists.numbering.entities, on="apm_entity_id")
    episodes = attribution.episodes(listed.lazy(), lists.entities.lazy(), law)
    context = LineContext(
        law, lists, people, episodic_people=episodes.select("bene_key").unique().collect().to_series()
    )
    return _Keyed(context, shard.beneficiaries.with_columns(bene_key=people.bene_key), listed)


def _people(shard: Shard, lists: Lists, law: Law) -> People:
    """Everybody whom the beneficiaries, an attribution list, or claims of clinicians whose cells are made name."""
    named = pl.concat([shard.beneficiaries.select("bene_id"), shard.attribution.select("bene_id")])
    if isinstance(shard.lines.others, CodedLines):
        known, others = numbering.people(shard.lines.people.collect().to_series()), named.lazy()
    else:
        known = numbering.people(named.unique().to_series().sort())
        others = people_of_listed(shard.lines.people, lists, law)
    beside = numbering.people_beside(known, others).collect(engine="streaming")
    return numbering.with_others(known, beside.to_series())


def _person_facts(keyed: _Keyed, lists: Lists, law: Law) -> PersonFacts:
    eligibility = attribution_eligibility.eligibility(keyed.beneficiaries.lazy(), law)
    return person_facts(eligibility, keyed.attribution, lists, law)


def person_facts(eligibility: pl.LazyFrame, attributed: pl.DataFrame, lists: Lists, law: Law) -> PersonFacts:
    """What is known of beneficiaries, collected; `attributed`: the attribution table with the keys of both sides."""
    listed, entities = attributed.lazy(), lists.entities.lazy()
    frames = pl.collect_all(
        [
            eligibility,
            attribution.attributed_people(listed, entities, law),
            attribution.episodes(listed, entities, law),
            attribution.prospective_people(listed, law),
        ]
    )
    known, listed_people, episodes, prospective = (frame.lazy() for frame in frames)
    episodic = frames[2].get_column("bene_key").unique()
    return PersonFacts(known, listed_people, episodes, prospective, episodic)


def _tally(made: CellsOfClaims, keyed: _Keyed, facts: PersonFacts) -> Tally:
    law = keyed.context.law
    parts = [_tally_part(part, keyed.context, facts) for part in parts_of(made.cells)]
    scores, steps, attributed, line_steps = (list(kind) for kind in zip(*parts, strict=True))
    of_lines = tallies.added(line_steps, ["group_key"])
    all_steps = tallies.added(steps, ["group_key"]).join(of_lines, on="group_key", how="full", coalesce=True)
    return Tally(
        score_sums=tallies.added(scores, ["group_key"]).collect(),
        steps=all_steps.with_columns(pl.exclude("group_key").fill_null(0)).collect(engine="streaming"),
        attributed_people=tallies.added(attributed, ["group_key"]).collect(),
        failing=attribution.failing_criteria(facts.attributed, facts.eligibility, law).collect(),
        counts=_counts(made, keyed, facts),
    )


def parts_of(all_cells: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Cells in parts of disjoint beneficiaries."""
    part_count = max(ceil(all_cells.height / CELLS_PER_PART), 1)
    if part_count == 1:
        yield all_cells
        return
    for part in range(part_count):
        yield all_cells.filter(pl.col("bene_key") % part_count == part)


def _tally_part(part: pl.DataFrame, context: LineContext, facts: PersonFacts) -> tuple[pl.DataFrame, ...]:
    law, assessed = context.law, context.lists.groups
    lines = lines_of_groups(part.lazy(), assessed.lines).collect(engine="streaming").lazy()
    people = _judged_people(lines, assessed, context.lists, law, facts)
    asked = [
        tallies.score_sums(people, law),
        exclusions.person_steps(people, law),
        tallies.attributed_people_served(people, law),
        exclusions.line_steps(lines, assessed, law),
    ]
    return tuple(pl.collect_all(asked, engine="in-memory"))


def judged_people(cells: pl.LazyFrame, assessed: Groups, lists: Lists, law: Law, facts: PersonFacts) -> pl.LazyFrame:
    """One row per group and beneficiary it served, with every criterion, collected."""
    return _judged_people(lines_of_groups(cells, assessed.lines), assessed, lists, law, facts)


def _judged_people(lines: pl.LazyFrame, assessed: Groups, lists: Lists, law: Law, facts: PersonFacts) -> pl.LazyFrame:
    em_set_count = len(lists.codes.em_set_names)
    served = group_people.group_people(lines, assessed, law, em_set_count, facts).collect(engine="streaming")
    return judged(served.lazy(), assessed, lists, law, facts)


def judged(served: pl.LazyFrame, assessed: Groups, lists: Lists, law: Law, facts: PersonFacts) -> pl.LazyFrame:
    """The rows of group_people.group_people with every criterion, collected."""
    with_criteria = eligible_people.with_criteria(served, assessed, law, facts)
    eligible = eligible_people.with_attribution_eligible(with_criteria, law)
    # Of people there are few beside lines: the streaming engine takes longer for them.
    return eligible_people.through_entities(eligible, assessed, lists, law).collect(engine="in-memory").lazy()


def _counts(made: CellsOfClaims, keyed: _Keyed, facts: PersonFacts) -> pl.DataFrame:
    """One row of counts for findings: lines, people with claims, facts that are unknown or disagree."""
    is_served = pl.repeat(False, keyed.context.people.frame.height, eager=True)
    served = is_served.scatter(made.cells["bene_key"], True).arg_true().alias("bene_key").cast(KEY).to_frame()
    with_row = served.join(keyed.beneficiaries, on="bene_key", how="semi").height
    counts = {
        "copies": made.notes.copies,
        "orphan_cancellations": made.notes.orphan_cancellations,
        "net_counts_above_one": made.notes.net_counts_above_one,
        **off_list_counts(made.cells, keyed.context.lists, keyed.context.law),
        "served": served.height,
        "served_without_row": served.height - with_row,
        "served_in_beneficiaries": with_row,
        "served_in_attribution": served.join(keyed.attribution, on="bene_key", how="semi").height,
        "beneficiary_rows": keyed.beneficiaries.height,
        "attribution_rows": keyed.attribution.height,
    }
    unknown = tallies.unknown_facts(served.lazy(), facts).collect()
    disagreements = attribution_eligibility.facts_disagree(keyed.beneficiaries.lazy()).collect()
    return pl.DataFrame(counts).hstack(unknown).hstack(disagreements.cast(pl.Int64))
