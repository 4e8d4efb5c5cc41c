"""Lists as CSV and XLSX: where the header stands, which rows are whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpcli.errors import InputError, QpcliError, UsageError
from qpcli.inputs.frame_scan import FrameFile
from qpcli.inputs.list_tables import ListHeader, find_header, open_list, plain_name
from qpcli.inputs.opened import ROW
from qpcli.request import ListOptions, ReadOptions
from tests.inputs.made import CANARY, written
from tests.inputs.workbook_made import found, workbook

ROWS = [["TIN", "NPI"], ["012345678", "1437702123"]]


def is_header(names: tuple[str, ...]) -> bool:
    return "npi" in map(plain_name, names)


def opened_list(path: str, options: ReadOptions | None = None) -> FrameFile:
    return open_list(found(path), options or ReadOptions(), is_header=is_header)


def refused(path: str, options: ReadOptions | None = None) -> QpcliError:
    with pytest.raises(QpcliError) as caught:
        opened_list(path, options)
    assert CANARY not in caught.value.message + caught.value.help
    return caught.value


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    path = written(tmp_path / "list.csv", separator.join(("TIN", "NPI")), separator.join(("012345678", "1")))
    assert opened_list(path).frame.rows() == [("012345678", "1")]


def test_title_rows_stand_above_the_header_and_blank_rows_below(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", "My list", "", "TIN,NPI", "1,2", "", ",", "3,4")
    read = opened_list(path)
    assert list(read.columns) == ["TIN", "NPI"]
    assert read.scan_with((), with_rows=True).collect().rows() == [("1", "2", 1), ("3", "4", 4)]
    assert ROW in read.scan_with((), with_rows=True).collect_schema()
    assert read.row_count == 2


def test_the_header_is_searched_in_the_first_twenty_rows(tmp_path: Path) -> None:
    within = written(tmp_path / "within.csv", *["title"] * 19, "TIN,NPI", "1,2")
    below = written(tmp_path / "below.csv", *["title"] * 20, "TIN,NPI", "1,2")
    assert opened_list(within).frame.height == 1
    assert refused(below).code == "QP204"


def test_quoted_cells_hold_separators_and_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", 'Name,"Individual\nNPI",NPI', '"Doe, ""J""",x,"1\n2"')
    read = opened_list(path)
    assert list(read.columns) == ["Name", "Individual NPI", "NPI"]
    assert read.frame.rows() == [('Doe, "J"', "x", "1\n2")]


def test_rows_of_another_width_are_broken(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", "TIN,NPI", "1,2", "3", "4,5,6", "7,8,")
    read = opened_list(path)
    assert read.frame.rows() == [("1", "2"), ("7", "8")]
    assert [line.number for line in read.bad_lines()] == [2, 3]
    assert (read.row_count, read.bad_line_count) == (4, 2)


def test_an_unclosed_quote_is_refused(tmp_path: Path) -> None:
    assert refused(written(tmp_path / "list.csv", "TIN,NPI", f'1,"{CANARY}')).code == "QP202"


@pytest.mark.parametrize(("name", "encoding"), [("Pe\xf1a", "cp1252"), ("\x81\xf1", "latin-1")])
def test_what_is_not_utf8_is_windows_text_or_latin1(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(f"TIN,NPI,Name\n1,2,{name}\n".encode("latin-1"))
    read = opened_list(str(path))
    assert (read.encoding, read.frame["Name"].item()) == (encoding, name)


def test_an_encoding_that_is_asked_for_is_no_remark(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("TIN,NPI,Name\n1,2,Peña\n".encode("cp1252"))
    assert opened_list(str(path), ReadOptions(encoding="cp1252")).encoding is None


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"\xef\xbb\xbfNPI,TIN\r\n1,2\r\n\x1a")
    read = opened_list(str(path))
    assert (list(read.columns), read.frame.rows()) == (["NPI", "TIN"], [("1", "2")])


def test_utf16_and_empty_files_and_old_workbooks_are_refused(tmp_path: Path) -> None:
    for content, code in (
        ("TIN,NPI\n".encode("utf-16"), "QP210"),
        (b" \n", "QP206"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "QP202"),
    ):
        (tmp_path / "list.csv").write_bytes(content)
        assert refused(str(tmp_path / "list.csv")).code == code


def test_equal_names_are_numbered_and_columns_without_name_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", "NPI,npi,,TIN", "1,2,3,4")
    assert opened_list(path).frame.to_dicts() == [{"NPI": "1", "npi (2)": "2", "TIN": "4"}]
    assert plain_name("npi (2)") == plain_name("N.P.I.") == "npi"


def test_a_workbook_is_read_below_its_header(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"About": [["text"]], "List": [["Title"], [], *ROWS, [], ["1", "2", None]]})
    read = opened_list(path)
    assert read.frame.rows() == [("012345678", "1437702123"), ("1", "2")]
    assert read.numbers == (1, 3)


def test_several_sheets_with_a_header_need_the_option(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"New": ROWS, "Old": [ROWS[0], ["1", "2"]], "About": [["x"]]})
    error = refused(path)
    assert isinstance(error, UsageError)
    assert error.code == "QP111"
    assert "New, Old" in error.message
    assert "--sheet" in error.help
    options = ReadOptions(lists=ListOptions(sheet="old"))
    assert opened_list(path, options).frame.rows() == [("1", "2")]


def test_a_hidden_sheet_with_a_header_does_not_matter(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"New": ROWS, "Old": ROWS}, hidden=["Old"])
    assert opened_list(path).frame.height == 1


def test_a_formula_without_stored_value_makes_a_broken_row(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"List": [*ROWS, ["1", "=1+1"], ["3", "4", "=2+2"]]})
    read = opened_list(path)
    assert read.frame.rows() == [("012345678", "1437702123"), ("3", "4")]
    assert [line.number for line in read.bad_lines()] == [2]


def test_the_header_alone_is_found_without_reading_the_rest(tmp_path: Path) -> None:
    text = written(tmp_path / "list.csv", "Title", "TIN;NPI", "1;2")
    assert find_header(found(text), ReadOptions(), is_header=is_header) == ListHeader(1, ("TIN", "NPI"), ";")
    book = workbook(tmp_path / "list.xlsx", {"List": [["Title"], *ROWS]})
    assert find_header(found(book), ReadOptions(), is_header=is_header) == ListHeader(1, ("TIN", "NPI"))
    other = written(tmp_path / "other.csv", "a,b", "1,2")
    assert find_header(found(other), ReadOptions(), is_header=is_header) is None


def test_the_top_of_a_long_file_may_end_within_a_line(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"TIN,NPI\n" + '1,"ñ\n"\n'.encode() * 200_000)
    assert find_header(found(str(path)), ReadOptions(), is_header=is_header) is not None


def test_parquet_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    opened_list(written(tmp_path / "list.csv", "TIN,NPI", "1,2")).frame.write_parquet(path)
    with pytest.raises(InputError) as caught:
        opened_list(str(path))
    assert caught.value.code == "QP212"
    assert find_header(found(str(path)), ReadOptions(), is_header=is_header) is None
