"""What the claims show of the beneficiaries of each APM Entity so far: who came how often, and what it brought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.forecasting.run_out import MonthsShown
from qpcli.analysis.forecasting.served import AMOUNTS, COUNTS, served
from qpcli.analysis.situation import Assessed, facts_of
from qpcli.rules.attribution_eligibility import CRITERIA
from qpcli.rules.eligible_people import removed_people
from qpcli.rules.group_people import PERSON, PersonFacts
from qpcli.rules.groups import restricted
from qpcli.rules.numbering import KEY
from qpcli.rules.snapshots import at
from qpcli.terms import Level, ServiceBasis, Snapshot

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Horizon:
    """The snapshot that is forecast, and the newest whose lists and coverage are known."""

    target: Snapshot
    lists: Snapshot


@dataclass(frozen=True, slots=True)
class Comers:
    """How many people came 0, 1, 2 and so on times, in the early months too, and how many came in the later ones only.

    The first of each is 0 where nobody knows who has not come.
    """

    people: Counts
    early: Counts
    later_count: int
    knows_unseen: bool

    @property
    def came_count(self) -> int:
        return int(self.people[1:].sum())


@dataclass(frozen=True, slots=True)
class Stratum:
    """The attributed beneficiaries of a group who meet every other criterion, or those who are not attributed.

    `visitors`: by days with E/M services. `treated`: those without any, by other treatments; None where only E/M
    services qualify. `cents`: what counts so far; `variance`: of what one unit of exposure brings. `waiting`: cents of
    those without a qualifying service yet, which count once they have one, and their squares.
    """

    visitors: Comers
    treated: Comers | None
    cents: float
    variance: float
    waiting: float = 0.0
    waiting_squares: float = 0.0

    @property
    def served_count(self) -> int:
        """Beneficiaries with a qualifying service so far."""
        return self.visitors.came_count + (0 if self.treated is None else self.treated.came_count)


@dataclass(frozen=True, slots=True)
class Observed:
    """One APM Entity on one service basis."""

    apm_entity_id: str
    basis: ServiceBasis
    attributed: Stratum
    others: Stratum


def observed(run: FinishedRun, asked: Assessed, horizon: Horizon, months: MonthsShown) -> Iterator[Observed]:
    """Every assessed APM Entity that does not attribute by episode, by basis."""
    people = _judged(run, asked, horizon, months).collect(engine="streaming")
    names = dict(asked.lists.numbering.entities.select("entity_key", "apm_entity_id").iter_rows())
    parted = {key[0]: part for key, part in people.partition_by("entity_key", as_dict=True).items()}
    for entity_key, name in sorted(names.items(), key=lambda pair: pair[1]):
        if entity_key in parted:
            for basis in asked.law.bases:
                strata = [_stratum(parted[entity_key], basis, is_attributed=kind) for kind in (True, False)]
                yield Observed(name, basis, *strata)


def _judged(run: FinishedRun, asked: Assessed, horizon: Horizon, months: MonthsShown) -> pl.LazyFrame:
    """One row per entity and beneficiary it served or has attributed, who meets the criteria that need no service."""
    law, facts = asked.law, facts_of(run, asked, None)
    is_asked = (pl.col("level") == Level.APM_ENTITY.value) & pl.col(at("is_assessed", horizon.target))
    episodic = asked.lists.entities.lazy().filter("is_episode_based").select("entity_key")
    entities = asked.groups.groups.filter(is_asked).select("group_key", "entity_key")
    entities = entities.join(episodic, on="entity_key", how="anti").collect().lazy()
    groups = restricted(asked.groups, entities.select("group_key"))
    so_far = served(run, groups.lines, horizon.target, months).join(entities, on="group_key")
    people = _with_unserved(so_far, entities, facts, horizon.lists).collect(engine="streaming").lazy()
    allowed = removed_people(people, groups, law, facts).select(*PERSON, is_allowed=at("is_allowed", horizon.lists))
    criteria = facts.eligibility.select("bene_key", meets=pl.all_horizontal(at(c, horizon.lists) for c in CRITERIA))
    meets = pl.col("meets").fill_null(False) & pl.col("is_allowed").fill_null(True)
    return people.join(criteria, on="bene_key", how="left").join(allowed, on=PERSON, how="left").filter(meets)


def _with_unserved(so_far: pl.LazyFrame, entities: pl.LazyFrame, facts: PersonFacts, lists: Snapshot) -> pl.LazyFrame:
    """The served, and the attributed people whom nobody has served yet; adds `is_attributed`."""
    on_list = facts.attributed.filter(pl.col(at("is_attributed", lists))).select("entity_key", "bene_key")
    attributed = on_list.join(entities, on="entity_key").with_columns(is_attributed=pl.lit(True))
    nothing = {name: pl.lit(0, pl.Int64) for name in COUNTS} | {name: pl.lit(0.0) for name in AMOUNTS}
    unserved = attributed.join(so_far, on=PERSON, how="anti").with_columns(**nothing)
    marked = so_far.join(attributed.select(*PERSON, "is_attributed"), on=PERSON, how="left")
    marked = marked.with_columns(pl.col("is_attributed").fill_null(False))
    columns = [*PERSON, "entity_key", "is_attributed", *COUNTS, *AMOUNTS]
    return pl.concat([marked.select(columns), unserved.select(columns)]).with_columns(pl.col("bene_key").cast(KEY))


def _stratum(people: pl.DataFrame, basis: ServiceBasis, *, is_attributed: bool) -> Stratum:
    own = people.filter(pl.col("is_attributed") == is_attributed)
    visited, others = own.filter(pl.col("em_visits") > 0), own.filter(pl.col("em_visits") == 0)
    visitors = _comers(own, "em_visits", knows_unseen=is_attributed)
    if basis is ServiceBasis.CPS:
        treated = _comers(others, "treatments", knows_unseen=is_attributed)
        return Stratum(visitors, treated, float(own["cents"].sum()), float(own["variance"].sum()))
    waiting = others["cents"]
    return Stratum(
        visitors=visitors,
        treated=None,
        cents=float(visited["cents"].sum()),
        variance=float(visited["variance"].sum()),
        waiting=float(waiting.sum()),
        waiting_squares=float((waiting**2).sum()),
    )


def _comers(people: pl.DataFrame, count: str, *, knows_unseen: bool) -> Comers:
    in_all, early = people[count], people[f"early_{count}"]
    later_count = int(((early == 0) & (in_all > 0)).sum())
    histogram = partial(_histogram, knows_unseen=knows_unseen)
    return Comers(histogram(in_all), histogram(early), later_count, knows_unseen)


def _histogram(counts: pl.Series, *, knows_unseen: bool) -> Counts:
    found = np.bincount(counts.to_numpy(), minlength=2).astype(np.int64)
    if not knows_unseen:
        found[0] = 0
    return found
