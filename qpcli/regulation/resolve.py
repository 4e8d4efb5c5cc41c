"""Resolves the law of one performance year as of one day, with what a run assumes where the law is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qpcli.regulation.code_list_files import read_code_set, read_covered_codes
from qpcli.regulation.code_lists import DEFAULT_SET, CodeLists, load_code_lists
from qpcli.regulation.data_files import DATA, Row, read_toml
from qpcli.regulation.dated_rules import load_histories
from qpcli.regulation.law import CodeRange, Law, LawEntry
from qpcli.regulation.open_points import NOTHING, assume, load_open_points, with_years


@dataclass(frozen=True, slots=True)
class CodesInUse:
    """The code lists of one run: the shipped ones, or what a user's file puts in their place."""

    em_code_sets: Mapping[str, tuple[CodeRange, ...]]
    not_covered_ranges: tuple[CodeRange, ...]
    covered_codes: frozenset[str] | None
    entries: tuple[LawEntry, ...]


def resolve_law(
    *,
    performance_year: int,
    law_as_of: date | None = None,
    assumptions: Mapping[str, str] = NOTHING,
    em_codes: Path | None = None,
    pfs_codes: Path | None = None,
) -> Law:
    """The law of a year as of a day; None is the day of the newest publication in the data, never today.

    `em_codes` replaces the default set of E/M codes, `pfs_codes` (a Physician Fee Schedule relative
    value file) the ranges that are not covered. Errors: QP105 unsupported year, QP106 day before the
    first publication, QP107 and QP108 assumptions, QP104 an assumption against an option, QP215 a
    code file that cannot be used, QP502 data that contradict themselves.
    """
    histories = load_histories()
    calendar = histories.periods.calendar(performance_year)
    as_of = histories.newest if law_as_of is None else law_as_of
    rules = histories.governing(performance_year, as_of)
    assessments = histories.individual_assessments(as_of)
    open_points = assume(load_open_points(), assumptions, _set_by_files(em_codes, pfs_codes))
    codes = _codes_in_use(load_code_lists(), em_codes, pfs_codes)
    return Law(
        performance_year=performance_year,
        payment_year=calendar.payment_year,
        law_as_of=as_of,
        data_version=data_version(),
        period=calendar.period,
        snapshots=calendar.snapshots,
        december_list_date=calendar.december_list_date,
        thresholds=rules.thresholds.value,
        all_payer=None if rules.all_payer is None else rules.all_payer.value,
        minimum_testing_days=calendar.minimum_testing_days,
        minimum_age_years=calendar.minimum_age_years,
        termination_deadline=calendar.termination_deadline,
        bases=rules.service_bases.value,
        individual_assessment=rules.individual_assessment.value,
        has_exclusive_attribution=rules.exclusive_attribution.value,
        em_code_sets=codes.em_code_sets,
        not_covered_ranges=codes.not_covered_ranges,
        covered_codes=codes.covered_codes,
        open_points={name: with_years(point, assessments) for name, point in open_points.items()},
        entries=(*rules.entries, *calendar.entries, *codes.entries),
    )


def data_version() -> str:
    """The edition of the regulation data, as YYYY-MM-DD."""
    return Row("version.toml", read_toml(DATA, "version.toml")).text("data_version")


def _set_by_files(em_codes: Path | None, pfs_codes: Path | None) -> dict[str, str]:
    files = {"em_codes": ("file", em_codes), "covered_service_codes": ("pfs_file", pfs_codes)}
    return {name: value for name, (value, path) in files.items() if path is not None}


def _codes_in_use(lists: CodeLists, em_codes: Path | None, pfs_codes: Path | None) -> CodesInUse:
    em_sets = dict(lists.em_code_sets)
    if em_codes is not None:
        em_sets[DEFAULT_SET] = read_code_set(em_codes)
    used = {"pfs_statuses" if pfs_codes is not None else "covered_service_exclusions"}
    if em_codes is None:
        used.add("em_services")
    return CodesInUse(
        em_code_sets=em_sets,
        not_covered_ranges=lists.not_covered_ranges if pfs_codes is None else (),
        covered_codes=None if pfs_codes is None else read_covered_codes(pfs_codes, lists.pfs_statuses),
        entries=tuple(entry for name, entry in lists.sources.items() if name in used),
    )
