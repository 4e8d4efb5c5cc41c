"""Which file is which table of an MSSP assignment list report: by the names of file and archive, then by its header.

The D-stamp of these names (`D259999`) is no calendar date; year and quarter stand beside it or are not told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qpcli.inputs.delivery_names import entity_of, first_match, names_of
from qpcli.inputs.files import InputFile
from qpcli.inputs.mssp.periods import ListKind
from qpcli.inputs.rif.files import look_at as opened_with_header
from qpcli.inputs.sources import Source

LAYOUT = "MSSP assignment list"
ASSIGNED, ASSIGNABLE = "1-1", "1-6"
_REPORT = re.compile(r"(?:^|[._ -])(AALR|QALR|HASSGN|QASSGN)(?=[._ -]|$)")
_ENTITY = re.compile(r"(?:^|[._ -])(A[0-9]{4})(?=[._ -]|$)")
_QUARTER = re.compile(r"(20[0-9]{2})Q([1-4])(?![0-9])")
_YEAR = re.compile(r"(?:^|[._ -])Y(20[0-9]{2})(?=[._ -]|$)")
_STAMP = re.compile(r"\.(D[0-9]{6})\.(T[0-9]{7})")
_TABLE = re.compile(r"_(1-[1-9])(?:\.CSV|\.TXT|\.PARQUET|\.PQ|\.GZ)*$")
_HEADERS = (
    (ASSIGNABLE, {"BENE_MBI_ID", "VA_SELECTION_ONLY"}),
    (ASSIGNED, {"BENE_MBI_ID", "ENROLLFLAG1"}),
    (ASSIGNED, {"BENE_MBI_ID", "ASG_STATUS"}),
    ("1-4", {"BENE_MBI_ID", "NPI_USED"}),
    ("1-5", {"BENE_MBI_ID", "PLUR_R05"}),
)
"""Column names by which a table is known where its name says nothing; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class AssignmentFile:
    """One table of one report; what its names do not tell is None. `stamps` order deliveries of one list."""

    file: InputFile
    source: Source
    table: str
    apm_entity_id: str | None
    year: int | None
    kind: ListKind | None
    stamps: tuple[str, str]

    @property
    def layout(self) -> str:
        """The layout's name for messages."""
        return f"{LAYOUT} table {self.table}"


def look_at(file: InputFile) -> AssignmentFile | None:
    """The file's place in a report, None when it is of none; raises QP202, QP214, or QP216 for two entity ids."""
    names = names_of(file)
    source = opened_with_header(file).source
    if source is None:
        return None
    table = _table_by_name(names[0]) if first_match(names, _REPORT) else None
    table = table or _table_by_header(source.schema)
    if table is None:
        return None
    year, kind = _period(names)
    return AssignmentFile(file, source, table, entity_of(file, _ENTITY), year, kind, _stamps(names))


def _table_by_name(name: str) -> str | None:
    found = _TABLE.search(name)
    return found[1] if found else None


def _table_by_header(names: Iterable[str]) -> str | None:
    known = {name.upper() for name in names}
    return next((table for table, marks in _HEADERS if known >= marks), None)


def _period(names: tuple[str, ...]) -> tuple[int | None, ListKind | None]:
    """Year and kind of list: an AALR with a year is the annual list, one without stands for the initial one."""
    quarter = first_match(names, _QUARTER)
    if quarter is not None:
        return int(quarter[1]), ListKind(f"Q{quarter[2]}")
    own = first_match(names, _REPORT)
    told = first_match(names, _YEAR)
    year = int(told[1]) if told else None
    if own is None or own[1] in ("QALR", "QASSGN"):
        return year, None
    is_annual = own[1] == "AALR" and _YEAR.search(names[0]) is not None
    return year, ListKind.ANNUAL if is_annual else ListKind.INITIAL


def _stamps(names: tuple[str, ...]) -> tuple[str, str]:
    found = first_match(names, _STAMP)
    return (found[1], found[2]) if found else ("", "")
