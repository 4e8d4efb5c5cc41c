"""The claims of a range of people: who saw whom, where and when. One row per claim."""

from __future__ import annotations

import polars as pl

from qpcli.sample.clinicians import LEAD_EVERY, Roster
from qpcli.sample.market import OUTSIDE, per_place
from qpcli.sample.people import PROCEDURES_ONLY, RURAL_CARE
from qpcli.sample.plan import SamplePlan
from qpcli.sample.randomness import below, draw, field, has_chance, share

CLAIMS_PER_BENEFICIARY = 1 << 16
"""Room for claim numbers; the most lines per beneficiary stay well below."""

PROFESSIONAL, CAH, RHC, FQHC, OTHER_SETTING = range(5)
_VISITED_SHARE, _OFF_LIST = 1500, 400
_AT_SPECIALIST, _VISITOR_AT_SPECIALIST = 4000, 6000
_EM_AT_PRIMARY_CARE, _EM_AT_SPECIALIST = 8000, 5000
"""Chances of ten thousand: of a claim at the place visited, under a TIN that is not listed, and so on."""
_EARLY, _EARLY_DAYS = 9400, 80
"""Most beneficiaries see their home's primary care clinician once in the first weeks of the year."""
_DAYS_BEFORE, _DAYS_IN_ALL = 4, 369
"""Service dates begin some days before the year and go through its end."""

_LINE_COUNTS = pl.Series([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 6], dtype=pl.UInt8)

_CANCELLED_BELOW, _REPLACED_BELOW = 35, 100
"""Upper ends, of ten thousand claims, of those cancelled for good and those cancelled and replaced."""
_ORPHAN_EVERY = 150
"""Of so many beneficiaries, one has a claim of which only the cancellation is delivered."""
KEPT, CANCELLED, REPLACED, ORPHAN = range(4)
"""What becomes of a claim; an orphan is a cancellation whose original was never delivered."""

_OF_PEOPLE = (
    "index",
    "bene_id",
    "position",
    "home",
    "care",
    "visits_to",
    "prefers_lead",
    "home_chance",
    "primary_draw",
    "death_day",
)


def claims_frame(people: pl.DataFrame, plan: SamplePlan, everybody: Roster) -> pl.DataFrame:
    """One row per claim, in order of beneficiary and claim."""
    return (
        people.filter(pl.col("claim_count") > 0)
        .select(*_OF_PEOPLE, visit=pl.int_ranges("claim_count", dtype=pl.UInt64))
        .explode("visit")
        .with_columns(claim=pl.col("index") * CLAIMS_PER_BENEFICIARY + pl.col("visit"))
        .with_columns(
            place_draw=draw(plan.seed, "places", pl.col("claim")),
            kind_draw=draw(plan.seed, "kinds of claims", pl.col("claim")),
            day_draw=draw(plan.seed, "days", pl.col("claim")),
        )
        .pipe(_with_place)
        .pipe(_with_post, everybody)
        .pipe(_with_dates, plan)
        .pipe(_with_fate)
        .drop("place_draw", "kind_draw", "day_draw")
    )


def _with_place(claims: pl.DataFrame) -> pl.DataFrame:
    """Add the place: the first claim is at home and a visitor's second away; most others are at home."""
    is_first_at_home = (pl.col("visit") == 0) & (pl.col("home_chance") > 0)
    is_home = is_first_at_home | has_chance(field("place_draw", 0), pl.col("home_chance"))
    is_away = (pl.col("visits_to") != OUTSIDE) & (
        (pl.col("visit") == 1) | has_chance(field("place_draw", 0), pl.col("home_chance") + _VISITED_SHARE)
    )
    return (
        claims.with_columns(is_first_at_home=is_first_at_home)
        .with_columns(
            place=pl.when(is_away & ((pl.col("visit") == 1) | ~is_home))
            .then("visits_to")
            .when(is_home)
            .then("home")
            .otherwise(pl.lit(OUTSIDE, dtype=pl.UInt8))
        )
        .with_columns(is_at_home=(pl.col("place") == pl.col("home")) & (pl.col("home") != OUTSIDE))
        .with_columns(setting=_setting())
    )


def _setting() -> pl.Expr:
    bits, is_rural = field("kind_draw", 0), pl.col("is_at_home") & (pl.col("care") == RURAL_CARE)
    return (
        pl.when(is_rural & has_chance(bits, 5000))
        .then(RHC)
        .when(is_rural)
        .then(FQHC)
        .when("is_first_at_home")
        .then(PROFESSIONAL)
        .when(has_chance(bits, 220))
        .then(RHC)
        .when(has_chance(bits, 400))
        .then(FQHC)
        .when(has_chance(bits, 550))
        .then(CAH)
        .when(has_chance(bits, 600))
        .then(OTHER_SETTING)
        .otherwise(PROFESSIONAL)
        .cast(pl.UInt8)
    )


