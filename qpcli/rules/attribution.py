"""Attributed beneficiaries, episodes and exclusive prospective attribution (42 CFR 414.1305, 414.1435(c))."""

from __future__ import annotations

from datetime import date

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.attribution_eligibility import CRITERIA
from qpcli.rules.participation import on_list
from qpcli.rules.snapshots import at, days_from, each
from qpcli.terms import Snapshot


def list_date(law: Law, snapshot: Snapshot) -> date:
    """The day whose attribution list a snapshot uses (open point attribution_list_date)."""
    return law.snapshots[-1].date if law.assumed("attribution_list_date") == "latest" else snapshot.date


def attributed_people(attribution: pl.LazyFrame, entities: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per APM Entity and beneficiary on its list in force at some snapshot; not for episode-based entities."""
    not_episodic = entities.filter(~pl.col("is_episode_based")).select("entity_key")
    listed = each(law, "is_attributed", lambda snapshot: on_list(list_date(law, snapshot)).any())
    grouped = attribution.join(not_episodic, on="entity_key").group_by("entity_key", "bene_key").agg(listed)
    return grouped.filter(pl.any_horizontal([at("is_attributed", snapshot) for snapshot in law.snapshots]))


def failing_criteria(attributed: pl.LazyFrame, eligibility: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per APM Entity with a list: its attributed people at the newest snapshot, and who fail each criterion.

    Only the criteria that the person's own facts decide; who has no beneficiaries row fails them all.
    """
    newest = law.snapshots[-1]
    judged = attributed.filter(pl.col(at("is_attributed", newest))).join(eligibility, on="bene_key", how="left")
    is_met = {name: pl.col(at(name, newest)).fill_null(False) for name in CRITERIA}
    fails = [(~met).sum().alias(name) for name, met in is_met.items()]
    return judged.group_by("entity_key").agg(*fails, attributed_count=pl.len())


def episodes(attribution: pl.LazyFrame, entities: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per episode of an episode-based entity, in days from Jan 1, whatever list is in force."""
    episodic = entities.filter("is_episode_based").select("entity_key")
    first_day = law.period.first_day
    return (
        attribution.join(episodic, on="entity_key")
        .filter(pl.col("episode_start_date").is_not_null() & pl.col("episode_end_date").is_not_null())
        .select(
            "entity_key",
            "bene_key",
            episode_start=days_from(first_day, pl.col("episode_start_date")),
            episode_end=days_from(first_day, pl.col("episode_end_date")),
        )
        .unique()
    )


def prospective_people(attribution: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per beneficiary prospectively attributed at some snapshot: to how many entities, and to which first."""
    prospective = attribution.filter("is_prospective")

    def in_force(snapshot: Snapshot) -> pl.Expr:
        return pl.col("entity_key").filter(on_list(list_date(law, snapshot)))

    return prospective.group_by("bene_key").agg(
        *each(law, "prospective_entity_count", lambda snapshot: in_force(snapshot).n_unique()),
        *each(law, "prospective_entity_key", lambda snapshot: in_force(snapshot).min()),
    )


def is_prospective_elsewhere(snapshot: Snapshot) -> pl.Expr:
    """Prospectively attributed to another entity than `entity_key`: to two entities, or to one that is not this one."""
    count = pl.col(at("prospective_entity_count", snapshot)).fill_null(0)
    is_other = pl.col(at("prospective_entity_key", snapshot)) != pl.col("entity_key")
    return (count >= 2) | ((count == 1) & is_other.fill_null(False))
