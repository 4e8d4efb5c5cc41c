"""A report's tables as files, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpcli.errors import InputError
from qpcli.reports.formats import WORKBOOK_FILE, read_tables, report_files
from qpcli.reports.publishing import hold_lock, publish
from qpcli.request import OutputOptions, ReportFormat
from tests.reports.world import content_of, manifest_of, tables, text_writer


@pytest.mark.parametrize("format", ReportFormat)
def test_a_published_report_is_read_back_in_the_calculation_s_units(tmp_path: Path, format: ReportFormat) -> None:
    files = report_files(tables(), OutputOptions(format=format), manifest_of()(())) | {
        "cells/part-0.parquet": text_writer("not a table")
    }
    with hold_lock(tmp_path / "out"):
        manifest = publish(tmp_path / "out", files, manifest_of())
    back = read_tables(tmp_path / "out", manifest)
    assert set(back) == set(tables())
    assert all(back[name].equals(frame) for name, frame in tables().items())


@pytest.mark.parametrize("format", ReportFormat)
def test_two_runs_of_equal_content_write_the_same_bytes(tmp_path: Path, format: ReportFormat) -> None:
    for name in ("one", "two"):
        with hold_lock(tmp_path / name):
            publish(
                tmp_path / name, report_files(tables(), OutputOptions(format=format), manifest_of()(())), manifest_of()
            )
    assert content_of(tmp_path / "one") == content_of(tmp_path / "two")


@pytest.mark.parametrize("format", ReportFormat)
def test_a_damaged_table_is_refused_without_a_value(tmp_path: Path, format: ReportFormat) -> None:
    with hold_lock(tmp_path / "out"):
        manifest = publish(
            tmp_path / "out", report_files(tables(), OutputOptions(format=format), manifest_of()(())), manifest_of()
        )
    name = WORKBOOK_FILE if format is ReportFormat.XLSX else f"threshold_scores.{format.value}"
    (tmp_path / "out" / name).write_text("snapshot,npi\ncanary-1999999984,x\n")
    with pytest.raises(InputError) as caught:
        read_tables(tmp_path / "out", manifest)
    assert caught.value.code == "QP202"
    assert "1999999984" not in caught.value.message
    assert caught.value.__cause__ is None
