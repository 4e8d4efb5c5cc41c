"""A run on a sample in CMS's layouts and a run on the canonical sample agree, as far as the layout can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qpcli.request import InputPaths, LawOptions, RunRequest
from qpcli.run import determine
from qpcli.sample import SamplePlan, write_cclf_sample, write_rif_sample
from qpcli.watch import SilentWatcher
from tests.sample.made import made
from tests.sample.told import told_by_cclf, told_by_rif

PLANS = (
    SamplePlan(performance_year=2025),
    SamplePlan(performance_year=2020, beneficiaries=1000, seed=3),
    SamplePlan(performance_year=2026, beneficiaries=1000, seed=4),
)
TABLES = ("threshold_scores", "determinations", "exclusions")


@pytest.fixture(params=PLANS, ids=lambda plan: str(plan.performance_year))
def plan(request: pytest.FixtureRequest) -> SamplePlan:
    plan: SamplePlan = request.param
    return plan


def determined(
    year: int, claims: Path, beneficiaries: Path | None, lists: Path, *names: str
) -> Mapping[str, pl.DataFrame]:
    """The result tables; `names`: files of the participants, the attribution and the entities."""
    participants, attribution, entities = ((str(lists / name),) for name in names)
    people = () if beneficiaries is None else (str(beneficiaries),)
    inputs = InputPaths((str(claims),), people, participants, attribution, entities)
    return determine(RunRequest(inputs, LawOptions(performance_year=year)), SilentWatcher()).tables


def canonical(year: int, told: Path) -> Mapping[str, pl.DataFrame]:
    lists = ("participants.parquet", "attribution.parquet", "entities.parquet")
    return determined(year, told / "claim_lines.parquet", told / "beneficiaries.parquet", told, *lists)


def assert_they_agree(found: Mapping[str, pl.DataFrame], expected: Mapping[str, pl.DataFrame]) -> None:
    for name in TABLES:
        assert_frame_equal(found[name], expected[name])
    assert {"QP", "PARTIAL_QP", "NOT_QP"} <= set(expected["threshold_scores"]["status"].cast(pl.String))


def test_cclf_deliveries_say_what_the_canonical_sample_says(plan: SamplePlan, tmp_path: Path) -> None:
    year = plan.performance_year
    out = write_cclf_sample(replace(plan, format="csv"), tmp_path / "feed").folder
    found = determined(year, out / "cclf", None, out, "Participant List.csv", "attribution.csv", "entities.csv")
    told = told_by_cclf(made(tmp_path / "sample", plan), tmp_path / "told", year)
    assert_they_agree(found, canonical(year, told))


def test_research_files_say_what_the_canonical_sample_says(plan: SamplePlan, tmp_path: Path) -> None:
    year = plan.performance_year
    out = write_rif_sample(replace(plan, format="csv"), tmp_path / "rif").folder
    people = out / "rif" / f"beneficiary_{year}.csv"
    found = determined(year, out / "rif", people, out, "participants.csv", "attribution.csv", "entities.csv")
    told = told_by_rif(made(tmp_path / "sample", plan), tmp_path / "told", year)
    assert_they_agree(found, canonical(year, told))
