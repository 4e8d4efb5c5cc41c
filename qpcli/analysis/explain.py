"""Why an APM Entity or a clinician has the status it has: every number behind it, from one finished run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from qpcli.analysis.chains import Chain, entity_chains, own_chains
from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.results import Result, nearest_miss, results
from qpcli.analysis.situation import Assessed, assessed, numbering_for, situation_of
from qpcli.errors import UsageError
from qpcli.regulation.law import OpenPoint
from qpcli.reports.manifest import LawRecord
from qpcli.rules import attribution, determinations
from qpcli.rules.attribution_eligibility import CRITERIA
from qpcli.rules.snapshots import at
from qpcli.terms import Level, ListType, QpOption, QpStatus


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

    `status`: the newest. `decided` and `nearest_miss` are among the results.
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
    decided = _deciding(scores, found)
    status = decided.status if decided is not None else QpStatus.NO_SCORE
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
        notes=(*(() if run.kept else (NO_CELLS,)), *((ONE_BY_ONE,) if scores.is_empty() else ())),
    )


def _deciding(scores: pl.DataFrame, found: tuple[Result, ...]) -> Result | None:
    """The result that decides among those of one entity, by the rule for clinicians."""
    keyed = scores.lazy().with_columns(entity_key=pl.lit(0), clinician_key=pl.lit(0))
    of_medicare = determinations.results(keyed).with_columns(option=pl.lit(QpOption.MEDICARE.value))
    first = of_medicare.sort(determinations.preference()).head(1).collect()
    if first.is_empty():
        return None
    row = first.row(0, named=True)
    return _same(found, row["determined_at_snapshot"], row["level"], None, row["basis"], row["method"])


def _same(
    found: tuple[Result, ...], snapshot: int, level: str, entity: str | None, basis: str, method: str
) -> Result | None:
    asked = (snapshot, level, basis, method)
    for one in found:
        is_of_entity = entity is None or one.apm_entity_id == entity
        if is_of_entity and (one.snapshot, one.level.value, one.basis, one.method.value) == asked:
            return one
    return None


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
    decided = None
    if newest["determined_by_level"] is not None:
        by = [newest[f"determined_by_{name}"] for name in ("level", "apm_entity_id", "basis", "method")]
        decided = _same(found, newest["determined_at_snapshot"], *by)
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


def _memberships(base: Assessed, npi: str) -> pl.DataFrame:
    """One row per entity and snapshot at which the clinician is in the entity's group."""
    listed = base.lists.listings.lazy().filter(
        (pl.col("npi") == npi) & (pl.col("list_type") == ListType.PARTICIPATION.value)
    )
    by_snapshot = [
        listed.filter(pl.col(at("is_in", s))).select("apm_entity_id", snapshot=pl.lit(s.number, pl.Int64))
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
