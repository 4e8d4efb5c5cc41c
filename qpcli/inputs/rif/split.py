"""Researcher files keep claims and their lines apart: the lines take the claim's columns by CLM_ID."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from qpcli.errors import InputError
from qpcli.inputs.fields import Fields
from qpcli.inputs.rif.files import RifKind
from qpcli.inputs.sources import Lookup, Source

KEY = "CLM_ID"


@dataclass(frozen=True, slots=True)
class ClaimFields:
    """The kinds of files that a claim type comes in, and what a line needs of its claim."""

    kind: RifKind
    line_kind: RifKind
    claim_kind: RifKind
    names: tuple[str, ...]
    mark: str


CARRIER = ClaimFields(
    RifKind.CARRIER,
    RifKind.CARRIER_LINES,
    RifKind.CARRIER_CLAIMS,
    ("NCH_CLM_TYPE_CD", "NCH_WKLY_PROC_DT", "CARR_CLM_ENTRY_CD", "CLM_DISP_CD", "CARR_CLM_PMT_DNL_CD", "PMT_DNL"),
    mark="CARR_CLM_PMT_DNL_CD",
)
OUTPATIENT = ClaimFields(
    RifKind.OUTPATIENT,
    RifKind.OUTPATIENT_LINES,
    RifKind.OUTPATIENT_CLAIMS,
    (
        "NCH_WKLY_PROC_DT",
        "CLM_FROM_DT",
        "CLM_FAC_TYPE_CD",
        "CLM_SRVC_CLSFCTN_TYPE_CD",
        "CLM_MDCR_NON_PMT_RSN_CD",
        "CLM_MCO_PD_SW",
        "NCH_PRMRY_PYR_CD",
        "RNDRNG_PHYSN_NPI",
        "AT_PHYSN_NPI",
    ),
    mark="CLM_FAC_TYPE_CD",
)


def with_claim_columns(lines: Sequence[Source], claims: Sequence[Source], claim: ClaimFields) -> list[Source]:
    """Line files with the columns of their claims; raises QP204 for lines without a claim file."""
    if lines and not claims:
        raise InputError("QP204", f"{lines[0].name}: the file of the claims ({claim.mark}) is missing.")
    return [_joined(source, claims, claim.names) for source in lines]


def _joined(lines: Source, claims: Sequence[Source], names: Sequence[str]) -> Source:
    """A claim that comes twice counts once: its lines must not."""
    fields = Fields(lines)
    key = fields.required(KEY)
    missing = [name for name in names if fields.name_of(name) is None]
    rows = pl.concat([_picked(claim, key, missing) for claim in claims]).unique(key, keep="any")
    given = [name for name in missing if any(Fields(claim).name_of(name) for claim in claims)]
    files = tuple(file for claim in claims for file in claim.files)
    schema = {**lines.schema, **dict.fromkeys(given, pl.String())}
    return replace(lines, schema=schema, lookup=Lookup(rows.select(key, *given), key, files))


def _picked(claim: Source, key: str, names: Sequence[str]) -> pl.LazyFrame:
    fields = Fields(claim)
    return claim.scan().select(
        pl.col(fields.required(KEY)).alias(key), *(fields.text(name).alias(name) for name in names)
    )
