"""The whole job on one page: from a request to a report. The only module that knows every room."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from qpcli import calculation
from qpcli.calculation import CanonicalTables, Results
from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import ScanNotes
from qpcli.inputs.faults import reading
from qpcli.inputs.files import check_unchanged, hash_files
from qpcli.inputs.reader import Inputs, read_inputs
from qpcli.preparation import ClaimsRead, claims_read
from qpcli.provenance import input_files, input_records
from qpcli.regulation.code_list_files import read_code_set
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law
from qpcli.remarks import remarks
from qpcli.reports import publishing
from qpcli.reports.findings import findings_frame, findings_of, sorted_findings
from qpcli.reports.formats import read_tables, report_files
from qpcli.reports.manifest import Manifest, OutputRecord, StepSeconds, describe_run
from qpcli.reports.parquet import write_parquet
from qpcli.reports.run_identity import identify_run
from qpcli.reports.summary import RunSummary
from qpcli.request import RunRequest
from qpcli.tables.cells import CELLS
from qpcli.watch import Stopwatch, Watcher


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run gave. `tables` are in the calculation's units; `manifest` is None when nothing was written.

    `stored_exit_code` is that of an earlier run whose report still stands.
    """

    tables: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...]
    summary: RunSummary
    manifest: Manifest | None = None
    is_up_to_date: bool = False
    stored_exit_code: int | None = None


def determine(request: RunRequest, watcher: Watcher) -> RunOutcome:
    """Read, calculate, and publish the reports; with equal inputs an intact report stands."""
    stopwatch = Stopwatch(watcher)
    loaded = _load(request, stopwatch)
    folder = request.output.folder
    if folder is None:
        return _outcome(loaded, _calculate(loaded, stopwatch))
    publishing.check_writable(folder, loaded.paths)
    with publishing.hold_lock(folder, request.output.wait_seconds):
        standing = None if request.output.is_forced else publishing.is_up_to_date(folder, loaded.run_id)
        if standing is not None:
            return _standing(loaded, standing, folder)
        calculated = _calculate(loaded, stopwatch)
        with stopwatch.step("Writing reports"):
            manifest = _publish(loaded, calculated, folder, stopwatch)
    return _outcome(loaded, calculated, manifest)


def check(request: RunRequest, watcher: Watcher) -> RunOutcome:
    """Read every input whole and say what was found; nothing is calculated or written."""
    return _check(_load(request, watcher), watcher)


