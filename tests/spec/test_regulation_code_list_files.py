"""Code lists that a user gives in place of the shipped ones: E/M codes, and the official relative value file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qpcli.errors import InputError
from qpcli.regulation.code_list_files import read_code_set, read_covered_codes
from qpcli.regulation.law import CodeRange

STATUSES = frozenset("ACJRT")

# The form of the official file: titles, then a header whose last two rows name each column together.
OFFICIAL = (
    ",,2024 National Physician Fee Schedule Relative Value File January Release,,,,\r\n"
    '"CPT codes and descriptions only are copyright",,,,,,\r\n'
    ",,,,,,\r\n"
    ",,,STATUS,MEDICARE,WORK,NON-FAC\r\n"
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU\r\n"
    '00100,,"Anesth, salivary gland",J,,0.00,0.00\r\n'
    "36415,,Routine venipuncture,X,,0.00,0.00\r\n"
    "93306,TC,Tte w/doppler complete,A,,0.00,4.00\r\n"
    "93306,26,Tte w/doppler complete,B,,1.46,0.58\r\n"
    "99213,,Office o/p est low 20 min,A,,1.30,1.33\r\n"
    "G0008,,Admin influenza virus vac,R,,0.00,0.00\r\n"
    "R0070,,Transport portable x-ray,C,,0.00,0.00\r\n"
    "G0127,,Trim nail(s),T,,0.00,0.00\r\n"
    "99490,,Not valid for medicare,I,,0.00,0.00\r\n"
    '"NOTE: values are not payment amounts",,,,,,\r\n'
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "codes.csv"


def code_set(file: Path, text: str | bytes) -> tuple[CodeRange, ...]:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_code_set(file)


def covered(file: Path, text: str | bytes) -> frozenset[str]:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_covered_codes(file, STATUSES)


def message_of(raised: pytest.ExceptionInfo[InputError]) -> str:
    assert raised.value.code == "QP215"
    assert raised.value.exit_status == 3
    return raised.value.message


def test_a_list_of_ranges_with_dates_is_read(file: Path) -> None:
    text = "code_from,code_to,first_date,last_date,why\n99202,99215,2021-01-01,20241231,office\n"

    assert code_set(file, text) == (CodeRange("99202", "99215", date(2021, 1, 1), date(2024, 12, 31), "office"),)


def test_a_range_without_dates_holds_always(file: Path) -> None:
    always = (CodeRange("99213", "99213", date.min, None, ""),)

    assert code_set(file, "code_from\n99213\n") == always
    assert code_set(file, "code_from,code_to,first_date,last_date,why\n99213,,,,\n") == always
    assert code_set(file, "code_from,first_date,last_date\n99213,0001-01-01,9999-12-31\n") == always


@pytest.mark.parametrize("header", ["hcpcs", "HCPCS", " Code ", "code_from"])
def test_a_single_column_of_codes_is_enough(file: Path, header: str) -> None:
    assert [r.code_from for r in code_set(file, f"{header}\n99213\n99214\n")] == ["99213", "99214"]


def test_codes_are_stripped_and_upper_cased(file: Path) -> None:
    (only,) = code_set(file, "code_from,code_to\n g0438 ,g0439\n")

    assert (only.code_from, only.code_to) == ("G0438", "G0439")


def test_a_byte_order_mark_crlf_blank_lines_other_columns_and_duplicates_do_no_harm(file: Path) -> None:
    text = b"\xef\xbb\xbfhcpcs,description,\r\n99213,visit,\r\n\r\n,,\r\n99213,visit,\r\n"

    assert [r.code_from for r in code_set(file, text)] == ["99213", "99213"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the header must name one of"),
        ("hcpcs\n", "names no code"),
        ("codes\n99213\n", "the header must name one of"),
        ("hcpcs;why\n99213;x\n", "the header must name one of"),
        ("hcpcs,code\n99213,99213\n", "the header must name one of"),
        ("hcpcs,HCPCS\n99213,99213\n", "names a column twice"),
        ("hcpcs,why\n99213\n", "row 2 of the file has 1 cells, the header 2"),
        ("hcpcs\n99213,99214\n", "row 2 of the file has 2 cells, the header 1"),
        ("hcpcs\n99213\n\n992134\n", "row 4 of the file: a code is not five letters and digits"),
        ("code_from,code_to\n99213,G0402\n", "row 2 of the file: 99213 and G0402 are codes of different shape"),
        ("code_from,code_to\n99215,99213\n", "99213 comes before 99215"),
        ("code_from,code_to\n,99213\n", "a code is not five letters and digits"),
        ("code_from,first_date\n99213,01/02/2024\n", "row 2 of the file holds a date that is not YYYY-MM-DD"),
        ("code_from,first_date\n99213,2024-02-30\n", "row 2 of the file holds a date"),
        ("code_from,first_date\n99213,1899-12-31\n", "row 2 of the file holds a date"),
        ("code_from,first_date\n99213,2024-W01-1\n", "row 2 of the file holds a date"),
        ("code_from,first_date,last_date\n99213,2024-01-02,2024-01-01\n", "last date comes before the first"),
        ('hcpcs\n"99213\n', "not a readable CSV"),
        (b"PK\x03\x04\0\0", "not a text file"),
        ("hcpcs\n99213\n".encode("utf-16"), "not a text file"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_with_the_row(file: Path, text: str | bytes, problem: str) -> None:
    with pytest.raises(InputError) as raised:
        code_set(file, text)
    assert problem in message_of(raised)


def test_a_file_that_is_not_there_is_refused(file: Path) -> None:
    with pytest.raises(InputError) as raised:
        read_code_set(file)
    assert "codes.csv: it cannot be read" in message_of(raised)


@pytest.mark.parametrize("text", ["hcpcs\nCANARY77\n", "code_from,first_date\n99213,CANARY77\n", "CANARY77\n1\n"])
def test_no_message_quotes_a_cell_that_is_not_a_code(file: Path, text: str) -> None:
    with pytest.raises(InputError) as raised:
        code_set(file, text)
    assert "CANARY77" not in message_of(raised) + raised.value.help


def test_the_official_relative_value_file_covers_codes_of_status_a_c_j_r_t(file: Path) -> None:
    assert covered(file, OFFICIAL) == {"00100", "93306", "99213", "G0008", "R0070", "G0127"}


def test_a_code_counts_when_any_of_its_rows_has_a_status_that_counts(file: Path) -> None:
    assert covered(file, "HCPCS,MOD,STATUS CODE\n93306,26,B\n93306,TC,A\n99213,,B\n") == {"93306"}


@pytest.mark.parametrize("status", ["A", "C", "J", "R", "T"])
def test_each_status_that_counts_covers_its_code(file: Path, status: str) -> None:
    assert covered(file, f"HCPCS,STATUS\n99213,{status}\n") == {"99213"}


@pytest.mark.parametrize("status", list("BDEFGHIMNPQX"))
def test_no_other_status_covers_its_code(file: Path, status: str) -> None:
    assert covered(file, f"HCPCS,STATUS\n99213,{status}\n99214,A\n") == {"99214"}


@pytest.mark.parametrize(
    "text",
    [
        "hcpcs,status code\n99213,a\n",
        "title\n\nMOD,HCPCS,STATUS\n,99213 , A\n",
        "HCPCS,STATUS\n,CODE\n99213,A\n",
        "HCPCS,STATUS\rMODIFIED,\r99213,A\r",
        "title 1,HCPCS\nHCPCS,STATUS\n99213,A\n",
    ],
)
def test_the_header_is_found_below_titles_split_or_not(file: Path, text: str) -> None:
    assert covered(file, text) == {"99213"}


def test_descriptions_in_another_encoding_do_no_harm(file: Path) -> None:
    assert covered(file, b"HCPCS,DESCRIPTION,STATUS\n99213,Caf\xe9,A\n") == {"99213"}


@pytest.mark.parametrize(("titles", "is_found"), [(19, True), (20, False)])
def test_the_header_stands_in_the_first_20_rows(file: Path, titles: int, is_found: bool) -> None:
    text = "title\n" * titles + "HCPCS,STATUS\n99213,A\n"
    if is_found:
        assert covered(file, text) == {"99213"}
        return
    with pytest.raises(InputError) as raised:
        covered(file, text)
    assert "first 20 rows" in message_of(raised)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no header"),
        ("HCPCS,MOD\n99213,A\n", "no header"),
        ("HCPCS,CODE\n99213,A\n", "no header"),
        ("FEE\nHCPCS,CODE\n99213,A\n", "no header"),
        ("HCPCS,STATUS,STATUS CODE\n99213,A,A\n", "no header"),
        ("HCPCS,STATUS\n", "no code has a status of A, C, J, R, T"),
        ("HCPCS,STATUS\n99213,B\n", "no code has a status"),
        ("HCPCS,STATUS\n99213,\n", "row 2 of the file (99213) has no status of one letter"),
        ("HCPCS,STATUS\n99213\n", "row 2 of the file (99213) has no status of one letter"),
        ("HCPCS,STATUS\n100,J\n", "row 2 of the file has no HCPCS of five letters and digits"),
        ('HCPCS,STATUS\n99213,"A\n', "not a readable CSV"),
        (b"\0", "not a text file"),
    ],
)
def test_a_relative_value_file_that_cannot_be_used_is_refused(file: Path, text: str | bytes, problem: str) -> None:
    with pytest.raises(InputError) as raised:
        covered(file, text)
    assert problem in message_of(raised)
