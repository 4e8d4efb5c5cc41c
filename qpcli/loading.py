"""What is known of a run before its claims are scanned: its law, its lists, its files and so its identity."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from qpcli.calculation import CanonicalTables
from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.hashing import hash_files
from qpcli.inputs.reader import Inputs, read_inputs
from qpcli.preparation import ClaimsRead, claims_read
from qpcli.provenance import input_files, input_records
from qpcli.regulation.code_list_files import read_code_set
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law
from qpcli.reports.encryption import Encryption, read_key
from qpcli.reports.run_identity import RunIdentity, identify_run
from qpcli.request import RunRequest
from qpcli.watch import Watcher


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is known before the claims are scanned; `hashes` are of every file that can change a report."""

    request: RunRequest
    law: Law
    inputs: Inputs
    hashes: Mapping[Path, str]
    identity: RunIdentity
    encryption: Encryption | None = None

    @property
    def run_id(self) -> str:
        return self.identity.run_id

    @property
    def paths(self) -> list[Path]:
        """What a report must not touch: every file that is read, the key's too, and a prepared store as a whole."""
        others = (self.inputs.claims.folder, self.request.key_file)
        return [*self.hashes, *(path for path in others if path is not None)]

    @property
    def findings(self) -> tuple[Finding, ...]:
        assumed = () if self.inputs.entities is not None else (finding("entities_assumed_advanced"),)
        return (*self.inputs.findings, *assumed)

    def claims(self, watcher: Watcher) -> AbstractContextManager[ClaimsRead]:
        """The claims, whatever their layout, every line checked; see `claims_read`."""
        return claims_read(self.inputs, self.law, self.hashes, self.request, watcher, self.encryption)

    def tables(self, claims: ClaimsRead) -> CanonicalTables:
        """The claims with the lists, as the calculation takes them."""
        entities, other_payer = self.inputs.entities, self.inputs.other_payer
        return CanonicalTables(
            shards=claims.shards,
            participants=self.inputs.participants.frame,
            entities=None if entities is None else entities.frame,
            attributed_entities=claims.attributed_entities,
            other_payer=None if other_payer is None else other_payer.frame,
        )


def load(request: RunRequest, watcher: Watcher) -> Loaded:
    """Read the lists and hash every file; raises the QP1xx and QP2xx errors."""
    encryption = read_key(request.key_file)
    law = _law(request)
    with watcher.step("Reading lists"):
        inputs = read_inputs(request.inputs, request.reading, law)
        code_sets = _code_set_files(inputs, law)
        law = replace(law, em_code_sets={**law.em_code_sets, **{str(path): read_code_set(path) for path in code_sets}})
    with watcher.step("Hashing inputs"):
        hashes = hash_files(input_files(request, inputs, code_sets))
        records = input_records(request, inputs, hashes, notes=None)
    fingerprint = encryption.fingerprint if encryption else None
    identity = identify_run(request, law, records, key_fingerprint=fingerprint)
    return Loaded(request, law, inputs, hashes, identity, encryption)


def _law(request: RunRequest) -> Law:
    """The law of the request, with no snapshot beyond the newest asked for."""
    asked = request.law
    law = resolve_law(
        performance_year=asked.performance_year,
        law_as_of=asked.law_as_of,
        assumptions=asked.assumptions,
        em_codes=asked.em_codes,
        pfs_codes=asked.pfs_codes,
    )
    return replace(law, snapshots=law.snapshots[: request.last_snapshot])


def _code_set_files(inputs: Inputs, law: Law) -> list[Path]:
    """Files of codes that entities name in place of a known set (em_code_set)."""
    if inputs.entities is None:
        return []
    named = inputs.entities.frame.get_column("em_code_set").drop_nulls().unique().sort().to_list()
    files = [Path(name) for name in named if name not in law.em_code_sets]
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise InputError("QP215", f"entities: em_code_set names neither a known set nor a file: {', '.join(missing)}.")
    return files
