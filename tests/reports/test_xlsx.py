"""A report as a workbook: what a person who opens it finds, and what no cell may do."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from qpcli.errors import InputError, UsageError
from qpcli.reports import xlsx
from qpcli.reports.formats import WORKBOOK_FILE
from qpcli.reports.xlsx import MAX_ROWS, refuse_rows, refuse_without_writer, write_workbook
from qpcli.reports.xlsx_reading import read_workbook
from qpcli.tables.catalogue import OUTPUT_TABLES
from qpcli.tables.determinations import DETERMINATIONS
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from tests.reports.world import CANARY_NPI, determination_row, frame, manifest_of, score_row, short_row, tables

HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://example.org")', "http://example.org")


@pytest.fixture
def book(tmp_path: Path) -> Workbook:
    write_workbook(tables(), manifest_of()(()), tmp_path / WORKBOOK_FILE)
    return load_workbook(tmp_path / WORKBOOK_FILE)


def written(tmp_path: Path, **content: object) -> Path:
    path = tmp_path / WORKBOOK_FILE
    write_workbook({**tables(), **content}, manifest_of()(()), path)  # type: ignore[arg-type]
    return path


def test_there_is_a_sheet_per_table_one_for_pivots_definitions_and_the_run(book: Workbook) -> None:
    names = [table.name for table in OUTPUT_TABLES if table.name in tables()]
    assert set(book.sheetnames) == {"about", "definitions", "scores_by_method", *names}
    assert book.sheetnames[0] == "about"
    assert [cell.value for cell in book["about"][1]][:2] == ["qpcli report", "0123456789abcdef"]


def test_identifiers_are_text_and_amounts_and_scores_are_numbers(book: Workbook) -> None:
    clinicians, scores = book["determinations"], book["threshold_scores"]
    npi = clinicians.cell(2, 1 + DETERMINATIONS.column_names.index("npi"))
    assert (npi.value, npi.data_type) == (CANARY_NPI, "s")
    amount = scores.cell(2, 1 + THRESHOLD_SCORES.column_names.index("payment_numerator"))
    assert (amount.value, amount.number_format) == (80, "#,##0.00")
    score = scores.cell(2, 1 + THRESHOLD_SCORES.column_names.index("payment_score"))
    assert (score.value, score.number_format) == (50, "0.0000")


@pytest.mark.parametrize("sheet", ["threshold_scores", "determinations", "exclusions", "findings", "definitions"])
def test_the_header_stays_in_sight(book: Workbook, sheet: str) -> None:
    assert book[sheet].freeze_panes == "A2"


def test_scores_are_coloured_against_the_bars_of_their_own_row(book: Workbook) -> None:
    rules = [rule for area in book["threshold_scores"].conditional_formatting for rule in area.rules]
    names = THRESHOLD_SCORES.column_names
    score, bar = ("$" + "ABCDEFGHIJKLMNOPQRSTUVW"[names.index(f"payment_{n}")] + "2" for n in ("score", "qp_threshold"))
    assert f"AND(ISNUMBER({score}),{score}>={bar})" in [rule.formula[0] for rule in rules]


def test_the_long_sheet_has_a_row_per_method(book: Workbook) -> None:
    header, *rows = book["scores_by_method"].iter_rows(values_only=True)
    assert len(rows) == 2 * tables()["threshold_scores"].height
    first = dict(zip(header, rows[1], strict=True))
    assert (first["method"], first["numerator"], first["score"], first["qp_threshold"]) == ("patient_count", 1, 50, 35)


def test_every_column_of_every_sheet_is_defined(book: Workbook) -> None:
    _, *rows = book["definitions"].iter_rows(values_only=True)
    defined = {(sheet, column) for sheet, column, *_ in rows}
    for name in set(book.sheetnames) - {"about", "definitions"}:
        assert {(name, cell.value) for cell in book[name][1]} <= defined


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, threshold_scores=frame(THRESHOLD_SCORES, score_row(text)))
    cell = load_workbook(path)["threshold_scores"].cell(2, 4)
    assert (cell.data_type, cell.hyperlink) == ("s", None)
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name, part in parts.items() if b"<f>" in part or b"hyperlink" in part]


def test_a_workbook_comes_back_in_the_calculation_s_units(tmp_path: Path) -> None:
    large = short_row(payment_numerator=999_999_999_999_99, payment_denominator=-5)
    rows = frame(THRESHOLD_SCORES, large, score_row("007"))
    back = read_workbook(written(tmp_path, threshold_scores=rows))
    assert back["threshold_scores"].equals(rows)
    assert all(back[name].equals(table) for name, table in tables().items() if name != "threshold_scores")


def test_the_bytes_depend_on_neither_the_time_zone_nor_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = written(tmp_path / "one").read_bytes()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    before = os.umask(0)
    try:
        second = written(tmp_path / "two")
    finally:
        os.umask(before)
    assert second.read_bytes() == first
    assert second.stat().st_mode & 0o777 == 0o600


def test_nothing_is_left_beside_the_workbook(tmp_path: Path) -> None:
    written(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [WORKBOOK_FILE]


def test_a_sheet_is_full_with_its_header() -> None:
    refuse_rows(MAX_ROWS - 1)
    with pytest.raises(UsageError) as caught:
        refuse_rows(MAX_ROWS)
    assert (caught.value.code, caught.value.exit_status) == ("QP112", 2)


def test_a_table_that_grew_too_long_is_not_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 3)
    rows = frame(DETERMINATIONS, *(determination_row(str(npi)) for npi in range(3)))
    with pytest.raises(UsageError):
        written(tmp_path, determinations=rows)


def test_a_missing_library_is_said_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "_WRITER", "no_such_library")
    with pytest.raises(UsageError) as caught:
        refuse_without_writer()
    assert (caught.value.code, "pip install 'qpcli[excel]'" in caught.value.help) == ("QP110", True)


@pytest.mark.parametrize("text", [*HOSTILE, "a_x0041_b", "\x01", "  blanks  ", "Peña \U0001f600", "<&>", "x" * 200])
def test_every_text_comes_back(tmp_path: Path, text: str) -> None:
    rows = frame(THRESHOLD_SCORES, score_row(text))
    assert read_workbook(written(tmp_path, threshold_scores=rows))["threshold_scores"].equals(rows)


def test_a_workbook_of_another_program_is_refused(tmp_path: Path) -> None:
    other = Workbook()
    other.active.title = "determinations"
    other.active.append(["canary-1999999984", 7])
    other.active.append(["x", "y"])
    other.save(tmp_path / "other.xlsx")
    with pytest.raises(InputError) as caught:
        read_workbook(tmp_path / "other.xlsx")
    assert (caught.value.code, "1999999984" in caught.value.message) == ("QP202", False)


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_shared_workbook_says_that_cells_are_hidden(tmp_path: Path, is_shared: bool) -> None:
    manifest = replace(manifest_of()(()), options={"output": {"is_shared": is_shared}})
    write_workbook(tables(), manifest, tmp_path / WORKBOOK_FILE)
    about = [row[0] for row in load_workbook(tmp_path / WORKBOOK_FILE)["about"].iter_rows(values_only=True)]
    assert ("small cells" in about) is is_shared
