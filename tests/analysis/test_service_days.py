"""What a run keeps for forecasts: the days of the services that its cells hold, and when claims were processed."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings

from qpcli.tables.kept import KEPT_SERVICE_DAYS
from tests.oracle.strategies import worlds
from tests.oracle.world import World
from tests.support.kept_worlds import finished
from tests.support.spec_tables import world

WHO = ["clinician_key", "tin_key", "bene_key"]


def kept(lines: str, name: str = "service_days", **facts: Any) -> list[dict[str, Any]]:
    return finished(world(lines=lines, **facts)).kept_table(name).collect().to_dicts()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(worlds())
def test_they_hold_the_cents_of_the_cells_and_no_more_days_than_services(told: World) -> None:
    run = finished(told)
    days, cells = run.kept_table("service_days").collect(), run.kept_table("cells").collect()
    assert not days.select(KEPT_SERVICE_DAYS.keys).is_duplicated().any()
    sums = [
        frame.group_by(WHO).agg(pl.col("cps_cents").sum()).filter(pl.col("cps_cents") != 0).sort(WHO)
        for frame in (days, cells)
    ]
    assert sums[0].equals(sums[1])
    services = cells.group_by(WHO).agg(most=pl.col("cps_count").cast(pl.Int64).sum() + pl.col("rural_count").sum())
    both = days.group_by(WHO).agg(pl.col("cps_days").cast(pl.Int64).sum()).join(services, on=WHO, how="left")
    assert both.filter(pl.col("cps_days") > pl.col("most").fill_null(0)).is_empty()


def test_two_services_of_a_day_are_one_day_and_months_stand_apart() -> None:
    rows = kept(
        """
        claim bene service hcpcs paid
        L1    B1   01-31   99213   80
        L2    B1   01-31   93306   20
        L3    B1   02-01   93306   30
        """
    )
    told = [(row["day"], row["cps_days"], row["em_0_days"], row["cps_cents"]) for row in rows]
    assert told == [(0, 1, 1, 10000), (31, 1, 0, 3000)]


def test_a_cancelled_service_is_no_day_and_a_replaced_one_is() -> None:
    rows = kept(
        """
        claim bene adjustment   processed paid
        L1    B1   original     02-20     80
        L1    B1   cancellation 02-25     80
        L2    B2   original     02-20     80
        L2    B2   cancellation 02-25     80
        L2    B2   replacement  02-25     70
        """
    )
    assert [(row["cps_days"], row["cps_cents"]) for row in rows] == [(1, 7000)]


def test_rural_services_are_days_only_where_they_qualify() -> None:
    lines = """
    claim bene hcpcs setting paid
    L1    B1   T1015 rhc        0
    """
    assert kept(lines) == []
    (row,) = kept(lines, assume={"rhc_fqhc_satisfies_em": "yes"})
    assert (row["cps_days"], row["em_0_days"]) == (1, 1)


def test_lags_are_those_of_original_lines_that_were_not_denied() -> None:
    rows = kept(
        """
        claim bene service adjustment   processed denied
        L1    B1   02-01   original     02-20     no
        L2    B2   02-01   original     02-20     no
        L1    B1   02-01   cancellation 03-25     no
        L3    B1   02-01   original     02-21     yes
        L4    B1   02-01   original     -         no
        """,
        name="processing",
    )
    assert [row["line_count"] for row in rows] == [2]
