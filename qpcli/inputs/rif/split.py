"""Researcher files keep carrier claims and their lines apart: the lines take the claim's columns by CLM_ID."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from qpcli.errors import InputError
from qpcli.inputs.fields import Fields
from qpcli.inputs.sources import Lookup, Source

KEY = "CLM_ID"
CLAIM_COLUMNS = (
    "NCH_CLM_TYPE_CD",
    "NCH_WKLY_PROC_DT",
    "CARR_CLM_ENTRY_CD",
    "CLM_DISP_CD",
    "CARR_CLM_PMT_DNL_CD",
    "PMT_DNL",
)
"""What a line needs of its claim."""


def with_claim_columns(lines: Sequence[Source], claims: Sequence[Source]) -> list[Source]:
    """Line files with the columns of their claims; raises QP204 for lines without a claim file."""
    if lines and not claims:
        raise InputError("QP204", f"{lines[0].name}: the file of the claims (CARR_CLM_PMT_DNL_CD) is missing.")
    return [_joined(source, claims) for source in lines]


def _joined(lines: Source, claims: Sequence[Source]) -> Source:
    """A claim that comes twice counts once: its lines must not."""
    fields = Fields(lines)
    key = fields.required(KEY)
    missing = [name for name in CLAIM_COLUMNS if fields.name_of(name) is None]
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
