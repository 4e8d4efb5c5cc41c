"""Tallies the claims on this machine: one scan makes cells, cells make tallies, part by part of the beneficiaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

import polars as pl

from qpcli.errors import InputError
from qpcli.rules import adjustments, cells, duplicates, eligible_people, exclusions, group_people, numbering, tallies
from qpcli.rules.claim_lines import LineContext, numbered_lines
from qpcli.rules.group_people import PersonFacts
from qpcli.rules.groups import Groups
from qpcli.rules.numbering import UNLISTED_TIN

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


@dataclass(frozen=True, slots=True)
class CellsOfClaims:
    """The cells, rows of which may share a key and add up, and what making them counted."""

    cells: pl.DataFrame
    notes: CellNotes


@dataclass(frozen=True, slots=True)
class Tallies:
    """Sums over all beneficiaries, one row per group; `unknown_facts` one row of counts of people."""

    score_sums: pl.DataFrame
    steps: pl.DataFrame
    attributed_people_served: pl.DataFrame
    unknown_facts: pl.DataFrame


@dataclass(frozen=True, slots=True)
class PartedLines:
    """Claim lines by whether others may be versions or copies of the same line; `versions` are few."""

    alone: pl.LazyFrame
    versions: pl.LazyFrame


def people_only_in_claims(lines: pl.LazyFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Read one column: whom only the claims name."""
    return numbering.people_only_in_claims(lines, named).collect(engine="streaming")


def parted_by_hash(lines: pl.LazyFrame) -> PartedLines:
    """Read the key columns first: which rows share a line."""
    hashed = lines.with_columns(duplicates.line_hash())
    repeated = duplicates.repeated(hashed.select("line_hash")).collect(engine="streaming").lazy()
    versions = hashed.join(repeated, on="line_hash", how="semi").drop("line_hash")
    return PartedLines(hashed.join(repeated, on="line_hash", how="anti"), versions)


def parted_as_prepared(lines: pl.LazyFrame) -> PartedLines:
    """A prepared store says of each row whether its line has other versions."""
    return PartedLines(lines.filter(~pl.col("has_versions")), lines.filter("has_versions").drop(_STORE_COLUMNS))


_STORE_COLUMNS = ("has_versions", "delivered_bene_id", "delivery", "payer")
"""What a store keeps of rows that are already distinct."""


def make_cells(lines: PartedLines, context: LineContext) -> CellsOfClaims:
    """Scan the claims once for the cells of lines that stand alone; the few others are netted in memory.

    The frames are collected one by one: branches of one scan would wait for one another in memory.
    """
    versions = lines.versions.collect(engine="streaming")
    alone = numbered_lines(lines.alone, context)
    single = cells.cells(cells.single_lines(alone, context), context).collect(engine="streaming")
    families = _settle(versions, context)
    all_cells = pl.concat([single, families.cells])
    notes = _notes(single, all_cells, families, context)
    return CellsOfClaims(all_cells, notes)


@dataclass(frozen=True, slots=True)
class _Settled:
    cells: pl.DataFrame
    copies: int
    orphans: int
    above_one: int


def _settle(versions: pl.DataFrame, context: LineContext) -> _Settled:
    """Rows that may be copies or versions of one line: drop copies, refuse contradictions, net the families."""
    distinct = duplicates.without_copies(versions.lazy()).collect()
    conflicts = duplicates.conflicting(distinct.lazy()).select(pl.len()).collect().item()
    if conflicts:
        raise InputError("QP207", duplicates.conflict_words(conflicts))
    numbered = numbered_lines(distinct.lazy(), context).collect().lazy()
    families = adjustments.families(numbered, context.law).collect().lazy()
    delivered, standing, orphans, above_one = pl.collect_all(
        [
            cells.cells(cells.delivered_versions(numbered, context), context),
            cells.cells(cells.standing_versions(adjustments.standing(families, context.law), context), context),
            adjustments.orphan_cancellation_count(families, context.law),
            adjustments.net_count_above_one(families, context.law),
        ]
    )
    copies = versions.height - distinct.height
    return _Settled(pl.concat([delivered, standing]), copies, orphans.item(), above_one.item())


def _notes(single: pl.DataFrame, all_cells: pl.DataFrame, settled: _Settled, context: LineContext) -> CellNotes:
    in_time = pl.col("seen_snapshot") <= context.law.snapshots[-1].number
    off_list = all_cells.filter((pl.col("tin_key") == UNLISTED_TIN) & in_time)
    visible = single.filter(~pl.col("is_denied") & in_time)
    return CellNotes(
        copies=settled.copies,
        orphan_cancellations=settled.orphans + _total(visible, "row_count") - _total(visible, "line_count"),
        net_counts_above_one=settled.above_one,
        off_list_lines=_total(off_list, "line_count"),
        off_list_cents=_total(off_list, "line_cents"),
    )


def _total(frame: pl.DataFrame, column: str) -> int:
    return int(frame.get_column(column).cast(pl.Int64).sum())


def tally(made: CellsOfClaims, groups: Groups, context: LineContext, facts: PersonFacts) -> Tallies:
    """Sum over the beneficiaries, part by part."""
    parts = [_tally_part(part, groups, context, facts) for part in _parts(made.cells)]
    scores, steps, attributed, unknown = (list(kind) for kind in zip(*parts, strict=True))
    law = context.law
    line_steps = exclusions.line_steps(made.cells.lazy(), groups, law)
    all_steps = tallies.added(steps, ["group_key"]).join(line_steps, on="group_key", how="full", coalesce=True)
    return Tallies(
        score_sums=tallies.added(scores, ["group_key"]).collect(),
        steps=all_steps.collect(engine="streaming"),
        attributed_people_served=tallies.added(attributed, ["group_key"]).collect(),
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
        lambda: tallies.attributed_people_served(people, law),
        lambda: tallies.unknown_facts(part.lazy(), facts),
    ]
    return tuple(pl.collect_all([question() for question in asked], engine="streaming"))
