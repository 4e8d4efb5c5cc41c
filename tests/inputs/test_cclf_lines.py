"""Fixed-width lines of CCLF: line ends, marks, encodings, and lines that are too short or too long."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from qpcli.inputs import fixed_blocks
from qpcli.inputs.archives import find_files
from qpcli.inputs.files import is_delivered
from qpcli.inputs.fixed_blocks import FixedRecord
from qpcli.inputs.fixed_scan import DELIVERY, FixedFile
from qpcli.inputs.opened import ROW

RECORD = FixedRecord({"ID": (1, 4), "NAME": (5, 10), "CODE": (11, 12), "STATE": (15, 16)}, 16, 12)
LINE = b"0001ANNA  A   MA"


def opened_file(path: Path, record: FixedRecord = RECORD) -> FixedFile:
    (file,) = find_files([str(path)], is_delivered)
    return FixedFile(file, record, 7)


def written(folder: Path, content: bytes) -> FixedFile:
    path = folder / "lines"
    path.write_bytes(content)
    return opened_file(path)


def rows_of(fixed: FixedFile) -> list[tuple[str | None, ...]]:
    names = list(RECORD.columns)
    return fixed.scan_with([], with_rows=False).select(names).collect(engine="streaming").rows()


ROW_OF_LINE = ("0001", "ANNA", "A", "MA")


@pytest.mark.parametrize(
    "content",
    [
        LINE + b"\n",
        LINE,
        LINE + b"\r\n",
        b"\xef\xbb\xbf" + LINE + b"\n",
        LINE + b"\n\x1a",
        LINE + b"\r\n\x1a",
        LINE + b"\x1a",
        b"\n" + LINE + b"\n\n   \n",
    ],
    ids=["LF", "no end", "CRLF", "BOM", "Ctrl-Z", "CRLF and Ctrl-Z", "Ctrl-Z at the end", "blank lines"],
)
def test_line_ends_and_marks_are_no_content(tmp_path: Path, content: bytes) -> None:
    fixed = written(tmp_path, content)
    assert rows_of(fixed) == [ROW_OF_LINE]
    assert (fixed.row_count, fixed.bad_line_count, fixed.seen.short_line_count) == (1, 0, 0)


@pytest.mark.parametrize("content", [b"", b"\n", b"\x1a", b"\xef\xbb\xbf"])
def test_an_empty_file_is_no_rows(tmp_path: Path, content: bytes) -> None:
    fixed = written(tmp_path, content)
    assert rows_of(fixed) == []
    assert fixed.row_count == 0


def test_zip_and_gzip_are_read_as_streams(tmp_path: Path) -> None:
    (tmp_path / "packed.gz").write_bytes(gzip.compress(LINE + b"\n"))
    with zipfile.ZipFile(tmp_path / "packed.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("P.lines", LINE + b"\n")
    assert [rows_of(opened_file(path)) for path in sorted(tmp_path.iterdir())] == [[ROW_OF_LINE], [ROW_OF_LINE]]


def test_a_line_that_reaches_the_last_needed_column_is_short_and_one_character_less_is_bad(tmp_path: Path) -> None:
    fixed = written(tmp_path, LINE + b"\n" + LINE[:12] + b"\n" + LINE[:11] + b"\n" + LINE + b"X\n")
    assert rows_of(fixed) == [ROW_OF_LINE, ("0001", "ANNA", "A", None)]
    assert (fixed.row_count, fixed.bad_line_count, fixed.seen.short_line_count) == (4, 2, 1)
    assert [line.number for line in fixed.bad_lines()] == [3, 4]
    assert fixed.bad_line_words == "fewer than 12 or more than 16 characters"


def test_a_line_broken_in_two_is_two_bad_lines(tmp_path: Path) -> None:
    fixed = written(tmp_path, LINE + b"\n" + LINE[:7] + b"\n" + LINE[8:] + b"\n" + LINE + b"\n")
    assert len(rows_of(fixed)) == 2
    assert [line.number for line in fixed.bad_lines()] == [2, 3]


def test_records_have_the_number_of_their_line(tmp_path: Path) -> None:
    fixed = written(tmp_path, LINE + b"\n\n" + LINE + b"\nshort\n" + LINE + b"\n")
    numbers = fixed.scan_with([], with_rows=True).select(ROW).collect().to_series().to_list()
    assert numbers == [1, 3, 5]


def test_numbers_go_on_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixed_blocks, "BLOCK_BYTES", 40)
    fixed = written(tmp_path, (LINE + b"\n") * 10 + b"\n" + LINE + b"\n")
    rows = fixed.scan_with([], with_rows=True).select(ROW, "ID").collect()
    assert rows[ROW].to_list() == [*range(1, 11), 12]
    assert rows["ID"].unique().to_list() == ["0001"]


@pytest.mark.parametrize(
    "name",
    [
        "ANÑA  ".encode("latin-1"),
        "ANÑA  ".encode(),
        "ANÑA ".encode(),
        "AÃ±A  ".encode("latin-1"),
        b"ANN~  ",
    ],
    ids=["Latin-1", "UTF-8 by characters", "UTF-8 by bytes", "Latin-1 that looks like UTF-8", "ASCII"],
)
def test_the_columns_after_a_name_stay_in_their_places(tmp_path: Path, name: bytes) -> None:
    fixed = written(tmp_path, LINE + b"\n" + b"0002" + name + b"B   CA\n")
    _, (identifier, _, code, state) = rows_of(fixed)
    assert (identifier, code, state) == ("0002", "B", "CA")
    assert fixed.bad_line_count == 0


def test_blank_fields_and_tildes_are_null(tmp_path: Path) -> None:
    fixed = written(tmp_path, b"0001      ~   MA\n0002ANNA      CA\n")
    assert rows_of(fixed) == [("0001", None, None, "MA"), ("0002", "ANNA", None, "CA")]


def test_every_row_has_the_delivery_of_its_file(tmp_path: Path) -> None:
    fixed = written(tmp_path, LINE + b"\n" + LINE + b"\n")
    assert fixed.scan_with([], with_rows=False).select(DELIVERY).collect().to_series().to_list() == [7, 7]


def test_rows_are_counted_without_any_column(tmp_path: Path) -> None:
    fixed = written(tmp_path, LINE + b"\n" + LINE + b"\n")
    assert fixed.scan_with([], with_rows=False).select(pl.len()).collect().item() == 2


def test_files_of_different_records_are_scanned_together(tmp_path: Path) -> None:
    short = FixedRecord({**RECORD.columns}, 16, 12)
    (tmp_path / "one").write_bytes(LINE + b"\n")
    (tmp_path / "two").write_bytes(LINE + b"\r\n")
    first, second = opened_file(tmp_path / "one"), opened_file(tmp_path / "two", short)
    assert first.scan_with([second], with_rows=False).collect().height == 2
    assert (first.row_count, second.row_count) == (1, 1)


_FIELD = st.text("0A ~.-", min_size=16, max_size=16)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(_FIELD, min_size=1, max_size=8))
def test_both_ways_of_cutting_give_the_same(tmp_path: Path, lines: list[str]) -> None:
    whole = "".join(f"{line}\n" for line in lines if line.strip()).encode()
    frames = []
    for end in (b"", b"\n"):
        fixed = written(tmp_path, whole + end * 2)
        frames.append(fixed.scan_with([], with_rows=True).collect())
    assert_frame_equal(*frames)
