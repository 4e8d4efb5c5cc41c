"""Which input table a file or folder holds, judged by the names of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qpcli.errors import InputError
from qpcli.inputs.archives import find_files
from qpcli.inputs.columns import match_columns
from qpcli.inputs.csv_header import Dialect
from qpcli.inputs.sources import open_sources
from qpcli.tables.catalogue import INPUT_TABLES
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
    from qpcli.inputs.files import is_wanted

    for entry in sorted(folder.iterdir()):
        if not entry.name.startswith(".") and (entry.is_dir() or is_wanted(entry.name)):
            yield entry


def _table_in(path: Path) -> Table | None:
    try:
        names = _column_names(path)
    except InputError:
        return None
    return best_table(names)


def _column_names(path: Path) -> tuple[str, ...]:
    first = find_files([str(path)])[:1]
    (source,) = open_sources(first, Dialect())
    return tuple(source.files[0].columns)


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
