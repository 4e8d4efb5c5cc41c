"""Cells of claim lines: one scan for the lines that stand alone, the few that have versions netted in memory."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.errors import InputError
from qpcli.regulation.law import Law
from qpcli.rules import adjustments, cells, duplicates
from qpcli.rules.claim_lines import LineContext, numbered_lines
from qpcli.rules.numbering import UNLISTED_TIN


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
    """Claim lines by whether others may be versions or copies of the same line; `versions` are few."""

    all: pl.LazyFrame
    alone: pl.LazyFrame
    versions: pl.LazyFrame


def parted_by_hash(lines: pl.LazyFrame) -> PartedLines:
    """Read the key columns first: which rows share a line."""
    hashed = lines.with_columns(duplicates.line_hash())
    repeated = duplicates.repeated(hashed.select("line_hash")).collect(engine="streaming").lazy()
    versions = hashed.join(repeated, on="line_hash", how="semi").drop("line_hash")
    return PartedLines(lines, hashed.join(repeated, on="line_hash", how="anti"), versions)


def parted_as_prepared(lines: pl.LazyFrame) -> PartedLines:
    """A prepared store says of each row whether its line has other versions."""
    versions = lines.filter("has_versions").drop(_STORE_COLUMNS)
    return PartedLines(lines, lines.filter(~pl.col("has_versions")), versions)


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
    return CellsOfClaims(all_cells, _notes(single, families, context))


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


def _notes(single: pl.DataFrame, settled: _Settled, context: LineContext) -> CellNotes:
    in_time = pl.col("seen_snapshot") <= context.law.snapshots[-1].number
    visible = single.filter(~pl.col("is_denied") & in_time)
    return CellNotes(
        copies=settled.copies,
        orphan_cancellations=settled.orphans + _total(visible, "row_count") - _total(visible, "line_count"),
        net_counts_above_one=settled.above_one,
    )


def off_list_counts(all_cells: pl.DataFrame, law: Law) -> dict[str, int]:
    """Lines and cents of listed clinicians under TINs that no list names, up to the newest snapshot."""
    in_time = pl.col("seen_snapshot") <= law.snapshots[-1].number
    off_list = all_cells.filter((pl.col("tin_key") == UNLISTED_TIN) & in_time)
    return {"off_list_lines": _total(off_list, "line_count"), "off_list_cents": _total(off_list, "line_cents")}


def _total(frame: pl.DataFrame, column: str) -> int:
    return int(frame.get_column(column).cast(pl.Int64).sum())
