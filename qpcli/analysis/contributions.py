"""How each TIN and NPI contributes to the scores of its APM Entity: leave-one-out, sets recomputed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.recomputation import base_sums
from qpcli.analysis.situation import Assessed, assessed, facts_of, numbering_for, situation_of
from qpcli.calculation import collected_groups
from qpcli.engines.shard import judged
from qpcli.rules import contributions as rule
from qpcli.rules import tallies
from qpcli.rules.group_people import PersonFacts, group_people
from qpcli.rules.groups import Groups, lines_of_groups, restricted
from qpcli.rules.snapshots import at
from qpcli.rules.tallies import SUMS
from qpcli.rules.threshold_scores import with_status
from qpcli.tables.contributions import CONTRIBUTIONS
from qpcli.terms import Level, QpStatus, ServiceBasis, Snapshot

CELLS_PER_PART = 1_000_000
"""A cell touches several contributors, and each is judged three times over: smaller parts than a run's."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Every contributor of the entities' groups, ready to tally."""

    base: Assessed
    units: pl.LazyFrame
    wholes: Groups
    own: Groups


def contributions(run: FinishedRun) -> pl.DataFrame:
    """One row per APM Entity, snapshot, basis and TIN or NPI, in the columns of CONTRIBUTIONS; amounts in cents."""
    situation = situation_of(run)
    base = assessed(run, situation, numbering_for(run, situation))
    return leave_one_out(run, base, base_sums(run, base))


def leave_one_out(
    run: FinishedRun, base: Assessed, group_sums: pl.DataFrame, apm_entity_id: str | None = None
) -> pl.DataFrame:
    """As `contributions`, for any situation with the sums of its groups, of all APM Entities or of one."""
    asked = _asked(base, apm_entity_id)
    facts = facts_of(run, base, None)
    parts = [_part(cells, asked, facts) for cells in _parts(run, asked)]
    sums = tallies.added(parts, ["group_key"]).collect().lazy()
    whole, law = group_sums.lazy(), base.law
    rows = [_rows(sums, whole, asked, basis, snapshot) for basis in law.bases for snapshot in law.snapshots]
    return pl.concat(rows).select(CONTRIBUTIONS.column_names).sort(CONTRIBUTIONS.keys).collect()


def _asked(base: Assessed, apm_entity_id: str | None) -> _Asked:
    listings = base.lists.listings.lazy()
    if apm_entity_id is not None:
        listings = listings.filter(pl.col("apm_entity_id") == apm_entity_id)
    listings = listings.collect().lazy()
    units = rule.contributors(listings, base.law).collect().lazy()
    wholes = _entity_groups(base.groups, units)
    lines = rule.lines_that_leave(listings, units, base.law)
    own = rule.groups_of_contributors(units, lines, wholes, base.law, em_set_count=len(base.lists.codes.em_set_names))
    return _Asked(base, units, wholes, collected_groups(own))


def _entity_groups(groups: Groups, units: pl.LazyFrame) -> Groups:
    """The groups of the entities that have a contributor."""
    of_entities = groups.groups.filter(pl.col("level") == Level.APM_ENTITY.value)
    of_entities = of_entities.join(units.select("entity_key").unique(), on="entity_key", how="semi")
    keys = of_entities.select("group_key")
    return restricted(groups, keys)


def _parts(run: FinishedRun, asked: _Asked) -> Iterator[pl.DataFrame]:
    """The cells of the entities' groups in parts of disjoint beneficiaries."""
    pairs = asked.wholes.lines.select("clinician_key", "tin_key").unique()
    cells = run.kept_table("cells").join(pairs, on=["clinician_key", "tin_key"], how="semi").collect()
    count = cells.height // CELLS_PER_PART + 1
    for part in range(count):
        yield cells.filter(pl.col("bene_key") % count == part)