def _with_post(claims: pl.DataFrame, everybody: Roster) -> pl.DataFrame:
    """Add who billed, and how likely the claim's first line is a visit."""
    specialist_chance = pl.when("is_at_home").then(_AT_SPECIALIST).otherwise(_VISITOR_AT_SPECIALIST)
    no_visits = pl.col("is_at_home") & (pl.col("care") == PROCEDURES_ONLY)
    return (
        claims.with_columns(
            is_specialist=~pl.col("is_first_at_home") & has_chance(field("place_draw", 1), specialist_chance)
        )
        .with_columns(post=pl.when("is_specialist").then(_specialist(everybody)).otherwise(_primary_care(everybody)))
        .with_columns(
            is_off_list=(pl.col("place") != OUTSIDE)
            & ~pl.col("is_first_at_home")
            & has_chance(field("place_draw", 2), _OFF_LIST),
            is_capitated=pl.lit(per_place("is_capitated", False, pl.Boolean)).gather("place"),
            visit_chance=pl.when(no_visits)
            .then(0)
            .when("is_first_at_home")
            .then(10_000)
            .when("is_specialist")
            .then(_EM_AT_SPECIALIST)
            .otherwise(_EM_AT_PRIMARY_CARE)
            .cast(pl.UInt64),
        )
    )


def _specialist(everybody: Roster) -> pl.Expr:
    """Any specialist of the place."""
    count = pl.lit(everybody.specialist_count).gather("place")
    return pl.lit(everybody.specialist_start).gather("place") + field("place_draw", 3) * count // (1 << 16)


def _primary_care(everybody: Roster) -> pl.Expr:
    """Always the same one for a beneficiary, and a lead for those who prefer one."""
    number = below("primary_draw", pl.lit(everybody.primary_count).gather("place"))
    chosen = pl.when("prefers_lead").then(number - number % LEAD_EVERY).otherwise(number)
    return pl.lit(everybody.primary_start).gather("place") + chosen


def _with_dates(claims: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """Add the days of service and of processing; nobody is served after death."""
    new_year = pl.date(plan.performance_year, 1, 1)
    any_day = share("day_draw", 0, _DAYS_IN_ALL).cast(pl.Int64) - _DAYS_BEFORE
    is_early = pl.col("is_first_at_home") & has_chance(field("day_draw", 1), _EARLY)
    day = pl.when(is_early).then(share("day_draw", 0, _EARLY_DAYS).cast(pl.Int64)).otherwise(any_day)
    return (
        claims.with_columns(day=day)
        .with_columns(
            day=pl.when(pl.col("day") > pl.col("death_day"))
            .then(pl.col("day") % (pl.col("death_day") + 1))
            .otherwise("day")
        )
        .with_columns(service_date=new_year + pl.duration(days="day"))
        .with_columns(processed_date=pl.col("service_date") + pl.duration(days=_lag_days()))
    )


def _lag_days() -> pl.Expr:
    """Days from service to processing: mostly 14 to 40, for some more than 60."""
    bits = field("day_draw", 2)
    return (
        pl.when(has_chance(field("day_draw", 3), 500))
        .then(61 + bits * bits // (1 << 16) * 200 // (1 << 16))
        .when(has_chance(field("day_draw", 3), 1200))
        .then(41 + bits * 20 // (1 << 16))
        .otherwise(14 + bits * bits // (1 << 16) * 27 // (1 << 16))
    )


def _with_fate(claims: pl.DataFrame) -> pl.DataFrame:
    """Add what becomes of the claim, and how many lines it has."""
    is_orphan = (pl.col("visit") == 1) & (pl.col("position") % _ORPHAN_EVERY == _ORPHAN_EVERY // 2)
    return claims.with_columns(
        fate=pl.when(is_orphan)
        .then(ORPHAN)
        .when(has_chance(field("kind_draw", 1), _CANCELLED_BELOW))
        .then(CANCELLED)
        .when(has_chance(field("kind_draw", 1), _REPLACED_BELOW))
        .then(REPLACED)
        .otherwise(KEPT)
        .cast(pl.UInt8),
        fate_days=10 + share("kind_draw", 2, 150),
        line_count=pl.lit(_LINE_COUNTS).gather(share("kind_draw", 3, len(_LINE_COUNTS))),
    )
