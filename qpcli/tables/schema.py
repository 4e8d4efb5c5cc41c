"""What a table and a column are. No Polars here: `qpcli schema` must answer at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds; decides how it is read, checked and written."""

    TEXT = "text"
    TIN = "tin"
    NPI = "npi"
    HCPCS = "hcpcs"
    STATE = "state"
    DATE = "date"
    MONEY = "money"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table.

    `default` stands in where an optional column, or a value of it, is missing; `may_be_blank`
    says that a blank value of a required column is a fact and not a bad row. `bounds` are the smallest
    and the largest value, of money in cents; None: those of the kind.
    """

    name: str
    kind: Kind
    meaning: str
    is_required: bool = False
    may_be_blank: bool = True
    default: str | bool | int | None = None
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    unit: str = ""
    null_means: str = ""
    bounds: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A canonical table; `grain` begins "One row per"."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...] = ()
    is_output: bool = False

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)
