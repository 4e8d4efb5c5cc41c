"""qpcli and the plain calculation agree, to the cent and the patient, on worlds of every year."""

from collections import Counter

from hypothesis import HealthCheck, given, settings

from tests.oracle.oracle import determine
from tests.oracle.strategies import worlds
from tests.oracle.world import World
from tests.support.in_memory import outcome_of

WORLDS = 330


def test_qpcli_agrees_with_the_plain_calculation_on_every_world() -> None:
    seen: Counter[int] = Counter()

    @settings(
        max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
    )
    @given(worlds())
    def agrees(world: World) -> None:
        seen[world.performance_year] += 1
        ours, plain = outcome_of(world), determine(world)
        assert ours.threshold_scores == plain.threshold_scores
        assert ours.determinations == plain.determinations
        assert ours.exclusions == plain.exclusions

    agrees()
    assert set(seen) == set(range(2017, 2028))
    assert seen.total() >= 300
