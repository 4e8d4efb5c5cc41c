"""CCLF0: how many rows of which length each file of a delivery should have, compared with what was read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qpcli.findings import Finding, finding
from qpcli.inputs.archives import opened
from qpcli.inputs.cclf.files import COUNTS_FILE, CclfFile
from qpcli.inputs.faults import reading
from qpcli.inputs.files import InputFile
from qpcli.inputs.table_scan import FileCount

_MAX_BYTES = 1 << 20
_NUMBER = re.compile(r"CCLF([1-9AB])")
_COUNT = re.compile(r"[0-9]{1,15}")
_MISSED = ("5", "8", "9")
"""Files without which nothing, or not everybody, can be counted."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What CCLF0 says of one file; None is a number that cannot be read."""

    row_count: int | None
    record_length: int | None


def listed_files(file: InputFile) -> Mapping[str, Listed]:
    """What a CCLF0 lists, by file number; headings and other lines say nothing."""
    with reading(file.name), opened(file) as stream:
        text = stream.read(_MAX_BYTES).decode("latin-1")
    rows = ([field.strip() for field in line.split("|")] for line in text.splitlines())
    found: dict[str, Listed] = {}
    for row in rows:
        number = _NUMBER.fullmatch(row[0])
        if number is not None:
            found[number[1]] = Listed(*map(_count, (*row, "", "", "")[2:4]))
    return found


def _count(text: str) -> int | None:
    return int(text) if _COUNT.fullmatch(text) else None


def record_count_findings(files: Sequence[CclfFile], counts: Sequence[FileCount]) -> Iterator[Finding]:
    """What was read against what every CCLF0 lists; `counts` are of the files that were read."""
    read = {count.file: count.row_count for count in counts}
    for own in files:
        if own.number == COUNTS_FILE:
            delivered = [file for file in files if _package(file) == _package(own)]
            counted = listed_files(own.file)
            for number, listed in counted.items():
                yield from _compared(number, listed, [file for file in delivered if file.number == number], read)
            uncounted = [file for file in delivered if file.file in read and file.number not in counted]
            if uncounted:
                yield finding("row_counts_missing", rule=own.file.name, file=own.file.name, count=len(uncounted))


def _package(file: CclfFile) -> tuple[Path, str]:
    """What the files of one delivery have in common: the zip or folder, the ACO and the date."""
    container = file.file.path if file.file.member is not None else file.file.path.parent
    return container, file.name.package if file.name is not None else ""


def _compared(
    number: str, listed: Listed, found: Sequence[CclfFile], read: Mapping[InputFile, int]
) -> Iterator[Finding]:
    if not found and number in _MISSED and listed.row_count:
        yield _row_counts(f"CCLF{number}", listed, 0)
    for file in found:
        if file.file in read and read[file.file] != listed.row_count:
            yield _row_counts(file.file.name, listed, read[file.file])
        if file.line_length and listed.record_length and file.line_length != listed.record_length:
            yield finding(
                "record_length_mismatch",
                rule=file.file.name,
                file=file.file.name,
                listed=listed.record_length,
                read=file.line_length,
            )


def _row_counts(name: str, listed: Listed, read: int) -> Finding:
    # An unreadable count cannot vouch for the file any more than a wrong one.
    count = "an unreadable number of" if listed.row_count is None else f"{listed.row_count:,}"
    return finding("row_count_mismatch", rule=name, file=name, listed=count, read=f"{read:,}")
