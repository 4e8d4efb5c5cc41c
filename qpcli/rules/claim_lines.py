"""What a claim line is worth, and from which snapshot on it is seen (42 CFR 414.1425(b), 414.1435(a), 414.1450(b))."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.adjustments import FAMILY
from qpcli.rules.covered_services import (
    RURAL_SETTINGS,
    ServiceCodes,
    in_settings,
    is_covered_professional_service,
    is_em_service,
    is_rural_service,
)
from qpcli.rules.lists import Lists
from qpcli.rules.numbering import BLANK_TIN, KEY, UNLISTED_TIN, People, with_bene_key
from qpcli.rules.snapshots import days_from, run_out_date
from qpcli.terms import Adjustment, Setting

INSTITUTIONAL_SETTINGS = (Setting.CAH_METHOD_II.value, *RURAL_SETTINGS)


@dataclass(frozen=True, slots=True)
class LineContext:
    """What numbering a line needs: the law, the lists, the people of the shard, and where dates matter more closely.

    `episodic_people`: the keys of beneficiaries with an episode; their cells keep the service date.
    `keeps_dates`: the cells of everybody keep it.
    """

    law: Law
    lists: Lists
    people: People
    episodic_people: pl.Series
    keeps_dates: bool = False

    @property
    def has_episodes(self) -> bool:
        return not self.episodic_people.is_empty()


def lines_in_period(lines: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """Claim lines with a service date from Jan 1 to the newest snapshot."""
    return lines.filter(pl.col("service_date").is_between(law.period.first_day, law.snapshots[-1].date))


@dataclass(frozen=True, slots=True)
class CodedLines:
    """Claim lines that have texts as numbers, and what the numbers stand for: one row per number, in its order.

    `lines` have `person`, `biller`, `service`, the dates and what a line is worth (`amount_cents`); those that have
    versions are marked (`has_versions`) and come as texts too. `people` have the bene_id, `billers` npi and tin,
    `services` hcpcs, setting, adjustment and is_denied.
    """

    lines: pl.LazyFrame
    people: pl.LazyFrame
    billers: pl.LazyFrame
    services: pl.LazyFrame


def numbered_lines(lines: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """One row per delivered line of a listed clinician in the period: its keys, what it is worth, its family."""
    listed = with_biller(lines_in_period(lines, context.law), context).filter(pl.col("clinician_key").is_not_null())
    of_people = _with_episode(with_bene_key(listed, context.people), context)
    known = with_service(of_people, context).with_columns(amount_cents=amount_cents())
    return dated(known, context).select(*FAMILY, *numbered_columns(context))


def people_of_listed(lines: pl.LazyFrame, lists: Lists, law: Law) -> pl.LazyFrame:
    """The bene_id of the lines in the period of clinicians whose cells are made."""
    numbering = lists.numbering if lists.everybody is None else lists.everybody
    listed = lines_in_period(lines, law).filter(numbering.clinician_key.is_not_null())
    return listed.select("bene_id")


_NUMBERED = (
    "clinician_key",
    "tin_key",
    "bene_key",
    "day",
    "service_snapshot",
    "seen_snapshot",
    "amount_cents",
    "is_denied",
    "is_cancellation",
    "is_covered_professional_service",
    "is_rural_service",
)


def numbered_columns(context: LineContext) -> tuple[str, ...]:
    """The columns that numbering gives a line."""
    return *_NUMBERED, *(f"is_em_{i}" for i in range(len(context.lists.codes.em_set_names)))


def with_biller(lines: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """Adds the keys of the NPI, null where no list names it, and of the TIN; `dated` asks the setting of blank ones."""
    numbering = context.lists.numbering
    other = pl.when(pl.col("tin").is_null()).then(pl.lit(BLANK_TIN, KEY)).otherwise(pl.lit(UNLISTED_TIN, KEY))
    return lines.with_columns(clinician_key=numbering.clinician_key, tin_key=pl.coalesce(numbering.tin_key, other))


def with_person(lines: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """Adds the key of the beneficiary, and whether he or she has an episode; rows keep their order."""
    return _with_episode(lines.with_columns(bene_key=context.people.bene_key), context)


def _with_episode(keyed: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    return keyed.with_columns(has_episode=pl.col("bene_key").is_in(context.episodic_people.implode()))


def with_service(lines: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """Adds what hcpcs, setting, adjustment and is_denied say of a line, some of it by stretch of dates."""
    codes = context.lists.codes
    return (
        lines.with_columns(code_key=codes.code_key)
        .with_columns(
            is_denied=is_denied(context.law),
            is_cancellation=is_cancellation(),
            is_institutional=in_settings(INSTITUTIONAL_SETTINGS),
            is_rural_service=is_rural_service(),
            **codes.by_stretch("is_covered_professional_service", partial(is_covered_professional_service, codes)),
        )
        .with_columns(**_em_services(codes))
        .drop("code_key")
    )


def _em_services(codes: ServiceCodes) -> dict[str, pl.Expr]:
    sets = range(len(codes.em_set_names))
    by_set = [codes.by_stretch(f"is_em_{i}", partial(is_em_service, codes, i)) for i in sets]
    return {name: is_em for one in by_set for name, is_em in one.items()}


def dated(known: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """Adds what depends on the dates of a line too, once its biller, person and service are known."""
    codes, law = context.lists.codes, context.law
    facts = [name for name in numbered_columns(context) if name.startswith(("is_covered", "is_em"))]
    return known.with_columns(
        tin_key=tin_key(),
        day=stretch_day(context),
        service_snapshot=service_snapshot(law),
        **{name: codes.on_service_date(name) for name in facts},
    ).with_columns(seen_snapshot=seen_snapshot(law))


def tin_key() -> pl.Expr:
    """The key of a listed TIN; an institutional line without one belongs to its NPI's groups."""
    is_missing = (pl.col("tin_key") == BLANK_TIN) & ~pl.col("is_institutional")
    return pl.when(is_missing).then(pl.lit(UNLISTED_TIN, KEY)).otherwise("tin_key")


