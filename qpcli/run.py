"""The whole job on one page: from a request to a report. The only module that knows every room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from qpcli import calculation, tallying
from qpcli.analysis.contributions import contributions
from qpcli.analysis.finished_run import FinishedRun, without_code_lists
from qpcli.calculation import CanonicalTables, Results, Tallied
from qpcli.findings import Finding
from qpcli.inputs.canonical import ScanNotes
from qpcli.inputs.faults import reading
from qpcli.inputs.files import check_unchanged
from qpcli.keeping import CellKeeping
from qpcli.loading import Loaded, load
from qpcli.provenance import input_records
from qpcli.remarks import remarks_on_inputs, remarks_on_results
from qpcli.reports import publishing
from qpcli.reports.findings import findings_frame, findings_of, sorted_findings
from qpcli.reports.formats import read_tables, report_files
from qpcli.reports.kept_files import kept_files
from qpcli.reports.manifest import Manifest, OutputRecord, StepSeconds, describe_run
from qpcli.reports.summary import RunSummary
from qpcli.reports.xlsx import refuse_without_writer
from qpcli.request import KeptCells, ReportFormat, RunRequest
from qpcli.rules.lists import Lists
from qpcli.sizes import refuse_too_long
from qpcli.suppression.findings import without_small_counts
from qpcli.suppression.tables import without_small_cells
from qpcli.tallies import read_tallies
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
    _refuse_absent_writer(request)
    with tallying.engine(request) as engine:
        return _determined(request, engine, Stopwatch(watcher))


def _determined(request: RunRequest, engine: calculation.Engine, stopwatch: Stopwatch) -> RunOutcome:
    loaded = load(request, stopwatch)
    folder = request.output.folder
    refuse_too_long(loaded)
    if folder is None:
        return _outcome(loaded, _calculate(loaded, engine, stopwatch))
    publishing.check_writable(folder, loaded.paths)
    with publishing.hold_lock(folder, request.output.wait_seconds):
        standing = None if request.output.is_forced else publishing.is_up_to_date(folder, loaded.run_id)
        if standing is not None:
            return _standing(loaded, standing, folder)
        calculated = _calculate(loaded, engine, stopwatch)
        with stopwatch.step("Writing reports"):
            manifest = _publish(loaded, calculated, folder, stopwatch)
    return _outcome(loaded, calculated, manifest)


def check(request: RunRequest, watcher: Watcher) -> RunOutcome:
    """Take every step of a run before the scores and say what was found; nothing is scored or written."""
    with tallying.engine(request) as engine:
        return _check(load(request, watcher), engine, watcher)


def plan(request: RunRequest, watcher: Watcher) -> RunOutcome:
    """Check the inputs, the output folder and its lock, and say what would run; for --dry-run."""
    _refuse_absent_writer(request)
    with tallying.engine(request) as engine:
        return _planned(request, engine, watcher)


def _planned(request: RunRequest, engine: calculation.Engine, watcher: Watcher) -> RunOutcome:
    loaded = load(request, watcher)
    folder = request.output.folder
    refuse_too_long(loaded)
    if folder is not None:
        publishing.check_writable(folder, loaded.paths)
        with publishing.hold_lock(folder, request.output.wait_seconds):
            is_standing = publishing.is_up_to_date(folder, loaded.run_id) is not None
        what = "is up to date" if is_standing else "would be written"
        watcher.note(f"The report in {folder} {what} (run {loaded.run_id}).")
    return _check(loaded, engine, watcher)


@dataclass(frozen=True, slots=True)
class _Scanned:
    """The sums over all claims, all findings before the scores, what reading said, and what is kept for questions."""

    tallied: Tallied
    findings: tuple[Finding, ...]
    notes: ScanNotes
    kept: Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class _Calculated:
    """Result tables by name, all findings, what reading the claims said, and what is kept for later questions."""

    tables: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...]
    notes: ScanNotes
    kept: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def _check(loaded: Loaded, engine: calculation.Engine, watcher: Watcher) -> RunOutcome:
    scanned = _scanned(loaded, engine, watcher, kept_cells=None)
    return _outcome(loaded, _Calculated({}, sorted_findings(scanned.findings), scanned.notes))


def _refuse_absent_writer(request: RunRequest) -> None:
    """Raises QP110 where what the format needs is not installed."""
    if request.output.format is ReportFormat.XLSX:
        refuse_without_writer()


def _scanned(loaded: Loaded, engine: calculation.Engine, watcher: Watcher, *, kept_cells: KeptCells | None) -> _Scanned:
    """All that can be found wrong with the inputs is found here; raises the QP2xx errors of reading claims."""
    law = loaded.law
    with loaded.claims(watcher) as claims:
        tables = loaded.tables(claims)
        with watcher.step("Scanning claims"), reading("claims"):
            listed = calculation.lists(tables, law, keeps_everybody=kept_cells is KeptCells.ALL)
            keeping = CellKeeping(listed, law) if kept_cells is not None else None
            tallied = _tallied(loaded, tables, listed, keeping, engine)
            kept = keeping.kept(tables, tallied) if keeping is not None else {}
        check_unchanged(loaded.inputs.claims.files)
    notes = claims.notes
    found = remarks_on_inputs(
        tallied, law, last_service=notes.last_service_date, last_processed=notes.last_processed_date
    )
    findings = (*loaded.findings, *claims.findings, *found)
    return _Scanned(tallied, findings, notes, kept)


def _calculate(loaded: Loaded, engine: calculation.Engine, watcher: Watcher) -> _Calculated:
    law = loaded.law
    scanned = _scanned(loaded, engine, watcher, kept_cells=loaded.request.output.kept_cells)
    with watcher.step("Scoring"):
        results = calculation.results(scanned.tallied, law)
    findings = sorted_findings((*scanned.findings, *remarks_on_results(results, law)))
    if loaded.request.output.is_shared:
        findings = without_small_counts(findings)
        return _Calculated(without_small_cells(_tables(results, findings)), findings, scanned.notes)
    tables = _tables(results, findings)
    if scanned.kept:
        with watcher.step("Leaving out one by one"):
            kept = {name: frame.lazy() for name, frame in scanned.kept.items()}
            tables["contributions"] = contributions(FinishedRun(without_code_lists(law), tables, kept))
    return _Calculated(tables, findings, scanned.notes, scanned.kept)


def _tallied(
    loaded: Loaded, tables: CanonicalTables, listed: Lists, keeping: CellKeeping | None, engine: calculation.Engine
) -> Tallied:
    """The sums over all beneficiaries: out of files of parts, or of the claims."""
    if loaded.request.tallies:
        return Tallied(listed, read_tallies(loaded.request.tallies, loaded.identity.tally_id, loaded.encryption))
    return calculation.tally(tables, listed, loaded.law, keeping.keep if keeping is not None else None, engine)


def _tables(results: Results, findings: tuple[Finding, ...]) -> dict[str, pl.DataFrame]:
    of_all_payers = {} if results.all_payer_scores is None else {"all_payer_scores": results.all_payer_scores}
    return of_all_payers | {
        "threshold_scores": results.threshold_scores,
        "determinations": results.determinations,
        "clinicians": results.clinicians,
        "exclusions": results.exclusions,
        "findings": findings_frame(findings),
    }


def _publish(loaded: Loaded, calculated: _Calculated, folder: Path, stopwatch: Stopwatch) -> Manifest:
    request = loaded.request

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
            key_fingerprint=loaded.identity.key_fingerprint,
        )

    key = loaded.encryption
    files = report_files(calculated.tables, request.output, manifest_of(()), key) | kept_files(calculated.kept, key)
    return publishing.publish(folder, files, manifest_of)


def _standing(loaded: Loaded, manifest: Manifest, folder: Path) -> RunOutcome:
    """The outcome of the earlier run whose report stands."""
    tables = read_tables(folder, manifest, loaded.encryption)
    findings = findings_of(tables["findings"])
    summary = _summary(loaded, tables, findings, manifest, is_up_to_date=True)
    return RunOutcome(tables, findings, summary, manifest, is_up_to_date=True, stored_exit_code=manifest.exit_code)


def _outcome(loaded: Loaded, calculated: _Calculated, manifest: Manifest | None = None) -> RunOutcome:
    summary = _summary(loaded, calculated.tables, calculated.findings, manifest, is_up_to_date=False)
    return RunOutcome(calculated.tables, calculated.findings, summary, manifest)


def _summary(
    loaded: Loaded,
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
        alert_margin=loaded.request.output.alert_margin,
    )
