"""Groups of clinicians whose services a Threshold Score adds up: G of 42 CFR 414.1435, by level (414.1425).

A group is an APM Entity's group, one clinician or, for the All-Payer Combination Option, one TIN.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.entity_sets import EntitySets, em_sets, entity_sets
from qpcli.rules.group_keys import group_key_bound
from qpcli.rules.group_levels import assessed_levels
from qpcli.rules.listings import Roster
from qpcli.rules.numbering import clinician_tin
from qpcli.rules.truths import truths, words


@dataclass(frozen=True, slots=True)
class Groups:
    """The assessed groups of a run.

    `groups`: one row per group: level, entity, clinician and TIN (null where the level has none), whether it is
    assessed and how many clinicians it has at each snapshot.
    `lines`: one row per group, clinician and TIN key, which is null where lines under any TIN belong: at which
    snapshots and on which days its lines belong, and which code sets its entities attribute on.
    `entities`: one row per group and entity whose attribution it shares at each snapshot; `sets` are of these.
    `key_bound`: more than any group key.
    """

    groups: pl.LazyFrame
    lines: pl.LazyFrame
    entities: pl.LazyFrame
    sets: EntitySets
    key_bound: int


def assessed_groups(roster: Roster, law: Law) -> Groups:
    """The groups of every level that the law of the year assesses."""
    parts = [(level.groups, level.lines, level.entities) for level in assessed_levels(roster, law)]
    of_year, lines, entities = (pl.concat(frames) for frames in zip(*parts, strict=True))
    has_submitted = bool(roster.submitted_tins or roster.submitted_npis)
    bound = group_key_bound(roster.numbering, has_submitted=has_submitted)
    return made_of(of_year, lines, entities, law, em_set_count=roster.em_set_count, key_bound=bound)


def made_of(
    groups: pl.LazyFrame, lines: pl.LazyFrame, entities: pl.LazyFrame, law: Law, *, em_set_count: int, key_bound: int
) -> Groups:
    """Groups with what their entities tell; `lines` as in Groups, without code sets."""
    with_sets = lines.join(em_sets(entities, law, em_set_count), on="group_key")
    return Groups(groups, with_sets, entities, entity_sets(entities, law), key_bound)


def restricted(groups: Groups, keys: pl.LazyFrame) -> Groups:
    """The groups whose keys are named, one row each."""

    def named(frame: pl.LazyFrame) -> pl.LazyFrame:
        return frame.join(keys, on="group_key", how="semi")

    return replace(groups, groups=named(groups.groups), lines=named(groups.lines), entities=named(groups.entities))


def under_seen_tins(groups: Groups, clinician_tins: pl.LazyFrame) -> Groups:
    """The groups with lines under any TIN told apart by TIN.

    `clinician_tins`: one row per clinician and TIN key under which a line was seen.
    """
    is_any = pl.col("tin_key").is_null()
    told = groups.lines.filter(is_any).drop("tin_key").join(clinician_tins, on="clinician_key")
    listed = groups.lines.filter(~is_any)
    return replace(groups, lines=pl.concat([listed, told.select(listed.collect_schema().names())]))


def lines_of_groups(cells: pl.LazyFrame, lines: pl.LazyFrame) -> pl.LazyFrame:
    """One row per cell and group that it belongs to, within the days on which the entity of the group was tested.

    `lines` as in Groups.
    """
    is_truth = [name for name, dtype in lines.collect_schema().items() if dtype == pl.Boolean]
    belonging, held = lines.with_columns(**words(is_truth)).drop(is_truth), list(words(is_truth))
    listed, all_tins = pl.col("tin_key").is_not_null(), pl.col("tin_key").is_null()
    paired = belonging.filter(listed).with_columns(pair=clinician_tin()).drop("clinician_key", "tin_key")
    under_all = belonging.filter(all_tins).drop("tin_key")
    keyed = cells.with_columns(pair=clinician_tin())
    joined = pl.concat([keyed.join(paired, on="pair"), keyed.join(under_all, on="clinician_key")])
    tested = joined.filter(pl.col("day").cast(pl.Int64).is_between(pl.col("from_day"), pl.col("to_day")))
    return tested.with_columns(truths(is_truth)).drop(held, "pair", "from_day", "to_day")
