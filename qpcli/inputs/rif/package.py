"""The RIF files of a run as a package of claims: what a prepared store is made from."""

from __future__ import annotations

from collections.abc import Sequence

from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.rif.beneficiary_years import read_years
from qpcli.inputs.rif.claims import scan_rif_claims
from qpcli.inputs.rif.files import CLAIM_KINDS, RifFile, RifKind, not_used, sources_of
from qpcli.regulation.law import Law
from qpcli.request import Layout, ReadOptions


def open_rif(files: Sequence[RifFile], options: ReadOptions, law: Law) -> ClaimsPackage:
    """Opens the claims and reads the beneficiary years; raises QP202, QP203, QP204, or QP212 without a carrier file.

    `records` is None when there are no beneficiary files among the files.
    """
    years = sources_of(files, RifKind.BENEFICIARY)
    return ClaimsPackage(
        layout=Layout.RIF,
        scan=scan_rif_claims(files, options, law),
        records=read_years(years, options) if years else None,
        findings=tuple(not_used(files, frozenset({*CLAIM_KINDS, RifKind.BENEFICIARY}))),
    )
