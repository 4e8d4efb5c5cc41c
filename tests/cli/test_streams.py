"""stdout carries data only; everything else goes to stderr."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

from qpcli.tables.catalogue import OUTPUT_TABLES
from qpcli.tables.contributions import CONTRIBUTIONS
from qpcli.tables.schema import Table
from tests.cli.calling import qpcli
from tests.cli.conftest import Call

TITLE = "QP determinations for performance year 2025"


def test_without_out_the_summary_stands_on_stdout_and_nothing_is_written(determine: Call, place: Path) -> None:
    answer = determine()
    assert answer.out.startswith(TITLE)
    assert TITLE not in answer.err
    assert [path.name for path in place.iterdir()] == ["sample_data"]


def test_with_out_the_summary_stands_on_stderr_and_stdout_is_empty(determine: Call, place: Path) -> None:
    answer = determine("--out", "reports")
    assert (answer.out, TITLE in answer.err) == ("", True)
    assert (place / "reports" / "manifest.json").is_file()


def test_quiet_leaves_stderr_to_errors(determine: Call) -> None:
    assert (determine("-q", "--out", "reports").err, determine("-q").err) == ("", "")
    assert determine("-q", "--claims", "nowhere").err.startswith("error[QP201]")


@pytest.mark.parametrize("table", [t for t in OUTPUT_TABLES if t is not CONTRIBUTIONS], ids=lambda table: table.name)
def test_out_to_stdout_writes_one_table_and_nothing_else(
    determine: Call, table: Table, other_payer: tuple[str, str]
) -> None:
    answer = determine(*other_payer, "--out", "-", "--table", table.name)
    header, *rows = csv.reader(io.StringIO(answer.out))
    assert tuple(header) == table.column_names
    assert rows
    assert TITLE in answer.err


def test_out_to_stdout_writes_what_out_to_a_folder_writes(determine: Call, place: Path) -> None:
    determine("--out", "reports", "--format", "csv")
    assert determine("--out", "-").out == (place / "reports" / "determinations.csv").read_text()


def test_steps_are_single_lines_where_stderr_is_no_terminal(determine: Call) -> None:
    lines = determine().err.splitlines()
    assert lines
    assert all(line.endswith(" s") for line in lines)


def test_a_log_in_json_is_one_object_per_line(determine: Call) -> None:
    log = determine("--log-format", "json", "--out", "reports").log
    assert {entry["event"] for entry in log} == {"step", "summary"}
    assert log[-1]["folder"] == "reports"
    (error,) = determine("--log-format", "json", "--claims", "nowhere").log
    assert (error["event"], error["code"]) == ("error", "QP201")


def test_the_settings_found_upward_are_named(call: Call, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = place / "sample_data" / "claim_lines"
    monkeypatch.chdir(deep)
    said = "".join(call("determine").err.splitlines()[:3])
    assert said.replace(" ", "").startswith(f"Settingsfrom{place / 'sample_data' / 'qpcli.toml'}")


def test_a_dry_run_says_what_would_run_and_writes_nothing(determine: Call, place: Path) -> None:
    answer = determine("--dry-run", "--out", "reports")
    assert (answer.status, (place / "reports").exists()) == (0, False)
    assert answer.out.startswith("Run ")
    assert "would be written" in answer.err


def test_a_closed_stderr_does_not_stop_a_command() -> None:
    script = f'"{sys.executable}" -m qpcli codes QP203 2>&-'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.startswith("QP203")) == (0, True)


def test_nothing_steers_the_terminal_from_a_path(place: Path) -> None:
    answer = qpcli("determine", "--config", "nowhere\x1b[31m.toml", cwd=place)
    assert "\x1b" not in answer.err
    assert answer.status == 2
