"""Who is in an APM Entity group, and which entities count (42 CFR 414.1305, 414.1425)."""

from datetime import date

from .oracle_facts import Case, Entity, Entry, covers
from .oracle_law import MINIMUM_DAYS_TESTED

Pair = tuple[str | None, str]  # (TIN, NPI)


def participation_entities(case: Case) -> set[str]:
    """Entities with a Participation List entry overlapping the calendar year (42 CFR 414.1425(b))."""
    first, last = date(case.year, 1, 1), date(case.year, 12, 31)
    return {
        entry.apm_entity_id
        for entry in case.entries
        if entry.list_type == "participation"
        and (entry.start_date or date.min) <= last
        and (entry.end_date or date.max) >= first
    }


def entries_that_matter(case: Case) -> list[Entry]:
    """Affiliated Practitioner entries of a Participation List entity are ignored."""
    lists = participation_entities(case)
    return [e for e in case.entries if e.list_type == "participation" or e.apm_entity_id not in lists]


def is_on_a_list(case: Case, entry: Entry, snapshots: range) -> bool:
    """Is the entry in force on one of the snapshot dates?"""
    return any(covers(entry, case.day(snapshot)) for snapshot in snapshots)


def group(case: Case, entity_id: str, snapshot: int) -> set[Pair]:
    """The entity's TIN/NPI pairs at a snapshot, of the one kind of list it has (42 CFR 414.1425(b)(1))."""
    is_cumulative = case.assume["group_membership"] == "any_snapshot_so_far"
    dates = range(1 if is_cumulative else snapshot, snapshot + 1)
    kind = list_type(case, entity_id)
    mine = [e for e in case.entries if e.apm_entity_id == entity_id and e.list_type == kind]
    return {(e.tin, e.npi) for e in mine if is_on_a_list(case, e, dates)}


def list_type(case: Case, entity_id: str) -> str:
    """A Participation List goes before an Affiliated Practitioner List (42 CFR 414.1425(b)(2))."""
    return "participation" if entity_id in participation_entities(case) else "affiliated"


def members(case: Case, entity_id: str, snapshot: int) -> set[str]:
    """The clinicians (NPIs) of the group."""
    return {npi for _, npi in group(case, entity_id, snapshot)}


def window(case: Case, entity: Entity, snapshot: int) -> tuple[date, date]:
    """The days of the period up to the snapshot on which the APM was actively tested."""
    first = max(date(case.year, 1, 1), entity.active_from or date.min)
    return first, min(case.day(snapshot), entity.active_to or date.max)


def is_tested_long_enough(case: Case, entity: Entity, snapshot: int) -> bool:
    """At least 60 continuous days by the snapshot date (42 CFR 414.1425(c)(7))."""
    first, last = window(case, entity, snapshot)
    return (last - first).days + 1 >= MINIMUM_DAYS_TESTED


def is_terminated(case: Case, entity: Entity) -> bool:
    """Terminated before August 31, or later without having borne risk (42 CFR 414.1425(c)(5)-(6))."""
    if entity.terminated_on is None:
        return False
    return entity.terminated_on < case.day(3) or not entity.bears_risk


def counts_but_for_termination(case: Case, entity: Entity, snapshot: int) -> bool:
    """Is it in an Advanced APM that was tested long enough?"""
    return entity.is_advanced and is_tested_long_enough(case, entity, snapshot)


def counts(case: Case, entity: Entity, snapshot: int) -> bool:
    """Does the entity count at the snapshot?"""
    return counts_but_for_termination(case, entity, snapshot) and not is_terminated(case, entity)


def entities_counting(case: Case, snapshot: int, kind: str) -> list[Entity]:
    """The counting entities that have a list of this kind and somebody on it at the snapshot."""
    return [
        entity
        for id_, entity in sorted(case.entities.items())
        if counts(case, entity, snapshot) and list_type(case, id_) == kind and group(case, id_, snapshot)
    ]
