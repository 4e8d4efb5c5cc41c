"""What a question changes of a run: lists, thresholds, assumptions; refused where the run's cells cannot answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import polars as pl

from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.situation import Situation
from qpcli.errors import InputError, UsageError
from qpcli.inputs.attributions import read_attribution
from qpcli.inputs.listings import read_participants
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law

ANSWERABLE = (
    "group_membership",
    "attribution_list_date",
    "rhc_fqhc_satisfies_em",
    "individual_claims",
    "individual_criterion_6",
    "individual_snapshots",
)
"""Open points that come in after the cells are made; the others decide what a cell holds or who is eligible."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a question changes; paths as typed.

    `thresholds_year`: the performance year whose thresholds apply. `attribution` replaces the run's list.
    """

    drop_tins: tuple[str, ...] = ()
    drop_npis: tuple[str, ...] = ()
    add_participants: tuple[str, ...] = ()
    thresholds_year: int | None = None
    attribution: tuple[str, ...] = ()
    assumptions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Changed:
    """The situation after the changes.

    `unmatched_drops`: TINs and NPIs to drop that no list names. `unknown_people`: rows of a new attribution list
    whose beneficiary the run has never seen.
    """

    situation: Situation
    unmatched_drops: int = 0
    unknown_people: int = 0


def changed(run: FinishedRun, base: Situation, changes: Changes) -> Changed:
    """The situation of a run with changes.

    Raises UsageError QP101 to QP108 for what cannot be asked, the QP2xx errors of the files, InputError QP220 where
    the run kept too little.
    """
    law = changed_law(run.law, changes)
    participants, unmatched = _dropped(base.participants, changes)
    if changes.add_participants:
        participants = _added(run, participants, changes.add_participants)
    if participants.is_empty():
        raise UsageError("QP101", "Nobody is left on any list.")
    attribution, unknown = base.attribution, 0
    if changes.attribution:
        attribution, unknown = _attribution(run, base, changes.attribution)
    return Changed(Situation(law, participants, attribution), unmatched, unknown)


def changed_law(law: Law, changes: Changes) -> Law:
    """The law with other thresholds and other answers to open points."""
    if changes.thresholds_year is not None:
        other = resolve_law(performance_year=changes.thresholds_year, law_as_of=law.law_as_of)
        law = replace(law, thresholds=other.thresholds)
    if not changes.assumptions:
        return law
    refused = sorted(name for name in changes.assumptions if name in law.open_points and name not in ANSWERABLE)
    if refused:
        words = f"--assume {', '.join(refused)}: decides what the cells hold, which are made."
        raise InputError("QP220", words, "Run `qpcli determine` with this assumption.")
    assumed = resolve_law(performance_year=law.performance_year, assumptions=changes.assumptions).open_points
    points = {name: assumed[name] if name in changes.assumptions else point for name, point in law.open_points.items()}
    return replace(law, open_points=points)


def _dropped(participants: pl.DataFrame, changes: Changes) -> tuple[pl.DataFrame, int]:
    """The entries that stay, and how many of the TINs and NPIs to drop no list names."""
    drops: Sequence[tuple[str, tuple[str, ...]]] = (("tin", changes.drop_tins), ("npi", changes.drop_npis))
    unmatched = 0
    for name, values in drops:
        asked = pl.DataFrame({name: sorted(set(values))}, schema={name: pl.String})
        unmatched += asked.join(participants, on=name, how="anti").height
        participants = participants.join(asked, on=name, how="anti", maintain_order="left")
    return participants, unmatched


def _added(run: FinishedRun, participants: pl.DataFrame, paths: tuple[str, ...]) -> pl.DataFrame:
    new = read_participants(paths, run.reading, run.law).frame
    if new["npi"].null_count():
        raise InputError("QP220", "--add-participants: a row names no NPI.", "Name the NPIs that bill under the TIN.")
    _refuse_unknown_entities(run, new)
    if not run.keeps_everybody:
        _refuse_unkept(run, new)
    return pl.concat([participants, new.select(participants.columns)])


def _refuse_unknown_entities(run: FinishedRun, new: pl.DataFrame) -> None:
    """With an entities file every entity of the lists stands in it; without one, any entity is Advanced."""
    if "entities" not in run.kept:
        return
    unknown = new.join(run.kept_table("entities").collect(), on="apm_entity_id", how="anti").height
    if unknown:
        raise InputError("QP209", f"--add-participants: {unknown} rows name APM Entities that entities does not.")


def _refuse_unkept(run: FinishedRun, new: pl.DataFrame) -> None:
    """Cells of the listed hold their lines under TINs that no list names, but not which TIN it was."""
    known = (run.kept_table(name).collect() for name in ("clinicians", "tins"))
    missing = sum(new.join(frame, on=frame.columns[1], how="anti").height for frame in known)
    if missing:
        words = "--add-participants names NPIs or TINs that were on no list of the run, so their cells were not kept."
        raise InputError("QP220", words, "Run `qpcli determine` again with --keep-cells all.")


def _attribution(run: FinishedRun, base: Situation, paths: tuple[str, ...]) -> tuple[pl.DataFrame, int]:
    """The new list by the keys of the run's beneficiaries, and how many of its rows are about nobody known."""
    read = read_attribution(paths, run.reading, run.law).table.frame
    people = run.kept_table("people").select("bene_id", "bene_key").collect()
    keyed = read.join(people, on="bene_id", how="left")
    known = keyed.filter(pl.col("bene_key").is_not_null()).select(base.attribution.columns)
    _refuse_new_episodes(run, base.attribution, known)
    return known, keyed["bene_key"].null_count()


def _refuse_new_episodes(run: FinishedRun, before: pl.DataFrame, after: pl.DataFrame) -> None:
    """Only the cells of beneficiaries with an episode of an episode-based entity hold the days of service."""
    if "entities" not in run.kept:
        return
    episodic = run.kept_table("entities").filter("is_episode_based").select("apm_entity_id").collect()
    has_dates = pl.col("episode_start_date").is_not_null() & pl.col("episode_end_date").is_not_null()
    old, new = (
        frame.filter(has_dates).join(episodic, on="apm_entity_id", how="semi").select("bene_key").unique()
        for frame in (before, after)
    )
    if new.join(old, on="bene_key", how="anti").height:
        words = "--attribution gives episodes to people who had none, and the cells do not hold their days of service."
        raise InputError("QP220", words, "Run `qpcli determine` with this list.")
