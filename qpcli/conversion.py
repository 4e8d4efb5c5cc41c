"""The other job on one page: claims of any layout -> a prepared store, or an existing one with new deliveries added."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qpcli.errors import InputError
from qpcli.findings import Finding
from qpcli.inputs.files import state_of
from qpcli.inputs.hashing import Hashes, hash_files, hashing
from qpcli.inputs.layouts import MAKE_BENEFICIARIES, FoundClaims, find_claims
from qpcli.inputs.recognition import Recognised, recognise
from qpcli.regulation.law import Law
from qpcli.regulation.performance_periods import supported_years
from qpcli.regulation.resolve import resolve_law
from qpcli.reports import publishing
from qpcli.reports.encryption import Encryption, read_key
from qpcli.reports.findings import sorted_findings
from qpcli.request import ConversionRequest, Layout
from qpcli.store.making import StoreMaking, StorePlan
from qpcli.store.prepared import PreparedStore, open_store
from qpcli.store.record import STORE, StoreRecord, read_record
from qpcli.store.shards import SHARD_COUNT
from qpcli.store.stamps import are_superseded_across
from qpcli.watch import Watcher

AGAIN = "Convert all files again with --force."


@dataclass(frozen=True, slots=True)
class ConversionOutcome:
    """The store as it is now, and how many files on disk were added to it; 0: it was up to date."""

    record: StoreRecord
    added_count: int
    about_files: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What making the store has found, and files that could not be added, the most severe first."""
        return sorted_findings((*self.record.findings, *self.about_files))


def convert(request: ConversionRequest, watcher: Watcher) -> ConversionOutcome:
    """Make a store, or add to one the files that it does not have; a store that has them all stands."""
    law, encryption = _law(request), read_key(request.key_file)
    with watcher.step("Looking at files"):
        claims = _found(request, law, request.claims, request.beneficiaries)
    typed = {path for path in map(Path, request.claims) if path.is_dir()}
    publishing.check_writable(request.folder, {file.path for file in claims.files} | typed, STORE)
    with publishing.hold_lock(request.folder, request.wait_seconds, STORE):
        is_new = request.is_forced or read_record(request.folder) is None
        if is_new:
            return _make(request, law, claims, None, encryption, watcher)
        return _add(request, law, claims, open_store(request.folder, encryption), encryption, watcher)


def _add(
    request: ConversionRequest,
    law: Law,
    claims: FoundClaims,
    earlier: PreparedStore,
    encryption: Encryption | None,
    watcher: Watcher,
) -> ConversionOutcome:
    """The files that the store does not have, added to it; files that nothing recognises are only told."""
    _check_same_way(earlier, request, claims, law)
    if encryption != earlier.encryption:
        raise InputError("QP217", "The store is not encrypted.", AGAIN)
    new = tuple(map(str, _new_files(earlier, claims)))
    recognised = recognise(new) if new else Recognised()
    if new and claims.layout is not Layout.CANONICAL and not recognised.layouts:
        return ConversionOutcome(earlier.record, 0, tuple(recognised.findings()))
    if not new:
        return ConversionOutcome(earlier.record, 0)
    _check_can_grow(claims)
    with watcher.step("Checking the store"):
        earlier.check_intact(hash_files(earlier.paths))
    added = _found(request, law, new, ())
    _check_weekly(earlier.record, added)
    return _make(request, law, added, earlier, encryption, watcher)


def _law(request: ConversionRequest) -> Law:
    """Only the open points of reading matter, and they are the same in every year."""
    asked = request.law
    year = asked.performance_year or max(supported_years())
    return resolve_law(performance_year=year, law_as_of=asked.law_as_of, assumptions=asked.assumptions)


def _found(
    request: ConversionRequest, law: Law, claims: tuple[str, ...], beneficiaries: tuple[str, ...]
) -> FoundClaims:
    found = find_claims(claims, beneficiaries, request.reading, law)
    if found.layout is Layout.STORE:
        raise InputError("QP212", "The claims are a prepared store already.", "`qpcli determine --claims` reads it.")
    return found


def _new_files(earlier: PreparedStore, claims: FoundClaims) -> list[Path]:
    """The files on disk that the store does not have; raises QP217 when one that it has is another now."""
    new = []
    for path in sorted({file.path for file in claims.files}):
        source, state = earlier.record.source(path), state_of(path)
        if source is None:
            new.append(path)
        elif (source.bytes, source.modified_ns) != (state.size, state.mtime_ns):
            raise InputError("QP217", f"{path.name} has changed since it was put into the store.", AGAIN)
    return new


def _check_same_way(earlier: PreparedStore, request: ConversionRequest, claims: FoundClaims, law: Law) -> None:
    """Raises QP217 when the store was made in another way than is asked now."""
    record = earlier.record
    if claims.layout.value != record.layout:
        raise InputError("QP217", f"The store holds claims of the layout {record.layout}, not {claims.layout}.", AGAIN)
    if request.shard_count not in (None, record.shard_count):
        raise InputError("QP217", f"The store has {record.shard_count} shards.", AGAIN)
    earlier.check_assumptions(law)


def _check_can_grow(claims: FoundClaims) -> None:
    """Raises QP217 for a layout whose later files change what earlier ones said."""
    if claims.layout is Layout.RIF:
        raise InputError("QP217", "RIF files are final action: a later file changes earlier ones.", AGAIN)


def _check_weekly(record: StoreRecord, added: FoundClaims) -> None:
    """Raises QP217 when a monthly delivery supersedes a weekly one that stands on the other side."""
    before = [name for source in record.sources for name in source.names]
    if are_superseded_across(before, [file.name for file in added.files]):
        message = "A monthly delivery supersedes a weekly one, and one of both is in the store already."
        raise InputError("QP217", message, AGAIN)


def _make(
    request: ConversionRequest,
    law: Law,
    claims: FoundClaims,
    earlier: PreparedStore | None,
    encryption: Encryption | None,
    watcher: Watcher,
) -> ConversionOutcome:
    with (
        watcher.step("Preparing claims"),
        publishing.scratch_folder(request.folder) as scratch,
        hashing(claims.files) as hashes,
    ):
        record = _store(request, law, claims, earlier, hashes, scratch, encryption=encryption)
    return ConversionOutcome(record, len({file.path for file in claims.files}))


def _store(
    request: ConversionRequest,
    law: Law,
    claims: FoundClaims,
    earlier: PreparedStore | None,
    hashes: Hashes,
    scratch: Path,
    *,
    encryption: Encryption | None,
) -> StoreRecord:
    assert claims.open is not None
    shard_count = request.shard_count or SHARD_COUNT
    plan = StorePlan(
        folder=request.folder,
        scratch=scratch,
        shard_count=earlier.record.shard_count if earlier else shard_count,
        law=law,
        hashes=hashes,
        make_beneficiaries=MAKE_BENEFICIARIES.get(claims.layout),
        earlier=earlier.earlier if earlier else None,
        findings=claims.findings,
        encryption=encryption,
    )
    return StoreMaking(claims.open(), plan).make()
