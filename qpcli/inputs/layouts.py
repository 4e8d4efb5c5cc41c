"""Which layout the claims and the beneficiary files have, and the reader of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qpcli.errors import InputError
from qpcli.findings import Finding
from qpcli.inputs.archives import find_files
from qpcli.inputs.canonical import ClaimLinesScan, TableRead, read_table, scan_claim_lines
from qpcli.inputs.rif.beneficiaries import read_rif_beneficiaries
from qpcli.inputs.rif.claims import scan_rif_claims, secondary_payer_months
from qpcli.inputs.rif.files import CLAIM_KINDS, RifFile, RifKind, look_at, not_used, sources_of
from qpcli.regulation.law import Law
from qpcli.request import Layout, ReadOptions
from qpcli.tables.beneficiaries import BENEFICIARIES

_DE_SYNPUF_COLUMN = "DESYNPUF_ID"
_DE_SYNPUF = (
    "DE-SynPUF covers 2008-2010; QP rules exist from performance year 2017. Its clinician identifiers are "
    "scrambled, so no score can have meaning."
)


@dataclass(frozen=True, slots=True)
class FoundClaims:
    """The claims with their layout; `files` are those that were looked at as RIF."""

    scan: ClaimLinesScan
    layout: Layout
    files: tuple[RifFile, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundBeneficiaries:
    """The beneficiaries; `files` are those that were looked at as RIF."""

    table: TableRead
    files: tuple[RifFile, ...] = ()


def find_claims(paths: Sequence[str], options: ReadOptions, law: Law) -> FoundClaims:
    """Opens the claims in the layout asked for, or that of their headers; raises QP212 for one that is refused."""
    files = _looked_at(paths, options)
    is_rif = any(found.kind not in (RifKind.UNKNOWN, RifKind.BENEFICIARY) for found in files)
    if options.layout is Layout.RIF or is_rif:
        return FoundClaims(scan_rif_claims(files, options, law), Layout.RIF, files)
    return FoundClaims(scan_claim_lines(paths, options), Layout.CANONICAL)


def find_beneficiaries(paths: Sequence[str], claims: FoundClaims, options: ReadOptions, law: Law) -> FoundBeneficiaries:
    """Reads the beneficiaries; yearly RIF files need RIF claims beside them, for the secondary-payer months."""
    files = _looked_at(paths, options)
    if not _has(files, RifKind.BENEFICIARY):
        return FoundBeneficiaries(read_table(BENEFICIARIES, paths, options))
    if claims.layout is not Layout.RIF:
        raise InputError("QP212", "RIF beneficiary files need RIF claims: secondary-payer months are only there.")
    months = secondary_payer_months(claims.scan, law)
    table = read_rif_beneficiaries(sources_of(files, RifKind.BENEFICIARY), months, options, law)
    return FoundBeneficiaries(table, files)


def layout_findings(claims: FoundClaims, beneficiaries: FoundBeneficiaries) -> tuple[Finding, ...]:
    """Files that neither the claims nor the beneficiaries could use, each once."""
    files = {found.file: found for found in (*claims.files, *beneficiaries.files)}
    used = set(CLAIM_KINDS) if claims.files else set()
    if beneficiaries.files:
        used.add(RifKind.BENEFICIARY)
    return tuple(not_used(files.values(), frozenset(used)))


def _looked_at(paths: Sequence[str], options: ReadOptions) -> tuple[RifFile, ...]:
    if options.layout is Layout.CANONICAL:
        return ()
    files = tuple(look_at(file) for file in find_files(paths))
    for found in files:
        if found.source is not None and _DE_SYNPUF_COLUMN in map(str.upper, found.source.schema):
            raise InputError("QP212", f"{found.file.name}: {_DE_SYNPUF}")
    return files


def _has(files: Sequence[RifFile], kind: RifKind) -> bool:
    return any(found.kind is kind for found in files)
