"""What a user asked for, frozen: the one thing that travels from the command line to run.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from qpcli.findings import Finding
from qpcli.terms import ListType


class Layout(StrEnum):
    """How the claims and beneficiary files are laid out."""

    AUTO = "auto"
    CANONICAL = "canonical"
    STORE = "store"
    CCLF = "cclf"
    RIF = "rif"
    BCDA = "bcda"


class Assignment(StrEnum):
    """How an MSSP ACO's people are assigned; its reports do not say."""

    PROSPECTIVE = "prospective"
    RETROSPECTIVE = "retrospective"


class ReportFormat(StrEnum):
    """File format of the reports."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"


class PageFormat(StrEnum):
    """What a finished run can be made into."""

    HTML = "html"
    XLSX = "xlsx"


class FailOn(StrEnum):
    """From which severity of its findings a finished run exits with 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"

    def exit_status(self, findings: Iterable[Finding]) -> int:
        """1 when a finding is at least this severe, else 0."""
        severe = list(FailOn)[: list(FailOn).index(self) + 1]
        return int(self is not FailOn.NEVER and any(finding.severity.value in severe for finding in findings))


class KeptCells(StrEnum):
    """Whose cells a run keeps for later questions: the listed clinicians', or everybody's in the claims."""

    LISTED = "listed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class InputPaths:
    """Paths as typed: files, folders or globs; empty means not given."""

    claims: tuple[str, ...]
    beneficiaries: tuple[str, ...]
    participants: tuple[str, ...]
    attribution: tuple[str, ...]
    entities: tuple[str, ...] = ()
    other_payer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What participant and attribution lists do not say themselves.

    `dates`: first and last day on which a list without dates is valid. `participation_types` maps a model's code
    to `participation`, `affiliated` or `leave_out`.
    """

    apm_entity_id: str | None = None
    dates: tuple[date, date] | None = None
    list_type: ListType | None = None
    sheet: str | None = None
    assignment: Assignment | None = None
    participation_types: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How inputs are read. `column_names` maps table -> canonical column -> the user's column."""

    layout: Layout = Layout.AUTO
    column_names: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    date_format: str | None = None
    encoding: str = "utf-8"
    max_rejects: int = 0
    rejects_folder: Path | None = None
    lists: ListOptions = ListOptions()


@dataclass(frozen=True, slots=True)
class LawOptions:
    """Which law: the year, the day it is read as of, the open points and code lists."""

    performance_year: int
    law_as_of: date | None = None
    assumptions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    em_codes: Path | None = None
    pfs_codes: Path | None = None


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """Where and how reports are written; `folder` None writes nothing, `kept_cells` None keeps no cells.

    `alert_margin`: points above its QP bar up to which an APM Entity is at risk; None asks for no alert.
    `is_excel_csv`: CSV as spreadsheets open it safely, see reports/csv.py. `is_shared`: without small cells.
    """

    folder: Path | None = None
    format: ReportFormat = ReportFormat.PARQUET
    is_forced: bool = False
    wait_seconds: float = 0.0
    kept_cells: KeptCells | None = None
    is_excel_csv: bool = False
    is_shared: bool = False
    fail_on: FailOn = FailOn.ERROR
    alert_margin: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Resources:
    """What a run may take. `shards` None: as many as the memory asks for; `memory_bytes` None: what is free."""

    shards: int | None = None
    memory_bytes: int | None = None


class Engine(StrEnum):
    """What carries the tally of shards; a report is the same with each."""

    LOCAL = "local"
    SPARK = "spark"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Where shards are tallied. `spark_master` None: what Spark's own configuration says, else this machine."""

    engine: Engine = Engine.LOCAL
    spark_master: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Part `number` (from 1) of `count` parts of a store's shards."""

    number: int
    count: int


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One determination run.

    `tallies`: files of its parts, tallied before; empty: the claims are scanned. `key_file`: where the key lies that
    files are encrypted with, None: they are not.
    """

    inputs: InputPaths
    law: LawOptions
    reading: ReadOptions = ReadOptions()
    output: OutputOptions = OutputOptions()
    last_snapshot: int = 3
    tallies: tuple[str, ...] = ()
    resources: Resources = Resources()
    engine: EngineOptions = EngineOptions()
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class WorthRequest:
    """What QP status of a finished run is worth.

    Base amounts come from claims of the base year (`base_claims`) or as they are (`base_amounts`). `law` has the
    performance year 0: the run's own is used. `payment_year` None: two years after. `mips_adjustment` is in percent
    and `shared_loss` in USD; None stands for nothing against.
    """

    run: Path
    law: LawOptions
    base_claims: tuple[str, ...] = ()
    base_amounts: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    payment_year: int | None = None
    mips_adjustment: Decimal | None = None
    shared_loss: Decimal | None = None
    reading: ReadOptions = ReadOptions()
    output: OutputOptions = OutputOptions()
    resources: Resources = Resources()
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class ConversionRequest:
    """One conversion of claims into a prepared store.

    `law` has the performance year 0 where none is given: only open points of reading matter. `shard_count` None
    is the store's own, or the default for a new one.
    """

    claims: tuple[str, ...]
    folder: Path
    law: LawOptions
    beneficiaries: tuple[str, ...] = ()
    reading: ReadOptions = ReadOptions()
    shard_count: int | None = None
    is_forced: bool = False
    wait_seconds: float = 0.0
    key_file: Path | None = None
