"""What a run keeps for later questions: its cells, what is known of the beneficiaries, its lists and its sums."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from qpcli.calculation import CanonicalTables, Tallied, with_billing_npis
from qpcli.engines.shard import TalliedShard
from qpcli.regulation.law import Law
from qpcli.rules.attribution_eligibility import CRITERIA
from qpcli.rules.claim_lines import lines_in_period
from qpcli.rules.lists import Lists
from qpcli.rules.numbering import KEY
from qpcli.rules.service_days import DAY_KEYS, processing
from qpcli.rules.snapshots import at
from qpcli.tables.kept import KEPT_ATTRIBUTION, KEPT_CELLS, KEPT_PEOPLE, KEPT_SUMS
from qpcli.terms import MEDICARE_LEVELS

NOT_COUNTED = ("row_count", "row_cents", "service_snapshot", "is_denied")
"""Columns of cells about lines as delivered: only the steps before the cells look at them."""


@dataclass(slots=True)
class CellKeeping:
    """Gathers what is known of the beneficiaries of every shard under keys of the whole run; patient data."""

    lists: Lists
    law: Law
    _cells: list[pl.DataFrame] = field(default_factory=list, init=False)
    _people: list[pl.DataFrame] = field(default_factory=list, init=False)
    _attribution: list[pl.DataFrame] = field(default_factory=list, init=False)
    _service_days: list[pl.DataFrame] = field(default_factory=list, init=False)
    _people_count: int = field(default=0, init=False)

    def keep(self, tallied: TalliedShard) -> None:
        """Take what a shard leaves; its keys are made keys of the run."""
        first = pl.lit(self._people_count, KEY)
        self._cells.append(_cells(tallied.cells, self.law).with_columns(pl.col("bene_key") + first))
        self._people.append(_people(tallied, self.law).with_columns(pl.col("bene_key") + first))
        attribution = tallied.attribution.select(KEPT_ATTRIBUTION.column_names)
        self._attribution.append(attribution.with_columns(pl.col("bene_key") + first))
        self._service_days.append(tallied.service_days.with_columns(pl.col("bene_key") + first))
        self._people_count += tallied.people.height

    def kept(self, tables: CanonicalTables, tallied: Tallied) -> dict[str, pl.DataFrame]:
        """Every kept table by its file's name, sorted by its keys and, where rows share them, by all columns."""
        cells = _in_order(pl.concat(self._cells), "clinician_key", "tin_key", "bene_key", "day", "seen_snapshot")
        numbering = self.lists.everybody or self.lists.numbering
        frames = {
            "cells": cells,
            "pairs": cells.select("clinician_key", "tin_key").unique().sort("clinician_key", "tin_key"),
            "people": pl.concat(self._people).sort("bene_key"),
            "attribution": pl.concat(self._attribution).sort(KEPT_ATTRIBUTION.column_names),
            "service_days": pl.concat(self._service_days).sort(DAY_KEYS),
            "processing": _processing(tables, self.law),
            "clinicians": numbering.clinicians.select("clinician_key", "npi"),
            "tins": numbering.tins.select("tin_key", "tin"),
            "participants": _in_order(with_billing_npis(tables, self.law)),
            "sums": _sums(tallied),
        }
        return frames if tables.entities is None else frames | {"entities": _in_order(tables.entities)}


def _processing(tables: CanonicalTables, law: Law) -> pl.DataFrame:
    parts = [processing(lines_in_period(shard.claim_lines, law)) for shard in tables.shards]
    rows = pl.concat(parts).group_by("service_date", "processed_date").agg(pl.col("line_count").sum())
    return rows.sort("service_date", "processed_date").collect(engine="streaming")


def _in_order(rows: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Rows in an order that neither threads nor the order of the inputs change."""
    return rows.sort(*keys, *(name for name in rows.columns if name not in keys))


def _cells(cells: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Cells that some snapshot counts; those that hold the same day and snapshot twice add up."""
    counted = cells.lazy().drop(NOT_COUNTED)
    measures = [name for name in counted.collect_schema().names() if name not in KEPT_CELLS.keys]
    in_time = pl.col("seen_snapshot") <= law.snapshots[-1].number
    return counted.filter(in_time & pl.any_horizontal(pl.col(measures) != 0)).collect()


def _people(tallied: TalliedShard, law: Law) -> pl.DataFrame:
    """Everybody of a shard with the criteria that need no claim, null where nothing is known."""
    criteria = [at(name, snapshot) for name in CRITERIA for snapshot in law.snapshots]
    known = tallied.eligibility.select("bene_key", *criteria)
    return tallied.people.join(known, on="bene_key", how="left").select(*KEPT_PEOPLE.keys, "bene_id", *criteria)


def _sums(tallied: Tallied) -> pl.DataFrame:
    """The numerators and denominators of every assessed group, also of those whose score does not count."""
    listed, numbering = tallied.lists.groups, tallied.lists.numbering
    of_medicare = listed.groups.filter(pl.col("level").is_in([level.value for level in MEDICARE_LEVELS]))
    named = (
        of_medicare.join(tallied.tally.score_sums.lazy(), on="group_key")
        .join(numbering.entities.lazy(), on="entity_key", how="left")
        .join(numbering.clinicians.lazy(), on="clinician_key", how="left")
    )
    sums = [name for name in tallied.tally.score_sums.columns if name != "group_key"]
    return named.select(*KEPT_SUMS.keys, *sums).sort(KEPT_SUMS.keys).collect()
