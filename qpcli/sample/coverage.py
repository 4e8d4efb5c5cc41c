"""The beneficiaries and attribution tables of a range of people."""

from __future__ import annotations

from datetime import date

import polars as pl

from qpcli.sample.market import MARKET, OUTSIDE, per_place
from qpcli.sample.plan import SamplePlan
from qpcli.sample.randomness import draw, share, spread
from qpcli.sample.situations import spans_frame

_TWO_LISTS_PER_MILLE = 30
_LISTED_LATE, _LEFT_IN_JUNE, _LEFT_IN_OCTOBER = 90, 140, 180
"""Upper ends, in thousandths, of those whose row does not hold the whole year."""

_KEPT_PER_MILLE = 50
"""What an entity that loses its list keeps of its beneficiaries after April 20."""

_EPISODE_DAYS = 120
_WITHOUT_EPISODE_PER_MILLE = 40


def beneficiaries_frame(people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """One row per beneficiary with an enrollment record and coverage span."""
    spans = spans_frame(plan.performance_year)
    return people.join(spans, on="situation", how="inner", maintain_order="left_right")


def attribution_frame(people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """One row per beneficiary on a list: at home, and for a few prospectively at another entity as well."""
    people = people.with_columns(list_spread=spread(plan.seed, "lists", pl.col("position"), 2)).pipe(_with_days, plan)
    at_home = people.filter("is_attributed").pipe(_with_episodes, plan)
    both = pl.concat([at_home, _listed_elsewhere(people)], how="diagonal")
    return both.with_columns(apm_entity_id=_of_place("entity_id", pl.String)).sort("index", "place")


def _with_days(people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """Add the list row of the home."""
    year, spread_over = plan.performance_year, pl.col("list_spread")
    is_lost = _of_place("loses_its_list", pl.Boolean, of="home") & (pl.col("list_rank") >= _KEPT_PER_MILLE)
    is_late = spread_over.is_between(_TWO_LISTS_PER_MILLE, _LISTED_LATE - 1)
    leaves_in_june = spread_over.is_between(_LISTED_LATE, _LEFT_IN_JUNE - 1)
    leaves_in_october = spread_over.is_between(_LEFT_IN_JUNE, _LEFT_IN_OCTOBER - 1)
    return people.with_columns(
        place=pl.col("home"),
        is_prospective=_of_place("is_prospective", pl.Boolean, of="home"),
        start_date=pl.when(is_late & ~is_lost).then(date(year, 4, 1)).otherwise(date(year, 1, 1)),
        end_date=pl.when(is_lost)
        .then(date(year, 4, 20))
        .when(leaves_in_june)
        .then(date(year, 6, 10))
        .when(leaves_in_october)
        .then(date(year, 10, 31)),
    )


def _with_episodes(listed: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """Add the episode of those whose home attributes episodes; a few have none."""
    has_episode = _of_place("is_episode_based", pl.Boolean, of="home") & (
        pl.col("list_spread") >= _WITHOUT_EPISODE_PER_MILLE
    )
    start = pl.date(plan.performance_year, 1, 1) + pl.duration(days=share("episode_draw", 0, 90))
    return (
        listed.with_columns(episode_draw=draw(plan.seed, "episodes", pl.col("index")))
        .with_columns(episode_start_date=pl.when(has_episode).then(start))
        .with_columns(episode_end_date=pl.col("episode_start_date") + pl.duration(days=_EPISODE_DAYS))
    )


def _listed_elsewhere(people: pl.DataFrame) -> pl.DataFrame:
    """The prospective rows of beneficiaries who are at home with another entity."""
    prospective = next(place for place, profile in enumerate(MARKET, start=1) if profile.is_prospective)
    is_elsewhere = (pl.col("home") != OUTSIDE) & (pl.col("home") != prospective)
    return people.filter(is_elsewhere & (pl.col("list_spread") < _TWO_LISTS_PER_MILLE)).with_columns(
        place=pl.lit(prospective, dtype=pl.UInt8),
        is_prospective=pl.lit(True),
        end_date=pl.lit(None, dtype=pl.Date),
    )


def _of_place(attribute: str, dtype: type[pl.DataType], *, of: str = "place") -> pl.Expr:
    outside = "" if dtype is pl.String else False
    return pl.lit(per_place(attribute, outside, dtype)).gather(pl.col(of))