def plan(request: RunRequest, watcher: Watcher) -> RunOutcome:
    """Check the inputs, the output folder and its lock, and say what would run; for --dry-run."""
    loaded = _load(request, watcher)
    folder = request.output.folder
    if folder is not None:
        publishing.check_writable(folder, loaded.paths)
        with publishing.hold_lock(folder, request.output.wait_seconds):
            is_standing = publishing.is_up_to_date(folder, loaded.run_id) is not None
        what = "is up to date" if is_standing else "would be written"
        watcher.note(f"The report in {folder} {what} (run {loaded.run_id}).")
    return _check(loaded, watcher)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What is known before the claims are scanned."""

    request: RunRequest
    law: Law
    inputs: Inputs
    hashes: Mapping[Path, str]
    run_id: str

    @property
    def paths(self) -> list[Path]:
        return list(self.hashes)

    @property
    def findings(self) -> tuple[Finding, ...]:
        assumed = () if self.inputs.entities is not None else (finding("entities_assumed_advanced"),)
        return (*self.inputs.findings, *assumed)


@dataclass(frozen=True, slots=True)
class _Calculated:
    """Result tables by name, all findings, what reading the claims said, and the cells if they are kept."""

    tables: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...]
    notes: ScanNotes
    cells: pl.DataFrame | None = None


def _load(request: RunRequest, watcher: Watcher) -> _Loaded:
    law = _law(request)
    with watcher.step("Reading lists"):
        inputs = read_inputs(request.inputs, request.reading, law)
        code_sets = _code_set_files(inputs, law)
        law = replace(law, em_code_sets={**law.em_code_sets, **{str(path): read_code_set(path) for path in code_sets}})
    with watcher.step("Hashing inputs"):
        hashes = hash_files(input_files(request, inputs, code_sets))
        records = input_records(request, inputs, hashes, notes=None)
    return _Loaded(request, law, inputs, hashes, identify_run(request, law, records).run_id)


def _check(loaded: _Loaded, watcher: Watcher) -> RunOutcome:
    with _claims(loaded, watcher) as claims:
        findings = sorted_findings((*loaded.findings, *claims.findings))
        return _outcome(loaded, _Calculated({}, findings, claims.notes))


def _claims(loaded: _Loaded, watcher: Watcher) -> AbstractContextManager[ClaimsRead]:
    """The claims, whatever their layout, every line checked."""
    return claims_read(loaded.inputs, loaded.law, loaded.hashes, loaded.request.output.folder, watcher)


def _law(request: RunRequest) -> Law:
    """The law of the request, with no snapshot beyond the newest asked for."""
    asked = request.law
    law = resolve_law(
        performance_year=asked.performance_year,
        law_as_of=asked.law_as_of,
        assumptions=asked.assumptions,
        em_codes=asked.em_codes,
        pfs_codes=asked.pfs_codes,
    )
    return replace(law, snapshots=law.snapshots[: request.last_snapshot])


def _code_set_files(inputs: Inputs, law: Law) -> list[Path]:
    """Files of codes that entities name in place of a known set (em_code_set)."""
    if inputs.entities is None:
        return []
    named = inputs.entities.frame.get_column("em_code_set").drop_nulls().unique().sort().to_list()
    files = [Path(name) for name in named if name not in law.em_code_sets]
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise InputError("QP215", f"entities: em_code_set names neither a known set nor a file: {', '.join(missing)}.")
    return files


def _calculate(loaded: _Loaded, watcher: Watcher) -> _Calculated:
    inputs, law = loaded.inputs, loaded.law
    with _claims(loaded, watcher) as claims:
        tables = CanonicalTables(
            shards=claims.shards,
            participants=inputs.participants.frame,
            entities=None if inputs.entities is None else inputs.entities.frame,
            attributed_entities=claims.attributed_entities,
        )
        with watcher.step("Scanning claims"), reading("claims"):
            listed = calculation.lists(tables, law)
            keeping = calculation.CellKeeping(listed, law) if loaded.request.output.keeps_cells else None
            tallied = calculation.tally(tables, listed, law, keeping)
        check_unchanged(inputs.claims.files)
    with watcher.step("Scoring"):
        results = calculation.results(tallied, law)
    notes = claims.notes
    found = remarks(
        tallied, results, law, last_service=notes.last_service_date, last_processed=notes.last_processed_date
    )
    findings = sorted_findings((*loaded.findings, *claims.findings, *found))
    return _Calculated(_tables(results, findings), findings, notes, keeping.cells() if keeping else None)


def _tables(results: Results, findings: tuple[Finding, ...]) -> dict[str, pl.DataFrame]:
    return {
        "threshold_scores": results.threshold_scores,
        "determinations": results.determinations,
        "exclusions": results.exclusions,
        "findings": findings_frame(findings),
    }


def _publish(loaded: _Loaded, calculated: _Calculated, folder: Path, stopwatch: Stopwatch) -> Manifest:
    request = loaded.request
    files = report_files(calculated.tables, request.output.format)
    if calculated.cells is not None:
        files["cells/cells.parquet"] = partial(write_parquet, calculated.cells, CELLS)

    def manifest_of(outputs: tuple[OutputRecord, ...]) -> Manifest:
        return describe_run(
            request,
            loaded.law,
            run_id=loaded.run_id,
            exit_code=request.output.fail_on.exit_status(calculated.findings),
            inputs=input_records(request, loaded.inputs, loaded.hashes, calculated.notes),
            outputs=outputs,
            findings=calculated.findings,
            steps=tuple(StepSeconds(step, seconds) for step, seconds in stopwatch.seconds.items()),
        )

    return publishing.publish(folder, files, manifest_of)


def _standing(loaded: _Loaded, manifest: Manifest, folder: Path) -> RunOutcome:
    """The outcome of the earlier run whose report stands."""
    tables = read_tables(folder, manifest)
    findings = findings_of(tables["findings"])
    summary = _summary(loaded, tables, findings, manifest, is_up_to_date=True)
    return RunOutcome(tables, findings, summary, manifest, is_up_to_date=True, stored_exit_code=manifest.exit_code)


def _outcome(loaded: _Loaded, calculated: _Calculated, manifest: Manifest | None = None) -> RunOutcome:
    summary = _summary(loaded, calculated.tables, calculated.findings, manifest, is_up_to_date=False)
    return RunOutcome(calculated.tables, calculated.findings, summary, manifest)


def _summary(
    loaded: _Loaded,
    tables: Mapping[str, pl.DataFrame],
    findings: tuple[Finding, ...],
    manifest: Manifest | None,
    *,
    is_up_to_date: bool,
) -> RunSummary:
    return RunSummary(
        tables=tables,
        law=loaded.law,
        findings=findings,
        run_id=loaded.run_id,
        folder=loaded.request.output.folder if manifest is not None else None,
        outputs=() if manifest is None else manifest.outputs,
        is_up_to_date=is_up_to_date,
    )
