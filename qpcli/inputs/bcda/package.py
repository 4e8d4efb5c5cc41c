"""The BCDA exports of a run as a package of claims: what a prepared store is made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.bcda import v2, v3
from qpcli.inputs.bcda.explanation_of_benefit import Line, claim_lines_plan, line_counts
from qpcli.inputs.bcda.files import BcdaFile, BcdaKind, BcdaVersion
from qpcli.inputs.bcda.inventory import Inventory, take_inventory
from qpcli.inputs.bcda.links import links_of
from qpcli.inputs.bcda.people import read_identifiers, read_records
from qpcli.inputs.canonical import ClaimLinesScan
from qpcli.inputs.json_scan import JsonFile
from qpcli.inputs.marks import mark_findings
from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.sources import Source
from qpcli.inputs.table_scan import Counts, planned_scan
from qpcli.regulation.law import Law
from qpcli.request import Layout, ReadOptions
from qpcli.tables.claim_lines import CLAIM_LINES

_LAYOUT = "BCDA"
_USED = (BcdaKind.CLAIM, BcdaKind.PATIENT, BcdaKind.COVERAGE)


def open_bcda(files: Sequence[BcdaFile], options: ReadOptions, law: Law) -> ClaimsPackage:
    """Looks over all resources, plans the claims and reads the people.

    `records` and `links` are None without Patients and Coverages. Raises QP202, QP203, QP213, QP216 for claims of two
    versions, and QP212 for v1, AB2D or without any claims.
    """
    found = take_inventory(files)
    claims = found.holding[BcdaKind.CLAIM]
    if not claims:
        raise InputError("QP212", "None of the claims files holds ExplanationOfBenefit resources.")
    patients = found.holding[BcdaKind.PATIENT]
    people = tuple(file for file in files if file in {*patients, *found.holding[BcdaKind.COVERAGE]})
    return ClaimsPackage(
        layout=Layout.BCDA,
        scan=_scan(claims, found, options, law),
        records=read_records(people, options) if people else None,
        links=links_of(read_identifiers(patients, options)) if patients else None,
        findings=tuple(_findings(files, found)),
    )


def _scan(claims: Sequence[BcdaFile], found: Inventory, options: ReadOptions, law: Law) -> ClaimLinesScan:
    is_v3 = found.version is BcdaVersion.V3
    plans = [claim_lines_plan(source, law) for source in _sources(claims, found, law)]
    scan = planned_scan(CLAIM_LINES, plans, options, line_counts)

    def remarks(row: Counts) -> Iterator[Finding]:
        yield from mark_findings(row, v3.NAMES if is_v3 else v2.NAMES)
        if count := found.replaced_count:
            words = "meta.lastUpdated"
            yield finding("replaced_lines", table=CLAIM_LINES.name, rule=words, count=count)
        if not is_v3:
            cutoff = law.run_out_ends(law.snapshots[-1])
            yield finding("run_out_final_action", table=CLAIM_LINES.name, layout=f"{_LAYOUT} v2", cutoff=cutoff)

    return ClaimLinesScan(scan, remarks)


def _sources(claims: Iterable[BcdaFile], found: Inventory, law: Law) -> Iterator[Source]:
    """Whole files together, each file with replaced claims by itself."""
    shape = v3.lines_under(law) if found.version is BcdaVersion.V3 else v2.lines
    shaped = {file: JsonFile(file.file, Line._fields, shape, file.is_document) for file in claims}
    whole = tuple(opened for file, opened in shaped.items() if file not in found.replaced)
    if whole:
        yield Source(whole, whole[0].columns)
    for file, numbers in found.replaced.items():
        yield Source((shaped[file],), shaped[file].columns, skipped=numbers)


def _findings(files: Iterable[BcdaFile], found: Inventory) -> Iterator[Finding]:
    table = CLAIM_LINES.name
    yield finding("own_people_only", table=table, layout=_LAYOUT)
    yield finding("substance_use_suppressed", table=table, layout=_LAYOUT)
    yield finding("reductions_missing", table=table, layout=_LAYOUT)
    if count := found.counts.get(BcdaKind.PARTIAL):
        words = "Claim and ClaimResponse resources, which are only partially adjudicated"
        yield finding("rows_left_out", table=table, rule=words, count=count)
    used = {file for kind in _USED for file in found.holding[kind]}
    for file in files:
        if file not in used:
            name = file.file.name
            yield finding("file_not_used", rule=name, file=name, layout=file.kind.value)
