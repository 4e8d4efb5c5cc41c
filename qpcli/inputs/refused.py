"""Layouts that are known and not read, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qpcli.errors import InputError
from qpcli.inputs.archives import opened
from qpcli.inputs.faults import reading
from qpcli.inputs.files import FileForm, InputFile

_LOOK_BYTES = 1 << 20
_CANONICAL = "Export the claim lines to canonical CSV or Parquet (qpcli schema claim_lines shows the columns)."
_DE_SYNPUF = (
    "DE-SynPUF covers 2008-2010; QP rules exist from performance year 2017. Its clinician identifiers are "
    "scrambled, so no score can have meaning."
)
_AB2D = "AB2D has neither tax numbers nor payments; a QP score cannot be computed from it."
_X12 = "X12 files (835 remittances, 837 claims) are not read."
_SAS = "SAS files are not read."
_OTHER_CLAIMS = "Use claims that hold both: CCLF, RIF, BCDA v2 or v3, or canonical tables."
_LATER_CLAIMS = "Use claims of 2017 or later."
_X12_START = re.compile(rb"\s*ISA([^A-Za-z0-9])\d\d\1")
_SAS_STARTS = (b"\0" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf", b"HEADER RECORD*******")
_IS_CLAIM = re.compile(rb'"resourceType"\s*:\s*"ExplanationOfBenefit"')


def refuse(file: InputFile, names: Iterable[str]) -> None:
    """Raises QP212 when the names of a file's columns, or its first bytes, are those of a layout that is not read."""
    known = [name.upper() for name in names]
    if "DESYNPUF_ID" in known:
        raise _refusal(file, _DE_SYNPUF, _LATER_CLAIMS)
    if _are_ab2d_names(known):
        raise _refusal(file, _AB2D, _OTHER_CLAIMS)
    if file.form is FileForm.TEXT:
        _refuse_by_start(file)


def _refuse_by_start(file: InputFile) -> None:
    with reading(file.name), opened(file) as stream:
        start = stream.read(_LOOK_BYTES)
    if _X12_START.match(start):
        raise _refusal(file, _X12, _CANONICAL)
    if start.startswith(_SAS_STARTS):
        raise _refusal(file, _SAS, "Export it to CSV or Parquet first.")
    if _is_ab2d(start):
        raise _refusal(file, _AB2D, _OTHER_CLAIMS)


def _is_ab2d(start: bytes) -> bool:
    """Claims as FHIR of which none has an adjudication, where the payments would be."""
    return start.lstrip()[:1] == b"{" and _IS_CLAIM.search(start) is not None and b'"adjudication"' not in start


def _are_ab2d_names(names: list[str]) -> bool:
    """The same as a table."""
    has_payments = any(word in name for name in names for word in ("ADJUDICATION", "PAYMENT", "AMOUNT", "AMT"))
    return "RESOURCETYPE" in names and any(name.startswith("ITEM") for name in names) and not has_payments


def _refusal(file: InputFile, reason: str, help: str) -> InputError:
    return InputError("QP212", f"{file.name}: {reason}", help)
