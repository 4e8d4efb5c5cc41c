"""The evidence for a targeted review: what the run knows of clinicians that CMS's answer leaves out of an APM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from qpcli.analysis.finished_run import FinishedRun
from qpcli.inputs.files import InputFile
from qpcli.reports.private_files import sha256_of

_SOURCES = ("participants", "entities", "attribution", "claim_lines", "beneficiaries")


def evidence_packet(run: FinishedRun, omitted: pl.DataFrame, answers: tuple[InputFile, ...]) -> str:
    """Markdown with a section per omitted clinician; names clinicians, no beneficiary.

    Raises OSError when an answer's file can no longer be read.
    """
    clinicians = run.tables["clinicians"].join(omitted, on="npi", how="semi").sort("npi")
    lines = [*_head(run, clinicians.height), *_sources(run, answers)]
    for row in clinicians.iter_rows(named=True):
        lines += _clinician(row)
    return "\n".join(lines) + "\n"


def _head(run: FinishedRun, count: int) -> Iterator[str]:
    yield f"# Evidence for a targeted review, performance year {run.law.performance_year}"
    yield ""
    yield (
        f"{count:,} clinicians stand on a list of an APM Entity and have a status by qpcli's calculation, while the "
        "saved answers of CMS's eligibility service name no APM participation for them. A clinician is assessed with "
        "an APM Entity whose Participation List names it on a snapshot date (42 CFR 414.1425(b))."
    )
    yield ""
    yield f"Run {run.run_id}. This is a calculation, not a determination by CMS."
    yield ""


def _sources(run: FinishedRun, answers: tuple[InputFile, ...]) -> Iterator[str]:
    yield "## What it rests on"
    yield ""
    yield "| table | file | SHA-256 |"
    yield "|---|---|---|"
    inputs = run.manifest.inputs if run.manifest is not None else ()
    for table in _SOURCES:
        for record in inputs:
            if record.table == table:
                yield f"| {table} | {_cell(record.path)} | {record.sha256} |"
    for path in sorted({file.path for file in answers}):
        yield f"| CMS's answers | {_cell(path.name)} | {sha256_of(path)} |"
    yield ""


def _clinician(row: Mapping[str, Any]) -> Iterator[str]:
    name = f", {_cell(row['clinician_name'])}" if row["clinician_name"] else ""
    yield f"## NPI {row['npi']}{name}"
    yield ""
    yield f"- TINs on the list: {row['tins'] or 'none'}"
    yield f"- APM Entities: {_cell(row['apm_entity_names'])} ({_cell(row['apm_entity_ids'])})"
    yield f"- Status by this calculation: {row['status']}, decided at snapshot {row['determined_at_snapshot']}"
    for method in ("payment", "patient"):
        if row[f"{method}_score"] is not None:
            score = f"{row[f'{method}_score'] / 10_000:.4f}"
            bar = row[f"{method}_qp_threshold"]
            yield f"- Best {method} score: {score} %, QP threshold {bar} %, snapshot {row[f'{method}_snapshot']}"
    yield "- CMS's answer names no APM participation."
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
