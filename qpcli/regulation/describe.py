"""A resolved law, laid out for printing: snapshots with the end of run-out, and where each code list is from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qpcli.regulation.incentive import Incentive, resolve_incentive
from qpcli.regulation.law import CodeRange, Law, LawEntry, OpenPoint
from qpcli.regulation.mips import MipsWeights, PartialQpElection, load_mips
from qpcli.terms import Snapshot


@dataclass(frozen=True, slots=True)
class SnapshotDates:
    """One row per snapshot, with the last day on which claims are processed in time."""

    snapshot: Snapshot
    run_out_ends: date


@dataclass(frozen=True, slots=True)
class CodeListInUse:
    """One row per code list in use; a user's own list has no source, a list of single codes no ranges."""

    name: str
    ranges: tuple[CodeRange, ...]
    codes: frozenset[str]
    source: LawEntry | None


@dataclass(frozen=True, slots=True)
class LawDescription:
    """What `qpcli rules` shows of one performance year; `mips_weights` is empty where the data hold none."""

    law: Law
    snapshots: tuple[SnapshotDates, ...]
    code_lists: tuple[CodeListInUse, ...]
    incentive: Incentive
    elections: tuple[PartialQpElection, ...]
    mips_weights: tuple[MipsWeights, ...]
    open_points: tuple[OpenPoint, ...]
    open_points_without_effect: tuple[OpenPoint, ...]


def describe(law: Law) -> LawDescription:
    """The law with what follows from it; open points that have no effect in the year stand apart."""
    points = law.open_points.values()
    year, mips = law.performance_year, load_mips()
    return LawDescription(
        law=law,
        snapshots=tuple(SnapshotDates(snapshot, law.run_out_ends(snapshot)) for snapshot in law.snapshots),
        code_lists=(*_em_lists(law), _covered_list(law)),
        incentive=resolve_incentive(law.payment_year, law.law_as_of),
        elections=mips.elections,
        mips_weights=mips.weights_of(law.payment_year),
        open_points=tuple(point for point in points if point.has_effect_in(year)),
        open_points_without_effect=tuple(point for point in points if not point.has_effect_in(year)),
    )


def _em_lists(law: Law) -> tuple[CodeListInUse, ...]:
    source = _source(law, "em_services")
    return tuple(
        CodeListInUse(f"em_services: {name}", ranges, frozenset(), source) for name, ranges in law.em_code_sets.items()
    )


def _covered_list(law: Law) -> CodeListInUse:
    if law.covered_codes is None:
        source = _source(law, "covered_service_exclusions")
        return CodeListInUse("covered_service_exclusions", law.not_covered_ranges, frozenset(), source)
    return CodeListInUse("covered_services", (), law.covered_codes, _source(law, "pfs_statuses"))


def _source(law: Law, rule: str) -> LawEntry | None:
    return next((entry for entry in law.entries if entry.rule == rule), None)
