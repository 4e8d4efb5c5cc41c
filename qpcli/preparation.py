"""Claims of any layout made ready to calculate from: checked as they are, or out of a prepared store.

Canonical claims are scanned where they lie. Those of an outside layout are first made into a prepared store in a
private folder, which is removed at the end: so both ways read the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from qpcli.calculation import ClaimsShard
from qpcli.errors import UsageError
from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import ScanNotes
from qpcli.inputs.layouts import MAKE_BENEFICIARIES, FoundClaims
from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.reader import Inputs
from qpcli.inputs.table_scan import FileCount
from qpcli.memory import available_bytes, guessed_lines, shards_for
from qpcli.regulation.law import Law
from qpcli.reports.private_files import create_private_folder
from qpcli.reports.publishing import scratch_folder
from qpcli.request import Engine, Layout, RunRequest
from qpcli.store.gathering import current
from qpcli.store.making import StoreMaking, StorePlan
from qpcli.store.prepared import PreparedStore, open_store
from qpcli.store.record import StoreRecord
from qpcli.store.shards import SHARD_COUNT, by_shard
from qpcli.watch import Watcher


@dataclass(frozen=True, slots=True)
class ClaimsRead:
    """Claims ready to scan, shard by shard, and what there is to say of them.

    `layout` is that of the files delivered. `attributed_entities`: one row per APM Entity with attribution.
    """

    layout: Layout
    shards: tuple[ClaimsShard, ...]
    attributed_entities: pl.DataFrame
    notes: ScanNotes
    findings: tuple[Finding, ...] = ()


@contextmanager
def claims_read(
    inputs: Inputs, law: Law, hashes: Mapping[Path, str], request: RunRequest, watcher: Watcher
) -> Iterator[ClaimsRead]:
    """The claims of a run; what is prepared for it lies in a private folder beside the reports while it runs.

    Raises the QP2xx errors, QP217 for a prepared store that is damaged or was made under other assumptions.
    """
    claims = inputs.claims
    shard_count = _shard_count(claims, request, watcher)
    if claims.folder is not None:
        store = open_store(claims.folder)
        store.check_intact(hashes)
        store.check_assumptions(law)
        yield _from_store(store, inputs, law)
    elif shard_count is None:
        yield _checked(_opened(claims), inputs, watcher)
    else:
        with scratch_folder(request.output.folder) as scratch:
            with watcher.step("Preparing claims"):
                store = _prepared(claims, law, hashes, scratch, shard_count)
            read = _from_store(store, inputs, law)
            yield replace(read, notes=replace(read.notes, files=_delivered_files(claims, store.record)))


def _shard_count(claims: FoundClaims, request: RunRequest, watcher: Watcher) -> int | None:
    """In how many shards claims are prepared first; None: they are scanned where they lie."""
    if claims.folder is not None:
        return None
    resources = request.resources
    if resources.shards is not None:
        return resources.shards
    lines = guessed_lines(claims.files)
    needed = shards_for(lines, resources.memory_bytes or available_bytes())
    if needed is not None:
        watcher.note(f"About {lines:,} claim lines do not fit into memory at once: tallied in {needed} shards.")
    # Spark's workers read shards, and never claims as they were delivered.
    is_scanned = claims.layout is Layout.CANONICAL and request.engine.engine is Engine.LOCAL
    return needed if is_scanned else needed or SHARD_COUNT


def _opened(claims: FoundClaims) -> ClaimsPackage:
    assert claims.open is not None
    return claims.open()


def _checked(package: ClaimsPackage, inputs: Inputs, watcher: Watcher) -> ClaimsRead:
    """Every canonical claim line checked; raises QP203, QP208 or QP213 before anything is calculated."""
    with watcher.step("Checking claims"), package.scan.reading():
        quality = package.scan.quality.collect(engine="streaming")
    notes = package.scan.settle(quality)
    assert inputs.beneficiaries is not None
    return ClaimsRead(
        layout=Layout.CANONICAL,
        shards=(ClaimsShard(notes.lines, inputs.beneficiaries.frame, inputs.attribution.frame),),
        attributed_entities=_attributed_entities(inputs),
        notes=notes,
        findings=notes.findings,
    )


def _prepared(
    claims: FoundClaims, law: Law, hashes: Mapping[Path, str], scratch: Path, shard_count: int
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
    )
    StoreMaking(_opened(claims), plan).make()
    return open_store(folder)


def claim_hashes(claims: FoundClaims, hashes: Mapping[Path, str]) -> dict[Path, str]:
    """The hashes of the claims' own files."""
    return {file.path: hashes[file.path] for file in claims.files}


