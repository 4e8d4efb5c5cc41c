"""Why an APM Entity or a clinician has the status it has: every number behind it, from one finished run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from qpcli.analysis import all_payer
from qpcli.analysis.all_payer import AllPayerResult
from qpcli.analysis.chains import Chain, entity_chains, own_chains
from qpcli.analysis.deciding import deciding, decision_of_entity
from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.results import Result, nearest_miss, results
from qpcli.analysis.situation import Assessed, assessed, numbering_for, situation_of
from qpcli.errors import UsageError
from qpcli.regulation.law import OpenPoint
from qpcli.reports.manifest import LawRecord
from qpcli.rules import attribution
from qpcli.rules.attribution_eligibility import CRITERIA
from qpcli.rules.snapshots import at
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.tables.clinicians import CLINICIANS, SEPARATOR
from qpcli.terms import Level, ListType, QpStatus


@dataclass(frozen=True, slots=True)
class Entry:
    """One TIN and list under which a clinician is listed, at which snapshots so far, and whether the entity counts."""

    apm_entity_id: str
    list_type: str
    tin: str
    snapshots: tuple[int, ...]
    counts_at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AttributedPeople:
    """People on an entity's attribution list at the newest snapshot, and how many fail each criterion of their own."""

    attributed_count: int
    failing: dict[str, int]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One answer. What only kept cells tell is None without them.

    `status`: the newest. `decided` and `nearest_miss` are among the results, all of the Medicare Option;
    `decided_by_all_payer` is among `all_payer`, which is empty without submissions of other payers.
    """

    subject: str
    is_clinician: bool
    status: QpStatus
    results: tuple[Result, ...]
    decided: Result | None
    nearest_miss: Result | None
    chains: tuple[Chain, ...]
    law_entries: tuple[LawRecord, ...]
    assumptions: tuple[OpenPoint, ...]
    determinations: tuple[dict[str, Any], ...] = ()
    entries: tuple[Entry, ...] | None = None
    attributed: AttributedPeople | None = None
    clinician_count: int | None = None
    all_payer: tuple[AllPayerResult, ...] = ()
    decided_by_all_payer: AllPayerResult | None = None
    notes: tuple[str, ...] = field(default=())


ONE_BY_ONE = (
    "An APM Entity with an Affiliated Practitioner List alone has no score: its clinicians are assessed singly."
)
NO_CELLS = "The run keeps no cells: `qpcli determine --keep-cells` lets explain say more."


def explain(run: FinishedRun, subject: str) -> Explanation:
    """The explanation of an NPI or an APM Entity id; raises UsageError QP101 when the run knows neither."""
    if not run.tables["determinations"].filter(pl.col("npi") == subject).is_empty():
        return _explain_clinician(run, subject)
    if not run.tables["threshold_scores"].filter(pl.col("apm_entity_id") == subject).is_empty():
        return _explain_entity(run, subject)
    raise UsageError("QP101", "The run has no clinician and no scored APM Entity of that id.", _WHO)


_WHO = "Give an NPI or an APM Entity id of the reports; the findings name the APM Entities that do not count."


def base_of(run: FinishedRun) -> Assessed:
    """The run's own situation under its own keys."""
    situation = situation_of(run)
    return assessed(run, situation, numbering_for(run, situation))


def _explain_entity(run: FinishedRun, subject: str) -> Explanation:
    of_entity = (pl.col("apm_entity_id") == subject) & (pl.col("level") == Level.APM_ENTITY.value)
    scores = run.tables["threshold_scores"].filter(of_entity)
    found = results(scores, run.law)
    submitted = _all_payer_scores(run)
    others = scores.clear() if submitted is None else all_payer.rows_of_entity(submitted, subject)
    others_found = () if submitted is None else all_payer.all_payer_results(others)
    decision = decision_of_entity(scores, others)
    decided, by_all_payer = deciding(found, others_found, decision)
    status = QpStatus.NO_SCORE if decision is None else QpStatus(decision["status"])
    counts = scores.sort("snapshot").get_column("clinician_count").to_list()
    return Explanation(
        subject=subject,
        is_clinician=False,
        status=status,
        results=found,
        decided=decided,
        nearest_miss=nearest_miss(found, status),
        chains=entity_chains(run, subject),
        law_entries=_law_entries(run),
        assumptions=_assumptions(run),
        attributed=_attributed(run, subject) if run.kept else None,
        clinician_count=counts[-1] if counts else None,
        all_payer=others_found,
        decided_by_all_payer=by_all_payer,
        notes=(*(() if run.kept else (NO_CELLS,)), *((ONE_BY_ONE,) if scores.is_empty() else ())),
    )


def _all_payer_scores(run: FinishedRun) -> pl.DataFrame | None:
    return run.tables.get(ALL_PAYER_SCORES.name)


