"""Every key that qpcli can be configured with, and the words for a value or key that cannot be used."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from qpcli.errors import UsageError
from qpcli.request import Assignment, Engine, FailOn, KeptCells, Layout, ReportFormat
from qpcli.terms import ListType

FILE_NAME = "qpcli.toml"
STDOUT = "-"
VARIABLE_PREFIX = "QPCLI_"
INPUTS = (
    "claims",
    "beneficiaries",
    "participants",
    "attribution",
    "entities",
    "other_payer",
    "tallies",
    "base_claims",
    "base_amounts",
)
PATHS = ("out", "rejects", "em_codes", "pfs_codes", "encrypt_key_file")

_FAULTS = {
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "decimal_parsing": "is not a number",
    "decimal_type": "is not a number",
    "decimal_max_places": "has more than {decimal_places} decimals",
    "greater_than_equal": "is less than {ge}",
    "less_than_equal": "is more than {le}",
    "finite_number": "is not finite",
    "enum": "is not {expected}",
    "literal_error": "is not {expected}",
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "string_type": "is not text",
    "path_type": "is not text",
    "tuple_type": "is not a list",
    "dict_type": "is not a table",
    "model_type": "is not a table",
    "value_error": "is not a date such as 2025-03-31",
}
"""Type of a pydantic error -> words; only dates have a check of their own."""


class Origin(StrEnum):
    """Where a value was given, and so how a message names it."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"

    def label(self, key: str) -> str:
        """The key as the user knows it."""
        if self is Origin.FLAG:
            return f"--{key.replace('_', '-')}"
        return f"{VARIABLE_PREFIX}{key.upper()}" if self is Origin.ENVIRONMENT else f"{FILE_NAME}: {key}"


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | int) else value


def _as_date(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _as_dates(value: object) -> object:
    """One day, or the first and the last with two dots between them."""
    if not isinstance(value, str):
        return value
    first, dots, last = value.partition("..")
    return (date.fromisoformat(first), date.fromisoformat(last if dots else first))


def _as_kept_cells(value: object) -> object:
    """Whose cells are kept; yes and no in the words of TOML and of the environment mean the listed, or nobody's."""
    word = str(value).strip().lower()
    return KeptCells.LISTED if word in ("true", "1", "yes") else None if word in ("false", "0", "no", "none") else word


ListDates = Annotated[tuple[date, date], BeforeValidator(_as_dates)]
Paths = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Snapshots = Annotated[tuple[Literal[1, 2, 3], ...], BeforeValidator(_as_list)]


class Strict(BaseModel):
    """Unknown keys are errors; a message never shows the value it is about."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True, coerce_numbers_to_str=True)


class Formats(Strict):
    """How values are written in the input files."""

    date: str | None = None


class Settings(Strict):
    """Every key of `qpcli.toml`; all but the tables in it also as flag and as QPCLI_KEY."""

    year: int | None = None
    claims: Paths = ()
    beneficiaries: Paths = ()
    participants: Paths = ()
    attribution: Paths = ()
    entities: Paths = ()
    other_payer: Paths = ()
    tallies: Paths = ()
    base_claims: Paths = ()
    base_amounts: Paths = ()
    payment_year: int | None = None
    mips_adjustment: Annotated[Decimal, Field(ge=-100, le=100, decimal_places=4)] | None = None
    shared_loss: Annotated[Decimal, Field(ge=0, le=10**15, decimal_places=2)] | None = None
    shard: str | None = None
    layout: Layout = Layout.AUTO
    encoding: str = "utf-8"
    max_rejects: int = Field(default=0, ge=0)
    rejects: Path | None = None
    apm_entity: str | None = None
    list_date: ListDates | None = None
    list_type: ListType | None = None
    sheet: str | None = None
    assignment: Assignment | None = None
    participation_types: dict[str, Literal["participation", "affiliated", "leave out"]] = {}
    snapshot: Snapshots = (3,)
    law_as_of: Annotated[date, BeforeValidator(_as_date)] | None = None
    assume: dict[str, str] = {}
    em_codes: Path | None = None
    pfs_codes: Path | None = None
    shards: Annotated[int, Field(ge=1, le=4096)] | None = None
    memory: str | None = None
    engine: Engine = Engine.LOCAL
    spark_master: str | None = None
    out: str | None = None
    table: str | None = None
    format: ReportFormat = ReportFormat.PARQUET
    excel_csv: bool = False
    share: bool = False
    keep_cells: Annotated[KeptCells | None, BeforeValidator(_as_kept_cells)] = None
    encrypt_key_file: Path | None = None
    dry_run: bool = False
    force: bool = False
    wait: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    fail_on: FailOn = FailOn.ERROR
    alert_margin: Annotated[Decimal, Field(ge=0, le=100)] | None = None
    json_: bool = Field(default=False, alias="json")
    log_format: Literal["text", "json"] = "text"
    quiet: bool = False
    verbose: bool = False
    columns: dict[str, dict[str, str]] = {}
    formats: Formats = Formats()

    def without_output(self) -> Settings:
        """The same settings for a run that writes no report."""
        return self.model_copy(update={"out": None})

    @property
    def report_format(self) -> ReportFormat:
        """The format of the reports: --excel-csv means CSV."""
        return ReportFormat.CSV if self.excel_csv else self.format

    @property
    def writes_to_stdout(self) -> bool:
        return self.out == STDOUT

    @property
    def folder(self) -> Path | None:
        """The folder of the reports; None when nothing is written."""
        if self.out is None or self.writes_to_stdout:
            return None
        try:
            return Path(self.out).expanduser()
        except RuntimeError:
            raise UsageError("QP101", "--out begins with ~ and the name of nobody here.") from None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Help that names the closest known word, else all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Known are {', '.join(names)}."


def checked(values: Mapping[str, object], origin: Origin) -> dict[str, Any]:
    """The values of one layer, validated and typed, and nothing that it does not give."""
    try:
        return Settings.model_validate(values).model_dump(exclude_unset=True, by_alias=True)
    except ValidationError as error:
        raise _usage_error(error.errors(include_url=False, include_input=False)[0], origin) from None


def _usage_error(details: ErrorDetails, origin: Origin) -> UsageError:
    keys = [str(part) for part in details["loc"] if isinstance(part, str)]
    label = origin.label(".".join(keys))
    if details["type"] == "extra_forbidden":
        known = Formats.model_fields if len(keys) > 1 else _keys()
        word = origin.label(keys[0]) if origin is Origin.ENVIRONMENT else keys[-1]
        names = [origin.label(name) for name in known] if origin is Origin.ENVIRONMENT else known
        return UsageError("QP102", f"{label} is not a key of the configuration.", suggestion(word, names))
    return UsageError("QP101", f"{label} {_fault(details)}.")


def _fault(details: ErrorDetails) -> str:
    """What is wrong with a value, in words that do not quote it."""
    told = ("ge", "le", "expected", "decimal_places")
    limits = {name: limit for name, limit in details.get("ctx", {}).items() if name in told}
    return _FAULTS.get(details["type"], "cannot be used").format(**limits)


def _keys() -> list[str]:
    return [field.alias or name for name, field in Settings.model_fields.items()]


def assumptions(pairs: Iterable[str], origin: Origin = Origin.FLAG) -> dict[str, str]:
    """NAME=VALUE pairs as a mapping; UsageError QP101 for anything else."""
    split = [pair.partition("=") for pair in pairs]
    if any(not name.strip() or not equals for name, equals, _ in split):
        raise UsageError("QP101", f"{origin.label('assume')} is not of the form NAME=VALUE.")
    return {name.strip(): value.strip() for name, _, value in split}
