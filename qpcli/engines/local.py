"""Tallies the claims on this machine: one scan makes cells, cells make tallies, part by part of the beneficiaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

import polars as pl

from qpcli.errors import InputError
from qpcli.rules import adjustments, cells, duplicates, eligible_people, exclusions, group_people, tallies
from qpcli.rules.claim_lines import LineContext, numbered_lines
from qpcli.rules.group_people import PersonFacts
from qpcli.rules.groups import Groups
from qpcli.rules.numbering import KEY, UNLISTED_TIN

CELLS_PER_PART = 4_000_000
"""Beneficiaries are tallied in parts of about this many cells, so that memory does not grow with the file."""


@dataclass(frozen=True, slots=True)
class CellNotes:
    """What making cells counted for the record."""

    copies: int
    orphan_cancellations: int
    net_counts_above_one: int
    off_list_lines: int
    off_list_cents: int
    unnamed_people: int


@dataclass(frozen=True, slots=True)
class CellsOfClaims:
    """Everything one scan of the claims gives; `quality` is the one row of counts about the reading."""

    cells: pl.DataFrame
    delivered: pl.DataFrame
    quality: pl.DataFrame
    notes: CellNotes


@dataclass(frozen=True, slots=True)
class Tallies:
    """Sums over all beneficiaries, one row per group; `person_notes` one row of counts for findings."""

    score_sums: pl.DataFrame
    steps: pl.DataFrame
    removed_own_people: pl.DataFrame
    unknown_facts: pl.DataFrame


def make_cells(lines: pl.LazyFrame, quality: pl.LazyFrame, context: LineContext) -> CellsOfClaims:
    """Scan the claims once for cells, and before that for rows that are versions or copies of one line.

    Branches of one scan wait for one another in memory, so only those that share the joins share it.
    """
    hashed = lines.with_columns(duplicates.line_hash())
    repeated = duplicates.repeated(hashed.select("line_hash")).collect(engine="streaming").lazy()
    versions = hashed.join(repeated, on="line_hash", how="semi").drop("line_hash").collect(engine="streaming")
    numbered = numbered_lines(hashed.join(repeated, on="line_hash", how="anti"), context)
    measured = cells.single_lines(numbered, context)
    single, unnamed, delivered = pl.collect_all(
        [
            cells.cells(measured, context),
            cells.cells_of_unnamed_people(measured, context),
            cells.delivered_lines(numbered),
        ],
        engine="streaming",
    )
    families = _settle(versions, context)
    all_cells = pl.concat([single, families.cells, _with_keys([unnamed, families.unnamed], context)], how="diagonal")
    all_delivered = pl.concat([delivered, families.delivered])
    notes = _notes(all_cells, all_delivered, families, context)
    return CellsOfClaims(all_cells, all_delivered, quality.collect(engine="streaming"), notes)


@dataclass(frozen=True, slots=True)
class _Settled:
    cells: pl.DataFrame
    unnamed: pl.DataFrame
    delivered: pl.DataFrame
    copies: int
    orphans: int
    above_one: int


def _settle(versions: pl.DataFrame, context: LineContext) -> _Settled:
    """Rows that may be copies or versions of one line: drop copies, refuse contradictions, net the families."""
    distinct = duplicates.without_copies(versions.lazy()).collect()
    conflicts = duplicates.conflicting(distinct.lazy()).select(pl.len()).collect().item()
    if conflicts:
        message = f"claim_lines: {conflicts:,} claim lines were delivered in versions that contradict each other"
        raise InputError("QP207", f"{message} (duplicate_conflict)")
    numbered = numbered_lines(distinct.lazy(), context)
    families = adjustments.families(numbered, context.law).collect().lazy()
    measured = cells.with_measures(adjustments.standing(families, context.law), context)
    named, unnamed, delivered, orphans, above_one = pl.collect_all(
        [
            cells.cells(measured, context),
            cells.cells_of_unnamed_people(measured, context),
            cells.delivered_lines(numbered),
            adjustments.orphan_cancellation_count(families, context.law),
            adjustments.net_count_above_one(families, context.law),
        ]
    )
    copies = versions.height - distinct.height
    return _Settled(named, unnamed, delivered, copies, orphans.item(), above_one.item())


def _with_keys(unnamed: list[pl.DataFrame], context: LineContext) -> pl.DataFrame:
    """People whom only claims name get keys after all others."""
    first = context.numbering.people.height
    keyed = pl.concat(unnamed).with_columns(bene_key=(pl.col("bene_id").rank("dense") - 1 + first).cast(KEY))
    return keyed.drop("bene_id")


def _notes(all_cells: pl.DataFrame, delivered: pl.DataFrame, settled: _Settled, context: LineContext) -> CellNotes:
    newest = context.law.snapshots[-1].number
    off_list = all_cells.filter((pl.col("tin_key") == UNLISTED_TIN) & (pl.col("seen_snapshot") <= newest))
    single_orphans = _total(delivered, "orphan_count") - _total(settled.delivered, "orphan_count")
    unnamed = all_cells.filter(pl.col("bene_key") >= context.numbering.people.height)
    return CellNotes(
        copies=settled.copies,
        orphan_cancellations=settled.orphans + single_orphans,
        net_counts_above_one=settled.above_one,
        off_list_lines=_total(off_list, "line_count"),
        off_list_cents=_total(off_list, "line_cents"),
        unnamed_people=unnamed.get_column("bene_key").n_unique(),
    )


def _total(frame: pl.DataFrame, column: str) -> int:
    return int(frame.get_column(column).sum())


def tally(made: CellsOfClaims, groups: Groups, context: LineContext, facts: PersonFacts) -> Tallies:
    """Sum over the beneficiaries, part by part."""
    parts = [_tally_part(part, groups, context, facts) for part in _parts(made.cells)]
    scores, steps, removed, unknown = (list(kind) for kind in zip(*parts, strict=True))
    law = context.law
    line_steps = [
        exclusions.delivered_steps(made.delivered.lazy(), groups, law),
        exclusions.standing_steps(made.cells.lazy(), groups, law),
    ]
    all_steps = tallies.added(steps, ["group_key"])
    for line_step in line_steps:
        all_steps = all_steps.join(line_step, on="group_key", how="full", coalesce=True)
    return Tallies(
        score_sums=tallies.added(scores, ["group_key"]).collect(),
        steps=all_steps.collect(),
        removed_own_people=tallies.added(removed, ["group_key"]).collect(),
        unknown_facts=pl.concat(unknown).sum(),
    )


def _parts(all_cells: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Cells in parts of disjoint beneficiaries."""
    part_count = max(ceil(all_cells.height / CELLS_PER_PART), 1)
    if part_count == 1:
        yield all_cells
        return
    for part in range(part_count):
        yield all_cells.filter(pl.col("bene_key") % part_count == part)


def _tally_part(
    part: pl.DataFrame, groups: Groups, context: LineContext, facts: PersonFacts
) -> tuple[pl.DataFrame, ...]:
    law, em_set_count = context.law, len(context.codes.em_set_names)
    served = group_people.group_people(part.lazy(), groups, law, em_set_count, facts).collect(engine="streaming").lazy()
    judged = eligible_people.with_attribution_eligible(eligible_people.with_criteria(served, groups, law, facts), law)
    people = eligible_people.through_entities(judged, groups, law).collect(engine="streaming").lazy()
    asked: list[Callable[[], pl.LazyFrame]] = [
        lambda: tallies.score_sums(people, law),
        lambda: exclusions.person_steps(people, law),
        lambda: tallies.removed_own_people(people, law),
        lambda: tallies.unknown_facts(part.lazy(), facts),
    ]
    return tuple(pl.collect_all([question() for question in asked], engine="streaming"))
