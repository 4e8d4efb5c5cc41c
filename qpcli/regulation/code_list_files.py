"""Reads the code lists a user gives: a list of E/M codes, or the Physician Fee Schedule relative value file.

Whatever is wrong with such a file is QP215, and no message quotes a cell that is not an HCPCS code.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from pathlib import Path
from typing import NamedTuple

from qpcli.errors import InputError
from qpcli.regulation.code_lists import is_hcpcs, range_problem
from qpcli.regulation.law import CodeRange

CODE_COLUMNS = ("code_from", "hcpcs", "code")
CODE_SET_HELP = (
    "Give a CSV with a column hcpcs, or with the columns code_from,code_to,first_date,last_date,why"
    " of which only code_from is needed."
)
PFS_HELP = "Give the CSV of the year's Physician Fee Schedule relative value file; keep HCPCS as text in spreadsheets."
HEADER_ROWS = 20
NO_DATE = ("", "0001-01-01", "00010101", "9999-12-31", "99991231")
_DATE = re.compile(r"(19\d\d|20\d\d|2100)(-\d\d-\d\d|\d{4})", re.ASCII)


class NumberedRow(NamedTuple):
    """A row of a file, numbered from the file's first row on."""

    number: int
    cells: list[str]


def read_code_set(path: Path) -> tuple[CodeRange, ...]:
    """The HCPCS ranges of a user's list; a range without dates holds always, and codes may be named twice."""
    header, *rows = _rows(path, CODE_SET_HELP) or [NumberedRow(1, [])]
    columns = _code_set_columns(path, header.cells)
    ranges = tuple(_code_range(path, row.number, _record(path, row, columns)) for row in rows)
    if not ranges:
        raise _unusable(path, "it names no code", CODE_SET_HELP)
    return ranges


def read_covered_codes(path: Path, statuses: AbstractSet[str]) -> frozenset[str]:
    """The HCPCS codes with a status of these on any of their rows in a relative value file."""
    hcpcs, status, records = _below_header(path, _rows(path, PFS_HELP))
    pairs = [_code_and_status(path, row, hcpcs, status) for row in records]
    covered = frozenset(pair[0] for pair in pairs if pair is not None and pair[1] in statuses)
    if not covered:
        raise _unusable(path, f"no code has a status of {', '.join(sorted(statuses))}", PFS_HELP)
    return covered


def _unusable(path: Path, problem: str, help: str) -> InputError:
    return InputError("QP215", f"{path.name}: {problem}", help)


def _rows(path: Path, help: str) -> list[NumberedRow]:
    """The rows that hold anything."""
    reader = csv.reader(io.StringIO(_text(path, help), newline=""), strict=True)
    try:
        return [
            NumberedRow(number, cells) for number, cells in enumerate(reader, start=1) if any(map(str.strip, cells))
        ]
    except csv.Error:
        raise _unusable(path, "it is not a readable CSV", help) from None


def _text(path: Path, help: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise _unusable(path, f"it cannot be read ({problem.strerror})", help) from None
    if b"\0" in content:
        raise _unusable(path, "it is not a text file", help)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")  # official files hold descriptions in cp1252; codes are ASCII


def _code_set_columns(path: Path, header: Sequence[str]) -> tuple[str, ...]:
    columns = tuple(cell.strip().lower() for cell in header)
    named = [column for column in columns if column]
    if len(set(named)) < len(named):
        raise _unusable(path, "the header names a column twice", CODE_SET_HELP)
    if len(set(columns) & set(CODE_COLUMNS)) != 1:
        raise _unusable(path, f"the header must name one of {', '.join(CODE_COLUMNS)}", CODE_SET_HELP)
    return columns


def _record(path: Path, row: NumberedRow, columns: Sequence[str]) -> dict[str, str]:
    if len(row.cells) != len(columns):
        problem = f"row {row.number} of the file has {len(row.cells)} cells, the header {len(columns)}"
        raise _unusable(path, problem, CODE_SET_HELP)
    return {column: cell.strip() for column, cell in zip(columns, row.cells, strict=True)}


def _code_range(path: Path, number: int, record: dict[str, str]) -> CodeRange:
    code_from = next(record[column] for column in CODE_COLUMNS if column in record).upper()
    code_range = CodeRange(
        code_from=code_from,
        code_to=record.get("code_to", "").upper() or code_from,
        first_date=_date(path, number, record.get("first_date", "")) or date.min,
        last_date=_date(path, number, record.get("last_date", "")),
        why=record.get("why", ""),
    )
    problem = range_problem(code_range)
    if problem:
        raise _unusable(path, f"row {number} of the file: {problem}", CODE_SET_HELP)
    return code_range


def _date(path: Path, number: int, text: str) -> date | None:
    if text in NO_DATE:
        return None
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _unusable(path, f"row {number} of the file holds a date that is not YYYY-MM-DD", CODE_SET_HELP)


def _below_header(path: Path, rows: Sequence[NumberedRow]) -> tuple[int, int, Sequence[NumberedRow]]:
    """Where HCPCS and status stand, and the rows below the header; STATUS may stand in the row above CODE."""
    for place, (number, cells) in enumerate(rows):
        names = [cell.strip().upper() for cell in cells]
        if number <= HEADER_ROWS and "HCPCS" in names:
            above = [cell.upper() for cell in rows[place - 1].cells] if place else []
            statuses = [at for at, name in enumerate(names) if _is_status(name, above[at : at + 1])]
            if len(statuses) == 1:
                return names.index("HCPCS"), statuses[0], rows[place + 1 :]
    problem = f"no header with one column HCPCS and one STATUS in the first {HEADER_ROWS} rows"
    raise _unusable(path, problem, PFS_HELP)


def _is_status(name: str, above: Sequence[str]) -> bool:
    return "STATUS" in name or (name == "CODE" and any("STATUS" in cell for cell in above))


def _code_and_status(path: Path, row: NumberedRow, hcpcs: int, status: int) -> tuple[str, str] | None:
    """A row's code and its one letter; None for a row with neither, as a footnote."""
    code, letter = (row.cells[at].strip().upper() if at < len(row.cells) else "" for at in (hcpcs, status))
    has_letter = re.fullmatch(r"[A-Z]", letter) is not None
    if is_hcpcs(code) and not has_letter:
        raise _unusable(path, f"row {row.number} of the file ({code}) has no status of one letter", PFS_HELP)
    if has_letter and not is_hcpcs(code):
        raise _unusable(path, f"row {row.number} of the file has no HCPCS of five letters and digits", PFS_HELP)
    return (code, letter) if has_letter else None
