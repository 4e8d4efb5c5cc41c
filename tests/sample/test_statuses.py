"""In every performance year a sample of the default size shows every status and every exclusion."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from qpcli.request import InputPaths, LawOptions, RunRequest
from qpcli.run import determine
from qpcli.sample import SamplePlan, write_sample
from qpcli.watch import SilentWatcher

YEARS = range(2017, 2028)
STATUSES = {"QP", "PARTIAL_QP", "NOT_QP", "NO_SCORE"}
FIRST_YEAR_OF_EXCLUSIVE_ATTRIBUTION = 2021
TABLES = ("beneficiaries", "participants", "attribution", "entities")

Tables = Mapping[str, pl.DataFrame]


def results(folder: Path, year: int) -> Tables:
    """What qpcli makes of the sample, read strictly: no row may be rejected, none may conflict."""
    write_sample(SamplePlan(performance_year=year), folder)
    lists = {name: (str(folder / f"{name}.parquet"),) for name in TABLES}
    inputs = InputPaths(claims=(str(folder / "claim_lines"),), **lists)
    return determine(RunRequest(inputs, LawOptions(performance_year=year)), SilentWatcher()).tables


@pytest.fixture(scope="module", params=YEARS)
def year_and_tables(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Tables]:
    return request.param, results(tmp_path_factory.mktemp("year") / "sample", request.param)


def statuses(rows: pl.DataFrame) -> set[str]:
    return set(rows["status"].cast(pl.String))


def test_entities_have_every_status_at_every_snapshot(year_and_tables: tuple[int, Tables]) -> None:
    scores = year_and_tables[1]["threshold_scores"].filter(pl.col("level").cast(pl.String) == "apm_entity")
    for snapshot in (1, 2, 3):
        assert statuses(scores.filter(pl.col("snapshot") == snapshot)) == STATUSES


def test_clinicians_end_the_year_with_every_status(year_and_tables: tuple[int, Tables]) -> None:
    determinations = year_and_tables[1]["determinations"]
    assert statuses(determinations.filter("is_latest")) == STATUSES
    assert 4 in determinations["snapshot"]


def test_clinicians_are_assessed_one_by_one(year_and_tables: tuple[int, Tables]) -> None:
    year, tables = year_and_tables
    levels = set(tables["threshold_scores"]["level"].cast(pl.String))
    assert levels == {"apm_entity", "individual"} | ({"affiliated_practitioner"} if year <= 2025 else set())


def test_an_entity_is_qp_at_first_and_later_is_not_but_its_clinicians_stay_qp(
    year_and_tables: tuple[int, Tables],
) -> None:
    tables = year_and_tables[1]
    own = tables["threshold_scores"].filter(pl.col("apm_entity_id") == "SYN07").sort("snapshot")
    assert own.filter(pl.col("snapshot") == 1)["status"].cast(pl.String).to_list()[0] == "QP"
    assert "QP" not in statuses(own.filter(pl.col("snapshot") == 3))
    stuck = tables["determinations"].filter((pl.col("snapshot") == 3) & (pl.col("determined_at_snapshot") == 1))
    assert "QP" in statuses(stuck.filter(pl.col("determined_by_apm_entity_id") == "SYN07"))


def test_every_step_of_the_exclusions_removes_something(year_and_tables: tuple[int, Tables]) -> None:
    year, tables = year_and_tables
    removed = pl.coalesce("lines_removed", "beneficiaries_removed").sum().alias("removed")
    steps = tables["exclusions"].filter(pl.col("step_number") > 1).group_by(pl.col("step").cast(pl.String)).agg(removed)
    idle = set(steps.filter(pl.col("removed") == 0)["step"])
    assert steps.height == 13
    assert idle == (set() if year >= FIRST_YEAR_OF_EXCLUSIVE_ATTRIBUTION else {"is_not_prospective_elsewhere"})