def _part(cells: pl.DataFrame, asked: _Asked, facts: PersonFacts) -> pl.DataFrame:
    """One row per contributor: sums of its own, of whom it touches before and after it leaves, and people shared."""
    law, lists = asked.base.law, asked.base.lists
    em_set_count = len(lists.codes.em_set_names)
    own, of_group = (
        group_people(lines_of_groups(cells.lazy(), groups.lines), groups, law, em_set_count, facts)
        .collect(engine="streaming")
        .lazy()
        for groups in (asked.own, asked.wholes)
    )
    # Planned as one query, these joins are reordered into one that multiplies its rows.
    people = rule.touched_people(own, asked.units, asked.wholes).collect().lazy()
    whole = rule.touched(people, of_group).collect(engine="streaming").lazy()
    others = rule.without(whole, own).collect(engine="streaming").lazy()
    before = judged(whole, asked.own, lists, law, facts)
    frames = {
        "own": tallies.score_sums(judged(own, asked.own, lists, law, facts), law),
        "before": tallies.score_sums(before, law),
        "after": tallies.score_sums(judged(others, asked.own, lists, law, facts), law),
    }
    named = [
        frame.select("group_key", pl.exclude("group_key").name.prefix(f"{name}_")) for name, frame in frames.items()
    ]
    joined = rule.shared_people(before, own, others, law)
    for frame in named:
        joined = joined.join(frame, on="group_key")
    return joined.collect(engine="streaming")


def _rows(
    sums: pl.LazyFrame, whole: pl.LazyFrame, asked: _Asked, basis: ServiceBasis, snapshot: Snapshot
) -> pl.LazyFrame:
    """The contributors that are in their group at a snapshot."""
    here = asked.units.filter(pl.col(at("is_in", snapshot))).join(sums, on="group_key", how="left")
    wholes = asked.wholes.groups.select("entity_key", whole_key="group_key")
    of_group = whole.select(whole_key="group_key", **{name: pl.col(at(f"{name}_{basis}", snapshot)) for name in SUMS})
    joined = here.join(wholes, on="entity_key").join(of_group, on="whole_key", how="left")
    own = {name: pl.col(at(f"own_{name}_{basis}", snapshot)).fill_null(0) for name in SUMS}
    change = {
        name: (
            pl.col(at(f"after_{name}_{basis}", snapshot)) - pl.col(at(f"before_{name}_{basis}", snapshot))
        ).fill_null(0)
        for name in SUMS
    }
    joined = joined.with_columns(
        pl.lit(snapshot.number, pl.Int64).alias("snapshot"),
        pl.lit(basis.value).alias("basis"),
        pl.col(at("clinician_count", snapshot)).alias("clinicians_left"),
        pl.col(at(f"shared_patient_count_{basis}", snapshot)).fill_null(0).alias("shared_patient_count"),
        pl.col(SUMS).fill_null(0),
        **{f"own_{name}": value for name, value in own.items()},
        **{f"change_{name}": value for name, value in change.items()},
    )
    return _scored(joined, asked)


def _scored(rows: pl.LazyFrame, asked: _Asked) -> pl.LazyFrame:
    """With the entity's scores as they are and without the contributor."""
    law = asked.base.law
    scores = ["payment_score", "patient_score"]
    now = with_status(rows, law).with_columns(pl.col(name).alias(f"{name}_now") for name in scores)
    without = now.with_columns(pl.col(name) + pl.col(f"change_{name}") for name in SUMS)
    scored = with_status(without, law).join(asked.base.lists.numbering.entities.lazy(), on="entity_key")
    is_left = pl.col("clinicians_left") > 0
    shown = {f"{name}_without": pl.when(is_left).then(name) for name in (*SUMS, *scores)}
    return scored.with_columns(
        **shown,
        **{f"{name}_change": pl.when(is_left).then(pl.col(name) - pl.col(f"{name}_now")) for name in scores},
        performance_year=pl.lit(law.performance_year, pl.Int64),
        contributor_kind=pl.col("kind"),
        status_without=pl.when(is_left).then("status").otherwise(pl.lit(QpStatus.NO_SCORE.value)),
    )
