"""Patient and Coverage resources as delivered: facts for beneficiaries, and the MBIs that one person has had."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from qpcli.inputs.bcda.files import BcdaFile, BcdaKind, kind_of
from qpcli.inputs.bcda.resources import MBI, child, children, day, delivery, extensions, patient_name, person, text
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.fields import Fields
from qpcli.inputs.json_scan import JsonFile, Resource, Shape
from qpcli.inputs.parse import ParsedColumn
from qpcli.inputs.parse_typed import text_column
from qpcli.inputs.plan import make_plan
from qpcli.inputs.sources import Source
from qpcli.inputs.table_scan import planned_scan
from qpcli.request import ReadOptions
from qpcli.tables.schema import Column, Kind, Table

PART_A, PART_B, PART_C = "A", "B", "C"
MONTHS = range(1, 13)
RECORDS = Table(
    name="beneficiaries",
    grain="One row per Patient and Coverage resource, as delivered; `part` is null for a Patient.",
    columns=(
        Column("bene_id", Kind.TEXT, "Patient reference.", is_required=True, may_be_blank=False),
        Column("resource_id", Kind.TEXT, "Id of the resource."),
        Column("delivery", Kind.INTEGER, "When the resource was last updated.", is_required=True, may_be_blank=False),
        Column("birth_date", Kind.DATE, "Date of birth."),
        Column("death_date", Kind.DATE, "Date of death."),
        Column("deceased", Kind.TEXT, "1 where the person has died, with or without a date."),
        Column("state", Kind.TEXT, "State: postal letters, or an SSA code."),
        Column("part", Kind.TEXT, "A, B or C."),
        Column("start_date", Kind.DATE, "First day of the coverage."),
        Column("end_date", Kind.DATE, "Last day of the coverage."),
        Column("status", Kind.TEXT, "Status of the coverage."),
        Column("reference_year", Kind.INTEGER, "Year of the months."),
        Column("month_codes", Kind.TEXT, "Twelve codes, comma-separated: buy-in of A and B, HMO of C."),
    ),
)
IDENTIFIERS = Table(
    name="links",
    grain="One row per MBI of a Patient resource, as delivered; one with a null MBI for a Patient without any.",
    columns=(
        Column("bene_id", Kind.TEXT, "Patient reference.", is_required=True, may_be_blank=False),
        Column("mbi", Kind.TEXT, "MBI."),
        Column("currency", Kind.TEXT, "current or historic."),
        Column("start_date", Kind.DATE, "First day of the MBI."),
        Column("end_date", Kind.DATE, "Last day of the MBI."),
        Column("delivery", Kind.INTEGER, "When the resource was last updated.", is_required=True, may_be_blank=False),
    ),
)
_PART_ID = re.compile(r"part-([a-c])-", re.IGNORECASE)
_PART_CLASS = re.compile(r"Part ([ABC])")


class Record(NamedTuple):
    """A row of RECORDS as text."""

    bene_id: str | None
    resource_id: str | None
    delivery: str
    birth_date: str | None = None
    death_date: str | None = None
    deceased: str | None = None
    state: str | None = None
    part: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    status: str | None = None
    reference_year: str | None = None
    month_codes: str | None = None


class Identifier(NamedTuple):
    """A row of IDENTIFIERS as text."""

    bene_id: str | None
    mbi: str | None
    currency: str | None
    start_date: str | None
    end_date: str | None
    delivery: str


def read_records(files: Sequence[BcdaFile], options: ReadOptions) -> TableRead:
    """Reads the Patients and Coverages whole; raises QP202, QP203 or QP213."""
    return _read(RECORDS, files, records_of, options)


def read_identifiers(files: Sequence[BcdaFile], options: ReadOptions) -> TableRead:
    """Reads the MBIs of the Patients whole; raises QP202, QP203 or QP213."""
    return _read(IDENTIFIERS, files, identifiers_of, options)


def _read(table: Table, files: Sequence[BcdaFile], shape: Shape, options: ReadOptions) -> TableRead:
    shaped = tuple(JsonFile(file.file, table.column_names, shape, file.is_document) for file in files)
    source = Source(shaped, shaped[0].columns)
    fields = Fields(source)
    columns = tuple(_column(fields, column) for column in table.columns)
    scan = planned_scan(table, [make_plan(table, source, columns)], options)
    with scan.reading():
        frame, quality = pl.collect_all([scan.rows, scan.quality], engine="streaming")
    settled = scan.settle(quality.row(0, named=True))
    return TableRead(frame, settled.files, settled.rejects, settled.findings)


def _column(fields: Fields, column: Column) -> ParsedColumn:
    if column.kind is Kind.DATE:
        return text_column(column, pl.col(column.name), None)
    return fields.column(column, column.name)


def records_of(resource: Resource) -> Iterator[Record]:
    """The row of a Patient, or of a Coverage of part A, B or C; raises ShapeError."""
    kind = kind_of(resource)
    if kind is BcdaKind.PATIENT:
        yield _of_patient(resource)
    elif kind is BcdaKind.COVERAGE:
        part = _part(resource)
        if part is not None:
            yield _of_coverage(resource, part)


def _of_patient(resource: Resource) -> Record:
    death = day(resource, "deceasedDateTime") if "deceasedDateTime" in resource else None
    states = [text(address, "state") for address in children(resource, "address")]
    return Record(
        bene_id=patient_name(resource),
        resource_id=text(resource, "id"),
        delivery=delivery(resource),
        birth_date=day(resource, "birthDate"),
        death_date=death,
        deceased="1" if death or resource.get("deceasedBoolean") is True else None,
        state=next((state for state in states if state), None),
    )


def _of_coverage(resource: Resource, part: str) -> Record:
    facts = extensions(resource)
    period = child(resource, "period")
    names = [f"hmo_ind_{month:02}" if part == PART_C else f"buyin{month:02}" for month in MONTHS]
    codes = [(facts.get(name) or "").strip().upper() for name in names]
    return Record(
        bene_id=person(child(resource, "beneficiary")),
        resource_id=text(resource, "id"),
        delivery=delivery(resource),
        part=part,
        start_date=day(period, "start"),
        end_date=day(period, "end"),
        status=text(resource, "status"),
        reference_year=facts.get("rfrnc_yr"),
        month_codes=",".join(codes) if any(codes) else None,
    )


def _part(resource: Resource) -> str | None:
    """A, B or C by the class of the Coverage, else by its id."""
    for one in children(resource, "class"):
        named = _PART_CLASS.fullmatch(text(one, "value") or "")
        if named:
            return named[1]
    by_id = _PART_ID.match(text(resource, "id") or "")
    return by_id[1].upper() if by_id else None


def identifiers_of(resource: Resource) -> Iterator[Identifier]:
    """The MBIs of a Patient; raises ShapeError."""
    if kind_of(resource) is not BcdaKind.PATIENT:
        return
    name, when = patient_name(resource), delivery(resource)
    found = [one for one in children(resource, "identifier") if text(one, "system") == MBI and text(one, "value")]
    for one in found:
        period = child(one, "period")
        yield Identifier(name, text(one, "value"), _currency(one), day(period, "start"), day(period, "end"), when)
    if not found:
        yield Identifier(name, None, None, None, None, when)


def _currency(number: Resource) -> str | None:
    """Whether CMS marks an MBI as current or historic, on the identifier or on its type."""
    places = [number, *children(child(number, "type"), "coding")]
    return next((found for place in places if (found := extensions(place).get("identifier-currency"))), None)
