"""Workbooks: what a person sees in a cell."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from qpcli.errors import InputError, QpcliError, UsageError
from qpcli.inputs import workbook as workbook_module
from qpcli.inputs.workbook import UNCALCULATED, read_workbook
from tests.inputs.made import CANARY
from tests.inputs.workbook_made import found, with_member, workbook


def shown(folder: Path, *cells: object) -> tuple[str | None, ...]:
    """The texts of the cells of one row."""
    (sheet,) = read_workbook(found(workbook(folder / "list.xlsx", {"List": [cells]})))
    return sheet.rows[0]


def test_text_stays_and_blank_cells_are_null(tmp_path: Path) -> None:
    assert shown(tmp_path, "012345678", None, "", "two\nlines") == ("012345678", None, None, "two\nlines")


def test_whole_numbers_have_no_point(tmp_path: Path) -> None:
    assert shown(tmp_path, 1437702123, 1437702123.0, 3.5, -2) == ("1437702123", "1437702123", "3.5", "-2")


def test_zeros_of_a_number_format_are_kept(tmp_path: Path) -> None:
    cells = [(12345678, "000000000"), (12345678, "00-0000000"), (12345678, "00\\-0000000"), (12345678, "0")]
    assert shown(tmp_path, *cells) == ("012345678", "01-2345678", "01-2345678", "12345678")


def test_days_are_iso_text_and_keep_a_time(tmp_path: Path) -> None:
    cells = (date(2025, 1, 1), datetime(2025, 1, 1), datetime(2025, 1, 1, 13, 30))  # noqa: DTZ001
    assert shown(tmp_path, *cells) == ("2025-01-01", "2025-01-01", "2025-01-01 13:30:00")


def test_a_serial_number_without_a_date_format_stays_a_number(tmp_path: Path) -> None:
    assert shown(tmp_path, 45658, (45658, "mm/dd/yyyy")) == ("45658", "2025-01-01")


def test_an_npi_in_a_cell_with_a_date_format_stays_an_npi(tmp_path: Path) -> None:
    assert shown(tmp_path, (1437702123, "mm/dd/yyyy"), (461517810, "yyyy-mm-dd")) == ("1437702123", "461517810")


def test_booleans_are_words(tmp_path: Path) -> None:
    assert shown(tmp_path, True, False) == ("TRUE", "FALSE")


def test_hidden_sheets_are_not_there(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"List": [["a"]], "Old": [["b"]]}, hidden=["Old"])
    assert [sheet.name for sheet in read_workbook(found(path))] == ["List"]


def test_a_formula_gives_its_stored_value(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"List": [["=1+1", "x"]]})
    with_member(path, "xl/worksheets/sheet1.xml", b"<v />", b"<v>2</v>")
    (sheet,) = read_workbook(found(path))
    assert sheet.rows == [("2", "x")]


def test_a_formula_without_a_stored_value_is_marked(tmp_path: Path) -> None:
    (sheet,) = read_workbook(found(workbook(tmp_path / "list.xlsx", {"List": [["x", "=1+1"], ["y", "z"]]})))
    assert sheet.rows == [("x", UNCALCULATED), ("y", "z")]


def test_the_first_rows_alone(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"List": [["a"], ["b"], ["c"]]})
    assert read_workbook(found(path), first_rows=2)[0].rows == [("a",), ("b",)]


def test_rows_below_what_the_sheet_says_of_its_size(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"List": [["a", "b"], ["c", "d"]]})
    with_member(path, "xl/worksheets/sheet1.xml", b'ref="A1:B2"', b'ref="A1"')
    assert read_workbook(found(path))[0].rows == [("a", "b"), ("c", "d")]


def test_a_workbook_inside_an_archive(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"List": [["a"]]})
    with zipfile.ZipFile(tmp_path / "lists.zip", "w") as archive:
        archive.write(path, "list.xlsx")
    assert read_workbook(found(str(tmp_path / "lists.zip")))[0].rows == [("a",)]


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b""),
        ("xl/worksheets/sheet1.xml", b'<row r="1"', b'<row r="99999999"'),
        ("xl/worksheets/sheet1.xml", f't="inlineStr"><is><t>{CANARY}</t></is>'.encode(), b't="s"><v>77</v>'),
        ("xl/worksheets/sheet1.xml", f't="inlineStr"><is><t>{CANARY}</t></is>'.encode(), b"><v>1EG4TE5MK73</v>"),
        ("xl/workbook.xml", b"</sheets>", b""),
    ],
)
def test_a_damaged_workbook_is_refused_and_not_quoted(tmp_path: Path, member: str, old: bytes, new: bytes) -> None:
    path = workbook(tmp_path / "list.xlsx", {"List": [[CANARY]]})
    with_member(path, member, old, new)
    with pytest.raises(InputError) as caught:
        read_workbook(found(path))
    assert caught.value.code == "QP202"
    assert CANARY not in caught.value.message


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = Path(workbook(tmp_path / "list.xlsx", {"List": [["a"]]}))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(QpcliError) as caught:
        read_workbook(found(str(path)))
    assert caught.value.code in ("QP202", "QP214")


def test_a_workbook_that_unpacks_to_an_absurd_size_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"List": [["a"]]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/blank.bin", bytes(5_000_000))
    with pytest.raises(InputError) as caught:
        read_workbook(found(path))
    assert caught.value.code == "QP214"


def test_without_the_library_the_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = found(workbook(tmp_path / "list.xlsx", {"List": [["a"]]}))
    monkeypatch.setattr(workbook_module, "find_spec", lambda _name: None)
    with pytest.raises(UsageError) as caught:
        read_workbook(file)
    assert caught.value.code == "QP110"
    assert "pip install 'qpcli[excel]'" in caught.value.help
