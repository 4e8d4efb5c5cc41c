"""What makes two runs the same run: everything that can change a report, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from qpcli import __version__
from qpcli.regulation.incentive import Incentive
from qpcli.regulation.law import Law
from qpcli.reports.as_json import as_json
from qpcli.reports.frames import SCHEMA_VERSION
from qpcli.reports.manifest import InputRecord
from qpcli.request import ListOptions, ReadOptions, RunRequest, WorthRequest

_RUN_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """All that can change a report and nothing else: no path, engine, thread or shard count.

    `input_hashes` maps each table to the SHA-256 of its files; code lists are tables of their own.
    `open_points` holds every value assumed, stated or by default.
    """

    input_hashes: Mapping[str, tuple[str, ...]]
    performance_year: int
    law_as_of: date
    law_data_version: str
    open_points: Mapping[str, str]
    last_snapshot: int
    layout: str
    column_names: Mapping[str, Mapping[str, str]]
    date_format: str | None
    encoding: str
    max_rejects: int
    lists: ListOptions
    report_format: str
    kept_cells: str
    is_excel_csv: bool
    is_shared: bool
    key_fingerprint: str | None = None
    qpcli_version: str = __version__
    schema_version: int = SCHEMA_VERSION

    @property
    def run_id(self) -> str:
        """Equal for equal runs: 16 hex digits over all fields."""
        return digest(_in_any_order(self))

    @property
    def tally_id(self) -> str:
        """As `run_id`, without what only concerns how reports are written: parts of one calculation share it."""
        plain = replace(self, report_format="", kept_cells="", is_excel_csv=False, is_shared=False)
        plain = replace(plain, key_fingerprint=None)
        return digest(_in_any_order(plain))


def _in_any_order(identity: RunIdentity) -> RunIdentity:
    return replace(identity, input_hashes={table: tuple(sorted(h)) for table, h in identity.input_hashes.items()})


def digest(identity: object) -> str:
    """The first 16 hex digits of the SHA-256 over the canonical JSON of all that makes a run."""
    content = as_json(identity)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_RUN_ID_LENGTH]


def identify_run(
    request: RunRequest, law: Law, inputs: Iterable[InputRecord], *, key_fingerprint: str | None = None
) -> RunIdentity:
    """The identity of a run, known as soon as its inputs are hashed and its law is resolved."""
    hashes: dict[str, tuple[str, ...]] = {}
    for record in inputs:
        hashes[record.table] = (*hashes.get(record.table, ()), record.sha256)
    return RunIdentity(
        input_hashes=hashes,
        performance_year=law.performance_year,
        law_as_of=law.law_as_of,
        law_data_version=law.data_version,
        open_points={name: point.value for name, point in law.open_points.items()},
        last_snapshot=request.last_snapshot,
        layout=request.reading.layout.value,
        column_names=request.reading.column_names,
        date_format=request.reading.date_format,
        encoding=request.reading.encoding,
        max_rejects=request.reading.max_rejects,
        lists=request.reading.lists,
        report_format=request.output.format.value,
        kept_cells=request.output.kept_cells or "",
        is_excel_csv=request.output.is_excel_csv,
        is_shared=request.output.is_shared,
        key_fingerprint=key_fingerprint,
    )


@dataclass(frozen=True, slots=True)
class WorthIdentity:
    """All that can change what a run's QP status is worth; `source_run_id` stands for the run and all it rests on."""

    source_run_id: str
    input_hashes: Mapping[str, tuple[str, ...]]
    performance_year: int
    payment_year: int
    law_as_of: date
    law_data_version: str
    open_points: Mapping[str, str]
    mips_adjustment: str | None
    shared_loss: str | None
    reading: ReadOptions
    report_format: str
    is_excel_csv: bool
    key_fingerprint: str | None = None
    qpcli_version: str = __version__
    schema_version: int = SCHEMA_VERSION

    @property
    def run_id(self) -> str:
        """Equal for equal answers: 16 hex digits over all fields."""
        return digest(self)


def identify_worth(
    request: WorthRequest,
    law: Law,
    incentive: Incentive,
    source_run_id: str,
    inputs: Iterable[InputRecord],
    *,
    key_fingerprint: str | None = None,
) -> WorthIdentity:
    """The identity of an answer, known as soon as its inputs are hashed."""
    hashes: dict[str, tuple[str, ...]] = {}
    for record in inputs:
        hashes[record.table] = tuple(sorted((*hashes.get(record.table, ()), record.sha256)))
    return WorthIdentity(
        source_run_id=source_run_id,
        input_hashes=hashes,
        performance_year=law.performance_year,
        payment_year=incentive.payment_year,
        law_as_of=law.law_as_of,
        law_data_version=law.data_version,
        open_points={name: point.value for name, point in law.open_points.items()},
        mips_adjustment=_plain(request.mips_adjustment),
        shared_loss=_plain(request.shared_loss),
        reading=replace(request.reading, rejects_folder=None),
        report_format=request.output.format.value,
        is_excel_csv=request.output.is_excel_csv,
        key_fingerprint=key_fingerprint,
    )


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"
