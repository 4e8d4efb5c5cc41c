"""What the entities of a group share with those of others: code sets, and attribution (42 CFR 414.1305, 414.1435)."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.snapshots import at
from qpcli.terms import Snapshot


@dataclass(frozen=True, slots=True)
class EntitySets:
    """Groups with the same entities at the same snapshots share attribution: one set stands for them all.

    `set_of_group`: one row per group with its `entity_set`. `entities`: one row per set and entity, as in Groups.
    """

    set_of_group: pl.LazyFrame
    entities: pl.LazyFrame


def entity_sets(entities: pl.LazyFrame, law: Law) -> EntitySets:
    """The sets of the groups that `entities` names, in one row per group and entity."""
    is_in = [pl.col(at("is_in", s)).cast(pl.Int8) for s in law.snapshots]
    member = pl.concat_str([pl.col("entity_key"), *is_in], separator=".")
    names = entities.group_by("group_key").agg(name=member.sort().str.join(" "))
    numbered = names.select("group_key", entity_set=pl.col("name").rank("dense").cast(pl.UInt32))
    return EntitySets(numbered, entities.join(numbered, on="group_key").drop("group_key").unique())


def em_sets(entities: pl.LazyFrame, law: Law, em_set_count: int) -> pl.LazyFrame:
    """One row per group: whether some entity of it attributes on each E/M code set at each snapshot."""

    def uses(i: int, snapshot: Snapshot) -> pl.Expr:
        return ((pl.col("em_set") == i) & pl.col(at("is_in", snapshot))).any()

    uses_each = [uses(i, s).alias(at(f"uses_em_{i}", s)) for i in range(em_set_count) for s in law.snapshots]
    return entities.group_by("group_key").agg(uses_each)
