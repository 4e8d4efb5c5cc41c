"""A line of a canonical CSV file that is not a whole record is rejected with its number, never mended in silence."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from qpcli.inputs import csv_blocks
from qpcli.request import ReadOptions
from tests.inputs.made import CANARY, CLAIM_HEADER, CLAIM_ROW, claim, claims_file, codes, read_claims, refused

ALLOWING = ReadOptions(max_rejects=5)


def structure_rows(path: str) -> tuple[int, tuple[int, ...]]:
    """Good rows, and the numbers of the rejected ones."""
    lines, notes = read_claims(path, options=ALLOWING)
    (file,) = notes.rejects
    (count,) = file.counts
    assert count.rule == "structure"
    assert count.count == len(count.rows)
    return lines.height, count.rows


@pytest.mark.parametrize(
    ("rows", "good", "bad"),
    [
        ([CLAIM_ROW, CLAIM_ROW.rpartition(",")[0], CLAIM_ROW], 2, (2,)),
        ([CLAIM_ROW, CLAIM_ROW + ",x"], 1, (2,)),
        ([CLAIM_ROW, "", CLAIM_ROW], 2, (2,)),
        (["", CLAIM_ROW], 1, (1,)),
        ([CLAIM_ROW, claim(npi='"1437702123'), CLAIM_ROW, CLAIM_ROW], 3, (2,)),
        ([CLAIM_ROW, claim(paid_amount='"100.00'), CLAIM_ROW], 2, (2,)),
        ([CLAIM_ROW, claim(paid_amount='"100.00')], 1, (2,)),
        ([CLAIM_ROW, claim(claim_id='"C"1'), CLAIM_ROW], 2, (2,)),
        ([CLAIM_ROW, claim(claim_id='"C,"1'), CLAIM_ROW], 2, (2,)),
        ([claim(claim_id='""C1'), CLAIM_ROW], 1, (1,)),
        ([CLAIM_ROW, claim(claim_id='"C""1"C')], 1, (2,)),
        ([CLAIM_ROW, "\0\0\0\0"], 1, (2,)),
        ([CLAIM_ROW, CLAIM_ROW + "\0\0"], 1, (2,)),
        ([CLAIM_ROW, CLAIM_ROW.replace("C1", "C\r1")], 1, (2,)),
    ],
    ids=[
        "short row",
        "long row",
        "blank line in the middle",
        "blank line after the header",
        "unclosed quote",
        "unclosed quote at the end of a line",
        "unclosed quote in the last line",
        "text after a closing quote",
        "text after a closing quote that follows a comma",
        "text after an empty quoted field",
        "text after a field with doubled quotes",
        "line of NULs",
        "trailing NULs",
        "carriage return inside a line",
    ],
)
def test_a_line_that_is_no_record_is_rejected_by_number(
    tmp_path: Path, rows: list[str], good: int, bad: tuple[int, ...]
) -> None:
    assert structure_rows(claims_file(tmp_path, *rows)) == (good, bad)


def test_a_truncated_last_row_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(f"{CLAIM_HEADER}\n{CLAIM_ROW}\n{CLAIM_ROW[:20]}")
    assert structure_rows(str(path)) == (1, (2,))


def test_by_default_one_broken_line_stops_the_run(tmp_path: Path) -> None:
    error = refused(claims_file(tmp_path, CLAIM_ROW, CLAIM_ROW + ",x"))
    assert error.code == "QP203"
    assert (
        error.message
        == "claims: 1 row has too few or too many fields, or are blank, broken off or wrongly quoted (row 2)"
    )


def test_a_broken_line_is_a_finding_when_allowed(tmp_path: Path) -> None:
    _, notes = read_claims(claims_file(tmp_path, CLAIM_ROW, CLAIM_ROW + ",x"), options=ALLOWING)
    (found,) = [found for found in notes.findings if found.code == "rejected_rows"]
    assert (found.rule, found.count) == ("structure", 1)
    assert (notes.files[0].row_count, notes.files[0].rejected_count, notes.row_count) == (2, 1, 1)


@pytest.mark.parametrize(
    ("text", "height"),
    [
        (f"\ufeff{CLAIM_HEADER}\n{CLAIM_ROW}\n", 1),
        (f'\ufeff"name, first",{CLAIM_HEADER}\nx,{CLAIM_ROW}\n', 1),
        (f"{CLAIM_HEADER}\r\n{CLAIM_ROW}\r\n{CLAIM_ROW}\r\n", 2),
        (f"{CLAIM_HEADER}\n{CLAIM_ROW}", 1),
        (f"{CLAIM_HEADER}\r\n{CLAIM_ROW}", 1),
        (f"{CLAIM_HEADER.upper()}\n{CLAIM_ROW}\n", 1),
        (f"{CLAIM_HEADER}\n{CLAIM_ROW}\n\n\n", 1),
        (f"{CLAIM_HEADER}\n{CLAIM_ROW}\r\n\r\n", 1),
        (f"{CLAIM_HEADER},note\n{CLAIM_ROW},x\n", 1),
        (f'"{CLAIM_HEADER.replace(",", chr(34) + "," + chr(34))}"\n{CLAIM_ROW}\n', 1),
    ],
    ids=[
        "BOM",
        "BOM before a quote",
        "CRLF",
        "no final newline",
        "CRLF, none at the end",
        "capitals",
        "blank lines at the end",
        "blank CRLF lines at the end",
        "extra column",
        "quoted header",
    ],
)
def test_harmless_forms_are_read(tmp_path: Path, text: str, height: int) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes(text.encode())
    lines, notes = read_claims(str(path))
    assert lines.height == height == notes.row_count
    assert lines["npi"][0] == "1437702123"
    assert lines["paid_cents"][0] == 10_000
    assert not notes.rejects


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    header = ",".join(reversed(CLAIM_HEADER.split(",")))
    row = ",".join(reversed(CLAIM_ROW.split(",")))
    lines, _ = read_claims(claims_file(tmp_path, row, header=header))
    assert lines.select("claim_id", "tin", "paid_cents").row(0) == ("C1", "012345678", 10_000)


def test_quoted_fields_may_hold_commas_and_doubled_quotes(tmp_path: Path) -> None:
    rows = [claim(claim_id='"C,1"'), claim(claim_id='"C""2"'), claim(claim_id='C"3')]
    lines, _ = read_claims(claims_file(tmp_path, *rows))
    assert sorted(lines["claim_id"]) == ['C"2', 'C"3', "C,1"]


def test_a_broken_line_does_not_change_how_its_neighbours_are_read(tmp_path: Path) -> None:
    rows = [claim(claim_id='C"3'), claim(claim_id='"C,1"'), claim(claim_id='",""C""2"'), claim(claim_id='"ab"c')]
    alone, _ = read_claims(claims_file(tmp_path, *rows[:3]))
    beside, _ = read_claims(claims_file(tmp_path, *rows), options=ALLOWING)
    assert sorted(alone["claim_id"]) == sorted(beside["claim_id"])


def test_only_an_empty_field_is_null(tmp_path: Path) -> None:
    rows = [claim(claim_id=text) for text in ("NULL", "NA", "nan", "None", "~")]
    lines, _ = read_claims(claims_file(tmp_path, *rows))
    assert sorted(lines["claim_id"]) == ["NA", "NULL", "None", "nan", "~"]


@pytest.mark.parametrize("block_bytes", [1, 7, 64, 100, 1000])
def test_rows_and_numbers_do_not_depend_on_the_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    rows = [claim(line_number=str(number)) for number in range(1, 41)]
    rows[4], rows[11], rows[12], rows[30], rows[39] = "", claim(npi='"x'), "a,b", CLAIM_ROW + "\0", '"'
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", block_bytes)
    monkeypatch.setattr("qpcli.inputs.csv_header.MAX_HEADER_BYTES", len(CLAIM_HEADER) + 1 + block_bytes)
    assert structure_rows(claims_file(tmp_path, *rows)) == (35, (5, 12, 13, 31, 40))


def test_gzipped_text_has_the_same_numbers(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv.gz"
    path.write_bytes(gzip.compress(f"{CLAIM_HEADER}\n{CLAIM_ROW}\n\n{CLAIM_ROW}\n".encode()))
    assert structure_rows(str(path)) == (2, (2,))


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "QP206", "empty"),
        (b"\n\n", "QP206", "empty"),
        (b"\xef\xbb\xbf", "QP206", "empty"),
        (f"\n{CLAIM_HEADER}\n".encode(), "QP206", "blank"),
        (f"{CLAIM_HEADER},npi\n".encode(), "QP205", "columns 4 and 9"),
        (f"{CLAIM_HEADER.replace(',', ';')}\n".encode(), "QP211", "semicolons"),
        (f"{CLAIM_HEADER.replace(',', chr(9))}\n".encode(), "QP211", "tabs"),
        (f"{CLAIM_HEADER}\n{CLAIM_ROW}\n".encode("utf-16"), "QP210", "UTF-16"),
        (f"{CLAIM_HEADER}\n{CLAIM_ROW}\n".encode("utf-16-le"), "QP210", "UTF-16"),
        (f"{CLAIM_HEADER}\r{CLAIM_ROW}\r".encode(), "QP202", "carriage return"),
        (f"{CLAIM_HEADER}\n{CLAIM_ROW}".replace("C1", "Ñ").encode("cp1252"), "QP210", "not utf-8"),
        (f"Ñ,{CLAIM_HEADER}\n".encode("cp1252"), "QP210", "not utf-8"),
        (f'"{CLAIM_HEADER}\n{CLAIM_ROW}\n'.encode(), "QP202", "unclosed quote"),
        (f'"run"x,{CLAIM_HEADER}\n{CLAIM_ROW}\n'.encode(), "QP202", "after a closing quote"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, content: bytes, code: str, words: str) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes(content)
    error = refused(str(path))
    assert error.code == code
    assert words in error.message
    assert "claims.csv" in error.message


def test_cp1252_is_hinted_at_and_then_read(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes(f"{CLAIM_HEADER}\n{claim(claim_id='Muñoz')}\n".encode("cp1252"))
    assert "--encoding cp1252" in refused(str(path)).help
    lines, _ = read_claims(str(path), options=ReadOptions(encoding="cp1252"))
    assert lines["claim_id"].to_list() == ["Muñoz"]


@pytest.mark.parametrize("encoding", ["klingon", "utf-16"])
def test_an_encoding_that_cannot_be_read_is_refused(tmp_path: Path, encoding: str) -> None:
    path = claims_file(tmp_path, CLAIM_ROW)
    assert refused(path, options=ReadOptions(encoding=encoding)).code == "QP210"


def test_a_header_alone_gives_no_rows_and_a_finding(tmp_path: Path) -> None:
    lines, notes = read_claims(claims_file(tmp_path))
    assert lines.height == 0
    assert codes(notes.findings) == {"no_rows"}


def test_a_file_without_header_shows_none_of_its_values(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(f"{CLAIM_ROW}\n{CLAIM_ROW}\n")
    error = refused(str(path))
    assert error.code == "QP204"
    assert CANARY not in error.message
    assert "1437702123" not in error.message


def test_equal_values_in_place_of_a_header_are_named_by_position(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(f"{CANARY},{CANARY}\n")
    assert refused(str(path)).code == "QP205"
