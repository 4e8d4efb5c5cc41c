"""qpcli and the plain calculation agree on base amounts and lump sums, to the cent, on worlds of every base year."""

from collections import Counter

import polars as pl
from hypothesis import HealthCheck, given, settings

from qpcli.engines.base_amounts import base_amounts
from qpcli.engines.line_cells import parted_by_hash
from qpcli.regulation.incentive import resolve_incentive
from qpcli.regulation.resolve import resolve_law
from qpcli.rules import incentive as rules
from tests.oracle.oracle_incentive import Amounts, payments
from tests.oracle.oracle_incentive import base_amounts as plain_base_amounts
from tests.oracle.oracle_reading import read
from tests.oracle.strategies import worlds
from tests.oracle.world import World
from tests.support.in_memory import canonical_tables

WORLDS = 100


def npis_of(world: World) -> set[str]:
    """Everybody with a line and an NPI of the right form is taken as QP."""
    texts = {str(row.get("npi") or "").strip() for row in world.claim_lines}
    return {npi for npi in texts if len(npi) == 10 and npi.isdigit()}


def ours(world: World, npis: set[str]) -> tuple[Amounts, Amounts]:
    """Base amounts and lump sums by NPI and TIN, the world's year as base year."""
    law = resolve_law(performance_year=world.performance_year - 1, assumptions=world.assumptions)
    incentive = resolve_incentive(law.payment_year)
    qps = pl.DataFrame({"npi": sorted(npis)}, schema={"npi": pl.String}).with_columns(
        apm_entity_id=pl.lit(None, pl.String)
    )
    shards = (parted_by_hash(shard.claim_lines) for shard in canonical_tables(world).shards)
    base = base_amounts(shards, qps, rules.base_period_law(law, incentive)).frame
    listed = pl.LazyFrame(schema={"npi": pl.String, "tin": pl.String})
    worth = rules.with_worth(rules.pairs(base.lazy(), listed, qps.lazy()), incentive, law).collect()
    pairs = list(worth.select("npi", "tin").iter_rows())
    return (
        dict(zip(pairs, worth.get_column("base_cents").to_list(), strict=True)),
        dict(zip(pairs, worth.get_column("incentive_cents").to_list(), strict=True)),
    )


def test_qpcli_agrees_with_the_plain_calculation_on_base_amounts_and_lump_sums() -> None:
    seen: Counter[str] = Counter()

    @settings(
        max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
    )
    @given(worlds())
    def agrees(world: World) -> None:
        if world.performance_year == 2017:
            return
        case, npis = read(world), npis_of(world)
        base, paid = ours(world, npis)
        assert base == plain_base_amounts(case, npis)
        assert paid == payments(case, npis, world.performance_year + 1)
        seen["base"] += any(base.values())
        seen["paid"] += any(paid.values())
        seen["shared"] += any(sum(npi == other for other, _ in paid) > 1 for npi, _ in paid)

    agrees()
    assert min(seen["base"], seen["paid"], seen["shared"]) >= 20, seen
