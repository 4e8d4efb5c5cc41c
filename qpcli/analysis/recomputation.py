"""The sums of a changed situation: those of the run, and in place of the affected beneficiaries their new ones.

Every sum is a sum over beneficiaries, so only the beneficiaries of whom something changes are tallied again, with the
rules of the calculation: before and after the change. Nothing is subtracted from a score.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.situation import Assessed, facts_of
from qpcli.engines.shard import judged_people, parts_of
from qpcli.rules import tallies
from qpcli.rules.groups import Groups, restricted
from qpcli.terms import IndividualAssessment, Level


@dataclass(frozen=True, slots=True)
class Affected:
    """Whose sums change: groups by key and beneficiaries by key; None stands for all."""

    groups: pl.DataFrame | None
    people: pl.LazyFrame | None


def base_sums(run: FinishedRun, asked: Assessed) -> pl.DataFrame:
    """The sums of the run by the group keys of a situation; one row per group with a line."""
    numbering = asked.lists.numbering
    named = asked.groups.groups.select("group_key", "level", "entity_key", "clinician_key")
    named = named.join(numbering.entities.lazy(), on="entity_key", how="left")
    named = named.join(numbering.clinicians.lazy(), on="clinician_key", how="left")
    names = ["level", "apm_entity_id", "npi"]
    keyed = named.select("group_key", *names).join(run.kept_table("sums"), on=names, nulls_equal=True)
    return keyed.drop(names).collect()


def changed_sums(run: FinishedRun, before: Assessed, after: Assessed) -> pl.DataFrame:
    """The sums of every group after a change."""
    affected = _affected(run, before, after)
    base = base_sums(run, before)
    if affected.groups is not None and affected.groups.is_empty():
        return base
    sides = [(one, _restricted(one.groups, affected.groups)) for one in (before, after)]
    cells = _cells(run, [groups for _, groups in sides], affected.people)
    gone, come = (_sums(run, one, groups, cells, affected) for one, groups in sides)
    negative = gone.select("group_key", pl.exclude("group_key") * -1)
    wide = [frame.with_columns(pl.exclude("group_key").cast(pl.Int64)) for frame in (base, negative, come)]
    return tallies.added([frame.select(base.columns) for frame in wide], ["group_key"]).collect()


def _sums(run: FinishedRun, asked: Assessed, groups: Groups, cells: pl.DataFrame, affected: Affected) -> pl.DataFrame:
    """The sums of the affected groups over the affected beneficiaries."""
    facts = facts_of(run, asked, affected.people)
    parts = [
        tallies.score_sums(judged_people(part.lazy(), groups, asked.lists, asked.law, facts), asked.law).collect()
        for part in parts_of(cells)
    ]
    return tallies.added(parts, ["group_key"]).collect()


def _cells(run: FinishedRun, sides: list[Groups], people: pl.LazyFrame | None) -> pl.DataFrame:
    """The cells of the affected beneficiaries that belong to a group on either side."""
    pairs = pl.concat([groups.lines.select("clinician_key", "tin_key") for groups in sides]).unique()
    cells = run.kept_table("cells").join(pairs, on=["clinician_key", "tin_key"], how="semi")
    return (cells if people is None else cells.join(people, on="bene_key", how="semi")).collect()


def _restricted(groups: Groups, keys: pl.DataFrame | None) -> Groups:
    if keys is None:
        return groups
    return restricted(groups, keys.lazy())


def _affected(run: FinishedRun, before: Assessed, after: Assessed) -> Affected:
    if _assumes_otherwise(before, after):
        return Affected(None, None)
    lines = _differing(before.groups.lines, after.groups.lines)
    entities = _differing(before.groups.entities, after.groups.entities)
    reattributed = _differing(before.situation.attribution.lazy(), after.situation.attribution.lazy())
    reattributed = reattributed.select("bene_key").unique()
    keys = pl.concat([frame.select("group_key") for frame in (lines, entities)]).unique()
    groups = None if reattributed.height else _with_companions(keys, before, after)
    people = pl.concat([_served(run, lines, entities, before, after), reattributed]).unique()
    return Affected(groups, people.lazy())


def _assumes_otherwise(before: Assessed, after: Assessed) -> bool:
    points = before.law.open_points
    return any(points[name].value != point.value for name, point in after.law.open_points.items())


def _differing(before: pl.LazyFrame, after: pl.LazyFrame) -> pl.DataFrame:
    """The rows that are in one of two frames only."""
    sided = [frame.unique().with_columns(side=pl.lit(side)) for side, frame in enumerate((before, after))]
    names = before.collect_schema().names()
    both = pl.concat([frame.select(*names, "side") for frame in sided])
    return both.group_by(names).agg(sides=pl.len()).filter(pl.col("sides") == 1).drop("sides").collect()


def _served(
    run: FinishedRun, lines: pl.DataFrame, entities: pl.DataFrame, before: Assessed, after: Assessed
) -> pl.DataFrame:
    """Beneficiaries of the lines that changed, and of all lines of groups whose entities changed."""
    keys = entities.lazy().select("group_key").unique()
    whole = [one.groups.lines.join(keys, on="group_key", how="semi") for one in (before, after)]
    pairs = pl.concat([frame.select("clinician_key", "tin_key") for frame in (lines.lazy(), *whole)]).unique()
    cells = run.kept_table("cells").select("clinician_key", "tin_key", "bene_key")
    return cells.join(pairs, on=["clinician_key", "tin_key"], how="semi").select("bene_key").unique().collect()


def _with_companions(keys: pl.DataFrame, before: Assessed, after: Assessed) -> pl.DataFrame:
    """The groups with those that share people with them: clinicians of several entities, and these entities' groups.

    Whom a clinician of several entities serves as eligible is told by the entities (individual_criterion_6).
    """
    if before.law.individual_assessment is IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026:
        return keys
    members = pl.concat([one.groups.entities.select("group_key", "entity_key") for one in (before, after)]).unique()
    groups = pl.concat([one.groups.groups.select("group_key", "level") for one in (before, after)]).unique()
    linked = members.join(groups, on="group_key").filter(pl.col("level") != Level.AFFILIATED_PRACTITIONER.value)
    found = keys.lazy()
    for _ in range(2):
        entities = found.join(linked, on="group_key").select("entity_key").unique()
        near = linked.join(entities, on="entity_key", how="semi").select("group_key")
        found = pl.concat([found, near]).unique()
    return found.collect()
