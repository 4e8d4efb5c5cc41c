"""`qpcli clean`: what holds patients goes, the report stays whole, and nothing of anybody else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpcli.reports.publishing import hold_lock
from qpcli.reports.scratch import held
from tests.cli.conftest import Call

CONFIG = ("--config", "sample_data/qpcli.toml")


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of this test alone."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def report(call: Call, place: Path) -> Path:
    """A report with cells."""
    assert call("determine", *CONFIG, "--out", "reports", "--keep-cells", "-q").status == 0
    return place / "reports"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_cells_go_and_the_report_stays_whole(call: Call, report: Path) -> None:
    before = {path.name: path.read_bytes() for path in report.glob("*.parquet")}
    answer = call("clean", "reports")
    assert answer.status == 0
    assert answer.out.splitlines() == [
        f"removed cells: {report / 'cells'}",
        f"removed lock: {report.parent / '.reports.qpcli.lock'}",
    ]
    assert {path.name: path.read_bytes() for path in report.glob("*.parquet")} == before
    assert names(report) == {*before, "manifest.json"}
    assert call("verify", "reports").status == 0
    assert names(report.parent) == {"sample_data", "reports"}


def test_a_run_that_keeps_cells_makes_them_again(call: Call, report: Path) -> None:
    call("clean", "reports")
    assert call("determine", *CONFIG, "--out", "reports", "--keep-cells", "-q").status == 0
    assert (report / "cells" / "cells.parquet").is_file()
    assert call("verify", "reports").status == 0


def test_a_report_without_cells_is_still_up_to_date(call: Call, place: Path) -> None:
    call("determine", *CONFIG, "--out", "reports", "-q")
    before = (place / "reports" / "manifest.json").stat().st_mtime_ns
    assert call("clean", "reports").status == 0
    assert "Up to date" in call("determine", *CONFIG, "--out", "reports").err
    assert (place / "reports" / "manifest.json").stat().st_mtime_ns == before


def test_what_was_changed_by_hand_is_still_told_afterwards(call: Call, report: Path) -> None:
    (report / "findings.parquet").write_bytes(b"by hand")
    assert call("clean", "reports").status == 0
    answer = call("verify", "reports")
    assert (answer.status, answer.out) == (1, "changed output: findings.parquet\n")


def test_cleaning_again_finds_nothing(call: Call, report: Path) -> None:
    call("clean", "reports")
    answer = call("clean", "reports", "--json")
    assert (answer.status, answer.document["removed"]) == (0, [])
    assert call("clean", "reports").out == "Nothing was left to remove.\n"
    assert report.is_dir()


def test_leftovers_of_killed_runs_go(call: Call, report: Path) -> None:
    for kind in ("new-1a", "old-1a", "scratch-1a"):
        (report.parent / f".reports.qpcli-{kind}").mkdir()
    (report.parent / ".other.qpcli-new-1a").mkdir()
    removed = [entry["what"] for entry in call("clean", "reports", "--json").document["removed"]]
    assert removed == ["leftover", "leftover", "leftover", "cells", "lock"]
    assert names(report.parent) == {"sample_data", "reports", ".other.qpcli-new-1a"}


@pytest.mark.parametrize("kind", ["report", "prepared store"])
def test_all_of_a_report_or_a_store_goes_when_asked_for(call: Call, place: Path, kind: str) -> None:
    command = ("determine", *CONFIG) if kind == "report" else ("convert", "--claims", "sample_data/claim_lines")
    assert call(*command, "--out", "folder", "-q").status == 0
    assert call("clean", "folder").status == 0
    assert (place / "folder").is_dir()
    assert f"removed {kind}: {place / 'folder'}" in call("clean", "folder", "--all").out
    assert names(place) == {"sample_data"}


def test_a_store_that_was_moved_aside_comes_back(call: Call, place: Path) -> None:
    call("convert", "--claims", "sample_data/claim_lines", "--out", "store", "-q")
    (place / "store").rename(place / ".store.qpcli-old-1a")
    assert call("clean", "store").status == 0
    assert call("verify", "store").status == 0
    assert names(place) == {"sample_data", "store"}


def test_nothing_of_somebody_else_is_removed(call: Call, report: Path) -> None:
    (report / "notes.txt").write_text("mine")
    before = {path.relative_to(report) for path in report.rglob("*")}
    for options in ((), ("--all",)):
        answer = call("clean", "reports", *options)
        assert answer.status == 4
        assert "QP302" in answer.err
        assert {path.relative_to(report) for path in report.rglob("*")} == before
    before = names(report.parent)
    answer = call("clean", "sample_data", "--all")
    assert names(report.parent) == before
    assert (answer.status, "QP302" in answer.err) == (4, True)
    assert (report.parent / "sample_data" / "qpcli.toml").is_file()


def test_an_empty_folder_stays(call: Call, place: Path) -> None:
    (place / "empty").mkdir()
    assert call("clean", "empty", "--all").status == 0
    assert (place / "empty").is_dir()


def test_rejected_rows_go_from_where_the_run_wrote_them(call: Call, place: Path) -> None:
    claims = next((place / "sample_data" / "claim_lines").iterdir())
    claims.write_text(claims.read_text() + "broken\n")
    rejecting = ("--rejects", "rejected", "--max-rejects", "1")
    assert call("determine", *CONFIG, *rejecting, "--out", "reports", "-q").status == 0
    (place / "rejected" / "mine.rejects.csv").write_text("not of qpcli")
    assert len(names(place / "rejected")) == 2
    assert "removed rejected rows: " in call("clean", "reports").out
    assert names(place / "rejected") == {"mine.rejects.csv"}


def test_rejected_rows_of_a_run_that_failed_go_from_their_folder(call: Call, place: Path) -> None:
    claims = next((place / "sample_data" / "claim_lines").iterdir())
    claims.write_text(claims.read_text() + "broken\n")
    assert call("determine", *CONFIG, "--rejects", "rejected", "-q").status == 3
    assert len(names(place / "rejected")) == 1
    assert call("clean", "rejected").status == 0
    assert names(place / "rejected") == set()
    assert names(place) == {"sample_data", "rejected"}


def test_a_folder_that_a_run_holds_is_left_alone(call: Call, report: Path) -> None:
    with hold_lock(report):
        answer = call("clean", "reports", "--all")
    assert (answer.status, "QP303" in answer.err) == (75, True)
    assert (report / "cells" / "cells.parquet").is_file()


def test_temporary_folders_of_dead_runs_go_and_those_of_others_stay(call: Call, report: Path, temporary: Path) -> None:
    for name in ("qpcli-scratch-dead", "qpcli-scratch-alive", "somebody-else"):
        (temporary / name).mkdir()
    (temporary / "qpcli-scratch-link").symlink_to(temporary / "somebody-else")
    with held(temporary / "qpcli-scratch-alive"):
        assert "removed temporary folder: " in call("clean", "reports").out
    assert names(temporary) == {"qpcli-scratch-alive", "qpcli-scratch-link", "somebody-else"}
    assert report.is_dir()


def test_what_does_not_exist_is_said(call: Call, place: Path) -> None:
    answer = call("clean", "nowhere")
    assert (answer.status, "QP201" in answer.err) == (3, True)
    assert names(place) == {"sample_data"}
    (place / "file").touch()
    assert call("clean", "file").status == 4
