"""The claims of a run: lines ready to scan, with what is known of their beneficiaries and attribution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from qpcli.calculation import ClaimsShard
from qpcli.errors import UsageError
from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import ScanNotes
from qpcli.inputs.mssp.open_months import with_flags
from qpcli.inputs.reader import Inputs
from qpcli.line_reading import OF_BENEFICIARIES, Preparing, lines_read
from qpcli.regulation.law import Law
from qpcli.reports.encryption import Encryption
from qpcli.request import Layout, RunRequest
from qpcli.store.gathering import current
from qpcli.store.prepared import PreparedStore
from qpcli.store.record import StoreRecord
from qpcli.store.shards import by_shard
from qpcli.tables.beneficiaries import BENEFICIARIES
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
    inputs: Inputs,
    law: Law,
    hashes: Mapping[Path, str],
    request: RunRequest,
    watcher: Watcher,
    encryption: Encryption | None,
) -> Iterator[ClaimsRead]:
    """The claims of a run with what is known of their beneficiaries; see `lines_read`."""
    place = Preparing(request.output.folder, request.resources, request.engine.engine, encryption)
    with lines_read(inputs.claims, law, hashes, place, watcher) as lines:
        yield (
            _canonical(lines.notes, inputs)
            if lines.store is None
            else _from_store(lines.store, lines.notes, inputs, law)
        )


def _canonical(notes: ScanNotes, inputs: Inputs) -> ClaimsRead:
    assert inputs.beneficiaries is not None
    return ClaimsRead(
        layout=Layout.CANONICAL,
        shards=(ClaimsShard(notes.lines, inputs.beneficiaries.frame, inputs.attribution.frame),),
        attributed_entities=_attributed_entities(inputs),
        notes=notes,
        findings=notes.findings,
    )


def _from_store(store: PreparedStore, notes: ScanNotes, inputs: Inputs, law: Law) -> ClaimsRead:
    record, crosswalk = store.record, store.crosswalk()
    people, about_people = _people(store, inputs, crosswalk, law)
    attribution = current(inputs.attribution.frame, crosswalk)
    is_feed = inputs.beneficiaries is None and record.layout == Layout.CCLF
    assignable = inputs.attributed.assignable_people
    return ClaimsRead(
        layout=Layout(record.layout),
        shards=tuple(_shards(store, people, attribution)),
        attributed_entities=_attributed_entities(inputs),
        notes=notes,
        findings=(
            *about_people,
            *_about_final_action(record, law),
            *(_opted_out(attribution, people) if is_feed else ()),
            *(_only_assignable(current(assignable, crosswalk), attribution, people) if assignable is not None else ()),
        ),
    )


def _people(
    store: PreparedStore, inputs: Inputs, crosswalk: pl.DataFrame, law: Law
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The beneficiaries that are given, else those that the claims' own files and assignment lists tell of.

    With the findings of the store, but for what it says of other beneficiaries than these.
    """
    found = store.record.findings
    if inputs.beneficiaries is not None:
        given = current(inputs.beneficiaries.frame, crosswalk)
        return given, tuple(each for each in found if each.code not in OF_BENEFICIARIES)
    made, flags = store.beneficiaries(), inputs.attributed.coverage
    if made is None:
        raise UsageError("QP101", "Not given: --beneficiaries.", "The claims come without them (in CCLF: CCLF8).")
    if flags is None or law.assumed("assignment_enrollment_flags") == "not_used":
        return made, found
    people, months = with_flags(made, current(flags, crosswalk))
    return people, (*found, *_about_flags(store.record, months))


def _attributed_entities(inputs: Inputs) -> pl.DataFrame:
    return inputs.attribution.frame.select("apm_entity_id").unique()


def _shards(store: PreparedStore, people: pl.DataFrame, attribution: pl.DataFrame) -> Iterator[ClaimsShard]:
    """The shards of a store, each with what is known of its beneficiaries."""
    count = store.record.shard_count
    known, attributed = by_shard(people, count), by_shard(attribution, count)
    for shard in range(count):
        beneficiaries, listed = known.get(shard, people.clear()), attributed.get(shard, attribution.clear())
        yield ClaimsShard(store.lines_of(shard), beneficiaries, listed, store.coded_lines_of(shard))


def _about_flags(record: StoreRecord, months: int) -> Iterator[Finding]:
    if months:
        yield finding("enrollment_flags_used", table=BENEFICIARIES.name, count=months, layout=record.layout.upper())


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


def _about_final_action(record: StoreRecord, law: Law) -> Iterator[Finding]:
    """Cancelled history is gone: what that means depends on the cut-off of the year."""
    if record.is_final_action:
        cutoff = law.run_out_ends(law.snapshots[-1])
        yield finding("run_out_final_action", table="claim_lines", layout=record.layout.upper(), cutoff=cutoff)
