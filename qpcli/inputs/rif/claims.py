"""RIF claims of all files -> claim lines, lazily, and the months in which Medicare paid second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import ClaimLinesScan, claim_counts
from qpcli.inputs.codes import GROUP_HEALTH_CODES, OTHER_PAYER_CODES
from qpcli.inputs.marks import PAYER, mark_counts, mark_findings
from qpcli.inputs.plan import SourcePlan
from qpcli.inputs.rif.carrier import carrier_plan
from qpcli.inputs.rif.files import RifFile, RifKind, sources_of
from qpcli.inputs.rif.outpatient import outpatient_plan
from qpcli.inputs.rif.split import with_claim_columns
from qpcli.inputs.rif.versions import current_versions
from qpcli.inputs.table_scan import Counts, planned_scan
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.claim_lines import CLAIM_LINES


def scan_rif_claims(files: Sequence[RifFile], options: ReadOptions, law: Law) -> ClaimLinesScan:
    """Opens the carrier and outpatient files; raises QP202, QP204, or QP212 when there is no carrier file."""
    split = with_claim_columns(sources_of(files, RifKind.CARRIER_LINES), sources_of(files, RifKind.CARRIER_CLAIMS))
    carrier, replaced = current_versions([*sources_of(files, RifKind.CARRIER), *split], "CLM_ID", "LINE_NUM")
    outpatient, also_replaced = current_versions(sources_of(files, RifKind.OUTPATIENT), "CLM_ID", "CLM_LINE_NUM")
    if not carrier:
        raise InputError("QP212", "None of the claims files is a RIF carrier file.")
    plans = [*(carrier_plan(source, law) for source in carrier), *map(outpatient_plan, outpatient)]
    scan = planned_scan(CLAIM_LINES, plans, options, _counts)

    def remarks(row: Counts) -> Iterator[Finding]:
        if count := replaced + also_replaced:
            yield finding("replaced_lines", table=CLAIM_LINES.name, rule="DML_IND", count=count)
        yield from mark_findings(row)
        cutoff = law.run_out_ends(law.snapshots[-1])
        yield finding("run_out_final_action", table=CLAIM_LINES.name, layout="RIF", cutoff=cutoff)

    return ClaimLinesScan(scan, remarks)


def _counts(plan: SourcePlan) -> list[pl.Expr]:
    return [*claim_counts(plan), *mark_counts(plan)]


def secondary_payer_months(claims: ClaimLinesScan, law: Law) -> pl.DataFrame:
    """One row per beneficiary and month (its first day) with a line that another payer comes before.

    A pass over the claims of its own. Which payers count is the open point msp_from_lines.
    """
    counts_all = law.assumed("msp_from_lines") == "any_code"
    payers = OTHER_PAYER_CODES if counts_all else GROUP_HEALTH_CODES
    months = [
        plan.checked.filter(plan.is_good & pl.col(PAYER).is_in(payers)).select(
            "bene_id", pl.col("service_date").dt.month_start().alias("start_date")
        )
        for plan in claims.scan.plans
    ]
    with claims.reading():
        return pl.concat(months).unique().collect(engine="streaming")
