"""Disjoint beneficiaries in any number of shards give the tables of all of them at once."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qpcli.calculation import CanonicalTables, ClaimsShard
from qpcli.engines.packing import packed, unpacked
from qpcli.engines.shard import Tally, added
from qpcli.store.shards import by_shard
from tests.oracle.strategies import worlds
from tests.oracle.world import World
from tests.support.in_memory import canonical_tables, law_of, outcome_of, outcome_of_tables, tallied_of


def in_shards(tables: CanonicalTables, count: int) -> CanonicalTables:
    (whole,) = tables.shards
    lines = by_shard(whole.claim_lines.collect(), count)
    people, listed = by_shard(whole.beneficiaries, count), by_shard(whole.attribution, count)
    nobody = whole.claim_lines.collect().clear(), whole.beneficiaries.clear(), whole.attribution.clear()
    shards = [
        ClaimsShard(lines.get(k, nobody[0]).lazy(), people.get(k, nobody[1]), listed.get(k, nobody[2]))
        for k in range(count)
    ]
    return replace(tables, shards=tuple(shards))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(worlds(), st.integers(2, 5))
def test_shards_of_disjoint_beneficiaries_give_the_same_tables(world: World, count: int) -> None:
    whole = outcome_of(world)
    parts = outcome_of_tables(in_shards(canonical_tables(world), count), law_of(world))
    assert parts.threshold_scores == whole.threshold_scores
    assert parts.determinations == whole.determinations
    assert parts.exclusions == whole.exclusions


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(worlds())
def test_a_tally_survives_the_way_through_bytes(world: World) -> None:
    tally = tallied_of(canonical_tables(world), law_of(world)).tally
    back = unpacked(packed(tally))
    for name in Tally.__dataclass_fields__:
        frame: pl.DataFrame = getattr(tally, name)
        assert frame.sort(frame.columns).equals(getattr(back, name))


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(worlds())
def test_tallies_add_up_in_any_order(world: World) -> None:
    law, tables = law_of(world), in_shards(canonical_tables(world), 3)
    parts = [tallied_of(replace(tables, shards=(shard,)), law).tally for shard in tables.shards]
    one, other = added(parts), added(parts[::-1])
    for name in Tally.__dataclass_fields__:
        frame: pl.DataFrame = getattr(one, name)
        assert frame.sort(frame.columns).equals(getattr(other, name).sort(frame.columns))
