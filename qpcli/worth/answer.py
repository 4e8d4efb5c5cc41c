"""What QP status is worth, on one page: from a finished run and the base year's dollars to the incentive tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import polars as pl

from qpcli.balance import Against, Worth, balance
from qpcli.engines.base_amounts import base_amounts
from qpcli.findings import Finding
from qpcli.inputs.faults import reading
from qpcli.inputs.files import check_unchanged
from qpcli.inputs.table_scan import FileCount
from qpcli.line_reading import Preparing, lines_read
from qpcli.remarks import about_lines
from qpcli.reports import publishing
from qpcli.reports.findings import findings_frame, findings_of, sorted_findings
from qpcli.reports.formats import read_tables, report_files
from qpcli.reports.manifest import Manifest, OutputRecord, StepSeconds, describe_run
from qpcli.reports.worth_summary import WorthSummary
from qpcli.request import WorthRequest
from qpcli.rules import incentive as rules
from qpcli.tables.incentives import NPI_INCENTIVES, NPI_TIN_INCENTIVES, TIN_INCENTIVES
from qpcli.tables.schema import Table
from qpcli.watch import Stopwatch, Watcher
from qpcli.worth.asked import Asked, ask
from qpcli.worth.remarks import about_claims, about_days, about_worth


@dataclass(frozen=True, slots=True)
class WorthOutcome:
    """What an answer gave. `tables` are in the calculation's units.

    `stored_exit_code` is that of an earlier answer whose report still stands, else None.
    """

    tables: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...]
    summary: WorthSummary
    stored_exit_code: int | None = None


def worth(request: WorthRequest, watcher: Watcher) -> WorthOutcome:
    """Read the run's QPs and the base amounts, apply the law of the payment year, and publish."""
    stopwatch = Stopwatch(watcher)
    asked = ask(request, stopwatch)
    folder = request.output.folder
    if folder is None:
        return _outcome(asked, _calculate(asked, stopwatch))
    publishing.check_writable(folder, asked.paths)
    with publishing.hold_lock(folder, request.output.wait_seconds):
        standing = None if request.output.is_forced else publishing.is_up_to_date(folder, asked.run_id)
        if standing is not None:
            return _standing(asked, standing, folder)
        calculated = _calculate(asked, stopwatch)
        with stopwatch.step("Writing reports"):
            manifest = _publish(asked, calculated, folder, stopwatch)
    return _outcome(asked, calculated, manifest)


@dataclass(frozen=True, slots=True)
class _Calculated:
    """Tables by name, all findings, and the rows of each file of base claims."""

    tables: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...]
    claims: tuple[FileCount, ...] = ()


@dataclass(frozen=True, slots=True)
class _Base:
    """One row per QP and TIN with `base_cents`, what reading the dollars found, and the rows of each claims file."""

    frame: pl.DataFrame
    findings: tuple[Finding, ...]
    claims: tuple[FileCount, ...] = ()


def _calculate(asked: Asked, watcher: Watcher) -> _Calculated:
    base = _base(asked, watcher)
    with watcher.step("Applying the incentive"):
        qps, incentive = asked.qps.lazy(), asked.incentive
        listed = pl.LazyFrame(schema={"npi": pl.String, "tin": pl.String})
        if asked.participants is not None:
            listed = rules.listed_tins(asked.participants.frame.lazy(), qps, asked.law)
        pairs = rules.with_worth(rules.pairs(base.frame.lazy(), listed, qps), incentive, asked.law).collect()
        frames = {
            NPI_INCENTIVES: rules.by_npi(pairs.lazy(), qps, incentive),
            NPI_TIN_INCENTIVES: pairs.lazy().sort("npi", "tin"),
            TIN_INCENTIVES: rules.by_tin(pairs.lazy()),
        }
        tables = {table.name: _table(frame, table, asked) for table, frame in frames.items()}
    said = (*base.findings, *about_worth(asked.incentive, asked.law, tables))
    return _Calculated(tables, sorted_findings(said), base.claims)


def _table(frame: pl.LazyFrame, table: Table, asked: Asked) -> pl.DataFrame:
    """The rows in the table's columns, cents under the names of amounts."""
    years = {"performance_year": asked.law.performance_year, "payment_year": asked.incentive.payment_year}
    named = frame.rename(lambda name: name.replace("_cents", "_amount"))
    named = named.with_columns(pl.lit(year, pl.Int64).alias(name) for name, year in years.items())
    return named.select(table.column_names).collect()


def _base(asked: Asked, watcher: Watcher) -> _Base:
    lists = tuple(found for table in asked.tables.values() for found in table.findings)
    if asked.claims is None:
        assert asked.amounts is not None
        return _Base(asked.amounts.frame, lists)
    request, claims = asked.request, asked.claims
    law = rules.base_period_law(asked.law, asked.incentive)
    place = Preparing(request.output.folder, request.resources, encryption=asked.encryption)
    with lines_read(claims, law, asked.hashes, place, watcher) as lines:
        with watcher.step("Scanning claims"), reading("claims"):
            summed = base_amounts(lines.shards(), asked.qps, law)
        check_unchanged(claims.files)
        counted = about_lines({**summed.counts, "off_list_lines": 0, "off_list_pair_lines": 0})
        found = (*lists, *about_claims(claims, lines), *about_days(lines, asked.incentive), *counted)
        return _Base(summed.frame, found, lines.notes.files)


def _publish(asked: Asked, calculated: _Calculated, folder: Path, watch: Stopwatch) -> Manifest:
    request = asked.request
    tables = {**calculated.tables, "findings": findings_frame(calculated.findings)}

    def manifest_of(outputs: tuple[OutputRecord, ...]) -> Manifest:
        return describe_run(
            request,
            replace(asked.law, entries=(*asked.law.entries, *asked.incentive.entries)),
            run_id=asked.run_id,
            exit_code=request.output.fail_on.exit_status(calculated.findings),
            inputs=asked.records(calculated.claims),
            outputs=outputs,
            findings=calculated.findings,
            steps=tuple(StepSeconds(step, seconds) for step, seconds in watch.seconds.items()),
            key_fingerprint=asked.key_fingerprint,
        )

    files = report_files(tables, request.output, manifest_of(()), asked.encryption)
    return publishing.publish(folder, files, manifest_of)


def _standing(asked: Asked, manifest: Manifest, folder: Path) -> WorthOutcome:
    """The outcome of the earlier answer whose report stands."""
    tables = read_tables(folder, manifest, asked.encryption)
    findings = findings_of(tables.pop("findings"))
    return _outcome(asked, _Calculated(tables, findings), manifest, manifest.exit_code)


def _outcome(
    asked: Asked, calculated: _Calculated, manifest: Manifest | None = None, stored_exit_code: int | None = None
) -> WorthOutcome:
    tables, findings = calculated.tables, calculated.findings
    totals = tables[NPI_INCENTIVES.name].select(pl.col("base_amount", "incentive_amount", "fee_schedule_amount").sum())
    loss = asked.request.shared_loss
    against = Against(asked.request.mips_adjustment, None if loss is None else int(loss * Decimal(100)))
    summary = WorthSummary(
        tables=tables,
        law=asked.law,
        incentive=asked.incentive,
        balance=balance(Worth(*totals.row(0)), against),
        against=against,
        findings=findings,
        source_run_id=asked.source.run_id,
        run_id=asked.run_id,
        folder=asked.request.output.folder if manifest is not None else None,
        outputs=() if manifest is None else manifest.outputs,
        is_up_to_date=stored_exit_code is not None,
    )
    return WorthOutcome(tables, findings, summary, stored_exit_code)
