"""Reports for spreadsheets: `--format xlsx` and `--excel-csv`."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from qpcli.reports import xlsx
from tests.cli.conftest import Call


def test_a_workbook_is_written_verified_and_stands(determine: Call, call: Call, place: Path) -> None:
    assert determine("--out", "book", "--format", "xlsx").status == 0
    assert {path.name for path in (place / "book").iterdir()} == {"manifest.json", "report.xlsx"}
    assert call("verify", "book").status == 0
    again = determine("--out", "book", "--format", "xlsx")
    assert "Up to date" in again.err
    assert (
        determine("--json").document["entities"]
        == determine("--out", "book", "--format", "xlsx", "--json").document["entities"]
    )


def test_the_workbook_holds_what_the_csv_holds(determine: Call, place: Path) -> None:
    determine("--out", "book", "--format", "xlsx")
    header, *rows = load_workbook(place / "book" / "report.xlsx")["determinations"].iter_rows(values_only=True)
    first, *lines = determine("--out", "-").out.splitlines()
    assert (list(header), len(rows)) == (first.split(","), len(lines))
    assert [row[1] for row in rows] == [line.split(",")[1] for line in lines]


def test_a_report_longer_than_a_sheet_is_refused_before_anything_is_computed(
    determine: Call, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 100)
    answer = determine("--out", "book", "--format", "xlsx", "--log-format", "json")
    assert (answer.status, answer.log[-1]["code"]) == (2, "QP112")
    assert not [line for line in answer.log if line.get("step") in ("Scanning claims", "Scoring")]
    assert not (place / "book").exists()
    assert determine("--dry-run", "--out", "book", "--format", "xlsx").status == 2


def test_without_the_library_the_help_names_the_command(determine: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "_WRITER", "no_such_library")
    answer = determine("--out", "book", "--format", "xlsx")
    assert (answer.status, "pip install 'qpcli[excel]'" in answer.err) == (2, True)


def test_excel_csv_means_csv_in_a_file_and_in_a_pipe(determine: Call, place: Path) -> None:
    determine("--out", "reports", "--excel-csv")
    content = (place / "reports" / "determinations.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert determine("--out", "-", "--excel-csv").out.encode() == content
    assert "Up to date" in determine("--out", "reports", "--excel-csv").err
    assert "Up to date" not in determine("--out", "reports", "--format", "csv").err


@pytest.mark.parametrize("format", ["parquet", "xlsx"])
def test_excel_csv_is_no_other_format(determine: Call, format: str) -> None:
    answer = determine("--out", "reports", "--excel-csv", "--format", format)
    assert (answer.status, "QP104" in answer.err) == (2, True)
    assert determine("--out", "-", "--format", format).status == 2
