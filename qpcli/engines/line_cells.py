"""Cells of claim lines: one scan for the lines that stand alone, the few that have versions netted in memory."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.errors import InputError
from qpcli.regulation.law import Law
from qpcli.rules import adjustments, cells, duplicates
from qpcli.rules.claim_lines import LineContext, numbered_lines
from qpcli.rules.lists import Lists
from qpcli.rules.numbering import BLANK_TIN, UNLISTED_TIN


@dataclass(frozen=True, slots=True)
class CellNotes:
    """What making cells counted for the record."""

    copies: int
    orphan_cancellations: int
    net_counts_above_one: int


@dataclass(frozen=True, slots=True)
class CellsOfClaims:
    """The cells, rows of which may share a key and add up, and what making them counted."""

    cells: pl.DataFrame
    notes: CellNotes


@dataclass(frozen=True, slots=True)
class PartedLines:
    """Claim lines by whether others may be versions or copies of the same line; `versions` are few.

    `people`: the bene_id of every beneficiary with a line, at least once. `repeated`: hashes of the lines that have
    several rows, which are still among `others` and whose versions are still to be freed of copies; None if they are
    known to be neither.
    """

    people: pl.LazyFrame
    others: pl.LazyFrame
    versions: pl.LazyFrame
    repeated: pl.LazyFrame | None = None


def parted_by_hash(lines: pl.LazyFrame) -> PartedLines:
    """Read the key columns first: which rows share a line."""
    hashed = lines.with_columns(duplicates.line_hash())
    repeated = duplicates.repeated(hashed.select("line_hash")).collect(engine="streaming").lazy()
    versions = hashed.join(repeated, on="line_hash", how="semi").drop("line_hash")
    return PartedLines(lines.select("bene_id"), lines, versions, repeated)


def parted_as_prepared(lines: pl.LazyFrame) -> PartedLines:
    """A prepared store holds each version once, and says of each row whether its line has others."""
    has_versions = pl.col("has_versions")
    return PartedLines(lines.select("bene_id"), lines.filter(~has_versions), lines.filter(has_versions))


def make_cells(lines: PartedLines, context: LineContext) -> CellsOfClaims:
    """Scan the claims once for the cells of lines that stand alone; the few others are netted in memory.

    The frames are collected one by one: branches of one scan would wait for one another in memory.
    """
    alone = _alone(lines, context)
    single = cells.cells(cells.single_lines(alone, context), context).collect(engine="streaming")
    families = _settle(lines, context)
    all_cells = pl.concat([single, families.cells])
    return CellsOfClaims(all_cells, _notes(single, families, context))


def _alone(lines: PartedLines, context: LineContext) -> pl.LazyFrame:
    """The lines of listed clinicians without versions or copies: only they are looked up among the repeated."""
    numbered = numbered_lines(lines.others, context)
    if lines.repeated is None:
        return numbered
    return numbered.with_columns(duplicates.line_hash()).join(lines.repeated, on="line_hash", how="anti")


@dataclass(frozen=True, slots=True)
class _Settled:
    cells: pl.DataFrame
    copies: int
    orphans: int
    above_one: int


def _settle(lines: PartedLines, context: LineContext) -> _Settled:
    """Rows that may be copies or versions of one line: drop copies, refuse contradictions, net the families."""
    distinct, copies = (lines.versions, 0) if lines.repeated is None else _without_copies(lines.versions)
    numbered = numbered_lines(distinct, context).collect(engine="streaming").lazy()
    families = adjustments.families(numbered, context.law).collect().lazy()
    delivered, standing, orphans, above_one = pl.collect_all(
        [
            cells.cells(cells.delivered_versions(numbered, context), context),
            cells.cells(cells.standing_versions(adjustments.standing(families, context.law), context), context),
            adjustments.orphan_cancellation_count(families, context.law),
            adjustments.net_count_above_one(families, context.law),
        ]
    )
    return _Settled(pl.concat([delivered, standing]), copies, orphans.item(), above_one.item())


def _without_copies(versions: pl.LazyFrame) -> tuple[pl.LazyFrame, int]:
    """The distinct versions, and how many copies there were; raises QP207 for versions that contradict each other."""
    delivered = versions.collect(engine="streaming")
    distinct = duplicates.without_copies(delivered.lazy()).collect()
    conflicts = duplicates.conflicting(distinct.lazy()).select(pl.len()).collect().item()
    if conflicts:
        raise InputError("QP207", duplicates.conflict_words(conflicts))
    return distinct.lazy(), delivered.height - distinct.height


def _notes(single: pl.DataFrame, settled: _Settled, context: LineContext) -> CellNotes:
    in_time = pl.col("seen_snapshot") <= context.law.snapshots[-1].number
    visible = single.filter(~pl.col("is_denied") & in_time)
    return CellNotes(
        copies=settled.copies,
        orphan_cancellations=settled.orphans + _total(visible, "row_count") - _total(visible, "line_count"),
        net_counts_above_one=settled.above_one,
    )


def off_list_counts(all_cells: pl.DataFrame, lists: Lists, law: Law) -> dict[str, int]:
    """Lines and cents of listed clinicians up to the newest snapshot under TINs that no list names.

    `off_list_pair_*`: under TINs that a list names, but not for them.
    """
    in_time = pl.col("seen_snapshot") <= law.snapshots[-1].number
    with_tin = all_cells.lazy().filter((pl.col("tin_key") != BLANK_TIN) & in_time)
    sums = pl.col("line_count", "line_cents").cast(pl.Int64).sum()
    pairs = with_tin.group_by("clinician_key", "tin_key").agg(sums)
    unlisted = pairs.join(lists.pairs, on=["clinician_key", "tin_key"], how="anti").collect()
    is_off_list = pl.col("tin_key") == UNLISTED_TIN
    off_list, off_pair = unlisted.filter(is_off_list), unlisted.filter(~is_off_list)
    return {
        "off_list_lines": _total(off_list, "line_count"),
        "off_list_cents": _total(off_list, "line_cents"),
        "off_list_pair_lines": _total(off_pair, "line_count"),
        "off_list_pair_cents": _total(off_pair, "line_cents"),
    }


def _total(frame: pl.DataFrame, column: str) -> int:
    return int(frame.get_column(column).cast(pl.Int64).sum())
