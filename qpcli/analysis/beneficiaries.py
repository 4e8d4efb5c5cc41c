"""Why a beneficiary is, or is not, in a denominator and a numerator; people are named by their place in a file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from qpcli.analysis.chains import own_groups
from qpcli.analysis.explain import base_of
from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.situation import Assessed, facts_of
from qpcli.engines.shard import judged_people
from qpcli.errors import InputError
from qpcli.rules.attribution_eligibility import CRITERIA
from qpcli.rules.groups import Groups, restricted
from qpcli.rules.numbering import KEY
from qpcli.rules.snapshots import at
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.terms import Level, ServiceBasis, Snapshot

KNOWN, SERVED, ATTRIBUTED = "is_known", "is_served", "is_attributed"
PROSPECTIVE = "is_not_prospective_elsewhere"


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """One person of the file, by its place (from 1), for one group, snapshot and basis; cents.

    `fails` are the criteria that do not hold, in their order; nothing is known of who `is_known` fails for.
    """

    place: int
    level: Level
    apm_entity_id: str | None
    snapshot: int
    basis: str
    in_denominator: bool
    in_numerator: bool
    cents: int
    attributed_cents: int
    service_count: int
    fails: tuple[str, ...]


def read_people(file: Path) -> tuple[str, ...]:
    """The ids of a file: of its column of beneficiaries, or one per line. Raises InputError QP201, QP202 or QP213."""
    try:
        rows = [row for row in csv.reader(file.read_text(encoding="utf-8-sig").splitlines()) if row]
    except FileNotFoundError:
        raise InputError("QP201", "The beneficiary file does not exist.") from None
    except (OSError, UnicodeDecodeError, csv.Error):
        raise InputError("QP202", "The beneficiary file cannot be read.") from None
    column = ATTRIBUTION.column("bene_id")
    names = {name.replace("_", " ") for name in (column.name, *column.aliases)}
    header = [cell.strip().lower().replace("_", " ") for cell in rows[0]] if rows else []
    place = next((place for place, cell in enumerate(header) if cell in names), None)
    body = rows if place is None else rows[1:]
    ids = tuple(row[place or 0].strip() for row in body if len(row) > (place or 0))
    if not ids:
        raise InputError("QP213", "The beneficiary file names nobody.")
    return ids


def explain_people(run: FinishedRun, subject: str, ids: tuple[str, ...]) -> tuple[PersonAnswer, ...]:
    """Every person at the newest snapshot, for every group of the subject; raises InputError QP220 without cells."""
    run.kept_table("people")
    base = base_of(run)
    asked = pl.DataFrame({"place": range(1, len(ids) + 1), "bene_id": ids})
    keyed = asked.join(run.kept_table("people").select("bene_id", "bene_key").collect(), on="bene_id", how="left")
    keyed = keyed.sort("place")
    groups, shown = _groups(base, subject)
    judged = _judged(run, base, groups, keyed)
    return tuple(
        _answer(group, person, judged, snapshot, basis)
        for group in shown.iter_rows(named=True)
        for snapshot in base.law.snapshots[-1:]
        for basis in base.law.bases
        for person in keyed.iter_rows(named=True)
    )


def _groups(base: Assessed, subject: str) -> tuple[Groups, pl.DataFrame]:
    """The groups to judge with those that share people with them, and the ones to show."""
    names = base.lists.numbering.entities.lazy()
    own = own_groups(base, subject).groups
    entity = base.groups.groups.join(names, on="entity_key").filter(
        (pl.col("apm_entity_id") == subject) & (pl.col("level") == Level.APM_ENTITY.value)
    )
    clinician = base.lists.listings.lazy().filter(pl.col("npi") == subject).select("entity_key").unique()
    through = base.groups.groups.filter(pl.col("level") == Level.APM_ENTITY.value).join(
        clinician, on="entity_key", how="semi"
    )
    keys = [frame.select("group_key") for frame in (own, entity, through)]
    asked = pl.concat(keys).unique()
    shown = base.groups.groups.join(asked, on="group_key", how="semi").join(names, on="entity_key", how="left")
    return restricted(base.groups, asked), shown.sort("level", "apm_entity_id").collect()


def _judged(
    run: FinishedRun, base: Assessed, groups: Groups, keyed: pl.DataFrame
) -> Mapping[tuple[int, int], dict[str, Any]]:
    people = keyed.lazy().select("bene_key").drop_nulls().unique().with_columns(pl.col("bene_key").cast(KEY))
    cells = run.kept_table("cells").join(people, on="bene_key", how="semi").collect().lazy()
    facts = facts_of(run, base, people)
    rows = judged_people(cells, groups, base.lists, base.law, facts).collect()
    return {(row["group_key"], row["bene_key"]): row for row in rows.iter_rows(named=True)}


def _answer(
    group: Mapping[str, Any],
    person: Mapping[str, Any],
    judged: Mapping[tuple[int, int], dict[str, Any]],
    snapshot: Snapshot,
    basis: ServiceBasis,
) -> PersonAnswer:
    row = judged.get((group["group_key"], person["bene_key"])) if person["bene_key"] is not None else None
    value = {} if row is None else row
    is_served = bool(value.get(at("is_served", snapshot)))
    is_eligible = bool(value.get(at(f"is_eligible_{basis}", snapshot)))
    is_attributed = bool(value.get(at("is_served_as_attributed", snapshot)))
    return PersonAnswer(
        place=person["place"],
        level=Level(group["level"]),
        apm_entity_id=group["apm_entity_id"],
        snapshot=snapshot.number,
        basis=basis.value,
        in_denominator=is_served and is_eligible,
        in_numerator=is_attributed and is_eligible,
        cents=value.get(at("cents", snapshot), 0),
        attributed_cents=value.get(at("attributed_cents", snapshot), 0),
        service_count=value.get(at("service_count", snapshot), 0),
        fails=_fails(value, snapshot, basis, is_known=person["bene_key"] is not None),
    )


def _fails(value: Mapping[str, Any], snapshot: Snapshot, basis: ServiceBasis, *, is_known: bool) -> tuple[str, ...]:
    if not is_known:
        return (KNOWN,)
    if not value.get(at("is_served", snapshot)):
        return (SERVED,)
    criteria = [*CRITERIA, f"has_qualifying_service_{basis}", PROSPECTIVE]
    # Who is eligible through a clinician's entities need not be by the clinician's own services.
    asked = [] if value[at(f"is_eligible_{basis}", snapshot)] else criteria
    fails = [name.removesuffix(f"_{basis}") for name in asked if not value[at(name, snapshot)]]
    if not value[at("is_served_as_attributed", snapshot)]:
        fails.append(ATTRIBUTED)
    return tuple(fails)
