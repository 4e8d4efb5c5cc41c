"""What a report says about itself: the run it comes from, what went in, what came out."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import JsonValue, TypeAdapter, ValidationError

from qpcli import __version__
from qpcli.findings import Finding, Severity
from qpcli.regulation.law import Law
from qpcli.reports.as_json import json_object
from qpcli.reports.frames import SCHEMA_VERSION
from qpcli.reports.records import is_intact, sealed
from qpcli.request import RunRequest, WorthRequest

MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class InputRecord:
    """One file that was read; `table` is a canonical table, `em_codes`, `pfs_codes`, or `run`.

    `bytes` and `sha256` are of the file as it lies on disk; `rows` are delivered rows, `rejects`
    those of them that were left out.
    """

    table: str
    path: str
    bytes: int
    sha256: str
    rows: int
    rejects: int = 0


@dataclass(frozen=True, slots=True)
class OutputRecord:
    """One file of the report, named relative to its folder with `/`."""

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Versions:
    """What computed the report."""

    qpcli: str
    polars: str
    python: str
    schema: int


@dataclass(frozen=True, slots=True)
class FindingCounts:
    """How many findings (not how many rows they count) of each severity."""

    error: int = 0
    warning: int = 0
    info: int = 0


@dataclass(frozen=True, slots=True)
class OpenPointRecord:
    """A question the published law leaves open, and what the run assumed."""

    name: str
    value: str
    default: str
    is_overridden: bool
    reason: str


@dataclass(frozen=True, slots=True)
class LawRecord:
    """A rule that the run used; `published` None: the day is not at hand. `evidence` is R, S or A."""

    rule: str
    value: str
    authority: str
    published: date | None
    citation: str
    evidence: str


@dataclass(frozen=True, slots=True)
class StepSeconds:
    """How long a step of the run took."""

    step: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """One run and its report; `options` are as resolved, in the shape of RunRequest or WorthRequest.

    `removed` are files that the run wrote and `qpcli clean` has taken away since. `key_fingerprint` tells the key that
    the tables are encrypted with from others, and nothing else of it.
    """

    run_id: str
    exit_code: int
    performance_year: int
    law_as_of: date
    law_data_version: str
    versions: Versions
    options: Mapping[str, JsonValue]
    open_points: tuple[OpenPointRecord, ...]
    law_entries: tuple[LawRecord, ...]
    inputs: tuple[InputRecord, ...]
    outputs: tuple[OutputRecord, ...]
    findings: FindingCounts
    steps: tuple[StepSeconds, ...] = ()
    removed: tuple[str, ...] = ()
    is_encrypted: bool = False
    key_fingerprint: str | None = None
    program: Literal["qpcli"] = "qpcli"
    manifest_version: Literal[1] = 1

    @property
    def is_shared(self) -> bool:
        """Whether small cells are left out (--share)."""
        output = self.options.get("output")
        return isinstance(output, dict) and output.get("is_shared") is True


_MANIFEST = TypeAdapter(Manifest)


def describe_run(
    request: RunRequest | WorthRequest,
    law: Law,
    *,
    run_id: str,
    exit_code: int,
    inputs: tuple[InputRecord, ...],
    outputs: tuple[OutputRecord, ...],
    findings: Iterable[Finding],
    steps: tuple[StepSeconds, ...],
    key_fingerprint: str | None = None,
) -> Manifest:
    """The manifest of a finished run."""
    counts = Counter(finding.severity for finding in findings)
    return Manifest(
        run_id=run_id,
        exit_code=exit_code,
        performance_year=law.performance_year,
        law_as_of=law.law_as_of,
        law_data_version=law.data_version,
        versions=Versions(__version__, pl.__version__, platform.python_version(), SCHEMA_VERSION),
        options=json_object(request),
        open_points=open_point_records(law),
        law_entries=law_records(law),
        inputs=inputs,
        outputs=outputs,
        findings=FindingCounts(**{severity.value: counts[severity] for severity in Severity}),
        steps=steps,
        is_encrypted=key_fingerprint is not None,
        key_fingerprint=key_fingerprint,
    )


def open_point_records(law: Law) -> tuple[OpenPointRecord, ...]:
    """Every open point with the value assumed, by name."""
    points = (law.open_points[name] for name in sorted(law.open_points))
    return tuple(
        OpenPointRecord(point.name, point.value, point.default, point.is_overridden, point.reason) for point in points
    )


def law_records(law: Law) -> tuple[LawRecord, ...]:
    """The rules used, in the law's order."""
    return tuple(
        LawRecord(entry.rule, entry.value, entry.authority, entry.published, entry.citation, entry.evidence.value)
        for entry in law.entries
    )


def manifest_json(manifest: Manifest) -> bytes:
    """The manifest as it is written, with its own SHA-256."""
    return sealed(json_object(manifest))


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a complete report; None when the folder holds none that this version reads, or a changed one.

    OSError when a file of that name cannot be read.
    """
    try:
        content = (folder / MANIFEST_NAME).read_bytes()
        return _MANIFEST.validate_json(content) if is_intact(content) else None
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None
