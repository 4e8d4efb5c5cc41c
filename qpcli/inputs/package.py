"""What the claims files of an outside layout hold, opened and planned: what a prepared store is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from qpcli.findings import Finding
from qpcli.inputs.canonical import ClaimLinesScan, TableRead
from qpcli.inputs.table_scan import FileCount, TableScan
from qpcli.request import Layout


def nothing_to_say(_counts: Sequence[FileCount]) -> Iterable[Finding]:
    """Counts that nothing is compared with."""
    return ()


@dataclass(frozen=True, slots=True)
class ClaimsPackage:
    """What the claims files of an outside layout hold, each file opened once.

    `scan`: the large claim files. `lines`: claim lines that were read whole, in the columns of claim_lines with
    DELIVERY and PAYER. `withheld`: one row per claim line with a reduction. `records`: what the beneficiaries are
    made from, as delivered. `links`: old to current beneficiary ids, as delivered. `about_counts`: what there is
    to say once every file is read and its rows are counted.
    """

    layout: Layout
    scan: ClaimLinesScan
    lines: tuple[TableRead, ...] = ()
    withheld: TableScan | None = None
    records: TableRead | None = None
    links: TableRead | None = None
    findings: tuple[Finding, ...] = ()
    about_counts: Callable[[Sequence[FileCount]], Iterable[Finding]] = nothing_to_say
