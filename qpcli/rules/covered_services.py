"""Which lines are covered professional services, RHC or FQHC services, E/M services (42 CFR 414.1305, 414.1435)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from qpcli.regulation.code_lists import codes_of
from qpcli.regulation.law import CodeRange, Law
from qpcli.rules.numbering import key_in
from qpcli.rules.snapshots import any_of
from qpcli.terms import Setting

PHYSICIAN_FEE_SCHEDULE_SETTINGS = (Setting.PROFESSIONAL.value, Setting.CAH_METHOD_II.value)
RURAL_SETTINGS = (Setting.RHC.value, Setting.FQHC.value)


@dataclass(frozen=True, slots=True)
class ServiceCodes:
    """What each HCPCS code means on each service date of the period.

    `code_key` is the place of a line's HCPCS among the codes that some list names, in an order in which codes of
    equal meaning are neighbours. `meanings` has one row per such run, from `first_key` to `last_key`. Code lists may
    change inside the period on the days of `change_days`; bit s of a column `..._stretches` speaks of the dates after
    s changes.
    """

    code_key: pl.Expr
    meanings: pl.DataFrame
    change_days: tuple[date, ...]
    em_set_names: tuple[str, ...]
    covers_unnamed_codes: bool

    def by_stretch(self, name: str, fact: Callable[[int], pl.Expr]) -> dict[str, pl.Expr]:
        """A fact of a service on the dates of each stretch, by the name of its column."""
        return {f"{name}_{stretch}": fact(stretch) for stretch in range(len(self.change_days) + 1)}

    def on_service_date(self, name: str) -> pl.Expr:
        """A fact by stretch, on the line's service date."""
        answer = pl.col(f"{name}_0")
        for stretch, day in enumerate(self.change_days, start=1):
            answer = pl.when(pl.col("service_date") >= day).then(f"{name}_{stretch}").otherwise(answer)
        return answer

    def is_on(self, list_name: str, stretch: int) -> pl.Expr:
        """True when the code is on a list on the dates of a stretch."""
        is_on = pl.col(f"{list_name}_stretches") & (1 << stretch) != 0
        runs = self.meanings.filter(is_on).select("first_key", "last_key").rows()
        return any_of([pl.col("code_key").is_between(first, last) for first, last in runs]).fill_null(False)


def service_codes(law: Law, em_set_names: Iterable[str]) -> ServiceCodes:
    """Expand the code lists of the law to codes (open points covered_service_codes, em_codes)."""
    names = tuple(em_set_names)
    lists = {f"em_{i}": law.em_code_sets[name] for i, name in enumerate(names)}
    lists["not_covered"] = () if law.covered_codes is not None else law.not_covered_ranges
    change_days = _change_days([r for ranges in lists.values() for r in ranges], law)
    named = [_in_force(name, ranges, change_days, law) for name, ranges in lists.items()]
    named.append(_always("covered", law.covered_codes or (), change_days))
    columns = [f"{name}_stretches" for name in (*lists, "covered")]
    meaning = _one_row_per_code(named, columns)
    meanings = meaning.group_by(columns, maintain_order=True).agg(
        first_key=pl.col("code_key").first(), last_key=pl.col("code_key").last()
    )
    code_key = key_in(meaning.get_column("hcpcs"))
    return ServiceCodes(code_key, meanings, change_days, names, law.covered_codes is None)


def in_settings(settings: Sequence[str]) -> pl.Expr:
    """Whether the line was paid in one of a few settings: comparing is faster than looking up."""
    return any_of([pl.col("setting") == setting for setting in settings])


def is_covered_professional_service(codes: ServiceCodes, stretch: int) -> pl.Expr:
    """Paid under or based on the Physician Fee Schedule (414.1305); a blank HCPCS is no service."""
    has_setting = in_settings(PHYSICIAN_FEE_SCHEDULE_SETTINGS)
    covers_unnamed = codes.covers_unnamed_codes
    is_covered = ~codes.is_on("not_covered", stretch) if covers_unnamed else codes.is_on("covered", stretch)
    return has_setting & pl.col("hcpcs").is_not_null() & is_covered


def is_rural_service() -> pl.Expr:
    """An RHC or FQHC service, whatever its HCPCS: counts in the patient count method only (414.1435(b))."""
    return in_settings(RURAL_SETTINGS)


def is_em_service(codes: ServiceCodes, em_set: int, stretch: int) -> pl.Expr:
    """A covered professional service whose HCPCS is in a set of attribution codes on its date (414.1305)."""
    return pl.col(f"is_covered_professional_service_{stretch}") & codes.is_on(f"em_{em_set}", stretch)


def _change_days(ranges: Iterable[CodeRange], law: Law) -> tuple[date, ...]:
    """Days inside the period on which some code list changes."""
    days = {day for r in ranges for day in (r.first_date, _day_after(r.last_date)) if day is not None}
    return tuple(sorted(day for day in days if law.period.first_day < day <= law.period.last_day))


def _day_after(day: date | None) -> date | None:
    return None if day is None else day + timedelta(days=1)


def _in_force(name: str, ranges: Iterable[CodeRange], change_days: tuple[date, ...], law: Law) -> pl.DataFrame:
    """One row per range and code, with the stretches of dates in which the range is in force; none out of force."""
    days = (law.period.first_day, *change_days)
    spelled = [(list(codes_of(codes)), bits) for codes in ranges if (bits := _stretches(codes, days))]
    return _listed(name, [code for codes, _ in spelled for code in codes], [b for codes, b in spelled for _ in codes])


def _stretches(codes: CodeRange, first_days: Sequence[date]) -> int:
    """A bit for each stretch of dates, by its first day, in which a range is in force."""
    ends = codes.last_date or date.max
    return sum(1 << s for s, day in enumerate(first_days) if codes.first_date <= day <= ends)


def _always(name: str, codes: Iterable[str], change_days: tuple[date, ...]) -> pl.DataFrame:
    listed = list(codes)
    return _listed(name, listed, [2 ** (len(change_days) + 1) - 1] * len(listed))


def _listed(name: str, codes: Sequence[str], bits: Sequence[int]) -> pl.DataFrame:
    columns: dict[str, pl.DataType] = {"hcpcs": pl.String(), f"{name}_stretches": pl.UInt32()}
    return pl.DataFrame([codes, bits], columns, orient="col")


def _one_row_per_code(named: Sequence[pl.DataFrame], columns: Sequence[str]) -> pl.DataFrame:
    """Codes with the stretches in which each list names them, codes of equal meaning together."""
    rows = pl.concat([*named, pl.DataFrame(schema=dict.fromkeys(columns, pl.UInt32()))], how="diagonal")
    listed = rows.with_columns(pl.col(columns).fill_null(0)).select("hcpcs", *columns)
    # Nearly every code stands on one list only, and grouping them all would take most of the time.
    is_repeated = listed.get_column("hcpcs").is_duplicated()
    together = listed.filter(is_repeated).group_by("hcpcs").agg(pl.col(columns).bitwise_or())
    return pl.concat([listed.filter(~is_repeated), together]).sort(columns).with_row_index("code_key")
