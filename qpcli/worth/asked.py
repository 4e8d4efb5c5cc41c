"""What is known of a question about worth before dollars are summed: the run, its QPs, the law, the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from qpcli.errors import InputError, UsageError
from qpcli.inputs.canonical import TableRead, read_table
from qpcli.inputs.hashing import hash_files
from qpcli.inputs.layouts import FoundClaims, find_claims
from qpcli.inputs.listings import read_participants
from qpcli.inputs.table_scan import FileCount
from qpcli.provenance import file_record
from qpcli.regulation.incentive import Incentive, resolve_incentive
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law
from qpcli.reports.encryption import Encryption, read_key
from qpcli.reports.formats import read_tables
from qpcli.reports.manifest import MANIFEST_NAME, InputRecord, Manifest
from qpcli.reports.run_identity import identify_worth
from qpcli.reports.verification import finished_report
from qpcli.request import WorthRequest
from qpcli.rules import incentive as rules
from qpcli.tables.base_amounts import BASE_AMOUNTS
from qpcli.watch import Watcher


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known before the base amounts are summed; one of `claims` and `amounts` is given."""

    request: WorthRequest
    source: Manifest
    law: Law
    incentive: Incentive
    qps: pl.DataFrame
    claims: FoundClaims | None
    amounts: TableRead | None
    participants: TableRead | None
    hashes: Mapping[Path, str]
    encryption: Encryption | None = None

    @property
    def key_fingerprint(self) -> str | None:
        return self.encryption.fingerprint if self.encryption is not None else None

    @property
    def paths(self) -> list[Path]:
        """What a report must not touch: every file that is read, the key's too, a store and the run as wholes."""
        others = (self.claims.folder if self.claims is not None else None, self.request.key_file)
        return [self.request.run, *self.hashes, *(path for path in others if path is not None)]

    @property
    def tables(self) -> dict[str, TableRead]:
        given = {BASE_AMOUNTS.name: self.amounts, "participants": self.participants}
        return {name: table for name, table in given.items() if table is not None}

    def given(self, claims: Iterable[FileCount] = ()) -> Iterator[InputRecord]:
        """One record per file that is given beside the run; rows of `claims` are known when they have been read."""
        for count in claims:
            yield file_record("base_claims", count, self.hashes)
        for name, table in self.tables.items():
            for count in table.files:
                yield file_record(name, count, self.hashes)
        if self.request.law.pfs_codes is not None:
            yield self._record("pfs_codes", self.request.law.pfs_codes)

    def records(self, claims: Iterable[FileCount]) -> tuple[InputRecord, ...]:
        """One record per file, the run's manifest first."""
        return (self._record("run", self.request.run / MANIFEST_NAME), *self.given(claims))

    def _record(self, table: str, path: Path) -> InputRecord:
        return InputRecord(table, str(path), path.stat().st_size, self.hashes[path], 0)

    @property
    def run_id(self) -> str:
        claims = [FileCount(file, 0, 0) for file in self.claims.files] if self.claims is not None else []
        return identify_worth(
            self.request,
            self.law,
            self.incentive,
            self.source.run_id,
            self.given(claims),
            key_fingerprint=self.key_fingerprint,
        ).run_id


def ask(request: WorthRequest, watcher: Watcher) -> Asked:
    """Read the run and the lists, resolve the law, and hash every file; raises the QP1xx and QP2xx errors."""
    if bool(request.base_claims) is bool(request.base_amounts):
        raise UsageError("QP101", "Give the base year's dollars once: --base-claims or --base-amounts.")
    encryption = read_key(request.key_file)
    with watcher.step("Reading the run"):
        source = finished_report(request.run)
        law = resolve_law(
            performance_year=source.performance_year,
            law_as_of=request.law.law_as_of,
            assumptions=request.law.assumptions,
            pfs_codes=request.law.pfs_codes,
        )
        incentive = resolve_incentive(request.payment_year or law.payment_year, law.law_as_of)
        qps = _qps(request.run, source, encryption)
    with watcher.step("Reading lists"):
        base_law = rules.base_period_law(law, incentive)
        reading = request.reading
        claims = find_claims(request.base_claims, (), reading, base_law) if request.base_claims else None
        amounts = read_table(BASE_AMOUNTS, request.base_amounts, reading) if request.base_amounts else None
        participants = read_participants(request.participants, reading, law) if request.participants else None
    asked = Asked(request, source, law, incentive, qps, claims, amounts, participants, {}, encryption)
    with watcher.step("Hashing inputs"):
        return replace(asked, hashes=hash_files(_files(asked)))


def _qps(run: Path, source: Manifest, encryption: Encryption | None) -> pl.DataFrame:
    tables = read_tables(run, source, encryption)
    if "determinations" not in tables:
        raise InputError("QP202", f"{run} is a report without determinations.", "Name a report of `qpcli determine`.")
    return rules.qps(tables["determinations"].lazy()).collect()


def _files(asked: Asked) -> list[Path]:
    claims = [file.path for file in asked.claims.files] if asked.claims is not None else []
    tables = [count.file.path for table in asked.tables.values() for count in table.files]
    pfs_codes = [asked.request.law.pfs_codes] if asked.request.law.pfs_codes is not None else []
    return [asked.request.run / MANIFEST_NAME, *claims, *tables, *pfs_codes]
