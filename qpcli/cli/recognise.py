"""Which input table a file or folder holds, judged by the names of its columns or by its layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qpcli.errors import InputError, UsageError
from qpcli.inputs.archives import find_files
from qpcli.inputs.attributions import is_attribution_list
from qpcli.inputs.columns import match_columns
from qpcli.inputs.csv_header import Dialect
from qpcli.inputs.files import FileForm, InputFile
from qpcli.inputs.layouts import STORE_NAME
from qpcli.inputs.list_tables import find_header
from qpcli.inputs.recognition import recognised_in
from qpcli.inputs.rif.files import RifKind
from qpcli.inputs.rosters.names import is_roster_header
from qpcli.inputs.sources import open_file
from qpcli.request import ReadOptions
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.beneficiaries import BENEFICIARIES
from qpcli.tables.catalogue import INPUT_TABLES
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.participants import PARTICIPANTS
from qpcli.tables.schema import Table


@dataclass(frozen=True, slots=True)
class Recognised:
    """What stands in a folder: names of files and folders by table, and those that are no table."""

    by_table: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...]


def recognise(folder: Path) -> Recognised:
    """Look at everything in a folder that could be data; a folder in it counts as its first file."""
    by_table: dict[str, tuple[str, ...]] = {}
    unknown = []
    for entry in _candidates(folder):
        table = _table_in(entry)
        if table is None:
            unknown.append(entry.name)
        else:
            by_table[table.name] = (*by_table.get(table.name, ()), entry.name)
    return Recognised(by_table, tuple(unknown))


def _candidates(folder: Path) -> Iterable[Path]:
    from qpcli.inputs.files import is_delivered

    for entry in sorted(folder.iterdir()):
        if not entry.name.startswith(".") and (entry.is_dir() or is_delivered(entry.name)):
            yield entry


def _table_in(path: Path) -> Table | None:
    """The table that a file or folder holds, judged by its first file; None when it is none of ours."""
    from qpcli.inputs.files import is_delivered

    if (path / STORE_NAME).is_file():
        return CLAIM_LINES
    try:
        first = find_files([str(path)], is_delivered)[0]
        return best_table(_column_names(first)) or _outside_table(first)
    except (InputError, UsageError):
        return None


def _column_names(file: InputFile) -> tuple[str, ...]:
    try:
        return tuple(open_file(file, Dialect()).columns) if file.form is not FileForm.WORKBOOK else ()
    except InputError:
        return ()


def _outside_table(file: InputFile) -> Table | None:
    """The table for which a file of an outside layout stands; rosters last, for they are known by two columns only."""
    options = ReadOptions()
    if is_attribution_list(file, options):
        return ATTRIBUTION
    found = recognised_in((file,))
    if found.rif and found.rif[0].kind is RifKind.BENEFICIARY:
        return BENEFICIARIES
    if found.layouts:
        return CLAIM_LINES
    return PARTICIPANTS if find_header(file, options, is_header=is_roster_header) is not None else None


def best_table(names: tuple[str, ...]) -> Table | None:
    """The table with most required columns of those that the names suffice for."""
    fitting = [table for table in INPUT_TABLES if _suffices(table, names)]
    return max(fitting, key=lambda table: sum(column.is_required for column in table.columns), default=None)


def _suffices(table: Table, names: tuple[str, ...]) -> bool:
    try:
        match_columns(table, names, file_name="", user_names={})
    except InputError:
        return False
    return True
