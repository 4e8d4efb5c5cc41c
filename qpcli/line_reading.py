"""Claim lines of any layout made ready to scan, whoever's they are: where they lie, or in a prepared store.

Canonical lines are scanned where they lie. Those of an outside layout are first made into a prepared store in a
private folder, which is removed at the end: so both ways read the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from qpcli.engines.line_cells import PartedLines, parted_as_prepared, parted_by_hash
from qpcli.findings import Finding
from qpcli.inputs.canonical import ScanNotes
from qpcli.inputs.layouts import MAKE_BENEFICIARIES, FoundClaims
from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.table_scan import FileCount
from qpcli.memory import available_bytes, guessed_lines, shards_for
from qpcli.regulation.law import Law
from qpcli.reports.encryption import Encryption
from qpcli.reports.private_files import create_private_folder
from qpcli.reports.publishing import scratch_folder
from qpcli.request import Engine, Layout, Resources
from qpcli.store.making import StoreMaking, StorePlan
from qpcli.store.prepared import PreparedStore, open_store
from qpcli.store.record import StoreRecord
from qpcli.store.shards import SHARD_COUNT
from qpcli.watch import Watcher

OF_BENEFICIARIES = ("managed_care_unknown", "coverage_ends_unknown", "msp_from_lines", "part_c_contract_without_hmo")
"""Findings of what layouts cannot tell of beneficiaries, and canonical beneficiaries do."""


@dataclass(frozen=True, slots=True)
class Preparing:
    """Where and how claims are prepared: beside which reports (None: temporary files), with what, for what engine.

    `encryption` is of what is prepared, and opens a prepared store that is encrypted.
    """

    folder: Path | None
    resources: Resources
    engine: Engine = Engine.LOCAL
    encryption: Encryption | None = None


@dataclass(frozen=True, slots=True)
class LinesRead:
    """Claim lines ready to scan, whoever's they are, and what reading them left to say.

    `store` is None where canonical lines are scanned where they lie, in one shard.
    """

    notes: ScanNotes
    store: PreparedStore | None

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.notes.findings if self.store is None else self.store.record.findings

    @property
    def layout(self) -> Layout:
        """The layout of the files delivered."""
        return Layout.CANONICAL if self.store is None else Layout(self.store.record.layout)

    def shards(self) -> Iterator[PartedLines]:
        """The lines of disjoint beneficiaries, with those that are versions of one line apart."""
        if self.store is None:
            yield parted_by_hash(self.notes.lines)
            return
        for shard in range(self.store.record.shard_count):
            yield parted_as_prepared(self.store.lines_of(shard))


@contextmanager
def lines_read(
    claims: FoundClaims, law: Law, hashes: Mapping[Path, str], place: Preparing, watcher: Watcher
) -> Iterator[LinesRead]:
    """Claim lines of whatever layout; what is prepared lies in a private folder beside the reports for as long.

    Raises the QP2xx errors, QP217 for a prepared store that is damaged or was made under other assumptions, QP222 for
    one that is encrypted with another key.
    """
    shard_count = _shard_count(claims, place, watcher)
    if claims.folder is not None:
        store = open_store(claims.folder, place.encryption)
        store.check_intact(hashes)
        store.check_assumptions(law)
        yield LinesRead(_notes(store), store)
    elif shard_count is None:
        yield LinesRead(_checked(_opened(claims), watcher), None)
    else:
        with scratch_folder(place.folder) as scratch:
            with watcher.step("Preparing claims"):
                store = _prepared(claims, law, hashes, scratch, shard_count, encryption=place.encryption)
            yield LinesRead(replace(_notes(store), files=_delivered_files(claims, store.record)), store)


def _shard_count(claims: FoundClaims, place: Preparing, watcher: Watcher) -> int | None:
    """In how many shards claims are prepared first; None: they are scanned where they lie."""
    if claims.folder is not None:
        return None
    resources = place.resources
    if resources.shards is not None:
        return resources.shards
    lines = guessed_lines(claims.files)
    needed = shards_for(lines, resources.memory_bytes or available_bytes())
    if needed is not None:
        watcher.note(f"About {lines:,} claim lines do not fit into memory at once: tallied in {needed} shards.")
    # Spark's workers read shards, and never claims as they were delivered.
    is_scanned = claims.layout is Layout.CANONICAL and place.engine is Engine.LOCAL
    return needed if is_scanned else needed or SHARD_COUNT


def _opened(claims: FoundClaims) -> ClaimsPackage:
    assert claims.open is not None
    return claims.open()


def _checked(package: ClaimsPackage, watcher: Watcher) -> ScanNotes:
    """Every canonical claim line checked; raises QP203, QP208 or QP213 before anything is calculated."""
    with watcher.step("Checking claims"), package.scan.reading():
        quality = package.scan.quality.collect(engine="streaming")
    return package.scan.settle(quality)


def _prepared(
    claims: FoundClaims,
    law: Law,
    hashes: Mapping[Path, str],
    scratch: Path,
    shard_count: int,
    *,
    encryption: Encryption | None,
) -> PreparedStore:
    staging, folder = scratch / "staging", scratch / "store"
    create_private_folder(staging)
    plan = StorePlan(
        folder=folder,
        scratch=staging,
        shard_count=shard_count,
        law=law,
        hashes=partial(claim_hashes, claims, hashes),
        make_beneficiaries=MAKE_BENEFICIARIES.get(claims.layout),
        encryption=encryption,
    )
    StoreMaking(_opened(claims), plan).make()
    return open_store(folder, encryption)


def claim_hashes(claims: FoundClaims, hashes: Mapping[Path, str]) -> dict[Path, str]:
    """The hashes of the claims' own files."""
    return {file.path: hashes[file.path] for file in claims.files}


def _delivered_files(claims: FoundClaims, record: StoreRecord) -> tuple[FileCount, ...]:
    """The claims' files on disk, each once, with the rows that were read from them."""
    on_disk = {file.path: replace(file, member=None) for file in claims.files}
    found = ((file, record.source(path)) for path, file in on_disk.items())
    return tuple(FileCount(file, source.rows, source.rejects) for file, source in found if source is not None)


def _notes(store: PreparedStore) -> ScanNotes:
    """What a scan of the store's lines would say, as it was recorded when they were read."""
    record = store.record
    return ScanNotes(
        lines=store.lines(),
        row_count=record.row_count,
        files=store.files,
        rejects=(),
        findings=(),
        last_service_date=record.last_service_date,
        last_processed_date=record.last_processed_date,
    )
