"""What each group did for each beneficiary, all of it and the attributed part (42 CFR 414.1305, 414.1435(c))."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.groups import Groups
from qpcli.rules.listings import BEYOND_THE_PERIOD
from qpcli.rules.numbering import KEY
from qpcli.rules.packed_keys import packed, unpacked
from qpcli.rules.snapshots import at, each
from qpcli.terms import Snapshot

PERSON = ("group_key", "bene_key")


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of beneficiaries, each frame keyed by `bene_key`: see attribution and attribution_eligibility.

    `episodic_people`: the keys of those with an episode.
    """

    eligibility: pl.LazyFrame
    attributed: pl.LazyFrame
    episodes: pl.LazyFrame
    prospective: pl.LazyFrame
    episodic_people: pl.Series

    @property
    def has_episodes(self) -> bool:
        return not self.episodic_people.is_empty()


def group_people(lines: pl.LazyFrame, groups: Groups, law: Law, em_set_count: int, facts: PersonFacts) -> pl.LazyFrame:
    """One row per group and beneficiary it served: cents and services by snapshot, all and the attributed ones.

    `lines` as groups.lines_of_groups returns them.
    """
    served = services(lines, groups.key_bound, law, em_set_count, facts)
    attributed = with_attribution(served, groups, law, facts)
    return one_row_per_person(attributed, law, has_episodes=facts.has_episodes)


def services(lines: pl.LazyFrame, key_bound: int, law: Law, em_set_count: int, facts: PersonFacts) -> pl.LazyFrame:
    """One row per group, beneficiary and `day`: of the service for people with an episode, else one for all."""
    has_episode = pl.col("bene_key").is_in(facts.episodic_people.implode())
    sizes = {"day": BEYOND_THE_PERIOD + 1, "bene_key": 2**32, "group_key": key_bound}
    words = packed(sizes)
    return (
        lines.with_columns(each(law, "counts", _counts))
        .with_columns(day=pl.when(has_episode).then("day").otherwise(BEYOND_THE_PERIOD))
        .with_columns(**words)
        .group_by(list(words))
        .agg(
            *each(law, "cents", lambda s: _sum("cps_cents", s)),
            *each(law, "cps_count", lambda s: _sum("cps_count", s)),
            *each(law, "em_count", lambda s: _em_services(s, em_set_count)),
            *each(law, "rural_count", lambda s: _sum("rural_count", s)),
        )
        .with_columns(
            *unpacked(sizes, {"group_key": pl.UInt64(), "bene_key": KEY(), "day": pl.UInt16()}),
            *each(law, "service_count", lambda s: pl.col(at("cps_count", s)) + pl.col(at("rural_count", s))),
        )
        .drop(list(words))
    )


def _counts(snapshot: Snapshot) -> pl.Expr:
    return (pl.col("seen_snapshot") <= snapshot.number) & pl.col(at("is_in", snapshot))


def _sum(measure: str, snapshot: Snapshot) -> pl.Expr:
    return (pl.col(measure) * pl.col(at("counts", snapshot))).sum()


def _em_services(snapshot: Snapshot, em_set_count: int) -> pl.Expr:
    """Services in a code set of an entity of the group (414.1305: an APM may attribute on other services)."""
    counted = [
        pl.col(f"em_{i}_count") * pl.col(at("counts", snapshot)) * pl.col(at(f"uses_em_{i}", snapshot))
        for i in range(em_set_count)
    ]
    return pl.sum_horizontal(counted).sum()


def with_attribution(served: pl.LazyFrame, groups: Groups, law: Law, facts: PersonFacts) -> pl.LazyFrame:
    """Adds at each snapshot whether the services are attributed to an entity of the group.

    By the entity's list in force, or for an episode-based entity by an episode on the service date.
    """
    sets = groups.sets
    keyed = served.join(sets.set_of_group, on="group_key")
    listed = sets.entities.join(facts.attributed, on="entity_key").group_by("entity_set", "bene_key")
    by_list = listed.agg(
        each(law, "by_list", lambda s: (pl.col(at("is_in", s)) & pl.col(at("is_attributed", s))).any())
    )
    joined = keyed.join(by_list, on=["entity_set", "bene_key"], how="left")
    if not facts.has_episodes:
        return joined.with_columns(each(law, "is_attributed", lambda s: _is_true(at("by_list", s))))
    in_episode = _services_in_episodes(joined, sets.entities, law, facts)
    return joined.join(in_episode, on=["entity_set", "bene_key", "day"], how="left").with_columns(
        each(law, "is_attributed", lambda s: _is_true(at("by_list", s)) | _is_true(at("by_episode", s)))
    )


def _is_true(column: str) -> pl.Expr:
    return pl.col(column).fill_null(False)


def _services_in_episodes(served: pl.LazyFrame, entities: pl.LazyFrame, law: Law, facts: PersonFacts) -> pl.LazyFrame:
    """One row per entity set, beneficiary and day that lies in an episode of an entity of the set."""
    days = served.filter(pl.col("day") != BEYOND_THE_PERIOD).select("entity_set", "bene_key", "day").unique()
    is_inside = pl.col("day").cast(pl.Int64).is_between(pl.col("episode_start"), pl.col("episode_end"))
    inside = days.join(facts.episodes, on="bene_key").filter(is_inside).join(entities, on=["entity_set", "entity_key"])
    by_episode = each(law, "by_episode", lambda s: pl.col(at("is_in", s)).any())
    return inside.group_by("entity_set", "bene_key", "day").agg(by_episode)


def one_row_per_person(served: pl.LazyFrame, law: Law, *, has_episodes: bool) -> pl.LazyFrame:
    """One row per group and beneficiary; amounts and services also as far as they are attributed."""
    attributed = served.with_columns(
        *each(law, "attributed_cents", lambda s: pl.col(at("cents", s)) * pl.col(at("is_attributed", s))),
        *each(law, "attributed_count", lambda s: pl.col(at("service_count", s)) * pl.col(at("is_attributed", s))),
    )
    sums = [at(name, s) for name in _PERSON_SUMS for s in law.snapshots]
    if not has_episodes:
        return attributed.select(*PERSON, *sums)
    return attributed.group_by(PERSON).agg(pl.col(sums).sum())


_PERSON_SUMS = (
    "cents",
    "service_count",
    "cps_count",
    "em_count",
    "rural_count",
    "attributed_cents",
    "attributed_count",
)
