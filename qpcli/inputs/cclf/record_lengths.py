"""Which CCLF file and which era the lengths of a file's first lines show; the version is written nowhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from qpcli.errors import InputError
from qpcli.inputs.cclf.positions import RECORD_LENGTHS, UNCHECKED_LENGTH, record_columns

_TOO_OLD = "this CCLF is older than 2018 and has no MBI"
_ID = re.compile(rb"[0-9A-Z]{11}")
_ID_COLUMNS = ("BENE_MBI_ID", "CRNT_NUM")
_BLANK = b" \t\r\x1a"


def line_lengths(start: bytes) -> tuple[int, ...]:
    """The lengths of the first lines in characters, the most frequent first."""
    return tuple(length for length, _ in Counter(map(_length, _lines(start))).most_common())


def _lines(start: bytes) -> list[bytes]:
    """The lines that are not blank; the last one may be cut off and is left out unless it is the only one."""
    content = start.removeprefix(b"\xef\xbb\xbf").removesuffix(b"\x1a")
    lines = [line.removesuffix(b"\r") for line in content.split(b"\n")]
    whole = lines[:-1] if len(lines) > 1 else lines
    return [line for line in whole if line.strip(_BLANK)]


def _length(line: bytes) -> int:
    """Characters of UTF-8, else of Latin-1."""
    try:
        return len(line.decode())
    except UnicodeDecodeError:
        return len(line)


def number_of_lines(start: bytes) -> str | None:
    """The CCLF file whose record length most lines have, with an id where the beneficiary's stands."""
    lines = _lines(start)
    lengths = line_lengths(start)
    for number, known in RECORD_LENGTHS.items():
        if lengths and lengths[0] in known:
            alike = [line for line in lines if _length(line) == lengths[0]]
            return number if 2 * len(alike) > len(lines) and all(_has_id(line, number) for line in alike) else None
    return None


def _has_id(line: bytes, number: str) -> bool:
    """Whether the line is no prose that happens to have the length."""
    columns = record_columns(number)
    first, last = next(columns[name] for name in _ID_COLUMNS if name in columns)
    return _ID.fullmatch(line[first - 1 : last]) is not None


def check_age(name: str, number: str, lengths: Sequence[int]) -> None:
    """Raises QP212 for CCLF5 from before the MBI."""
    if number == "5" and lengths and lengths[0] < UNCHECKED_LENGTH:
        raise InputError("QP212", f"{name}: {_TOO_OLD}.")


def record_length(name: str, number: str, lengths: Sequence[int]) -> int:
    """The record length of a file; raises QP212 when no era has one that long.

    Lines of a length that no era has were cut at their trailing blanks: the longest of them tells the era.
    """
    known = RECORD_LENGTHS[number]
    if not lengths:
        return known[-1]
    if lengths[0] in known:
        return lengths[0]
    if lengths[0] > known[-1]:
        raise InputError("QP212", f"{name}: CCLF{number} with records of {lengths[0]} characters is not known.")
    longest = max(length for length in lengths if length <= known[-1])
    return next(length for length in known if length >= longest)
