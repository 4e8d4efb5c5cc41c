"""Model Data Sharing files -> entities, participants, attribution; of each table and model the newest file counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.cmds.files import (
    BENE,
    END,
    ENTITY,
    ENTITY_NAME,
    MODEL,
    NPI,
    OPERATIONAL_END,
    PARTICIPATION_TYPE,
    START,
    TIN,
    CmdsFile,
    CmdsKind,
    replaced_models,
)
from qpcli.inputs.cmds.types import LEAVE_OUT, TypeMeanings, check_types, type_code, type_meanings
from qpcli.inputs.fields import code, derived, flag
from qpcli.inputs.list_dates import list_date
from qpcli.inputs.parse import RAW, ColumnReading, ParsedColumn, absent, finished, raw
from qpcli.inputs.plan import COUNTED, SourcePlan, make_plan
from qpcli.inputs.table_scan import planned_scan
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.entities import ENTITIES
from qpcli.tables.participants import PARTICIPANTS
from qpcli.tables.schema import Table

_LAYOUT = "Model Data Sharing"
_REPLACED, _NO_NPI, _OTHER_TYPE = "is_replaced", "has_no_npi", "is_of_other_type"
_MARKS = {
    _REPLACED: "rows_left_out:a newer file of the model replaces them",
    _NO_NPI: "rows_left_out:they have no individual NPI",
    _OTHER_TYPE: "rows_left_out:their Participation Type Code is to be left out",
}
"""Mark of a row that is left out -> the finding that it gives."""


@dataclass(frozen=True, slots=True)
class _Table:
    """One file's part of a table: its columns by name, and the marks of rows that are left out, in their order."""

    table: Table
    file: CmdsFile
    replaced: Sequence[str]
    options: ReadOptions

    def plan(self, columns: dict[str, ParsedColumn], marks: dict[str, pl.Expr]) -> SourcePlan:
        is_replaced = code(MODEL).is_in(list(self.replaced)).fill_null(False)
        flags, is_left_out = [], pl.lit(False)
        for name, mark in {_REPLACED: is_replaced, **marks}.items():
            flags.append(flag(name, mark & ~is_left_out))
            is_left_out = is_left_out | mark
        whole = [columns.get(column.name) or absent(column) for column in self.table.columns]
        helpers = [self.code(MODEL), self.code(PARTICIPATION_TYPE)]
        return make_plan(
            self.table,
            self.file.source,
            (*whole, *helpers, *flags),
            unused=self.file.unused,
            left_out=is_left_out,
        )

    def entity_id(self) -> ParsedColumn:
        """Entities of two models may have the same id: the model's goes before it."""
        return self.given("apm_entity_id", pl.concat_str(self.file.text(MODEL), self.file.text(ENTITY), separator="-"))

    def given(self, name: str, text: pl.Expr) -> ParsedColumn:
        """A column of text as it stands."""
        column = self.table.column(name)
        return finished(column, text, ColumnReading(raw(column)))

    def field(self, name: str, role: str) -> ParsedColumn:
        """A column as the file has it; raises QP204 when it is missing."""
        return self.file.fields.column(self.table.column(name), self.file.column(role))

    def day(self, name: str, *roles: str) -> ParsedColumn:
        """A column of dates out of the first field that is filled; raises QP204 when the last of them is missing."""
        self.file.column(roles[-1])
        return list_date(self.table.column(name), self.file.text(*roles), self.options.date_format)

    def code(self, role: str) -> ParsedColumn:
        return self.file.fields.code(role, *filter(None, [self.file.names.get(role)]))


def read_cmds_entities(files: Sequence[CmdsFile], options: ReadOptions, _law: Law) -> TableRead:
    """Reads the Entity tables among the files: one row per APM Entity. Raises the QP2xx errors."""
    found, replaced = _of_kind(files, CmdsKind.ENTITY)
    parts = [_Table(ENTITIES, file, models, options) for file, models in zip(found, replaced, strict=True)]
    read = _read(ENTITIES, [_entity_plan(part) for part in parts], options)
    frame = _one_row_each(read.frame)
    words = "say neither whether the APM is an Advanced APM nor who bears risk; both are assumed"
    said = [finding("counted_for_record", table=ENTITIES.name, rule=words, count=frame.height)]
    if several := read.frame.height - frame.height:
        words = "more spans of an APM Entity that has one already; it counts from the first day to the last"
        said.append(finding("counted_for_record", table=ENTITIES.name, rule=words, count=several))
    return replace(read, frame=frame, findings=(*read.findings, *said))


