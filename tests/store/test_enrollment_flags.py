"""People who vanish from CCLF8 keep the coverage that the enrollment flags of assignment lists tell."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from qpcli.request import (
    Assignment,
    InputPaths,
    LawOptions,
    ListOptions,
    OutputOptions,
    ReadOptions,
    ReportFormat,
    RunRequest,
)
from qpcli.run import determine
from qpcli.sample import SamplePlan, write_cclf_sample
from qpcli.watch import SilentWatcher
from tests.store.conftest import YEAR
from tests.store.made import changed, converted, lines_of, members

ENTITY, POINT = "A9902", "assignment_enrollment_flags"
ENDS = {"cclf_missing_person": "end_at_last_seen"}
LAST_SEEN = 4
"""April's delivery is the last that holds the people of the list."""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A feed without the people of one list in CCLF8 after April, who keep their claims."""
    folder = tmp_path_factory.mktemp("flags") / "out"
    write_cclf_sample(SamplePlan(performance_year=YEAR, beneficiaries=300, format="csv"), folder)
    listed = people(folder)
    for delivery in sorted((folder / "cclf").glob("*ZCY*"))[LAST_SEEN:]:
        changed(delivery, "8", lambda lines: [line for line in lines if line[:11] not in listed])
    return folder


def people(folder: Path) -> set[str]:
    """The MBIs of the list of the second quarter."""
    (report,) = (folder / "assignment").glob(f"*{ENTITY}*Q2*")
    return {line.split(",")[0] for lines in members(report).values() for line in lines[1:]}


def seen(folder: Path) -> list[set[str]]:
    """Whom of them the CCLF8 of each month holds."""
    deliveries = sorted((folder / "cclf").glob("*ZCY*"))
    return [{line[:11] for line in lines_of(delivery, "8")} & people(folder) for delivery in deliveries]


def determined(market: Path, out: Path, **assumptions: str) -> tuple[int | None, dict[str, int]]:
    """How many months were filled; and who is left at each step of the entity at the second snapshot."""
    lists = ListOptions(assignment=Assignment.RETROSPECTIVE)
    inputs = InputPaths(
        claims=(str(market / "store"),),
        beneficiaries=(),
        participants=(str(market / "Participant List.csv"),),
        attribution=tuple(map(str, (market / "assignment").glob(f"*{ENTITY}*"))),
        entities=(str(market / "entities.csv"),),
    )
    law, output = LawOptions(YEAR, assumptions=assumptions), OutputOptions(out, format=ReportFormat.PARQUET)
    determine(RunRequest(inputs, law, output=output, reading=ReadOptions(lists=lists)), SilentWatcher())
    findings = pl.read_parquet(out / "findings.parquet").filter(code="enrollment_flags_used")
    steps = pl.read_parquet(out / "exclusions.parquet").filter(snapshot=2, apm_entity_id=ENTITY, basis="em")
    left = dict(steps.select("step", "beneficiaries_remaining").iter_rows())
    return (findings["count"].item() if findings.height else None), left


@pytest.fixture(scope="module")
def store(market: Path) -> Path:
    converted(market / "store", *sorted((market / "cclf").iterdir()), assumptions=ENDS)
    return market


def test_their_months_are_filled_and_they_count(store: Path, tmp_path: Path) -> None:
    months, left = determined(store, tmp_path / "filled", **ENDS)
    unfilled, lost = determined(store, tmp_path / "open", **ENDS, **{POINT: "not_used"})
    assert unfilled is None
    # May and June, the last months that the list of the second quarter tells of; who was never seen stays unknown.
    assert months == 2 * len(seen(store)[LAST_SEEN - 1])
    assert lost["is_attributed"] < left["is_attributed"]


def test_the_people_are_missing_where_the_test_says_so(store: Path) -> None:
    found = [bool(held) for held in seen(store)]
    assert found == [True] * LAST_SEEN + [False] * (len(found) - LAST_SEEN)
    assert seen(store)[LAST_SEEN - 1] < people(store)
