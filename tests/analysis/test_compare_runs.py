"""Two runs that differ in one thing: every difference has that thing as its cause."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from qpcli.analysis.comparing_runs import compare_runs
from qpcli.analysis.finished_run import FinishedRun, open_run
from qpcli.sample.templates import other_payer_template
from tests.cli.calling import qpcli

SAMPLE = Path(__file__).parents[2] / "sample_data"
Change = Callable[[Path], list[str]]
TAKEN = (SAMPLE / "participants.csv").read_text().splitlines()[1].split(",")[2]
"""A clinician who is taken off every list."""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    return run_of(tmp_path_factory.mktemp("first"), lambda _folder: [])


def run_of(folder: Path, change: Change) -> FinishedRun:
    """A run on the sample after a change of its files, or with more options."""
    sample = folder / "sample"
    shutil.copytree(SAMPLE, sample)
    options = change(sample)
    answer = qpcli("determine", "--config", "sample/qpcli.toml", "--quiet", "--out", "run", *options, cwd=folder)
    assert answer.status == 0, answer.err
    return open_run(folder / "run")


def rewritten(file: Path, keep: Callable[[int, str], bool]) -> None:
    """The header and the lines that are kept."""
    header, *lines = file.read_text().splitlines()
    file.write_text("\n".join([header, *(line for number, line in enumerate(lines) if keep(number, line))]) + "\n")


def without_a_clinician(sample: Path) -> list[str]:
    rewritten(sample / "participants.csv", lambda _number, line: TAKEN not in line)
    return []


def with_other_attribution(sample: Path) -> list[str]:
    rewritten(sample / "attribution.csv", lambda number, _line: number % 4 != 0)
    return []


def with_fewer_claims(sample: Path) -> list[str]:
    rewritten(sample / "claim_lines/part-0000.csv", lambda number, _line: number % 9 != 0)
    return []


def with_less_run_out(_sample: Path) -> list[str]:
    return ["--assume", "claims_run_out_days=0"]


def with_other_codes(sample: Path) -> list[str]:
    (sample / "codes.csv").write_text("hcpcs\n99213\n")
    return ["--em-codes", str(sample / "codes.csv")]


def with_other_payers(sample: Path) -> list[str]:
    (sample / "others.csv").write_text(other_payer_template())
    return ["--other-payer", str(sample / "others.csv")]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (without_a_clinician, "roster"),
        (with_other_attribution, "attribution_list"),
        (with_fewer_claims, "timing_run_out"),
        (with_less_run_out, "timing_run_out"),
        (with_other_codes, "rule_threshold"),
        (with_other_payers, "other_payers"),
    ],
)
def test_one_change_is_the_cause_of_all_differences(
    tmp_path: Path, first: FinishedRun, change: Change, cause: str
) -> None:
    differences, _ = compare_runs(first, run_of(tmp_path, change))
    assert {"threshold_score", "determination"} >= set(differences["subject"]) > set()
    assert set(differences["cause"]) == {cause}


def test_a_clinician_taken_off_the_list_has_no_second_status(tmp_path: Path, first: FinishedRun) -> None:
    differences, changed = compare_runs(first, run_of(tmp_path, without_a_clinician))
    own = differences.filter((pl.col("subject") == "determination") & (pl.col("npi") == TAKEN))
    assert own.select("status_second").to_series().to_list() == [None]
    assert changed.words() == ["other participants files"]


def test_a_run_equals_itself(first: FinishedRun) -> None:
    differences, changed = compare_runs(first, first)
    assert (differences.height, changed.words()) == (0, [])


def test_a_difference_without_a_reason_is_unexplained(first: FinishedRun) -> None:
    scores = first.tables["threshold_scores"].with_columns(pl.col("patient_numerator") + 1)
    second = replace(first, tables={**first.tables, "threshold_scores": scores})
    differences, _ = compare_runs(first, second)
    assert differences.height == scores.height
    assert set(differences["cause"]) == {"unexplained"}


def test_fewer_snapshots_are_a_matter_of_time(tmp_path: Path, first: FinishedRun) -> None:
    differences, _ = compare_runs(first, run_of(tmp_path, lambda _sample: ["--snapshot", "2"]))
    scores = differences.filter(pl.col("subject") == "threshold_score")
    assert set(scores["snapshot"]) == {3}
    assert set(differences["cause"]) == {"timing_run_out"}