def _entity_plan(part: _Table) -> SourcePlan:
    columns = {
        "apm_entity_id": part.entity_id(),
        "apm_entity_name": part.given("apm_entity_name", part.file.text(ENTITY_NAME)),
        "apm_id": part.given("apm_id", part.file.text(MODEL)),
        "active_from": part.day("active_from", START),
        "active_to": part.day("active_to", END),
    }
    return part.plan(columns, {})


def _one_row_each(entities: pl.DataFrame) -> pl.DataFrame:
    """Spans of one APM Entity as one, open where one of them is."""
    first = pl.when(pl.col("active_from").is_not_null().all()).then(pl.col("active_from").min())
    last = pl.when(pl.col("active_to").is_not_null().all()).then(pl.col("active_to").max())
    others = [
        pl.col(name).first() for name in entities.columns if name not in ("apm_entity_id", "active_from", "active_to")
    ]
    merged = entities.group_by("apm_entity_id", maintain_order=True).agg(*others, first, last)
    return merged.select(entities.columns)


def read_cmds_participants(files: Sequence[CmdsFile], options: ReadOptions, _law: Law) -> TableRead:
    """Reads the Provider tables among the files; raises QP111 for type codes without a meaning and the QP2xx errors."""
    found, replaced = _of_kind(files, CmdsKind.PROVIDER)
    types = type_meanings(options)
    check_types(found, replaced, types)
    parts = [_Table(PARTICIPANTS, file, models, options) for file, models in zip(found, replaced, strict=True)]
    return _read(PARTICIPANTS, [_provider_plan(part, types) for part in parts], options)


def _provider_plan(part: _Table, types: TypeMeanings) -> SourcePlan:
    meaning = types.of(code(MODEL), type_code())
    columns = {
        "apm_entity_id": part.entity_id(),
        "tin": part.field("tin", TIN),
        "npi": part.field("npi", NPI),
        "start_date": part.day("start_date", START),
        "end_date": part.day("end_date", END),
        "list_type": derived(PARTICIPANTS.column("list_type"), meaning),
        "apm_id": part.given("apm_id", part.file.text(MODEL)),
    }
    marks = {_NO_NPI: pl.col(RAW + "npi").is_null(), _OTHER_TYPE: (meaning == LEAVE_OUT).fill_null(False)}
    return part.plan(columns, marks)


def read_cmds_attribution(files: Sequence[CmdsFile], options: ReadOptions, law: Law) -> TableRead:
    """Reads the Beneficiary tables among the files; bene_id is the CCW's. Raises the QP2xx errors."""
    found, replaced = _of_kind(files, CmdsKind.BENEFICIARY)
    parts = [_Table(ATTRIBUTION, file, models, options) for file, models in zip(found, replaced, strict=True)]
    ends = (OPERATIONAL_END, END) if law.assumed("cmds_end") == "operational" else (END,)
    return _read(ATTRIBUTION, [_beneficiary_plan(part, ends) for part in parts], options)


def _beneficiary_plan(part: _Table, ends: tuple[str, ...]) -> SourcePlan:
    columns = {
        "apm_entity_id": part.entity_id(),
        "bene_id": part.field("bene_id", BENE),
        "start_date": part.day("start_date", START),
        "end_date": part.day("end_date", *ends),
    }
    return part.plan(columns, {})


def _of_kind(files: Sequence[CmdsFile], kind: CmdsKind) -> tuple[list[CmdsFile], list[list[str]]]:
    """The files of one table, and the models of each that a newer file has too; raises QP212 when there is none."""
    found = [file for file in files if file.kind is kind]
    if not found:
        raise InputError("QP212", f"None of the {_LAYOUT} files is a {kind.capitalize()} table.")
    return found, replaced_models(found)


def _read(table: Table, plans: Sequence[SourcePlan], options: ReadOptions) -> TableRead:
    scan = planned_scan(table, plans, options, _counts)
    with scan.reading():
        frame, quality = pl.collect_all([scan.rows, scan.quality], engine="streaming")
    settled = scan.settle(quality.row(0, named=True))
    return TableRead(frame, settled.files, settled.rejects, (*settled.findings, *_not_final(table)))


def _counts(plan: SourcePlan) -> list[pl.Expr]:
    names = {column.name for column in plan.columns}
    return [pl.col(mark).sum().cast(pl.Int64).alias(COUNTED + said) for mark, said in _MARKS.items() if mark in names]


def _not_final(table: Table) -> Iterator[Finding]:
    yield finding("model_data_not_final", table=table.name, rule=_LAYOUT, layout=_LAYOUT)