def stretch_day(context: LineContext) -> pl.Expr:
    """First day of the stretch of dates in which the line lies, in days from Jan 1.

    No rule can tell two days of a stretch apart: stretches end where some entity's active testing
    starts or ends, and are single days for people with an episode.
    """
    day = days_from(context.law.period.first_day, pl.col("service_date"))
    if context.keeps_dates:
        return day.cast(pl.UInt16)
    stretch = stretch_of(day, context.lists.window_days)
    if context.has_episodes:
        stretch = pl.when("has_episode").then(day).otherwise(stretch)
    return stretch.cast(pl.UInt16)


def stretch_of(day: pl.Expr, first_days: Iterable[int]) -> pl.Expr:
    """The newest of some days, in rising order, that is not after `day`; 0 before the first."""
    stretch = pl.lit(0)
    for first_day in first_days:
        stretch = pl.when(day >= first_day).then(first_day).otherwise(stretch)
    return stretch


def service_snapshot(law: Law) -> pl.Expr:
    """Number of the first snapshot that covers the service date (414.1425(b)(1))."""
    return _first_not_before("service_date", [snapshot.date for snapshot in law.snapshots[:-1]])


def seen_snapshot(law: Law) -> pl.Expr:
    """Number of the first snapshot that covers the service date and whose run-out covers the processing date.

    One more than the newest snapshot when none does. A line without a processing date passes the run-out test.
    """
    processed = _first_not_before("processed_date", [run_out_date(law, snapshot) for snapshot in law.snapshots])
    return pl.max_horizontal("service_snapshot", processed.fill_null(1))


def _first_not_before(column: str, limits: list[date]) -> pl.Expr:
    number = pl.lit(1, pl.UInt8)
    for limit in limits:
        number = number + (pl.col(column) > limit).cast(pl.UInt8)
    return number


def amount_cents() -> pl.Expr:
    """Paid, plus withheld by a cash-flow mechanism, less adjustments and bonuses, in cents (414.1450(b)(4)-(8)).

    Originals and replacements count +1, cancellations -1 with the absolute value of each amount.
    """
    paid, withheld, excluded = pl.col("paid_cents"), pl.col("withheld_cents"), pl.col("excluded_cents")
    cancelled = -(paid.abs() + withheld.abs() - excluded.abs())
    return pl.when(is_cancellation()).then(cancelled).otherwise(paid + withheld - excluded)


def is_cancellation() -> pl.Expr:
    return pl.col("adjustment") == Adjustment.CANCELLATION.value


def is_denied(law: Law) -> pl.Expr:
    """Denied rows never count (open point denied_lines)."""
    return pl.lit(False) if law.assumed("denied_lines") == "count" else pl.col("is_denied")
