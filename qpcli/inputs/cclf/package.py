"""The CCLF files of all deliveries as one package: claims, withheld amounts, people and former ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import ClaimLinesScan
from qpcli.inputs.cclf.beneficiaries import read_records
from qpcli.inputs.cclf.crosswalk import read_links
from qpcli.inputs.cclf.deliveries import days_in_tables, delivery_gaps, loaded_files
from qpcli.inputs.cclf.files import LAYOUT, CclfFile, delivered_sources, not_used
from qpcli.inputs.cclf.institutional import read_institutional
from qpcli.inputs.cclf.part_b import part_b_counts, part_b_findings, part_b_plan
from qpcli.inputs.cclf.positions import UNCHECKED_LENGTH
from qpcli.inputs.cclf.record_counts import record_count_findings
from qpcli.inputs.cclf.withheld import withheld_scan
from qpcli.inputs.fixed_scan import FixedFile
from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.table_scan import Counts, FileCount, planned_scan
from qpcli.regulation.law import Law
from qpcli.request import Layout, ReadOptions
from qpcli.tables.claim_lines import CLAIM_LINES

_ALWAYS = ("own_people_only", "substance_use_suppressed", "managed_care_unknown", "coverage_ends_unknown")
_CLAIMS, _WITHHELD, _PEOPLE, _FORMER_IDS, _HEADERS, _REVENUE_CENTERS = "5", "B", "8", "9", "1", "2"


def open_cclf(files: Sequence[CclfFile], options: ReadOptions, law: Law) -> ClaimsPackage:
    """Opens CCLF5 and CCLFB and reads the smaller files; raises the QP2xx errors, QP212 without any CCLF5."""
    _check_claims(files)
    used, superseded = loaded_files([file for file in files if file.is_used])
    in_tables = days_in_tables(used)
    people, former = delivered_sources(used, _PEOPLE), delivered_sources(used, _FORMER_IDS)
    headers, lines = delivered_sources(used, _HEADERS), delivered_sources(used, _REVENUE_CENTERS)
    withheld = delivered_sources(used, _WITHHELD)
    return ClaimsPackage(
        layout=Layout.CCLF,
        scan=_part_b(used, options, law),
        lines=(read_institutional(headers, lines, options, law),) if headers or lines else (),
        withheld=withheld_scan(withheld, options, law) if withheld else None,
        records=read_records(people, options) if people else None,
        links=read_links(former, options) if former else None,
        findings=(
            *_limits(has_reductions=bool(withheld)),
            *not_used(files),
            *superseded,
            *_several_acos(used),
            *delivery_gaps(used, in_tables),
        ),
        about_counts=lambda counts: _about_counts(used, counts),
    )


def _several_acos(files: Sequence[CclfFile]) -> Iterator[Finding]:
    """Whose deliveries they are, where they are not all one ACO's."""
    acos = sorted({file.name.entity_id for file in files if file.name is not None and file.name.entity_id})
    if len(acos) > 1:
        yield finding("several_acos", rule=" ".join(acos), acos=", ".join(acos))


def _check_claims(files: Sequence[CclfFile]) -> None:
    given = sorted({f"{LAYOUT}{file.number}" for file in files})
    if f"{LAYOUT}{_CLAIMS}" not in given:
        message = f"No file of Part B claims (CCLF5) is given; the files are {', '.join(given)}."
        raise InputError("QP212", message, "Give the CCLF5 files of the same deliveries.")


def _part_b(files: Sequence[CclfFile], options: ReadOptions, law: Law) -> ClaimLinesScan:
    sources = delivered_sources(files, _CLAIMS)
    scan = planned_scan(CLAIM_LINES, [part_b_plan(source, law) for source in sources], options, part_b_counts)

    def remarks(row: Counts) -> Iterator[Finding]:
        return part_b_findings(row, law)

    return ClaimLinesScan(scan, remarks)


def _limits(*, has_reductions: bool) -> Iterator[Finding]:
    """What CCLF cannot tell."""
    for code in _ALWAYS:
        yield finding(code, layout=LAYOUT)
    if not has_reductions:
        yield finding("reductions_missing", layout=LAYOUT)


def _about_counts(files: Sequence[CclfFile], counts: Sequence[FileCount]) -> Iterator[Finding]:
    yield from record_count_findings(files, counts)
    for file in files:
        fixed = file.delivered.source.files[0] if file.delivered is not None else None
        if isinstance(fixed, FixedFile):
            yield from _about_lines(file, fixed)


def _about_lines(file: CclfFile, fixed: FixedFile) -> Iterator[Finding]:
    name = file.file.name
    if count := fixed.seen.short_line_count:
        yield finding("short_lines", rule=name, count=count, file=name, length=fixed.record.length)
    if file.number == _CLAIMS and fixed.record.length == UNCHECKED_LENGTH and fixed.row_count:
        words = f"of {name} are in the layout of 2018, whose positions were not checked"
        yield finding("counted_for_record", table=f"{LAYOUT}{file.number}", rule=words, count=fixed.row_count)
