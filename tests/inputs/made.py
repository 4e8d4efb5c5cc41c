"""Small input files for tests, and the shortest ways to read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qpcli.errors import InputError
from qpcli.inputs.canonical import ScanNotes, TableRead, read_table, scan_claim_lines
from qpcli.request import ReadOptions
from qpcli.tables.participants import PARTICIPANTS

CANARY = "1EG4TE5MK73"
"""Stands for a person's value: no message may hold it."""

CLAIM_HEADER = "claim_id,line_number,bene_id,npi,tin,hcpcs,service_date,paid_amount"
CLAIM_ROW = f"C1,1,{CANARY},1437702123,012345678,99213,2025-01-15,100.00"

PARTICIPANT_HEADER = "apm_entity_id,tin,npi,start_date,end_date"
PARTICIPANT_ROW = "A1,012345678,1437702123,2025-01-01,"


def claim(**changes: str) -> str:
    """A claim line as CSV text with some fields changed."""
    names = CLAIM_HEADER.split(",")
    fields = dict(zip(names, CLAIM_ROW.split(","), strict=True)) | changes
    return ",".join(fields[name] for name in names)


def written(path: Path, *lines: str) -> str:
    """A UTF-8 text file of the lines; its path as a user would type it."""
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return str(path)


def claims_file(folder: Path, *rows: str, header: str = CLAIM_HEADER, name: str = "claims.csv") -> str:
    return written(folder / name, header, *rows)


def read_claims(*paths: str, options: ReadOptions | None = None) -> tuple[pl.DataFrame, ScanNotes]:
    """The good claim lines and what there is to say about them; both ways to the lines give the same."""
    scan = scan_claim_lines(paths, options or ReadOptions())
    with scan.reading():
        quality, lines = pl.collect_all([scan.quality, scan.lines], engine="streaming")
    notes = scan.settle(quality)
    with scan.reading():
        assert_frame_equal(notes.lines.collect(engine="streaming"), lines, check_row_order=False)
    return lines, notes


def read_participants(*paths: str, options: ReadOptions | None = None) -> TableRead:
    return read_table(PARTICIPANTS, paths, options or ReadOptions())


def refused(*paths: str, options: ReadOptions | None = None) -> InputError:
    """The error that stops the reading of claims; it never holds the canary."""
    with pytest.raises(InputError) as caught:
        read_claims(*paths, options=options)
    assert CANARY not in caught.value.message + caught.value.help
    return caught.value


def codes(found: Sequence[object]) -> set[str]:
    """The codes of findings."""
    return {finding.code for finding in found}  # type: ignore[attr-defined]