def _delivered_files(claims: FoundClaims, record: StoreRecord) -> tuple[FileCount, ...]:
    """The claims' files on disk, each once, with the rows that were read from them."""
    on_disk = {file.path: replace(file, member=None) for file in claims.files}
    found = ((file, record.source(path)) for path, file in on_disk.items())
    return tuple(FileCount(file, source.rows, source.rejects) for file, source in found if source is not None)


def _from_store(store: PreparedStore, inputs: Inputs, law: Law) -> ClaimsRead:
    record = store.record
    crosswalk, made = store.crosswalk(), store.beneficiaries()
    given = current(inputs.beneficiaries.frame, crosswalk) if inputs.beneficiaries is not None else None
    people = made if given is None else given
    if people is None:
        raise UsageError("QP101", "Not given: --beneficiaries.", "The claims come without them (in CCLF: CCLF8).")
    found = record.findings if given is None else [f for f in record.findings if f.code not in _OF_BENEFICIARIES]
    attribution = current(inputs.attribution.frame, crosswalk)
    is_feed = given is None and record.layout == Layout.CCLF
    assignable = inputs.attributed.assignable_people
    return ClaimsRead(
        layout=Layout(record.layout),
        shards=tuple(_shards(store, people, attribution)),
        attributed_entities=_attributed_entities(inputs),
        notes=_notes(store),
        findings=(
            *found,
            *_about_final_action(record, law),
            *(_opted_out(attribution, people) if is_feed else ()),
            *(_only_assignable(current(assignable, crosswalk), attribution, people) if assignable is not None else ()),
        ),
    )


def _attributed_entities(inputs: Inputs) -> pl.DataFrame:
    return inputs.attribution.frame.select("apm_entity_id").unique()


def _shards(store: PreparedStore, people: pl.DataFrame, attribution: pl.DataFrame) -> Iterator[ClaimsShard]:
    """The shards of a store, each with what is known of its beneficiaries."""
    count = store.record.shard_count
    known, attributed = by_shard(people, count), by_shard(attribution, count)
    for shard in range(count):
        beneficiaries, listed = known.get(shard, people.clear()), attributed.get(shard, attribution.clear())
        yield ClaimsShard(store.lines_of(shard), beneficiaries, listed, is_prepared=True)


def _opted_out(attribution: pl.DataFrame, people: pl.DataFrame) -> Iterator[Finding]:
    """People of an assignment list whom the ACO's own feed does not hold."""
    missing = attribution.select("bene_id").unique().join(people, on="bene_id", how="anti").height
    if missing:
        yield finding("opted_out", table="attribution", count=missing)


def _only_assignable(assignable: pl.DataFrame, attribution: pl.DataFrame, people: pl.DataFrame) -> Iterator[Finding]:
    """Whether everybody in the feed is assigned or at least assignable."""
    expected = pl.concat([assignable.select("bene_id"), attribution.select("bene_id")])
    if not people.join(expected, on="bene_id", how="anti").height:
        yield finding("assignable_only", table="beneficiaries")


_OF_BENEFICIARIES = ("managed_care_unknown", "coverage_ends_unknown", "msp_from_lines", "part_c_contract_without_hmo")
"""What layouts cannot tell of beneficiaries, and canonical beneficiaries do."""


def _about_final_action(record: StoreRecord, law: Law) -> Iterator[Finding]:
    """Cancelled history is gone: what that means depends on the cut-off of the year."""
    if record.is_final_action:
        cutoff = law.run_out_ends(law.snapshots[-1])
        yield finding("run_out_final_action", table="claim_lines", layout=record.layout.upper(), cutoff=cutoff)


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
