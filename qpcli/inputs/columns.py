"""Which column of a file stands for which column of a table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qpcli.errors import InputError
from qpcli.inputs.shown import shown_columns
from qpcli.tables.schema import Column, Table

_STANDS_FOR = {"is_us_resident": "state"}
"""Required column -> the column that may be given in its place."""


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """The columns of one file: canonical name -> the file's name, and the file's names that are not used."""

    sources: Mapping[str, str]
    unused: tuple[str, ...]


def match_columns(table: Table, names: Sequence[str], *, file_name: str, user_names: Mapping[str, str]) -> ColumnMatch:
    """Finds each column by the user's name for it, else its own name, else an alias.

    Raises QP204 when a required column is missing and QP205 when two columns of the file could be meant.
    """
    sources = {}
    for column in table.columns:
        found = _candidates(column, names, user_names.get(column.name))
        if len(found) > 1:
            raise InputError("QP205", f"{file_name}: several columns could be {table.name}.{column.name}.")
        if found:
            sources[column.name] = found[0]
    _check_required(table, sources, names, file_name)
    used = set(sources.values())
    return ColumnMatch(sources, tuple(name for name in names if name not in used))


def _candidates(column: Column, names: Sequence[str], user_name: str | None) -> list[str]:
    """The file's columns that could be meant, by the strongest reason that finds any."""
    if user_name is not None and (chosen := [name for name in names if name.casefold() == user_name.casefold()]):
        return chosen
    if exact := [name for name in names if name.casefold() == column.name]:
        return exact
    plain = {_plain(column.name), *map(_plain, column.aliases)}
    return [name for name in names if _plain(name) in plain]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _check_required(table: Table, sources: Mapping[str, str], names: Sequence[str], file_name: str) -> None:
    missing = [
        column.name
        for column in table.columns
        if column.is_required and column.name not in sources and _STANDS_FOR.get(column.name) not in sources
    ]
    if not missing:
        return
    wanted = f"{file_name}: {table.name} needs the column{'s' * (len(missing) > 1)} {', '.join(missing)}"
    # Without one known name the first line may be no header but a row of data: it is not shown.
    if not sources:
        raise InputError("QP204", f"{wanted}; none of the {len(names)} names in the first line is known.")
    shown = shown_columns(names) or f"{len(names)} names in the first line, which may be values and are not shown"
    raise InputError("QP204", f"{wanted}; the file has {shown}.")
