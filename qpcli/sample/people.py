"""The beneficiaries of a sample: where they belong, what happens to them, how often they are seen.

They are dealt out in cohorts, so that any range can be made by itself and even a small sample has
its share of everything. Within a cohort a shuffled position decides: a home is a run of positions,
the attributed are the first of each home, and everything else is spread evenly over the positions.
"""

from __future__ import annotations

import polars as pl

from qpcli.sample.identifiers import beneficiary_ids
from qpcli.sample.market import MARKET, OUTSIDE, per_place
from qpcli.sample.plan import SamplePlan
from qpcli.sample.randomness import FIELD, draw, field, has_chance, share, spread
from qpcli.sample.situations import situation_by_per_mille, situations_frame

COHORT_SIZE = 20_000

LINES_PER_HUNDRED_CLAIMS = 201
"""Cancellations, replacements and repeated deliveries included; people without any claim made up for."""

REGULAR_CARE, RURAL_CARE, PROCEDURES_ONLY, CARE_ELSEWHERE, NO_CARE = range(5)
"""What the home's clinicians furnish: RURAL_CARE has only RHC and FQHC services, PROCEDURES_ONLY no visit."""
_CARE_BY_PER_MILLE = pl.Series(
    [RURAL_CARE] * 15 + [PROCEDURES_ONLY] * 25 + [CARE_ELSEWHERE] * 20 + [NO_CARE] * 15 + [REGULAR_CARE] * 925,
    dtype=pl.UInt8,
)

_ACTIVITY = pl.Series([25, 35, 45, 55, 60, 70, 75, 80, 90, 95, 110, 120, 135, 160, 195, 250], dtype=pl.UInt64)
"""How often a beneficiary is seen, in percent of the mean: each value for a sixteenth of them."""

_SEEN_AT_HOME, _ATTRIBUTED_SEEN_AT_HOME = 6000, 6400
"""Of ten thousand claims of a beneficiary, how many are by the home's clinicians."""
_VISITORS = 1000
"""Of ten thousand beneficiaries, how many see another entity's clinicians too."""

NEVER = 100_000
"""The day of death of those who live."""


def people_frame(plan: SamplePlan, first: int, following: int) -> pl.DataFrame:
    """One row per beneficiary with index first..following-1, in order of index."""
    cohorts = range(first // COHORT_SIZE, -(-following // COHORT_SIZE))
    people = pl.concat([_cohort(plan, number * COHORT_SIZE) for number in cohorts])
    people = people.filter(pl.col("index").is_between(first, following - 1))
    return (
        people.with_columns(bene_id=beneficiary_ids(plan.seed, people["index"]))
        .pipe(_with_care, plan)
        .pipe(_with_dates, plan)
        .sort("index")
    )


def _cohort(plan: SamplePlan, first: int) -> pl.DataFrame:
    """One row per beneficiary of a cohort: position, home and whether attributed there."""
    size = min(COHORT_SIZE, plan.beneficiaries - first)
    homes = [place for place, each in enumerate(MARKET, start=1) for _ in range(each.home_per_mille)]
    home_by_per_mille = pl.Series([OUTSIDE] * (1000 - len(homes)) + homes, dtype=pl.UInt8)
    attributed = per_place("attributed_per_mille", 0, pl.UInt64)
    return (
        pl.select(index=pl.int_range(first, first + size, dtype=pl.UInt64))
        .sort(draw(plan.seed, "positions", pl.col("index")), "index")
        .with_columns(position=pl.int_range(size, dtype=pl.UInt64))
        .with_columns(home=pl.lit(home_by_per_mille).gather((pl.col("position") * 1000 + 500) // size))
        .with_columns(home_rank=pl.int_range(pl.len(), dtype=pl.UInt64).over("home"), home_size=pl.len().over("home"))
        .with_columns(list_rank=(pl.col("home_rank") * 1000 + 500) // pl.col("home_size"))
        .with_columns(is_attributed=pl.col("list_rank") < pl.lit(attributed).gather("home"))
    )


def _with_care(people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """Add what care is sought and where: `visits_to` is another place or OUTSIDE, `home_chance` of ten thousand."""
    visited = pl.Series(
        [place for place, each in enumerate(MARKET, 1) for _ in range(each.home_per_mille)], dtype=pl.UInt8
    )
    is_visitor = has_chance(field("care_draw", 0), _VISITORS)
    visits_to = pl.lit(visited).gather(share("care_draw", 1, len(visited)))
    is_away = (pl.col("home") == OUTSIDE) | (pl.col("care") == CARE_ELSEWHERE)
    at_home = pl.when("is_attributed").then(_ATTRIBUTED_SEEN_AT_HOME).otherwise(_SEEN_AT_HOME)
    return (
        people.with_columns(
            care=pl.lit(_CARE_BY_PER_MILLE).gather(spread(plan.seed, "care", pl.col("position"), 1)),
            care_draw=draw(plan.seed, "care", pl.col("index")),
            primary_draw=draw(plan.seed, "primary care clinician", pl.col("index")),
        )
        .with_columns(
            visits_to=pl.when(is_visitor & (visits_to != pl.col("home"))).then(visits_to).otherwise(OUTSIDE),
            prefers_lead=pl.col("is_attributed") & has_chance(field("care_draw", 2), 5000),
            home_chance=pl.when(is_away).then(0).otherwise(at_home).cast(pl.UInt64),
            claim_count=pl.when(pl.col("care") != NO_CARE).then(_claim_count(plan)).otherwise(0).cast(pl.UInt32),
        )
        .drop("care_draw")
    )


def _claim_count(plan: SamplePlan) -> pl.Expr:
    """The expected number in 1/65536, rounded up as often as its fraction says."""
    activity = pl.lit(_ACTIVITY).gather(share("primary_draw", 3, len(_ACTIVITY)))
    expected = activity * (plan.lines_per_beneficiary * FIELD) // LINES_PER_HUNDRED_CLAIMS
    return (expected + field("care_draw", 3)) // FIELD


def _with_dates(people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """Add the situation with dates of birth and death; `death_day` counts from January 1."""
    year = plan.performance_year
    years_old = (
        pl.when("is_child")
        .then(6 + share("life_draw", 0, 10))
        .when(has_chance(field("life_draw", 1), 1500))
        .then(19 + share("life_draw", 0, 46))
        .otherwise(65 + share("life_draw", 0, 30))
    )
    born = pl.date(year - years_old.cast(pl.Int32), 1, 1) + pl.duration(days=share("life_draw", 2, 365))
    died = pl.date(year, 1, 1) + pl.duration(days=31 + share("life_draw", 3, 300))
    return (
        people.with_columns(
            situation=pl.lit(situation_by_per_mille()).gather(spread(plan.seed, "situations", pl.col("position"), 0)),
            life_draw=draw(plan.seed, "lives", pl.col("index")),
        )
        .join(situations_frame(year), on="situation", how="left", maintain_order="left")
        .with_columns(
            birth_date=pl.when("has_birth_date").then(pl.coalesce("fixed_birth_date", born)),
            death_date=pl.when("dies").then(died).otherwise("fixed_death_date"),
        )
        .with_columns(
            death_day=(pl.col("death_date") - pl.date(year, 1, 1)).dt.total_days().fill_null(NEVER).cast(pl.Int64)
        )
    )
