"""Which files are BCDA exports, of which version and resource, judged by their first resource; what is refused."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from qpcli.errors import InputError
from qpcli.inputs.archives import opened
from qpcli.inputs.bcda.resources import children, tail, text
from qpcli.inputs.faults import reading
from qpcli.inputs.files import FileForm, InputFile
from qpcli.inputs.json_scan import MAX_LINE_BYTES, Resource, ShapeError, decoded, document_text, members, parsed

_LOOK_BYTES = 1 << 20
_LOOK_LINES = 20
_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{1,64})"')
_V1_ITEM = ("service", "careTeamLinkId")
_V1 = "BCDA v1 (STU3) is not read; export v2 or v3."
_AB2D = "AB2D has neither tax numbers nor payments; a QP score cannot be computed from it."
_NOT_NDJSON = "a JSON document over several lines is not NDJSON (one resource per line)."


class BcdaKind(StrEnum):
    """What a resource is, in words for findings."""

    CLAIM = "BCDA ExplanationOfBenefit"
    PATIENT = "BCDA Patient"
    COVERAGE = "BCDA Coverage"
    PARTIAL = "BCDA Claim or ClaimResponse"
    OTHER = "BCDA"


class BcdaVersion(StrEnum):
    """The version of the export; `AB2D` is another one of CMS's interfaces."""

    V1 = "v1"
    V2 = "v2"
    V3 = "v3"
    AB2D = "AB2D"


_KINDS = {
    "ExplanationOfBenefit": BcdaKind.CLAIM,
    "Patient": BcdaKind.PATIENT,
    "Coverage": BcdaKind.COVERAGE,
    "Claim": BcdaKind.PARTIAL,
    "ClaimResponse": BcdaKind.PARTIAL,
}


@dataclass(frozen=True, slots=True)
class BcdaFile:
    """A file of resources by its first one; `is_document`: a Bundle that is the whole file.

    `version` is None where the resource does not tell it.
    """

    file: InputFile
    kind: BcdaKind
    version: BcdaVersion | None = None
    is_document: bool = False


def look_at(file: InputFile) -> BcdaFile | None:
    """The file as a BCDA export, None for any other file; raises QP212 for v1, AB2D and JSON that is not NDJSON."""
    if file.form is not FileForm.TEXT:
        return None
    with reading(file.name), opened(file) as stream:
        start = stream.read(_LOOK_BYTES)
        if not _may_be_json(start):
            return None
        if b"\n" not in start and len(start) == _LOOK_BYTES:
            start += stream.readline(MAX_LINE_BYTES)
    for resource in _first_resources(start):
        return _recognised(file, resource, is_document=False)
    found = _TYPE.search(start)
    return None if found is None else _document(file, found[1].decode())


def kind_of(resource: Resource) -> BcdaKind:
    """What a resource is."""
    return _KINDS.get(resource["resourceType"], BcdaKind.OTHER)


def version_of(resource: Resource) -> BcdaVersion | None:
    """The version of a claim by its code systems and fields, of a Coverage v1 or None; raises ShapeError."""
    if resource["resourceType"] == "Coverage":
        return BcdaVersion.V1 if "grouping" in resource else None
    if resource["resourceType"] != "ExplanationOfBenefit":
        return None
    items = children(resource, "item")
    if items and "status" not in resource and not any("adjudication" in item for item in items):
        return BcdaVersion.AB2D
    systems = {tail(text(coding, "system")) for coding in _type_codings(resource)}
    if "CLM-TYPE-CD" in systems:
        return BcdaVersion.V3
    if "information" in resource or any(name in item for item in items for name in _V1_ITEM):
        return BcdaVersion.V1
    return BcdaVersion.V2 if "nch_clm_type_cd" in systems else None


def refusal(file: InputFile, version: BcdaVersion | None) -> InputError | None:
    """Why a version is not read."""
    reason = {BcdaVersion.V1: _V1, BcdaVersion.AB2D: _AB2D}.get(version) if version else None
    return None if reason is None else InputError("QP212", f"{file.name}: {reason}")


def _type_codings(claim: Resource) -> list[Resource]:
    concept = claim.get("type")
    if concept is not None and not isinstance(concept, dict):
        raise ShapeError
    return children(concept or {}, "coding")


def _may_be_json(start: bytes) -> bool:
    is_json = start.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"[")
    return is_json and _TYPE.search(start) is not None


def _first_resources(start: bytes) -> Iterator[Resource]:
    """The first lines that are whole resources."""
    lines = (line for line in start.removeprefix(codecs.BOM_UTF8).split(b"\n") if line.strip())
    for _, line in zip(range(_LOOK_LINES), lines, strict=False):
        resource = parsed(decoded(line))
        if resource is not None:
            yield resource


def _recognised(file: InputFile, resource: Resource, *, is_document: bool) -> BcdaFile:
    """By the resource, of a Bundle by its first entry."""
    first = next((one for one in members(resource) if one is not None), None)
    if first is None:
        return BcdaFile(file, BcdaKind.OTHER, is_document=is_document)
    try:
        version = version_of(first)
    except ShapeError:
        version = None
    refused = refusal(file, version)
    if refused is not None:
        raise refused
    return BcdaFile(file, kind_of(first), version, is_document)


def _document(file: InputFile, first_type: str) -> BcdaFile:
    """A file without a resource on a line: a Bundle over several lines is read, other documents are refused."""
    with reading(file.name), opened(file) as stream:
        content = document_text(stream, file.name).removeprefix("\ufeff")
    resource = parsed(content)
    if resource is not None and resource["resourceType"] == "Bundle":
        return _recognised(file, resource, is_document=True)
    if resource is not None or _is_json(content):
        command = "jq -c '.[]' FILE" if content.lstrip().startswith("[") else "jq -c . FILE"
        raise InputError("QP212", f"{file.name}: {_NOT_NDJSON}", f"Write one resource per line: {command}")
    # Lines that are all broken are for the reader to count.
    return BcdaFile(file, _KINDS.get(first_type, BcdaKind.OTHER))


def _is_json(content: str) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True
