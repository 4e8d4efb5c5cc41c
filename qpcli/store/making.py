"""A whole store made or added to: shards, the crosswalk of ids, the beneficiaries, and what is needed to add more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from qpcli.findings import Finding
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.cclf.crosswalk import crosswalk as crosswalk_of
from qpcli.inputs.cclf.deliveries import are_stamped, gaps_between
from qpcli.inputs.hashing import Hashes
from qpcli.inputs.layouts import MAKE_BENEFICIARIES, MakeBeneficiaries
from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.table_scan import FileCount
from qpcli.regulation.law import Law, OpenPoint
from qpcli.reports.encryption import Encryption
from qpcli.reports.findings import sorted_findings
from qpcli.reports.manifest import OutputRecord
from qpcli.reports.publishing import Writer, publish_sealed
from qpcli.store import files
from qpcli.store.findings import added_up, of_both
from qpcli.store.gathering import Gathered, gather
from qpcli.store.record import STORE, SourceRecord, StoreRecord, read_record, store_json
from qpcli.store.restaging import Earlier, moved_shards, restage
from qpcli.store.settlers import settlers
from qpcli.store.shard_files import ShardFiles
from qpcli.store.shard_settling import ShardSettling, StoreKinds
from qpcli.store.shard_writing import ShardWriting
from qpcli.store.stamps import days_of_reductions

_CLAIM_LAYOUTS = frozenset(layout.value for layout in MAKE_BENEFICIARIES)
_GAP = "delivery_gap"
_FINAL_ACTION = "run_out_final_action"
"""Its words name a cut-off of a year: whoever reads the store says it anew."""


@dataclass(frozen=True, slots=True)
class StorePlan:
    """How a store is made: where, of how many shards, under which law, and of which files with their hashes.

    `findings` are those that recognising the files has made.
    """

    folder: Path
    scratch: Path
    shard_count: int
    law: Law
    hashes: Hashes
    make_beneficiaries: MakeBeneficiaries | None = None
    earlier: Earlier | None = None
    findings: tuple[Finding, ...] = ()
    encryption: Encryption | None = None


@dataclass(slots=True)
class StoreMaking:
    """One store in the making; what is said about it gathers on the way."""

    package: ClaimsPackage
    plan: StorePlan
    findings: list[Finding] = field(default_factory=list, init=False)

    def make(self) -> StoreRecord:
        """Read the claims files once and publish the store; raises the QP2xx errors and QP301."""
        links = self._with_earlier(self.package.links, files.LINKS_FILE)
        crosswalk, found = crosswalk_of(links) if links is not None else (_NO_CROSSWALK, ())
        self.findings += found
        earlier = self._moved(crosswalk)
        gathered = gather(
            self.package, crosswalk, self.plan.scratch, self.plan.shard_count, encryption=self.plan.encryption
        )
        if earlier is not None:
            restage(earlier, gathered, crosswalk)
        gathered.lines.close()
        gathered.withheld.close()
        self._publish(gathered, earlier, crosswalk, links)
        record = read_record(self.plan.folder)
        assert record is not None
        return record

    def _moved(self, crosswalk: pl.DataFrame) -> Earlier | None:
        earlier = self.plan.earlier
        return replace(earlier, restaged=moved_shards(earlier, crosswalk)) if earlier else None

    def _publish(
        self, gathered: Gathered, earlier: Earlier | None, crosswalk: pl.DataFrame, links: pl.DataFrame | None
    ) -> None:
        days = days_of_reductions(self._withheld_names())
        settling = ShardSettling(StoreKinds.of(self.package.layout), self.plan.law, days)
        shard_count, encryption = self.plan.shard_count, self.plan.encryption
        shard_files = ShardFiles(
            self.plan.scratch / "shards", shard_count, settling, gathered.texts, earlier=earlier, encryption=encryption
        )
        line_count = gathered.lines.row_count + (earlier.record.row_count if earlier else 0)
        with settlers(line_count, shard_count) as among, closing(ShardWriting(gathered, shard_files, among)) as writing:
            outputs: dict[str, Writer] = {**writing.writers(), files.CROSSWALK_FILE: partial(self._write, crosswalk)}
            if links is not None:
                outputs[files.LINKS_FILE] = partial(self._write, links)
            outputs |= self._beneficiaries(writing, crosswalk)
            seal_of = partial(self._seal, gathered, writing)
            publish_sealed(self.plan.folder, outputs, seal_of, STORE)

    def _seal(self, gathered: Gathered, writing: ShardWriting, written: tuple[OutputRecord, ...]) -> bytes:
        return store_json(self._record(gathered, writing, written))

    def _beneficiaries(self, writing: ShardWriting, crosswalk: pl.DataFrame) -> dict[str, Writer]:
        """The records as delivered, and the beneficiaries, which need the months that the shards tell."""
        records = self._with_earlier(self.package.records, files.RECORDS_FILE)
        make = self.plan.make_beneficiaries
        if records is None or make is None:
            return {}

        def write(path: Path) -> int:
            months = pl.concat([_NO_MONTHS, *writing.payer_months])
            frame, found = make(records, crosswalk, months, self.plan.law)
            self.findings += found
            return self._write(frame.sort(frame.columns), path)

        return {files.RECORDS_FILE: partial(self._write, records), files.BENEFICIARIES_FILE: write}

    def _write(self, frame: pl.DataFrame, path: Path) -> int:
        return files.write_rows(frame, path, encryption=self.plan.encryption)

    def _with_earlier(self, read: TableRead | None, name: str) -> pl.DataFrame | None:
        """Rows as delivered, those of the earlier store among them, each once."""
        before = self.plan.earlier.frame(name) if self.plan.earlier else None
        frames = [frame for frame in (before, read.frame if read else None) if frame is not None]
        if not frames:
            return None
        rows = pl.concat([frame.select(frames[0].columns) for frame in frames]).unique()
        return rows.sort(rows.columns)

    def _record(self, gathered: Gathered, writing: ShardWriting, written: tuple[OutputRecord, ...]) -> StoreRecord:
        counts = self._counts(gathered)
        notes, earlier = gathered.notes, self.plan.earlier
        before = earlier.record if earlier else None
        found = (
            *self.plan.findings,
            *self.package.findings,
            *notes.findings,
            *(each for table in self._tables() for each in table.findings),
            *(each for settled in gathered.others for each in settled.findings),
            *self.package.about_counts(counts),
            *writing.copies(),
        )
        is_final = any(each.code == _FINAL_ACTION for each in found) or (before is not None and before.is_final_action)
        sources = _sources(before, counts, self.plan.hashes())
        return StoreRecord(
            layout=self.package.layout.value,
            shard_count=self.plan.shard_count,
            row_count=writing.row_count,
            last_service_date=_newest(notes.last_service_date, before.last_service_date if before else None),
            last_processed_date=_newest(notes.last_processed_date, before.last_processed_date if before else None),
            is_final_action=is_final,
            open_points=reading_points(self.plan.law.open_points),
            sources=sources,
            findings_of_files=_of_files(found, before, sources),
            findings_of_store=(*self.findings, *writing.findings(), *gaps_between(_names(sources))),
            checks=tuple(writing.checks),
            outputs=written,
            is_encrypted=self.plan.encryption is not None,
            key_fingerprint=self.plan.encryption.fingerprint if self.plan.encryption else None,
        )

    def _withheld_names(self) -> list[str]:
        """Names of files among which are all that tell reductions."""
        earlier = self.plan.earlier
        before = _names(earlier.record.sources) if earlier else []
        return before + [file.name for file in (self.package.withheld.files if self.package.withheld else ())]

    def _tables(self) -> tuple[TableRead, ...]:
        others = (self.package.records, self.package.links)
        return (*self.package.lines, *(table for table in others if table is not None))

    def _counts(self, gathered: Gathered) -> list[FileCount]:
        read = [*gathered.notes.files, *(count for settled in gathered.others for count in settled.files)]
        return [*read, *(count for table in self._tables() for count in table.files)]


_NO_CROSSWALK = pl.DataFrame(schema={"bene_id": pl.String(), "current_bene_id": pl.String()})
_NO_MONTHS = pl.DataFrame(schema={"bene_id": pl.String(), "start_date": pl.Date()})


def reading_points(points: Mapping[str, OpenPoint]) -> dict[str, str]:
    """The open points that concern how claims are read, and so what a store holds."""
    return {name: point.value for name, point in points.items() if _CLAIM_LAYOUTS.intersection(point.layouts)}


def _of_files(
    found: Iterable[Finding], before: StoreRecord | None, sources: Iterable[SourceRecord]
) -> tuple[Finding, ...]:
    """What files say, those of the earlier store among them; gaps between deliveries are judged over all of them."""
    judged_anew = {_FINAL_ACTION, _GAP} if are_stamped(_names(sources)) else {_FINAL_ACTION}
    later = added_up(each for each in found if each.code not in judged_anew)
    return sorted_findings(later if before is None else of_both(before.findings_of_files, later))


def _names(sources: Iterable[SourceRecord]) -> list[str]:
    return [name for source in sources for name in source.names]


def _newest(*days: date | None) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _sources(
    before: StoreRecord | None, counts: list[FileCount], hashes: Mapping[Path, str]
) -> tuple[SourceRecord, ...]:
    """One record per file on disk, those of the earlier store among them, by path."""
    records = dict(before.by_path) if before else {}
    for path, sha256 in hashes.items():
        inside = [count for count in counts if count.file.path == path]
        rows, rejects = sum(count.row_count for count in inside), sum(count.rejected_count for count in inside)
        state = path.stat()
        names = tuple(sorted({count.file.name for count in inside}))
        place = str(path.resolve())
        records[place] = SourceRecord(place, state.st_size, state.st_mtime_ns, sha256, rows, rejects, names)
    return tuple(records[path] for path in sorted(records))
