"""Cells of claim lines: one scan for the lines that stand alone, the few that have versions netted in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from qpcli.engines.coded_lines import facts_of_numbers, numbered_coded_lines
from qpcli.errors import InputError
from qpcli.regulation.law import Law
from qpcli.rules import adjustments, cells, duplicates
from qpcli.rules.claim_lines import CodedLines, LineContext, numbered_lines
from qpcli.rules.lists import Lists
from qpcli.rules.numbering import BLANK_TIN, UNLISTED_TIN, clinician_tin

LINES_AT_ONCE = 4_000_000
"""Lines in numbers that are taken into memory together."""


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

    `people`: the bene_id of every beneficiary with a line, once and in order where a prepared store has the lines in
    numbers; else all lines. `others` are in numbers where a store has them so. `repeated`: hashes of the lines that
    have several rows, which are still among `others` and whose versions are still to be freed of copies; None if they
    are known to be neither.
    """

    people: pl.LazyFrame
    others: pl.LazyFrame | CodedLines
    versions: pl.LazyFrame
    repeated: pl.LazyFrame | None = None


def parted_by_hash(lines: pl.LazyFrame) -> PartedLines:
    """Read the key columns first: which rows share a line."""
    hashed = lines.with_columns(duplicates.line_hash())
    repeated = duplicates.repeated(hashed.select("line_hash")).collect(engine="streaming").lazy()
    versions = hashed.join(repeated, on="line_hash", how="semi").drop("line_hash")
    # A text of a row keeps the page of the file that it came from in memory; a text made anew does not.
    versions = versions.with_columns(pl.col(pl.String) + pl.lit(""))
    return PartedLines(lines, lines, versions, repeated)


def parted_as_prepared(lines: pl.LazyFrame, alone: CodedLines | None = None) -> PartedLines:
    """A prepared store holds each version once, and says of each row whether its line has others.

    `alone`: the lines in numbers, where they are to be read so.
    """
    versions = lines.filter("has_versions")
    if alone is None:
        return PartedLines(lines, lines.filter(~pl.col("has_versions")), versions)
    return PartedLines(alone.people, alone, versions)


def make_cells(lines: PartedLines, context: LineContext) -> CellsOfClaims:
    """Scan the claims once for the cells of lines that stand alone; the few others are netted in memory.

    The frames are collected one by one: branches of one scan would wait for one another in memory.
    """
    # Families take much memory on the way, and the cells of the other lines are many.
    families = _settle(lines, context)
    if isinstance(lines.others, CodedLines):
        single = pl.concat(_of_coded(lines.others, context))
    else:
        single = _of_texts(lines.others, lines.repeated, context)
    all_cells = pl.concat([single, families.cells])
    return CellsOfClaims(all_cells, _notes(single, families, context))


def _of_coded(lines: CodedLines, context: LineContext) -> Iterator[pl.DataFrame]:
    """Cells of lines in numbers, which are few bytes and lie in order: so many are taken into memory at a time."""
    facts = facts_of_numbers(lines, context)
    line_count = lines.lines.select(pl.len()).collect().item()
    for begin in range(0, max(line_count, 1), LINES_AT_ONCE):
        numbered = numbered_coded_lines(lines.lines.slice(begin, LINES_AT_ONCE), facts, context)
        measured = cells.single_lines(numbered, context)
        yield cells.cells_of_neighbours(measured, context).collect(engine="in-memory")


def _of_texts(lines: pl.LazyFrame, repeated: pl.LazyFrame | None, context: LineContext) -> pl.DataFrame:
    """Cells of lines of listed clinicians without versions or copies: only they are looked up among the repeated."""
    alone = numbered_lines(lines, context)
    if repeated is not None:
        alone = alone.with_columns(duplicates.line_hash()).join(repeated, on="line_hash", how="anti")
    return cells.cells(cells.single_lines(alone, context), context).collect(engine="streaming")


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
    families = adjustments.families(numbered, context.law).collect(engine="in-memory").lazy()
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
    cancelled = (pl.col("row_count") - pl.col("line_count")).cast(pl.Int64)
    orphans = single.select(cancelled.filter(~pl.col("is_denied") & in_time).sum()).item()
    return CellNotes(
        copies=settled.copies,
        orphan_cancellations=settled.orphans + orphans,
        net_counts_above_one=settled.above_one,
    )


def off_list_counts(all_cells: pl.DataFrame, lists: Lists, law: Law) -> dict[str, int]:
    """Lines and cents of listed clinicians up to the newest snapshot under TINs that no list names.

    `off_list_pair_*`: under TINs that a list names, but not for them.
    """
    in_time = pl.col("seen_snapshot") <= law.snapshots[-1].number
    with_tin = all_cells.lazy().filter((pl.col("tin_key") != BLANK_TIN) & in_time)
    measured = with_tin.select("tin_key", "line_count", "line_cents", pair=clinician_tin())
    unlisted = measured.filter(~pl.col("pair").is_in(lists.pairs.implode()))
    is_off_list = pl.col("tin_key") == UNLISTED_TIN
    sums = {
        f"{kind}_{what}": pl.col(f"line_{what}").cast(pl.Int64).filter(is_of_kind).sum()
        for kind, is_of_kind in (("off_list", is_off_list), ("off_list_pair", ~is_off_list))
        for what in ("lines", "cents")
    }
    return unlisted.rename({"line_count": "line_lines"}).select(**sums).collect(engine="in-memory").row(0, named=True)
