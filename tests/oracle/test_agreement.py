"""qpcli and the plain calculation agree, to the cent and the patient, on worlds of every year."""

from collections import Counter
from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings

from tests.oracle.oracle import Result, determine
from tests.oracle.strategies import worlds
from tests.oracle.strategies_all_payer import worlds_with_other_payers
from tests.oracle.world import World
from tests.support.in_memory import outcome_of

WORLDS = 330
WORLDS_WITH_OTHER_PAYERS = 200


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


def test_qpcli_agrees_with_the_plain_calculation_on_every_world_with_other_payers() -> None:
    seen: Counter[str] = Counter()

    @settings(
        max_examples=WORLDS_WITH_OTHER_PAYERS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(worlds_with_other_payers())
    def agrees(world: World) -> None:
        ours, plain = outcome_of(world), determine(world)
        assert ours.all_payer_scores == plain.all_payer_scores
        assert ours.determinations == plain.determinations
        assert ours.threshold_scores == plain.threshold_scores
        assert ours.exclusions == plain.exclusions
        seen.update(_met(plain))

    agrees()
    assert [what for what in WANTED if seen[what] < ENOUGH] == [], seen


ENOUGH = 3
WANTED = (
    *("apm_entity", "tin", "npi", "weighted", "excluded", "improved", "QP", "PARTIAL_QP", "NOT_QP"),
    *("unknown_subject", "affiliated_practitioners_only", "not_in_one_apm_entity", "no_medicare_score"),
)


def _met(plain: Result) -> Iterator[str]:
    """What a world with other payers has in it."""
    for row in plain.all_payer_scores or ():
        if row["not_assessed_because"]:
            yield row["not_assessed_because"]
            continue
        yield from (row["level"], row["status"])
        if row["payment_weighted_by_apm_entity_id"] or row["patient_weighted_by_apm_entity_id"]:
            yield "weighted"
        if row["excluded_payer_count"]:
            yield "excluded"
    if any(row["determined_by_option"] == "all_payer" for row in plain.determinations):
        yield "improved"
