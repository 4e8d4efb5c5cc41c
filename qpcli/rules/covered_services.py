"""Which lines are covered professional services, RHC or FQHC services, E/M services (42 CFR 414.1305, 414.1435)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from qpcli.regulation.code_lists import codes_of
from qpcli.regulation.law import CodeRange, Law
from qpcli.terms import Setting

PHYSICIAN_FEE_SCHEDULE_SETTINGS = (Setting.PROFESSIONAL.value, Setting.CAH_METHOD_II.value)
RURAL_SETTINGS = (Setting.RHC.value, Setting.FQHC.value)


@dataclass(frozen=True, slots=True)
class ServiceCodes:
    """What each HCPCS code means on each service date of the period.

    `frame` has one row per code that some list names. Code lists may change inside the period on
    the days of `change_days`; bit s of a `_stretches` column speaks of the dates after s changes.
    """

    frame: pl.DataFrame
    change_days: tuple[date, ...]
    em_set_names: tuple[str, ...]
    covers_unnamed_codes: bool

    def in_force(self, list_name: str) -> pl.Expr:
        """True when the line's code is on a list on the line's service date."""
        bits = pl.col(f"{list_name}_stretches").fill_null(0)
        by_stretch = [(bits & (1 << s)) != 0 for s in range(len(self.change_days) + 1)]
        answer = by_stretch[0]
        for day, later in zip(self.change_days, by_stretch[1:], strict=True):
            answer = pl.when(pl.col("service_date") >= day).then(later).otherwise(answer)
        return answer


def service_codes(law: Law, em_set_names: Iterable[str]) -> ServiceCodes:
    """Expand the code lists of the law to codes (open points covered_service_codes, em_codes)."""
    names = tuple(em_set_names)
    lists = {f"em_{i}": law.em_code_sets[name] for i, name in enumerate(names)}
    lists["not_covered"] = () if law.covered_codes is not None else law.not_covered_ranges
    change_days = _change_days([r for ranges in lists.values() for r in ranges], law)
    columns = {name: _stretches_by_code(ranges, change_days, law) for name, ranges in lists.items()}
    columns["covered"] = dict.fromkeys(law.covered_codes or (), 2 ** (len(change_days) + 1) - 1)
    frame = _one_row_per_code(columns)
    return ServiceCodes(frame, change_days, names, law.covered_codes is None)


def is_covered_professional_service(codes: ServiceCodes) -> pl.Expr:
    """Paid under or based on the Physician Fee Schedule (414.1305); a blank HCPCS is no service."""
    has_setting = pl.col("setting").is_in(PHYSICIAN_FEE_SCHEDULE_SETTINGS)
    is_covered = ~codes.in_force("not_covered") if codes.covers_unnamed_codes else codes.in_force("covered")
    return has_setting & pl.col("hcpcs").is_not_null() & is_covered


def is_rural_service() -> pl.Expr:
    """An RHC or FQHC service, whatever its HCPCS: counts in the patient count method only (414.1435(b))."""
    return pl.col("setting").is_in(RURAL_SETTINGS)


def is_em_service(codes: ServiceCodes, em_set: int) -> pl.Expr:
    """A covered professional service whose HCPCS is in a set of attribution codes on its date (414.1305)."""
    return pl.col("is_covered_professional_service") & codes.in_force(f"em_{em_set}")


def _change_days(ranges: Iterable[CodeRange], law: Law) -> tuple[date, ...]:
    """Days inside the period on which some code list changes."""
    days = {day for r in ranges for day in (r.first_date, _day_after(r.last_date)) if day is not None}
    return tuple(sorted(day for day in days if law.period.first_day < day <= law.period.last_day))


def _day_after(day: date | None) -> date | None:
    return None if day is None else day + timedelta(days=1)


def _stretches_by_code(ranges: Iterable[CodeRange], change_days: tuple[date, ...], law: Law) -> dict[str, int]:
    stretch_days = (law.period.first_day, *change_days)
    by_code: dict[str, int] = {}
    for r in ranges:
        bits = sum(
            1 << s
            for s, day in enumerate(stretch_days)
            if r.first_date <= day and (r.last_date is None or day <= r.last_date)
        )
        if bits:
            for code in codes_of(r):
                by_code[code] = by_code.get(code, 0) | bits
    return by_code


def _one_row_per_code(columns: Mapping[str, Mapping[str, int]]) -> pl.DataFrame:
    codes = sorted(set().union(*columns.values()))
    data = {f"{name}_stretches": [bits.get(code, 0) for code in codes] for name, bits in columns.items()}
    schema = {name: pl.UInt32() for name in data}
    return pl.DataFrame({"hcpcs": codes, **data}, schema={"hcpcs": pl.String(), **schema})
