"""What a run was given: one record per file, with its hash before anything is calculated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from qpcli.inputs.canonical import ScanNotes
from qpcli.inputs.reader import Inputs
from qpcli.inputs.table_scan import FileCount
from qpcli.reports.manifest import InputRecord
from qpcli.request import RunRequest


def input_files(request: RunRequest, inputs: Inputs, code_sets: Iterable[Path]) -> list[Path]:
    """Every file that can change a report: tables, and code lists given as files."""
    given = [path for path in (request.law.em_codes, request.law.pfs_codes) if path is not None]
    return [*[file.path for file in inputs.files()], *given, *code_sets]


def input_records(
    request: RunRequest, inputs: Inputs, hashes: Mapping[Path, str], notes: ScanNotes | None
) -> tuple[InputRecord, ...]:
    """One record per table and file; row counts of the claims are 0 until their scan has left its notes."""
    if notes is not None:
        claims = [file_record("claim_lines", count, hashes) for count in notes.files]
    else:
        claims = [file_record("claim_lines", FileCount(file, 0, 0), hashes) for file in inputs.claims.files]
    lists = [file_record(name, count, hashes) for name, count in _list_files(inputs)]
    return (*claims, *lists, *_code_lists(request, {record.path for record in (*claims, *lists)}, hashes))


def _list_files(inputs: Inputs) -> Iterator[tuple[str, FileCount]]:
    tables = {
        "beneficiaries": inputs.beneficiaries,
        "participants": inputs.participants,
        "attribution": inputs.attribution,
        "entities": inputs.entities,
        "other_payer": inputs.other_payer,
    }
    for name, table in tables.items():
        for count in () if table is None else table.files:
            yield name, count


def file_record(table: str, count: FileCount, hashes: Mapping[Path, str]) -> InputRecord:
    """The record of one file of a table."""
    file = count.file
    path = str(file.path) if file.member is None else f"{file.path}/{file.member}"
    return InputRecord(table, path, file.state.size, hashes[file.path], count.row_count, count.rejected_count)


def _code_lists(request: RunRequest, tables: set[str], hashes: Mapping[Path, str]) -> Iterator[InputRecord]:
    """Files of codes: those of options under their names, the others are code sets of entities."""
    names = {request.law.em_codes: "em_codes", request.law.pfs_codes: "pfs_codes"}
    for path, sha256 in hashes.items():
        if path in names or not any(known == str(path) or known.startswith(f"{path}/") for known in tables):
            yield InputRecord(names.get(path, "em_code_sets"), str(path), path.stat().st_size, sha256, 0)
