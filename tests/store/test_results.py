"""Determining on a store gives what determining on its files gives, byte for byte but for findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from qpcli.request import InputPaths, LawOptions, OutputOptions, ReportFormat, RunRequest
from qpcli.run import determine
from qpcli.sample import SamplePlan, write_rif_sample
from qpcli.watch import SilentWatcher
from tests.cli.calling import qpcli
from tests.store.conftest import YEAR, Feed
from tests.store.made import converted, hashes, step_by_step

TABLES = ("threshold_scores", "determinations", "clinicians", "exclusions")


@dataclass(frozen=True)
class Case:
    """Claims of a layout, in groups as they come, with the other inputs."""

    groups: tuple[tuple[Path, ...], ...]
    people: tuple[Path, ...]
    lists: tuple[Path, ...]

    @property
    def claims(self) -> list[Path]:
        return [path for group in self.groups for path in group]


@pytest.fixture(scope="module")
def rif(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rif") / "out"
    return write_rif_sample(SamplePlan(performance_year=YEAR, beneficiaries=200, format="csv"), folder).folder


@pytest.fixture(scope="module", params=["canonical", "cclf", "rif"])
def case(request: pytest.FixtureRequest, canonical: Path, feed: Feed, rif: Path) -> Case:
    folder = {"canonical": canonical, "cclf": feed.folder, "rif": rif}[request.param]
    roster = "Participant List.csv" if request.param == "cclf" else "participants.csv"
    lists = tuple(folder / name for name in (roster, "attribution.csv", "entities.csv"))
    if request.param == "canonical":
        files = sorted((folder / "claim_lines").iterdir())
        return Case(tuple((file,) for file in files), (folder / "beneficiaries.csv",), lists)
    if request.param == "cclf":
        return Case((feed.deliveries[:9], feed.deliveries[9:]), (), lists)
    return Case((tuple(sorted((folder / "rif").iterdir())),), (), lists)


def reported(case: Case, claims: Sequence[Path], out: Path, report_format: ReportFormat) -> dict[str, bytes]:
    """The tables as they are written."""
    participants, attribution, entities = ((str(path),) for path in case.lists)
    people = tuple(map(str, case.people))
    inputs = InputPaths(tuple(map(str, claims)), people, participants, attribution, entities)
    output = OutputOptions(out, format=report_format)
    determine(RunRequest(inputs, LawOptions(YEAR), output=output), SilentWatcher())
    return {name: (out / f"{name}.{report_format.value}").read_bytes() for name in TABLES}


@pytest.fixture(scope="module")
def store(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a case, made step by step."""
    return step_by_step(tmp_path_factory.mktemp("made") / "store", case.groups)


@pytest.mark.parametrize("report_format", [ReportFormat.PARQUET, ReportFormat.CSV])
def test_a_store_and_its_files_give_the_same_bytes(
    case: Case, store: Path, tmp_path: Path, report_format: ReportFormat
) -> None:
    expected = reported(case, case.claims, tmp_path / "files", report_format)
    assert all(expected.values())
    assert reported(case, [store], tmp_path / "report", report_format) == expected


def test_the_number_of_shards_changes_no_byte(case: Case, store: Path, tmp_path: Path) -> None:
    converted(tmp_path / "single", *case.claims, shard_count=1)
    expected = reported(case, [store], tmp_path / "report", ReportFormat.CSV)
    assert reported(case, [tmp_path / "single"], tmp_path / "another", ReportFormat.CSV) == expected


def test_threads_change_neither_a_store_nor_a_report(feed: Feed, tmp_path: Path) -> None:
    claims = [word for path in feed.deliveries for word in ("--claims", str(path))]
    lists = ("--participants", "Participant List.csv", "--attribution", "attribution.csv", "--entities", "entities.csv")
    never = ("--fail-on", "never")
    for threads in ("1", "4"):
        variables = {"POLARS_MAX_THREADS": threads}
        store, report = (str(tmp_path / f"{what}-{threads}") for what in ("store", "report"))
        done = qpcli("convert", *claims, "--out", store, "--quiet", *never, cwd=feed.folder, variables=variables)
        assert done.status == 0, done.err
        options = ("--year", str(YEAR), "--claims", store, "--out", report, "--format", "csv", "--quiet", *never)
        done = qpcli("determine", *options, *lists, cwd=feed.folder, variables=variables)
        assert done.status == 0, done.err
    assert hashes(tmp_path / "store-1") == hashes(tmp_path / "store-4")
    for name in TABLES:
        assert (tmp_path / f"report-1/{name}.csv").read_bytes() == (tmp_path / f"report-4/{name}.csv").read_bytes()
