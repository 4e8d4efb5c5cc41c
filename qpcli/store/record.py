"""`store.json`: what a prepared store holds, where it came from, and how its files were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from qpcli import __version__
from qpcli.findings import Finding
from qpcli.inputs.layouts import STORE_NAME
from qpcli.reports.as_json import json_object
from qpcli.reports.manifest import OutputRecord
from qpcli.reports.records import is_intact, sealed
from qpcli.reports.seals import Seal
from qpcli.store.shard_settling import ShardChecks

SCHEMA = "qpcli.store/2"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One file on disk that a store was made from, by its absolute path with links followed.

    An archive is one file, `names` are those of what was read in it.
    """

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

    `findings_of_files` add up when files are added, `findings_of_store` are found anew. `checks` are by shard.
    `is_final_action`: its claims have lost what was cancelled. `open_points`: the values of the open points of
    reading that it was made with. `outputs`: its files. `key_fingerprint`: which key they are encrypted with.
    """

    layout: str
    shard_count: int
    row_count: int
    last_service_date: date | None
    last_processed_date: date | None
    is_final_action: bool
    open_points: Mapping[str, str]
    sources: tuple[SourceRecord, ...]
    findings_of_files: tuple[Finding, ...]
    findings_of_store: tuple[Finding, ...]
    checks: tuple[ShardChecks, ...]
    outputs: tuple[OutputRecord, ...]
    is_encrypted: bool = False
    key_fingerprint: str | None = None
    schema: str = SCHEMA
    qpcli: str = __version__

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found."""
        return tuple(dict.fromkeys((*self.findings_of_files, *self.findings_of_store)))

    @property
    def by_path(self) -> dict[str, SourceRecord]:
        """The sources by path."""
        return {source.path: source for source in self.sources}

    def source(self, path: Path) -> SourceRecord | None:
        """What the store has of a file on disk, by whatever path it is reached."""
        return self.by_path.get(str(path.resolve()))


_RECORD = TypeAdapter(StoreRecord)


def store_json(record: StoreRecord) -> bytes:
    """The record as it is written, with its own SHA-256."""
    return sealed(json_object(record))


def read_record(folder: Path) -> StoreRecord | None:
    """The record of a complete store; None when the folder holds none that this version reads, or a damaged one."""
    try:
        content = (folder / STORE_NAME).read_bytes()
        record = _RECORD.validate_json(content) if is_intact(content) else None
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return record if record is not None and record.schema == SCHEMA else None


def _files(folder: Path) -> set[str] | None:
    record = read_record(folder)
    return None if record is None else {STORE_NAME, *(output.file for output in record.outputs)}


STORE = Seal(STORE_NAME, "prepared store", _files)
