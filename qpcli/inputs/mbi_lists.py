"""Plain lists of MBIs: BCDA attribution files -> attribution; the 1-800 preference file, which is only counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qpcli.findings import Finding, finding
from qpcli.inputs.archives import opened
from qpcli.inputs.attribution_rows import (
    ListSpan,
    attribution_rows,
    good,
    list_dates,
    list_entity,
    read_plans,
    snapshot_findings,
    stacked,
)
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.delivery_names import first_match, names_of
from qpcli.inputs.faults import reading
from qpcli.inputs.fields import Fields
from qpcli.inputs.files import FileForm, InputFile
from qpcli.inputs.plan import make_plan
from qpcli.inputs.rif.files import look_at as opened_with_header
from qpcli.inputs.sources import Source
from qpcli.regulation.law import Law
from qpcli.request import Assignment, ReadOptions
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.schema import Table

LAYOUT, PREFERENCES = "list of MBIs", "1-800 preference file"
_HEADER = "MBIS"
_ENTITY = re.compile(r"^[PT]\.[A-Z]+\.([A-Z0-9-]*[0-9])\.Y[0-9]{2}\.")
_ACO = re.compile(r"(?:^|[._ -])([AD][0-9]{4})(?=[._ -]|$)")
_FIRST_LINE, _LAST_LINE = b"HDR_BENEDATASHR", b"TRL_BENEDATASHR"
_PREFERENCE = 368
"""Place of the data sharing preference in a line, counted from 0: Y, N or blank."""

MBI_LIST = Table(
    name=ATTRIBUTION.name, grain="One row per person, as delivered.", columns=(ATTRIBUTION.column("bene_id"),)
)


@dataclass(frozen=True, slots=True)
class MbiList:
    """A list of MBIs; `apm_entity_id` is what its name tells."""

    file: InputFile
    source: Source
    apm_entity_id: str | None


def look_at(file: InputFile) -> MbiList | None:
    """The file as a list of MBIs, by its header; None when it is none. Raises QP202 or QP214 for a damaged file."""
    source = None if file.form is FileForm.WORKBOOK else opened_with_header(file).source
    if source is None or [name.upper() for name in source.schema] != [_HEADER]:
        return None
    names = names_of(file)
    found = first_match(names, _ENTITY) or first_match(names, _ACO)
    return MbiList(file, source, found[1] if found else None)


def read_mbi_lists(lists: Sequence[MbiList], options: ReadOptions, law: Law) -> TableRead:
    """Reads the lists; raises QP111 when the user must say whose or of when they are, QP202, QP203 or QP208."""
    entities = [list_entity(options, one.apm_entity_id, one.file.name) for one in lists]
    dates = [list_dates(options, one.file.name) for one in lists]
    plans = [
        make_plan(MBI_LIST, one.source, (Fields(one.source).column(MBI_LIST.column("bene_id"), _HEADER),))
        for one in lists
    ]
    read = read_plans(MBI_LIST, plans, options)
    spans = [
        ListSpan(apm_entity_id=entity, file=one.file.name, first_day=first_day, last_day=last_day)
        for one, entity, (first_day, last_day) in zip(lists, entities, dates, strict=True)
    ]
    rows = [
        attribution_rows(
            good(plan, frame),
            apm_entity_id=span.apm_entity_id,
            first_day=span.first_day,
            last_day=span.last_day,
            is_prospective=options.lists.assignment is Assignment.PROSPECTIVE,
        )
        for plan, frame, span in zip(plans, read.frames, spans, strict=True)
    ]
    findings = (*read.settled.findings, *snapshot_findings(spans, sorted(set(entities)), law))
    return TableRead(stacked(rows).unique(maintain_order=True), read.settled.files, read.settled.rejects, findings)


def is_preference_file(file: InputFile) -> bool:
    """Whether the file begins as a 1-800 preference file; raises QP202 for a damaged file."""
    if file.form is not FileForm.TEXT:
        return False
    with reading(file.name), opened(file) as stream:
        return stream.read(len(_FIRST_LINE)) == _FIRST_LINE


def declined(file: InputFile) -> Finding:
    """How many people of a 1-800 preference file declined data sharing; raises QP202 for a damaged file."""
    with reading(file.name), opened(file) as stream:
        lines = [line for line in stream.read().splitlines() if not line.startswith((_FIRST_LINE, _LAST_LINE))]
    count = sum(line[_PREFERENCE : _PREFERENCE + 1] == b"N" for line in lines)
    rule = f"people who declined data sharing, in {file.name}"
    return finding("counted_for_record", table=ATTRIBUTION.name, rule=rule, count=count)
