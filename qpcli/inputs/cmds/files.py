"""Which files are Model Data Sharing files, which table of them, and which are the newest of their model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from qpcli.errors import InputError
from qpcli.inputs.csv_header import Dialect
from qpcli.inputs.csv_scan import open_text
from qpcli.inputs.faults import reading
from qpcli.inputs.fields import Fields
from qpcli.inputs.files import FileForm, InputFile
from qpcli.inputs.list_tables import find_header, open_list, plain_name
from qpcli.inputs.opened import OpenFile
from qpcli.inputs.parquet_scan import open_parquet
from qpcli.inputs.sources import Source
from qpcli.request import ReadOptions

MODEL, ENTITY, ENTITY_NAME = "model_id", "entity_id", "entity_name"
NPI, TIN, PARTICIPATION_TYPE, BENE = "npi", "tin", "participation_type", "bene_id"
START, END, OPERATIONAL_END = "start_date", "end_date", "operational_end"


class CmdsKind(StrEnum):
    """The table that a file holds."""

    ENTITY = "entity"
    PROVIDER = "provider"
    BENEFICIARY = "beneficiary"


_ALIASES: dict[str, tuple[str, ...]] = {
    MODEL: ("model id",),
    ENTITY: ("entity id",),
    ENTITY_NAME: ("entity name",),
    NPI: ("npi", "individual npi", "provider npi"),
    TIN: ("tin", "provider tin"),
    PARTICIPATION_TYPE: ("participation type code", "participation type"),
    BENE: ("ccw bene_id", "bene_id", "ccw beneficiary id"),
    START: ("start date", "start", "effective start date", "alignment start date"),
    END: ("end date", "end", "effective end date", "alignment end date"),
    OPERATIONAL_END: ("operational end date", "operational end"),
}
_MARKS: tuple[tuple[CmdsKind, frozenset[str]], ...] = (
    (CmdsKind.BENEFICIARY, frozenset({MODEL, ENTITY, BENE})),
    (CmdsKind.PROVIDER, frozenset({MODEL, ENTITY, NPI})),
    (CmdsKind.ENTITY, frozenset({MODEL, ENTITY, ENTITY_NAME})),
)
"""Columns by which each table is known; the first that fits counts."""
_NO_HEADER = ("QP205", "QP206", "QP210")
"""Errors of text that has no header, such as notes beside the data."""
_DATES = (
    re.compile(
        r"(?<![0-9])(?P<year>20[0-9]{2})[-_. ]?(?P<month>0[1-9]|1[0-2])(?:[-_. ]?(?P<day>[0-3][0-9]))?(?![0-9])"
    ),
    re.compile(r"(?<![0-9])(?P<year>20[0-9]{2})[-_. ]?Q(?P<quarter>[1-4])(?![0-9])", re.IGNORECASE),
    re.compile(r"(?<![A-Za-z0-9])Q(?P<quarter>[1-4])[-_. ]?(?P<year>20[0-9]{2})(?![0-9])", re.IGNORECASE),
    re.compile(r"(?<![A-Za-z0-9])D(?P<year>[0-9]{2})(?P<month>0[1-9]|1[0-2])(?P<day>[0-3][0-9])(?![0-9])"),
)


@dataclass(frozen=True, slots=True)
class CmdsFile:
    """A file with the table that it holds; `names`: what is in it -> its column."""

    file: InputFile
    kind: CmdsKind
    source: Source
    names: Mapping[str, str]

    @property
    def fields(self) -> Fields:
        return Fields(self.source)

    @property
    def unused(self) -> tuple[str, ...]:
        used = set(self.names.values())
        return tuple(name for name in self.source.schema if name not in used)

    def text(self, *roles: str) -> pl.Expr:
        """The first of the fields that is not blank in a row, as tidied text; null where the file has none."""
        found = [self.fields.text(self.names[role]) for role in roles if role in self.names]
        return pl.coalesce(found) if found else pl.lit(None, dtype=pl.String)

    def column(self, role: str) -> str:
        """The file's column; raises QP204 when it has none."""
        if role not in self.names:
            raise InputError("QP204", f"{self.file.name}: the column {_ALIASES[role][0]} is missing.")
        return self.names[role]


def look_at(file: InputFile, options: ReadOptions | None = None) -> CmdsFile | None:
    """The file opened, when its header is that of a table; else None.

    Raises QP110 or QP111 for workbooks that cannot be read as they are, QP202 or QP214 for damaged files.
    """
    try:
        opened = _opened(file, options or ReadOptions())
    except InputError as error:
        if error.code in _NO_HEADER:
            return None
        raise
    if opened is None:
        return None
    names = _names(tuple(opened.columns))
    kind = _kind(names)
    return None if kind is None else CmdsFile(file, kind, Source((opened,), opened.columns), names)


def _opened(file: InputFile, options: ReadOptions) -> OpenFile | None:
    """Text with its header on top, which may be tall, is read block by block; other lists are read whole."""
    if file.form is FileForm.PARQUET:
        return open_parquet(file)
    header = find_header(file, options, is_header=_is_header)
    if header is None:
        return None
    if file.form is FileForm.WORKBOOK or header.place > 0:
        return open_list(file, options, is_header=_is_header)
    return open_text(file, Dialect(header.separator, is_strict=False))


def _is_header(names: tuple[str, ...]) -> bool:
    return _kind(_names(names)) is not None


def _names(names: Sequence[str]) -> dict[str, str]:
    plain = {plain_name(name): name for name in reversed(names)}
    found = {
        role: next((plain[key] for key in map(plain_name, aliases) if key in plain), None)
        for role, aliases in _ALIASES.items()
    }
    return {role: name for role, name in found.items() if name is not None}


def _kind(names: Mapping[str, str]) -> CmdsKind | None:
    return next((kind for kind, mark in _MARKS if mark <= names.keys()), None)


def replaced_models(files: Sequence[CmdsFile]) -> list[list[str]]:
    """For each file of one table, in capitals, the models that a newer file has too.

    Newer is the later date in the name, else the later name; files with the same date are parts of one delivery.
    """
    if len(files) < 2:
        return [[] for _ in files]
    models = [_models(file) for file in files]
    return [
        sorted(
            model
            for model in models[place]
            if any(model in models[other] and _is_newer(newer.file, file.file) for other, newer in enumerate(files))
        )
        for place, file in enumerate(files)
    ]


def _models(file: CmdsFile) -> set[str]:
    with reading(file.file.name):
        found = file.source.scan().select(file.text(MODEL).str.to_uppercase().alias(MODEL)).unique()
        return set(found.collect(engine="streaming")[MODEL].drop_nulls())


def _is_newer(file: InputFile, other: InputFile) -> bool:
    date, other_date = date_in(file.name), date_in(other.name)
    if date is None and other_date is None:
        return file.name > other.name
    return (date or (0, 0, 0)) > (other_date or (0, 0, 0))


def date_in(name: str) -> tuple[int, int, int] | None:
    """Year, month and day of the delivery in a file's name; a quarter stands for its last month, no day for 0."""
    for form in _DATES:
        if (found := form.search(name)) is not None:
            parts = found.groupdict()
            year = int(parts["year"]) % 100 + 2000
            quarter = parts.get("quarter")
            return year, int(quarter) * 3 if quarter else int(parts["month"]), int(parts.get("day") or 0)
    return None
