"""Reads the shipped data files into typed rows; what is missing, misspelt or of the wrong type is QP502."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import Enum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar, cast

from qpcli.errors import InternalError
from qpcli.regulation.law import Evidence

DATA: Traversable = files("qpcli.regulation").joinpath("data")

Value = TypeVar("Value")
Member = TypeVar("Member", bound=Enum)


def contradiction(where: str, what: str) -> InternalError:
    """The error for data that cannot be right; `where` names the file and the entry."""
    return InternalError("QP502", f"regulation data, {where}: {what}")


@dataclass(frozen=True, slots=True)
class Row:
    """One table of a TOML file, or one record of a CSV file, read by typed getters."""

    where: str
    values: Mapping[str, object]

    def text(self, key: str) -> str:
        """A text that is not blank."""
        value = self._typed(key, str)
        if not value.strip():
            raise contradiction(self.where, f"{key} is blank")
        return value

    def whole_number(self, key: str) -> int:
        """A whole number."""
        return self._typed(key, int)

    def boolean(self, key: str) -> bool:
        """True or false."""
        return self._typed(key, bool)

    def day(self, key: str) -> date:
        """A date."""
        return self._typed(key, date)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, which may be empty."""
        value = self._typed(key, list)
        if not all(isinstance(item, str) for item in value):
            raise contradiction(self.where, f"{key} is not a list of texts")
        return tuple(value)

    def member(self, key: str, kind: type[Member]) -> Member:
        """A member of an enumeration, by its value."""
        return self.as_member(self.text(key), kind)

    def as_member(self, value: str, kind: type[Member]) -> Member:
        """The member that a value of this row names."""
        try:
            return kind(value)
        except ValueError:
            raise contradiction(self.where, f"{value} is no {kind.__name__}") from None

    def evidence(self) -> Evidence:
        """What the entry rests on."""
        return self.member("evidence", Evidence)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.values

    def expect(self, required: AbstractSet[str], optional: AbstractSet[str] = frozenset()) -> Row:
        """This row, when it has every required key and none beside the optional ones."""
        found = set(self.values)
        wrong = (required - found) | (found - required - optional)
        if wrong:
            raise contradiction(self.where, f"missing or unknown: {', '.join(sorted(wrong))}")
        return self

    def _typed(self, key: str, kind: type[Value]) -> Value:
        value = self.values.get(key)
        if type(value) is not kind:
            raise contradiction(self.where, f"{key} is missing or no {kind.__name__}")
        return value


def read_toml(folder: Traversable, name: str) -> dict[str, object]:
    """The tables of a TOML file."""
    try:
        return tomllib.loads(_text(folder, name))
    except tomllib.TOMLDecodeError as problem:
        raise contradiction(name, str(problem)) from problem


def read_tables(folder: Traversable, name: str) -> dict[str, Row]:
    """The tables of a TOML file that is made of tables only."""
    return {key: _row(f"{name} [{key}]", value) for key, value in read_toml(folder, name).items()}


def read_histories(folder: Traversable, name: str) -> dict[str, tuple[Row, ...]]:
    """The arrays of tables of a TOML file that is made of those only."""
    return {key: tuple(_entries(name, key, value)) for key, value in read_toml(folder, name).items()}


def read_csv(folder: Traversable, name: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """The records of a CSV file that has exactly these columns."""
    header, *records = _records(folder, name) or [[]]
    if tuple(header) != columns:
        raise contradiction(name, "the columns are not the ones expected")
    for number, record in enumerate(records, start=1):
        if len(record) != len(columns):
            raise contradiction(f"{name} row {number}", "wrong number of cells")
        yield Row(f"{name} row {number}", dict(zip(columns, record, strict=True)))


def _records(folder: Traversable, name: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(_text(folder, name), newline=""), strict=True))
    except csv.Error as problem:
        raise contradiction(name, str(problem)) from problem


def _entries(name: str, key: str, value: object) -> Iterator[Row]:
    if not isinstance(value, list):
        raise contradiction(f"{name} [{key}]", "is not a list of tables")
    for number, entry in enumerate(value, start=1):
        yield _row(f"{name} [{key}] {number}", entry)


def _row(where: str, value: object) -> Row:
    if not isinstance(value, dict):
        raise contradiction(where, "is not a table")
    return Row(where, cast(dict[str, object], value))


def _text(folder: Traversable, name: str) -> str:
    try:
        return folder.joinpath(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise contradiction(name, "cannot be read") from None
