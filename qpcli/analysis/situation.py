"""What a run would be asked to determine: a law, Participation Lists and attribution lists, on the cells of a run."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli import calculation
from qpcli.analysis.finished_run import FinishedRun
from qpcli.engines.shard import person_facts
from qpcli.regulation.law import Law
from qpcli.rules.group_people import PersonFacts
from qpcli.rules.groups import Groups, under_seen_tins
from qpcli.rules.lists import Lists
from qpcli.rules.numbering import KEY, Numbering, numbering_of_keys


@dataclass(frozen=True, slots=True)
class Situation:
    """`participants` and `attribution` as the tables of those names, `attribution` with bene_key for bene_id."""

    law: Law
    participants: pl.DataFrame
    attribution: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Assessed:
    """A situation under the keys of a run's cells, with every group that the law assesses."""

    situation: Situation
    lists: Lists
    groups: Groups

    @property
    def law(self) -> Law:
        return self.situation.law


def situation_of(run: FinishedRun) -> Situation:
    """The situation that the run determined."""
    participants = run.kept_table("participants").collect()
    return Situation(run.law, participants, run.kept_table("attribution").collect())


def numbering_for(run: FinishedRun, *situations: Situation) -> Numbering:
    """Keys for every identifier of the situations; those of the run's cells stay as they are."""
    participants = pl.concat([one.participants.select("apm_entity_id", "tin", "npi") for one in situations])
    ids = [participants.select("apm_entity_id"), *(one.attribution.select("apm_entity_id") for one in situations)]
    if "entities" in run.kept:
        ids.append(run.kept_table("entities").select("apm_entity_id").collect())
    return numbering_of_keys(
        clinicians=_with_new(run.kept_table("clinicians").collect(), participants),
        tins=_with_new(run.kept_table("tins").collect(), participants),
        entity_ids=pl.concat(ids),
    )


def _with_new(known: pl.DataFrame, participants: pl.DataFrame) -> pl.DataFrame:
    """The identifiers of a kept table, then those that only the participants name."""
    key, name = known.columns
    new = participants.select(name).unique().join(known, on=name, how="anti").sort(name)
    highest = known.get_column(key).max()
    first = int(highest) + 1 if isinstance(highest, int) else _FIRST[key]
    numbered = new.with_row_index(key, offset=first).with_columns(pl.col(key).cast(KEY))
    return pl.concat([known, numbered.select(known.columns)])


_FIRST = {"clinician_key": 0, "tin_key": 2}


def assessed(run: FinishedRun, situation: Situation, numbering: Numbering) -> Assessed:
    """The lists and groups of a situation."""
    given = run.kept_table("entities").collect() if "entities" in run.kept else None
    entities = calculation.apm_entities(situation.participants, given, situation.law)
    attributed = situation.attribution.select("apm_entity_id").unique()
    lists = calculation.keyed_lists(numbering, situation.participants, entities, attributed, situation.law)
    return Assessed(situation, lists, under_seen_tins(lists.groups, run.kept_table("pairs")))


def facts_of(run: FinishedRun, asked: Assessed, people: pl.LazyFrame | None) -> PersonFacts:
    """What is known of some beneficiaries (`people`, by bene_key), or of all."""
    known, attribution = run.kept_table("people").drop("bene_id"), asked.situation.attribution.lazy()
    if people is not None:
        known, attribution = (frame.join(people, on="bene_key", how="semi") for frame in (known, attribution))
    keyed = attribution.join(asked.lists.numbering.entities.lazy(), on="apm_entity_id").collect()
    return person_facts(known, keyed, asked.lists, asked.law)
