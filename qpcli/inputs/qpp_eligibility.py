"""Saved answers of CMS's QPP Eligibility service: JSON, one per file, in a list or one per line; or CSV.

Nothing is asked of the service. An answer that is an error holds no NPI and is only counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from qpcli.errors import InputError
from qpcli.inputs.archives import find_files, opened
from qpcli.inputs.canonical import read_table
from qpcli.inputs.faults import reading
from qpcli.inputs.files import FileForm, InputFile, is_delivered
from qpcli.inputs.json_scan import document_text
from qpcli.request import ReadOptions
from qpcli.tables.published import PUBLISHED

_SCENARIOS = ("individualScenario", "groupScenario")
_SCORES = (("qpPaymentScores", "payment_score"), ("qpPatientScores", "patient_score"))
_LEVELS = ("me", "mi")


@dataclass(frozen=True, slots=True)
class Published:
    """Answers in the columns of PUBLISHED, and how many were errors, by the type that CMS gives."""

    answers: pl.DataFrame
    errors: Mapping[str, int]
    files: tuple[InputFile, ...]


def read_published(path: str) -> Published:
    """Saved answers; a folder or glob takes all of its files. Raises the QP2xx errors of files, QP202 for no answer."""
    files = find_files([path], _is_answer)
    if all(_is_json(file) for file in files):
        return _from_json(files)
    table = read_table(PUBLISHED, [path], ReadOptions())
    return Published(table.frame, {}, tuple(count.file for count in table.files))


def _is_answer(name: str) -> bool:
    return is_delivered(name) or (name.lower().endswith(".json") and not name.startswith("."))


def _is_json(file: InputFile) -> bool:
    if file.form is not FileForm.TEXT:
        return False
    with reading(file.name), opened(file) as stream:
        return stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def _from_json(files: Sequence[InputFile]) -> Published:
    errors: Counter[str] = Counter()
    rows: list[dict[str, str | None]] = []
    for file in files:
        for answer in _answers(file):
            told = answer.get("error")
            if isinstance(told, dict):
                errors[_word(told.get("type")) or "unknown"] += 1
            else:
                rows += _rows(file, answer)
    schema = dict.fromkeys(PUBLISHED.column_names, pl.String())
    return Published(pl.DataFrame(rows, schema=schema).unique(maintain_order=True), errors, tuple(files))


def _answers(file: InputFile) -> Iterator[dict[str, Any]]:
    with reading(file.name), opened(file) as stream:
        text = document_text(stream, file.name).removeprefix("\ufeff")
    document = _parsed(text)
    found = document if isinstance(document, list) else [document]
    if document is None:
        found = [_parsed(line) for line in text.splitlines() if line.strip()]
    for answer in found:
        if not isinstance(answer, dict):
            raise InputError("QP202", f"{file.name} holds something that is no answer of the service.")
        yield answer


def _parsed(text: str) -> Any:
    """Decoded JSON with numbers as their text; None where it is none."""
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None


def _rows(file: InputFile, answer: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
    data = answer.get("data", answer)
    npi = _text(data.get("npi")) if isinstance(data, dict) else None
    if npi is None:
        raise InputError("QP202", f"{file.name} holds an answer without an NPI.")
    head = {"npi": npi, "qp_status": _text(data.get("qpStatus"))}
    apms = list(_apms(data))
    for apm in apms or [{}]:
        yield head | {
            "apm_id": _text(apm.get("apmId")),
            "apm_entity_name": _text(apm.get("entityName")),
            "relationship": _text(apm.get("providerRelationshipCode")),
            **_scores(apm),
        }


def _apms(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """APM participations under organizations, or inside their scenarios."""
    for organization in _dicts(data.get("organizations")):
        places = [organization, *(organization.get(name) for name in _SCENARIOS)]
        for place in places:
            if isinstance(place, dict):
                yield from _dicts(place.get("apms"))


def _dicts(found: object) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _scores(apm: Mapping[str, Any]) -> dict[str, str | None]:
    told = {}
    for field, name in _SCORES:
        scores = apm.get(field)
        for level in _LEVELS:
            told[f"{name}_{level}"] = _text(scores.get(level)) if isinstance(scores, dict) else None
    return told


def _text(found: object) -> str | None:
    """Text on one line; None for what is none."""
    words = " ".join(found.split()) if isinstance(found, str) else ""
    return words or None


def _word(found: object) -> str | None:
    """A type of error, if it is a plain word."""
    text = _text(found)
    return text if text is not None and text.isalpha() and len(text) <= 40 else None
