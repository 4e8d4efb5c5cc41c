"""`compare`: a run against another run or against what CMS has published; what differs, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from qpcli.analysis.comparing_published import compare_published
from qpcli.analysis.comparing_runs import compare_runs
from qpcli.analysis.finished_run import FinishedRun, open_run
from qpcli.analysis.targeted_review import evidence_packet
from qpcli.errors import UsageError
from qpcli.inputs.qpp_eligibility import read_published
from qpcli.regulation.open_points import assume
from qpcli.reports.csv import csv_text, write_csv
from qpcli.reports.destinations import settled
from qpcli.reports.encryption import Encryption, read_key
from qpcli.reports.manifest import MANIFEST_NAME
from qpcli.reports.publishing import check_file, publish_file
from qpcli.reports.summary_words import counted
from qpcli.tables.differences import DIFFERENCES, Cause, Subject

_ENTITIES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """What to compare, and what to write; `snapshot` is for CMS's answers, whose snapshot nobody but the user knows."""

    run: Path
    other: Path
    snapshot: int | None = None
    assumptions: Mapping[str, str] | None = None
    out: Path | None = None
    evidence: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class EntityDifference:
    """An APM Entity's score that differs: statuses and scores of both sides, scores in ten-thousandths of a percent."""

    apm_entity_id: str
    snapshot: int
    basis: str
    cause: Cause
    statuses: tuple[str | None, str | None]
    payment_scores: tuple[int | None, int | None]
    patient_scores: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences, in the columns of DIFFERENCES, and words about what was compared.

    `omitted_count`: clinicians with a status whom CMS's answer names in no APM.
    """

    differences: pl.DataFrame
    words: tuple[str, ...]
    omitted_count: int = 0

    def counts(self) -> list[tuple[Subject, Cause, int]]:
        """How many differences there are of each kind and cause, in the order of causes."""
        found = {(subject, cause): count for subject, cause, count in self._counted().iter_rows()}
        return [(s, c, found[s.value, c.value]) for s in Subject for c in Cause if (s.value, c.value) in found]

    def _counted(self) -> pl.DataFrame:
        return self.differences.group_by("subject", "cause").len()

    def status_changes(self) -> list[tuple[str | None, str | None, int]]:
        """Clinicians by status on either side, the most frequent change first."""
        determined = self.differences.filter(pl.col("subject") == Subject.DETERMINATION.value)
        changes = determined.group_by("status_first", "status_second").agg(clinician_count=pl.len())
        by_size = ["clinician_count", "status_first", "status_second"]
        return changes.sort(by_size, descending=[True, False, False]).rows()

    def entities(self) -> list[EntityDifference]:
        """The first of the APM Entities whose score differs, the newest snapshot first."""
        rows = self._entity_rows().sort("snapshot", descending=True, maintain_order=True)
        return [_entity(row) for row in rows.head(_ENTITIES_SHOWN).iter_rows(named=True)]

    @property
    def entity_count(self) -> int:
        """Scores of APM Entities that differ."""
        return self._entity_rows().height

    def _entity_rows(self) -> pl.DataFrame:
        return self.differences.filter((pl.col("subject") == Subject.THRESHOLD_SCORE.value) & pl.col("npi").is_null())

    def as_csv(self) -> bytes:
        """All differences, for a pipe."""
        return csv_text(self.differences, DIFFERENCES)


def compare(request: CompareRequest) -> Comparison:
    """Compare, and write what is asked for.

    Raises UsageError QP101 and QP104 for options that do not fit, QP109 for a file that is or lies in what is
    compared, the errors of opening runs and answers, and OutputError QP301.
    """
    key = read_key(request.key_file)
    _check_places(request, [request.run, request.other, *([] if request.key_file is None else [request.key_file])])
    first = open_run(request.run, key)
    is_run = (request.other / MANIFEST_NAME).is_file()
    compared = _with_run(first, request, key) if is_run else _with_cms(first, request)
    if request.out is not None:
        publish_file(request.out, partial(_write_differences, compared.differences))
    return compared


def _with_run(first: FinishedRun, request: CompareRequest, key: Encryption | None) -> Comparison:
    for value, name in ((request.snapshot, "--snapshot"), (request.evidence, "--evidence")):
        if value is not None:
            raise UsageError("QP101", f"{name} is for comparing with CMS's answers, not with a run.")
    differences, changed = compare_runs(first, open_run(request.other, key))
    return Comparison(differences, tuple(f"Differs in what went in: {word}." for word in changed.words()))


def _with_cms(first: FinishedRun, request: CompareRequest) -> Comparison:
    if request.snapshot is None:
        message = "CMS's answers do not say of which snapshot they are."
        raise UsageError("QP111", message, "Give --snapshot 1, 2 or 3.")
    points = assume(first.law.open_points, request.assumptions or {})
    published = read_published(str(request.other))
    # `other` may be a glob: only now is it known which files it stands for.
    _check_places(request, [file.path for file in published.files])
    found = compare_published(first, published, request.snapshot, replace(first.law, open_points=points))
    if request.evidence is not None:
        packet = evidence_packet(first, found.omitted, published.files).encode()
        publish_file(request.evidence, partial(_write_packet, packet, found.omitted.height))
    words = [
        f"CMS has answered about {counted(found.clinician_count, 'clinician')}. Statuses that agree: "
        f"{found.agreeing:,}; letters compared with nothing: {found.not_compared:,} (assumption api_status).",
        f"CMS's scores are read as {found.unit} (assumption api_unit).",
        *(
            f"Answers that are errors of the service, {kind}: {count:,}."
            for kind, count in sorted(published.errors.items())
        ),
    ]
    return Comparison(found.differences, tuple(words), found.omitted.height)


def _check_places(request: CompareRequest, inputs: Iterable[Path]) -> None:
    """Refuse files to write that would take the place of what is read, or of one another."""
    places = [place for place in (request.out, request.evidence) if place is not None]
    if len({settled(place.parent) / place.name for place in places}) < len(places):
        raise UsageError("QP104", "--out and --evidence name the same file.")
    read = list(inputs)
    for place in places:
        check_file(place, read)


def _write_differences(differences: pl.DataFrame, path: Path) -> int:
    return write_csv(differences, DIFFERENCES, path)


def _write_packet(packet: bytes, clinician_count: int, path: Path) -> int:
    path.write_bytes(packet)
    return clinician_count


def _entity(row: Mapping[str, Any]) -> EntityDifference:
    def sides(name: str) -> tuple[Any, Any]:
        return row[f"{name}_first"], row[f"{name}_second"]

    return EntityDifference(
        apm_entity_id=row["apm_entity_id"],
        snapshot=row["snapshot"],
        basis=row["basis"],
        cause=Cause(row["cause"]),
        statuses=sides("status"),
        payment_scores=sides("payment_score"),
        patient_scores=sides("patient_score"),
    )
