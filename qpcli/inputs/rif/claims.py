"""RIF claims of all files -> claim lines, lazily."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import ClaimLinesScan, claim_counts
from qpcli.inputs.marks import mark_counts, mark_findings
from qpcli.inputs.plan import SourcePlan
from qpcli.inputs.rif.carrier import NAMES, carrier_plan
from qpcli.inputs.rif.files import RifFile, RifKind, sources_of
from qpcli.inputs.rif.outpatient import outpatient_plan
from qpcli.inputs.rif.split import CARRIER, OUTPATIENT, ClaimFields, with_claim_columns
from qpcli.inputs.rif.versions import current_versions
from qpcli.inputs.sources import Source
from qpcli.inputs.table_scan import Counts, planned_scan
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.claim_lines import CLAIM_LINES


def scan_rif_claims(files: Sequence[RifFile], options: ReadOptions, law: Law) -> ClaimLinesScan:
    """Opens the carrier and outpatient files; raises QP202, QP204, or QP212 when there is no carrier file."""
    carrier, replaced = current_versions(_whole_and_split(files, CARRIER), "CLM_ID", "LINE_NUM")
    outpatient, also_replaced = current_versions(_whole_and_split(files, OUTPATIENT), "CLM_ID", "CLM_LINE_NUM")
    if not carrier:
        given = ", ".join(sorted({file.kind.value for file in files if file.kind is not RifKind.UNKNOWN}))
        message = f"No RIF carrier file is given; the files are {given}."
        raise InputError("QP212", message, "Give the carrier files, which hold the Part B claims.")
    plans = [*(carrier_plan(source, law) for source in carrier), *map(outpatient_plan, outpatient)]
    scan = planned_scan(CLAIM_LINES, plans, options, _counts)

    def remarks(row: Counts) -> Iterator[Finding]:
        if count := replaced + also_replaced:
            yield finding("replaced_lines", table=CLAIM_LINES.name, rule="DML_IND", count=count)
        yield from mark_findings(row, NAMES)
        cutoff = law.run_out_ends(law.snapshots[-1])
        yield finding("run_out_final_action", table=CLAIM_LINES.name, layout=NAMES.layout, cutoff=cutoff)

    return ClaimLinesScan(scan, remarks)


def _whole_and_split(files: Sequence[RifFile], claim: ClaimFields) -> list[Source]:
    lines, claims = sources_of(files, claim.line_kind), sources_of(files, claim.claim_kind)
    return [*sources_of(files, claim.kind), *with_claim_columns(lines, claims, claim)]


def _counts(plan: SourcePlan) -> list[pl.Expr]:
    return [*claim_counts(plan), *mark_counts(plan)]
