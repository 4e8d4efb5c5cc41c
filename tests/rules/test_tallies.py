"""Tallies of disjoint beneficiaries add up to the tally of all."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from qpcli.engines import shard
from tests.oracle.strategies import worlds
from tests.oracle.world import World
from tests.support.in_memory import outcome_of


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(worlds())
def test_beneficiaries_tallied_in_many_parts_give_the_same_tables(world: World) -> None:
    whole = outcome_of(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shard, "CELLS_PER_PART", 3)
        parts = outcome_of(world)
    assert parts.threshold_scores == whole.threshold_scores
    assert parts.determinations == whole.determinations
    assert parts.exclusions == whole.exclusions
