"""From all lines to the denominator to the numerator: counts, dollars and the paragraph of law, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.situation import Assessed, facts_of
from qpcli.engines.shard import judged_people
from qpcli.regulation.steps import LawOfStep, load_steps
from qpcli.rules import exclusions
from qpcli.rules.groups import Groups, restricted
from qpcli.rules.numbering import KEY
from qpcli.rules.snapshots import at
from qpcli.tables.exclusions import CLAIM_STEPS, PERSON_STEPS, STEPS
from qpcli.terms import IndividualAssessment, Level, ServiceBasis, Snapshot


@dataclass(frozen=True, slots=True)
class ChainStep:
    """What remains after a step and what it removed; cents; None where it is not counted, or hidden by --share."""

    number: int
    step: str
    law: LawOfStep
    lines_remaining: int | None
    lines_removed: int | None
    beneficiaries_remaining: int | None
    beneficiaries_removed: int | None
    cents_remaining: int | None
    cents_removed: int | None


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps of one group at one snapshot and basis; a clinician's own group begins at the services that stand."""

    level: Level
    apm_entity_id: str | None
    snapshot: int
    basis: str
    steps: tuple[ChainStep, ...]


def entity_chains(run: FinishedRun, apm_entity_id: str) -> tuple[Chain, ...]:
    """The chains of an entity's group, as the exclusions table holds them."""
    laws = load_steps()
    rows = run.tables["exclusions"].filter(pl.col("apm_entity_id") == apm_entity_id)
    groups = rows.sort("snapshot", "basis", "step_number", descending=[False, True, False])
    grouped: dict[tuple[int, str], list[ChainStep]] = {}
    for row in groups.iter_rows(named=True):
        grouped.setdefault((row["snapshot"], row["basis"]), []).append(_table_step(row, laws))
    return tuple(
        Chain(Level.APM_ENTITY, apm_entity_id, snapshot, basis, tuple(steps))
        for (snapshot, basis), steps in grouped.items()
    )


def _table_step(row: Mapping[str, Any], laws: Mapping[str, LawOfStep]) -> ChainStep:
    return ChainStep(
        row["step_number"],
        row["step"],
        laws[row["step"]],
        row["lines_remaining"],
        row["lines_removed"],
        row["beneficiaries_remaining"],
        row["beneficiaries_removed"],
        row["amount_remaining"],
        row["amount_removed"],
    )


def own_groups(asked: Assessed, npi: str) -> Groups:
    """The groups that are this clinician alone."""
    clinician = asked.lists.numbering.clinicians.lazy().filter(pl.col("npi") == npi).select("clinician_key")
    own = asked.groups.groups.join(clinician, on="clinician_key", how="semi")
    return restricted(asked.groups, own.select("group_key"))


def own_chains(run: FinishedRun, asked: Assessed, npi: str) -> tuple[Chain, ...]:
    """The chains of a clinician's own groups, from the cells.

    Only where the clinician has a score: an APM Entity with QP status leaves none to its clinicians through PY 2025.
    None for a clinician of several entities whose eligible beneficiaries the entities tell (individual_criterion_6):
    those entities' chains say why.
    """
    groups = own_groups(asked, npi)
    is_every_clinician = asked.law.individual_assessment is IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026
    if not is_every_clinician and asked.law.assumed("individual_criterion_6") != "own_services":
        of_level = groups.groups.filter(pl.col("level") != Level.INDIVIDUAL.value)
        groups = restricted(groups, of_level.select("group_key"))
    kinds = groups.groups.collect()
    chains = [chain for row in kinds.iter_rows(named=True) for chain in _own_chains(run, asked, groups, row)]
    scored = run.tables["threshold_scores"].filter(pl.col("npi") == npi)
    keys = set(scored.select("level", "apm_entity_id", "snapshot", "basis").iter_rows())
    return tuple(one for one in chains if (one.level.value, one.apm_entity_id, one.snapshot, one.basis) in keys)


def _own_chains(run: FinishedRun, asked: Assessed, groups: Groups, row: Mapping[str, Any]) -> Iterator[Chain]:
    people = _people(run, asked, groups, row["group_key"])
    law, numbering = asked.law, asked.lists.numbering
    sums = people.group_by("group_key").agg(
        (pl.col(at("cps_count", s)).sum() + pl.col(at("rural_count", s)).sum()).alias(at("lines", s))
        for s in law.snapshots
    )
    cents = people.group_by("group_key").agg(pl.col(at("cents", s)).sum() for s in law.snapshots)
    joined = exclusions.person_steps(people, law).join(sums, on="group_key").join(cents, on="group_key").collect()
    if joined.is_empty():
        return
    values = joined.row(0, named=True)
    is_its_entity = pl.col("entity_key").eq_missing(pl.lit(row["entity_key"], KEY))
    names = numbering.entities.filter(is_its_entity).get_column("apm_entity_id").to_list()
    for basis in law.bases:
        for snapshot in law.snapshots:
            if row[at("is_assessed", snapshot)]:
                steps = tuple(_own_steps(values, basis, snapshot))
                entity = names[0] if names else None
                yield Chain(Level(row["level"]), entity, snapshot.number, basis.value, steps)


def _people(run: FinishedRun, asked: Assessed, groups: Groups, group_key: int) -> pl.LazyFrame:
    """Everybody whom a group served, with every criterion."""
    one = restricted(groups, pl.LazyFrame({"group_key": [group_key]}, schema={"group_key": pl.UInt64}))
    pairs = one.lines.select("clinician_key", "tin_key").unique()
    cells = run.kept_table("cells").join(pairs, on=["clinician_key", "tin_key"], how="semi").collect().lazy()
    facts = facts_of(run, asked, cells.select("bene_key").unique())
    return judged_people(cells, one, asked.lists, asked.law, facts)


def _own_steps(values: Mapping[str, Any], basis: ServiceBasis, snapshot: Snapshot) -> Iterator[ChainStep]:
    laws = load_steps()
    first = CLAIM_STEPS[-1]
    people, cents = values[at("beneficiaries_served", snapshot)], values[at("cents", snapshot)]
    lines = values[at("lines", snapshot)]
    yield ChainStep(len(CLAIM_STEPS), first, laws[first], lines, None, people, None, cents, None)
    for step in PERSON_STEPS:
        left = values[at(f"beneficiaries_{step}_{basis}", snapshot)]
        amount = values[at(f"amount_{step}_{basis}", snapshot)]
        number = STEPS.index(step) + 1
        yield ChainStep(number, step, laws[step], None, None, left, people - left, amount, cents - amount)
        people, cents = left, amount
