"""What differs between the inputs and the law of two runs, as their manifests tell."""

from __future__ import annotations

from dataclasses import dataclass

from qpcli.reports.manifest import Manifest

_ROSTER = frozenset({"participants", "entities"})
_CLAIMS = frozenset({"claim_lines", "beneficiaries"})
_ATTRIBUTION = frozenset({"attribution"})
_OTHER_PAYERS = frozenset({"other_payer"})
_RUN_OUT_POINTS = frozenset({"claims_run_out_days", "run_out_date"})
_PERIOD_OPTIONS = ("last_snapshot",)


@dataclass(frozen=True, slots=True)
class ChangedInputs:
    """Tables of which other files were read, assumptions with another value, and whether the law is another.

    `program`: another version of qpcli, of its schema or of its regulation data.
    """

    tables: frozenset[str]
    points: frozenset[str]
    is_law: bool
    is_program: bool
    is_period: bool

    @property
    def may_move_roster(self) -> bool:
        return bool(self.tables & _ROSTER)

    @property
    def may_move_timing(self) -> bool:
        return bool(self.tables & _CLAIMS or self.points & _RUN_OUT_POINTS) or self.is_period

    @property
    def may_move_attribution(self) -> bool:
        return bool(self.tables & _ATTRIBUTION)

    @property
    def may_move_all_payer(self) -> bool:
        return bool(self.tables & _OTHER_PAYERS)

    @property
    def may_move_rules(self) -> bool:
        return self.is_law or self.is_program or bool(self.points - _RUN_OUT_POINTS)

    def words(self) -> list[str]:
        """What differs, for people."""
        told = [f"other {table} files" for table in sorted(self.tables)]
        told += [f"assumption {point}" for point in sorted(self.points)]
        told += ["another performance year, law or code list"] if self.is_law else []
        told += ["another number of snapshots"] if self.is_period else []
        return told + (["another version of qpcli or of its regulation data"] if self.is_program else [])


def changed_inputs(first: Manifest, second: Manifest) -> ChangedInputs:
    """Compares what two manifests say went in."""
    hashes = [_hashes(manifest) for manifest in (first, second)]
    points = [{point.name: point.value for point in manifest.open_points} for manifest in (first, second)]
    return ChangedInputs(
        tables=frozenset(name for name in {*hashes[0], *hashes[1]} if hashes[0].get(name) != hashes[1].get(name)),
        points=frozenset(name for name in {*points[0], *points[1]} if points[0].get(name) != points[1].get(name)),
        is_law=_law(first) != _law(second),
        is_program=(first.versions.qpcli, first.versions.schema, first.law_data_version)
        != (second.versions.qpcli, second.versions.schema, second.law_data_version),
        is_period=any(first.options.get(name) != second.options.get(name) for name in _PERIOD_OPTIONS),
    )


def _hashes(manifest: Manifest) -> dict[str, list[str]]:
    """The hashes of the files of each table, whatever their names and order."""
    found: dict[str, list[str]] = {}
    for record in manifest.inputs:
        found.setdefault(record.table, []).append(record.sha256)
    return {table: sorted(set(hashes)) for table, hashes in found.items()}


def _law(manifest: Manifest) -> tuple[object, ...]:
    entries = sorted((entry.rule, entry.value) for entry in manifest.law_entries)
    return manifest.performance_year, manifest.law_as_of, entries
