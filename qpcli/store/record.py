"""`store.json`: what a prepared store holds, where it came from, and how its files were read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from qpcli import __version__
from qpcli.findings import Finding
from qpcli.inputs.layouts import STORE_NAME
from qpcli.reports.as_json import as_json
from qpcli.reports.manifest import OutputRecord
from qpcli.reports.seals import Seal

SCHEMA = "qpcli.store/1"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One file on disk that a store was made from; an archive is one file, `names` are those of what was read in it."""

    path: str
    bytes: int
    modified_ns: int
    sha256: str
    rows: int
    rejects: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreRecord:
    """All that a store says about itself.

    `is_final_action`: its claims have lost what was cancelled. `open_points`: the values of the open points of
    reading that it was made with. `outputs`: its files.
    """

    layout: str
    shard_count: int
    row_count: int
    last_service_date: date | None
    last_processed_date: date | None
    is_final_action: bool
    open_points: Mapping[str, str]
    sources: tuple[SourceRecord, ...]
    findings: tuple[Finding, ...]
    outputs: tuple[OutputRecord, ...]
    schema: str = SCHEMA
    qpcli: str = __version__

    @property
    def by_path(self) -> dict[str, SourceRecord]:
        """The sources by path."""
        return {source.path: source for source in self.sources}


_RECORD = TypeAdapter(StoreRecord)


def store_json(record: StoreRecord) -> bytes:
    """The record as it is written."""
    return (json.dumps(as_json(record), sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def read_record(folder: Path) -> StoreRecord | None:
    """The record of a complete store; None when the folder holds none that this version reads."""
    try:
        record = _RECORD.validate_json((folder / STORE_NAME).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None
    return record if record.schema == SCHEMA else None


def _files(folder: Path) -> set[str] | None:
    record = read_record(folder)
    return None if record is None else {STORE_NAME, *(output.file for output in record.outputs)}


STORE = Seal(STORE_NAME, "prepared store", _files)
