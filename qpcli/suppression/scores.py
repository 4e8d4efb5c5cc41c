"""Which Threshold Scores are hidden: rows with a small count, and rows from which one could be worked out.

The changes from snapshot to snapshot are not looked at: people come and go, so a difference counts no group of them.
"""

from __future__ import annotations

import polars as pl

from qpcli.suppression.cells import small
from qpcli.tables.clinicians import SEPARATOR
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from qpcli.terms import Level, QpStatus

KEYS = tuple(THRESHOLD_SCORES.keys)
SHOWN_COUNTS = ("patient_denominator", "patient_numerator", "unattributed")
_SUBJECT = tuple(key for key in KEYS if key != "basis")
_TOTAL = ("snapshot", "basis", "entity")


def with_hidden(scores: pl.DataFrame, clinicians: pl.DataFrame) -> pl.DataFrame:
    """The rows of THRESHOLD_SCORES in their order, with `is_hidden`."""
    unattributed = pl.col("patient_denominator") - pl.col("patient_numerator")
    counted = scores.with_columns(unattributed=unattributed).with_row_index("place")
    has_small = pl.any_horizontal(small(pl.col(name)) for name in SHOWN_COUNTS)
    marked = _with_one_basis_hidden(counted.with_columns(is_hidden=has_small))
    return _with_parts_hidden(marked, _members(clinicians)).drop("place", "unattributed")


def _with_one_basis_hidden(rows: pl.DataFrame) -> pl.DataFrame:
    """Where the two bases of one subject differ by a small count, the less favourable is hidden."""
    visible = rows.filter(~pl.col("is_hidden"))
    differ = [small(pl.col(name).max().over(_SUBJECT) - pl.col(name).min().over(_SUBJECT)) for name in SHOWN_COUNTS]
    ranks = {status.value: status.rank for status in QpStatus}
    rank = pl.col("status").replace_strict(ranks, return_dtype=pl.Int8)
    # E/M stays among equals: it stands first in the order of the determinations.
    worse = visible.filter(pl.any_horizontal(differ)).with_columns(rank=rank).sort("rank", "basis", "place")
    return _hiding(rows, worse.group_by(_SUBJECT, maintain_order=True).agg(pl.col("place").first()))


def _members(clinicians: pl.DataFrame) -> pl.DataFrame:
    """One row per clinician and APM Entity that lists it."""
    entities = clinicians.select("npi", entity=pl.col("apm_entity_ids").str.split(SEPARATOR))
    return entities.explode("entity", empty_as_null=True, keep_nulls=False).unique()


def _with_parts_hidden(rows: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Clinicians' rows hidden until no shown APM Entity, less its shown clinicians, leaves a small count."""
    while True:
        parts = _parts_of_shown_entities(rows, members)
        more = pl.concat([_all_but_a_few(parts), _beside_a_single_hidden(parts)]).unique()
        if more.is_empty():
            return rows
        rows = _hiding(rows, more)


def _parts_of_shown_entities(rows: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """One row per clinician's row and shown APM Entity row that it is a part of, at the same snapshot and basis."""
    is_entity = pl.col("level") == Level.APM_ENTITY.value
    entities = rows.filter(is_entity & ~pl.col("is_hidden")).rename({"apm_entity_id": "entity"})
    totals = entities.select(*_TOTAL, *(pl.col(name).alias(f"{name}_of_all") for name in SHOWN_COUNTS))
    return rows.filter(~is_entity).join(members, on="npi").join(totals, on=_TOTAL)


def _all_but_a_few(parts: pl.DataFrame) -> pl.DataFrame:
    """Shown rows that leave out only a few of the entity's people."""
    left = [small(pl.col(f"{name}_of_all") - pl.col(name)) for name in SHOWN_COUNTS]
    return parts.filter(~pl.col("is_hidden") & pl.any_horizontal(left)).select("place")


def _beside_a_single_hidden(parts: pl.DataFrame) -> pl.DataFrame:
    """The smallest shown row of an entity of which exactly one is hidden: the total would give that one away."""
    is_single = (pl.col("is_hidden").sum() == 1).over(_TOTAL)
    shown = parts.filter(is_single).filter(~pl.col("is_hidden")).sort("patient_denominator", "place")
    return shown.group_by(_TOTAL, maintain_order=True).agg(pl.col("place").first()).select("place")


def _hiding(rows: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    places = more.get_column("place").implode()
    return rows.with_columns(is_hidden=pl.col("is_hidden") | pl.col("place").is_in(places))
