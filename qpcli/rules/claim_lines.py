"""What a claim line is worth, and from which snapshot on it is seen (42 CFR 414.1425(b), 414.1435(a), 414.1450(b))."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.adjustments import FAMILY
from qpcli.rules.covered_services import (
    RURAL_SETTINGS,
    in_settings,
    is_covered_professional_service,
    is_em_service,
    is_rural_service,
)
from qpcli.rules.lists import Lists
from qpcli.rules.numbering import BLANK_TIN, KEY, UNLISTED_TIN, Numbering, People
from qpcli.rules.snapshots import days_from, run_out_date
from qpcli.terms import Adjustment, Setting

INSTITUTIONAL_SETTINGS = (Setting.CAH_METHOD_II.value, *RURAL_SETTINGS)


@dataclass(frozen=True, slots=True)
class LineContext:
    """What numbering a line needs: the law, the lists, the people of the shard, and where dates matter more closely.

    `episodic_people`: the keys of beneficiaries with an episode; their cells keep the service date.
    """

    law: Law
    lists: Lists
    people: People
    episodic_people: pl.Series

    @property
    def has_episodes(self) -> bool:
        return not self.episodic_people.is_empty()


def lines_in_period(lines: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """Claim lines with a service date from Jan 1 to the newest snapshot."""
    return lines.filter(pl.col("service_date").is_between(law.period.first_day, law.snapshots[-1].date))


def numbered_lines(lines: pl.LazyFrame, context: LineContext) -> pl.LazyFrame:
    """One row per delivered line of a listed clinician in the period: its keys, what it is worth, its family."""
    return (
        lines_in_period(lines, context.law)
        .with_columns(clinician_key=context.lists.numbering.clinician_key)
        .filter(pl.col("clinician_key").is_not_null())
        .with_columns(
            bene_key=context.people.bene_key,
            code_key=context.lists.codes.code_key,
        )
        .with_columns(
            tin_key=tin_key(context.lists.numbering),
            day=stretch_day(context),
            service_snapshot=service_snapshot(context.law),
            amount_cents=amount_cents(),
            is_denied=is_denied(context.law),
            is_cancellation=is_cancellation(),
            is_covered_professional_service=is_covered_professional_service(context.lists.codes),
            is_rural_service=is_rural_service(),
        )
        .with_columns(seen_snapshot=seen_snapshot(context.law), **_em_services(context))
        .select(*FAMILY, *_NUMBERED, *_em_services(context))
    )


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


def _em_services(context: LineContext) -> dict[str, pl.Expr]:
    return {f"is_em_{i}": is_em_service(context.lists.codes, i) for i in range(len(context.lists.codes.em_set_names))}


def tin_key(numbering: Numbering) -> pl.Expr:
    """The key of a listed TIN; an institutional line without one belongs to its NPI's groups."""
    is_blank_institutional = pl.col("tin").is_null() & in_settings(INSTITUTIONAL_SETTINGS)
    otherwise = pl.when(is_blank_institutional).then(pl.lit(BLANK_TIN, KEY)).otherwise(pl.lit(UNLISTED_TIN, KEY))
    return pl.coalesce(numbering.tin_key, otherwise)


def stretch_day(context: LineContext) -> pl.Expr:
    """First day of the stretch of dates in which the line lies, in days from Jan 1.

    No rule can tell two days of a stretch apart: stretches end where some entity's active testing
    starts or ends, and are single days for people with an episode.
    """
    day = days_from(context.law.period.first_day, pl.col("service_date"))
    stretch = pl.lit(0)
    for first_day in context.lists.window_days:
        stretch = pl.when(day >= first_day).then(first_day).otherwise(stretch)
    if context.has_episodes:
        has_episode = pl.col("bene_key").is_in(context.episodic_people.implode())
        stretch = pl.when(has_episode).then(day).otherwise(stretch)
    return stretch.cast(pl.UInt16)


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
