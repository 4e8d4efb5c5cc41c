"""The attribution lists, whatever their layout: canonical, MSSP, REACH, model data, finder files, lists of MBIs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs import finders, mbi_lists
from qpcli.inputs.archives import find_files
from qpcli.inputs.attribution_rows import list_not_used, merged
from qpcli.inputs.canonical import TableRead, read_table
from qpcli.inputs.cclf.names import parse_name
from qpcli.inputs.cmds.files import CmdsFile, CmdsKind
from qpcli.inputs.cmds.files import look_at as look_at_cmds
from qpcli.inputs.cmds.read import read_cmds_attribution
from qpcli.inputs.columns import match_columns
from qpcli.inputs.delivery_names import names_of
from qpcli.inputs.files import FileForm, InputFile, is_delivered
from qpcli.inputs.finders import FinderFile, read_finders
from qpcli.inputs.list_tables import plain_name
from qpcli.inputs.mbi_lists import MbiList, declined, is_preference_file, read_mbi_lists
from qpcli.inputs.mssp import names as mssp
from qpcli.inputs.mssp.assignment import AssignmentRead, read_assignment
from qpcli.inputs.mssp.names import AssignmentFile
from qpcli.inputs.reach import alignment as reach
from qpcli.inputs.reach.alignment import AlignmentFile, read_alignment
from qpcli.inputs.rif.files import look_at as opened_with_header
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.attribution import ATTRIBUTION

_TABLE = ATTRIBUTION.name
_MODEL = "modelid"
_RESOURCES = (".NDJSON", ".JSON", ".NDJSON.GZ", ".JSON.GZ")


@dataclass(frozen=True, slots=True)
class AttributionRead:
    """The attribution table and what else its lists tell.

    `coverage`: one row per person and month with Part A and B by MSSP enrollment flags, None without such lists.
    `assignable_people`: one row per bene_id of MSSP tables 1-6. `layouts` is empty for canonical files.
    """

    table: TableRead
    coverage: pl.DataFrame | None = None
    assignable_people: pl.DataFrame | None = None
    layouts: tuple[str, ...] = ()

    @property
    def assignable(self) -> bool:
        """Whether the lists tell who is assignable."""
        return self.assignable_people is not None


@dataclass(frozen=True, slots=True)
class _Looked:
    """A file with what it was recognised as; all None and False when nothing recognises it."""

    file: InputFile
    is_canonical: bool = False
    assignment: AssignmentFile | None = None
    alignment: AlignmentFile | None = None
    finder: FinderFile | None = None
    mbis: MbiList | None = None
    model_data: CmdsFile | None = None
    is_preference: bool = False
    is_cclf: bool = False

    @property
    def layout(self) -> tuple[str, str] | None:
        """The outside layout with why it was taken for that, None when it is of none."""
        if self.assignment is not None:
            return mssp.LAYOUT, "by the names or headers of its tables"
        if self.alignment is not None:
            return reach.LAYOUT, "by name or header"
        if self.finder is not None:
            return self.finder.layout, "by columns"
        if self.model_data is not None:
            return "Model Data Sharing", "by columns"
        if self.mbis is not None:
            return mbi_lists.LAYOUT, "by the only column, MBIs"
        return (mbi_lists.PREFERENCES, "by the first line") if self.is_preference else None


def read_attribution(paths: Sequence[str], options: ReadOptions, law: Law) -> AttributionRead:
    """Reads the lists in whatever layout they have; canonical ones exactly as `read_table` does.

    Raises QP111 when the user must say what lists do not, QP212 for a mix of canonical and outside files, QP2xx.
    """
    looked = [_look_at(file, options) for file in find_files(paths, is_delivered)]
    outside = [found for found in looked if found.layout is not None]
    if not outside:
        return AttributionRead(read_table(ATTRIBUTION, paths, options))
    canonical = next((found for found in looked if found.is_canonical), None)
    if canonical is not None:
        raise InputError(
            "QP212",
            f"{_TABLE}: {canonical.file.name} has the canonical columns and {outside[0].file.name} has not.",
            "Give files of one kind, or turn all into canonical ones.",
        )
    return _read(outside, [found for found in looked if found.layout is None], options, law)


def is_attribution_list(file: InputFile, options: ReadOptions) -> bool:
    """Whether a file is an attribution list in an outside layout; errors as `read_attribution`."""
    return _look_at(file, options).layout is not None


def _look_at(file: InputFile, options: ReadOptions) -> _Looked:
    # Claims may lie in the same folder; their first line is no header.
    if parse_name(names_of(file)[0]) is not None:
        return _Looked(file, is_cclf=True)
    if names_of(file)[0].endswith(_RESOURCES):
        return _Looked(file)
    if file.form is FileForm.WORKBOOK:
        alignment = reach.look_at(file, options)
        return _Looked(file, alignment=alignment, model_data=None if alignment else look_at_cmds(file, options))
    if is_preference_file(file):
        return _Looked(file, is_preference=True)
    names = _columns(file)
    # Model data have columns that would pass for canonical ones; only the model tells them apart.
    if _MODEL in map(plain_name, names) and (model_data := look_at_cmds(file, options)) is not None:
        return _Looked(file, model_data=model_data)
    if _is_canonical(file, names, options):
        return _Looked(file, is_canonical=True)
    if (assignment := mssp.look_at(file)) is not None:
        return _Looked(file, assignment=assignment)
    if (alignment := reach.look_at(file, options)) is not None:
        return _Looked(file, alignment=alignment)
    if (finder := finders.look_at(file)) is not None:
        return _Looked(file, finder=finder)
    return _Looked(file, mbis=mbi_lists.look_at(file))


def _columns(file: InputFile) -> tuple[str, ...]:
    """The names in the first line; none where it is no header."""
    source = opened_with_header(file).source
    return () if source is None else tuple(source.schema)


def _is_canonical(file: InputFile, names: tuple[str, ...], options: ReadOptions) -> bool:
    user_names = options.column_names.get(_TABLE, {})
    try:
        match_columns(ATTRIBUTION, names, file_name=file.name, user_names=user_names)
    except InputError:
        return False
    return True


def _read(outside: Sequence[_Looked], others: Sequence[_Looked], options: ReadOptions, law: Law) -> AttributionRead:
    assignments = [found.assignment for found in outside if found.assignment is not None]
    assigned = read_assignment(assignments, options, law) if assignments else None
    tables = [assigned.table] if assigned else []
    tables += _other_lists(outside, options, law)
    if not tables:
        raise InputError("QP213", f"{_TABLE}: the files name nobody who is attributed.")
    table = merged(tables)
    findings = (*_recognised(outside), *_not_read(others), *_other_tables(outside), *table.findings)
    return _told(replace(table, findings=findings), assigned, outside)


def _other_lists(outside: Sequence[_Looked], options: ReadOptions, law: Law) -> list[TableRead]:
    alignments = [found.alignment for found in outside if found.alignment is not None]
    finder_files = [found.finder for found in outside if found.finder is not None]
    model_data = [found.model_data for found in outside if found.model_data is not None]
    mbis = [found.mbis for found in outside if found.mbis is not None]
    tables = []
    if alignments:
        tables.append(read_alignment(alignments, options, law))
    if any(file.kind is CmdsKind.BENEFICIARY for file in model_data):
        tables.append(read_cmds_attribution(model_data, options, law))
    if finder_files:
        tables.append(read_finders(finder_files, options, law))
    if mbis:
        tables.append(read_mbi_lists(mbis, options, law))
    return tables


def _told(table: TableRead, assigned: AssignmentRead | None, outside: Sequence[_Looked]) -> AttributionRead:
    layouts = tuple(sorted({found.layout[0] for found in outside if found.layout is not None}))
    if assigned is None:
        return AttributionRead(table, layouts=layouts)
    return AttributionRead(table, assigned.coverage, assigned.assignable, layouts)


def _recognised(outside: Sequence[_Looked]) -> Iterator[Finding]:
    """One finding per layout, with its files."""
    files: dict[tuple[str, str], list[str]] = {}
    for found in outside:
        if found.layout is not None:
            files.setdefault(found.layout, []).append(found.file.name)
    for (layout, why), names in files.items():
        count = len(names)
        yield finding(
            "layout_recognised", table=_TABLE, rule=layout, count=count, files=_are(names), layout=layout, why=why
        )


def _are(names: Sequence[str]) -> str:
    return f"{names[0]} is" if len(names) == 1 else f"{len(names):,} files are"


def _not_read(others: Sequence[_Looked]) -> Iterator[Finding]:
    for found in others:
        name = found.file.name
        if found.is_cclf:
            yield list_not_used(name, "it is a CCLF file")
        else:
            yield finding("unrecognised_file", table=_TABLE, rule=name, file=name)


def _other_tables(outside: Sequence[_Looked]) -> Iterator[Finding]:
    """Files of a known layout that are no list: counted, or named."""
    for found in outside:
        if found.is_preference:
            yield declined(found.file)
        if found.model_data is not None and found.model_data.kind is not CmdsKind.BENEFICIARY:
            yield list_not_used(found.file.name, f"it is a table of the kind {found.model_data.kind}")