def _attributed(run: FinishedRun, subject: str) -> AttributedPeople | None:
    """Only for entities that attribute people: episode-based ones have no such list."""
    base = base_of(run)
    entity = base.lists.entities.lazy().filter(pl.col("apm_entity_id") == subject)
    listed = base.situation.attribution.lazy().join(entity.select("apm_entity_id", "entity_key"), on="apm_entity_id")
    attributed = attribution.attributed_people(listed, entity, base.law)
    people = run.kept_table("people").drop("bene_id")
    counted = attribution.failing_criteria(attributed, people, base.law).collect()
    if counted.is_empty():
        return None
    row = counted.row(0, named=True)
    return AttributedPeople(row["attributed_count"], {name: row[name] for name in CRITERIA})


def _explain_clinician(run: FinishedRun, npi: str) -> Explanation:
    rows = run.tables["determinations"].filter(pl.col("npi") == npi).sort("snapshot")
    newest = rows.row(-1, named=True)
    base = base_of(run) if run.kept else None
    scores = _scores_of(run, rows, base, npi)
    found = results(scores, run.law)
    status = QpStatus(newest["status"])
    others = _all_payer_results_of(run, rows, base, npi)
    decided, by_all_payer = deciding(found, others, newest)
    return Explanation(
        subject=npi,
        is_clinician=True,
        status=status,
        results=found,
        decided=decided,
        nearest_miss=nearest_miss(found, status),
        chains=own_chains(run, base, npi) if base is not None else (),
        law_entries=_law_entries(run),
        assumptions=_assumptions(run),
        determinations=tuple(rows.to_dicts()),
        entries=_entries(base, npi) if base is not None else None,
        all_payer=others,
        decided_by_all_payer=by_all_payer,
        notes=() if run.kept else (NO_CELLS,),
    )


def _scores_of(run: FinishedRun, rows: pl.DataFrame, base: Assessed | None, npi: str) -> pl.DataFrame:
    """The clinician's own rows, and those of the entity groups it was in; without cells only of those that decided."""
    scores = run.tables["threshold_scores"]
    own = scores.filter(pl.col("npi") == npi)
    if base is None:
        through = rows.filter(pl.col("determined_by_level") == Level.APM_ENTITY.value)
        asked = through.select(apm_entity_id="determined_by_apm_entity_id", snapshot="determined_at_snapshot").unique()
    else:
        asked = _memberships(base, npi)
    of_entities = scores.filter(pl.col("level") == Level.APM_ENTITY.value)
    return pl.concat([of_entities.join(asked, on=["apm_entity_id", "snapshot"], how="semi"), own])


def _all_payer_results_of(
    run: FinishedRun, rows: pl.DataFrame, base: Assessed | None, npi: str
) -> tuple[AllPayerResult, ...]:
    """As `_scores_of`, with the rows of the clinician's TINs."""
    scores = _all_payer_scores(run)
    if scores is None:
        return ()
    places = _memberships(base, npi) if base is not None else _deciding_places(run, rows, npi)
    return all_payer.all_payer_results(all_payer.rows_of_clinician(scores, npi, places))


def _deciding_places(run: FinishedRun, rows: pl.DataFrame, npi: str) -> pl.DataFrame:
    """The APM Entities and snapshots that decided, by every TIN of the clinician; a shared run names no TINs."""
    people = run.tables.get(CLINICIANS.name)
    texts = [] if people is None else people.filter(pl.col("npi") == npi).get_column("tins").drop_nulls().to_list()
    tins = [tin for text in texts for tin in text.split(SEPARATOR)] or [None]
    asked = rows.select(apm_entity_id="determined_by_apm_entity_id", snapshot="determined_at_snapshot").unique()
    return asked.join(pl.DataFrame({"tin": tins}, {"tin": pl.String}), how="cross")


def _memberships(base: Assessed, npi: str) -> pl.DataFrame:
    """One row per entity, TIN and snapshot at which the clinician is in the entity's group."""
    listed = base.lists.listings.lazy().filter(
        (pl.col("npi") == npi) & (pl.col("list_type") == ListType.PARTICIPATION.value)
    )
    by_snapshot = [
        listed.filter(pl.col(at("is_in", s))).select("apm_entity_id", "tin", snapshot=pl.lit(s.number, pl.Int64))
        for s in base.law.snapshots
    ]
    return pl.concat(by_snapshot).unique().collect()


def _entries(base: Assessed, npi: str) -> tuple[Entry, ...]:
    rows = base.lists.listings.lazy().filter(pl.col("npi") == npi).sort("apm_entity_id", "list_type", "tin").collect()
    numbers = [s.number for s in base.law.snapshots]
    return tuple(
        Entry(
            row["apm_entity_id"],
            row["list_type"],
            row["tin"],
            tuple(n for n in numbers if row[at("is_member", n)]),
            tuple(n for n in numbers if row[at("counts", n)]),
        )
        for row in rows.iter_rows(named=True)
    )


def _law_entries(run: FinishedRun) -> tuple[LawRecord, ...]:
    return run.manifest.law_entries if run.manifest is not None else ()


def _assumptions(run: FinishedRun) -> tuple[OpenPoint, ...]:
    """The open points that have an effect in the year, those answered otherwise first."""
    points = [p for p in run.law.open_points.values() if p.has_effect_in(run.law.performance_year) and not p.layouts]
    return tuple(sorted(points, key=lambda point: (not point.is_overridden, point.name)))
