"""The settings of a call: flags before the environment (`QPCLI_*`) before `qpcli.toml` before defaults."""

from __future__ import annotations

import glob
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qpcli.configuration import (
    FILE_NAME,
    INPUTS,
    PATHS,
    STDOUT,
    VARIABLE_PREFIX,
    Origin,
    Settings,
    assumptions,
    checked,
    suggestion,
)
from qpcli.errors import UsageError
from qpcli.tables.catalogue import INPUT_TABLES
from qpcli.tables.schema import Table

TABLE_NAMES = {table.name: table for table in INPUT_TABLES} | {"claims": INPUT_TABLES[0]}


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings that hold, and the file that gave some of them."""

    settings: Settings
    file: Path | None


def gather(flags: Mapping[str, object], environment: Mapping[str, str], config: Path | None) -> Configuration:
    """The settings of a call; `flags` that are None, empty or False were not given.

    Raises UsageError QP101 (a bad value), QP102 (an unknown key), QP103 (an unreadable file).
    """
    variables = _variables(environment)
    variable = variables.pop("config", None)
    file = config or (Path(variable).expanduser() if variable else nearest_file(Path.cwd()))
    layers = (
        _from_file(file) if file else {},
        checked(_split_variables(variables), Origin.ENVIRONMENT),
        checked({key: value for key, value in flags.items() if _is_given(value)}, Origin.FLAG),
    )
    return Configuration(_merged(layers), file)


def nearest_file(folder: Path) -> Path | None:
    """The `qpcli.toml` of the folder or of the nearest folder above it."""
    for candidate in (folder, *folder.parents):
        if (candidate / FILE_NAME).is_file():
            return candidate / FILE_NAME
    return None


def _merged(layers: Iterable[Mapping[str, Any]]) -> Settings:
    merged: dict[str, Any] = {}
    for layer in layers:
        merged |= {**layer, "assume": {**merged.get("assume", {}), **layer.get("assume", {})}}
    return Settings.model_validate(merged)


def _is_given(value: object) -> bool:
    return value is not None and value is not False and value != [] and value != ()


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(VARIABLE_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(VARIABLE_PREFIX) and value != ""
    }


def _split_variables(variables: Mapping[str, str]) -> dict[str, object]:
    """Lists in one variable: paths as in PATH, snapshots between commas, assumptions between semicolons."""
    values: dict[str, object] = dict(variables)
    for key in INPUTS:
        if key in variables:
            values[key] = variables[key].split(os.pathsep)
    if "snapshot" in variables:
        values["snapshot"] = [int(part) if part.isdigit() else part for part in variables["snapshot"].split(",")]
    if "assume" in variables:
        values["assume"] = assumptions(variables["assume"].split(";"), Origin.ENVIRONMENT)
    return values


def _from_file(path: Path) -> dict[str, Any]:
    values = checked(_read(path), Origin.FILE)
    values["columns"] = {
        _input_table(name).name: _checked_columns(name, mapping) for name, mapping in values.get("columns", {}).items()
    }
    folder = path.absolute().parent
    for key in INPUTS:
        if key in values:
            values[key] = [_beside(folder, written) for written in values[key]]
    for key in PATHS:
        if values.get(key) not in (None, STDOUT):
            values[key] = str(folder / Path(values[key]).expanduser())
    return values


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError("QP103", f"{path}: {os.strerror(error.errno or 0)}.") from None
    except UnicodeDecodeError:
        raise UsageError("QP103", f"{path} is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError("QP103", f"{path} is not valid TOML: {error}.") from None


def _beside(folder: Path, written: str) -> str:
    """A path or glob as if written from the folder of the file that names it."""
    try:
        path = folder / Path(written).expanduser()
        is_literal = path.exists() or not glob.has_magic(written)
    except (OSError, RuntimeError):
        # Too long a name, or the home of nobody: whoever reads the inputs says so.
        return written
    if is_literal:
        return str(path)
    return os.path.join(glob.escape(str(folder)), written)  # noqa: PTH118


def _input_table(name: str) -> Table:
    if name not in TABLE_NAMES:
        raise UsageError("QP102", f"{FILE_NAME}: [columns.{name}] names no table.", suggestion(name, TABLE_NAMES))
    return TABLE_NAMES[name]


def _checked_columns(name: str, mapping: Mapping[str, str]) -> Mapping[str, str]:
    """The mapping of one table, whose keys must be canonical columns."""
    known = _input_table(name).column_names
    for column in mapping:
        if column not in known:
            raise UsageError("QP102", f"{FILE_NAME}: columns.{name}.{column} is no column.", suggestion(column, known))
    return mapping
