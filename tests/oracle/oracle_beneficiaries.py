"""Attribution-eligible and attributed beneficiaries (42 CFR 414.1305, 414.1435(c))."""

from collections.abc import Callable, Iterable
from datetime import date

from .oracle_claims import Service, is_qualifying, patients
from .oracle_facts import AttributionRow, Case, Entity, Span, covers
from .oracle_law import AGE, FIRST_YEAR_OF_PROSPECTIVE_REMOVAL

Fact = Callable[[Span], bool]

# Criteria 1, 2, 3 and 5, each as a fact of one coverage span; unknown is not met.
FACTS: dict[str, Fact] = {
    "has_enrollment_record": lambda _: True,
    "is_not_managed_care": lambda span: span.is_managed_care is False,
    "is_not_medicare_secondary": lambda span: span.is_medicare_secondary is False,
    "has_part_a_and_b": lambda span: span.has_part_a is True and span.has_part_b is True,
    "is_us_resident": lambda span: span.is_us_resident is True,
}


def living_months(case: Case, bene_id: str, snapshot: int) -> list[date]:
    """The first days, on which the beneficiary lives, of the months that are looked at."""
    last = case.day(snapshot).month
    first = last if case.assume["enrollment_months"] == "snapshot_month" else 1
    deaths = [span.death_date for span in case.spans.get(bene_id, ()) if span.death_date]
    days = [date(case.year, month, 1) for month in range(first, last + 1)]
    return [day for day in days if not deaths or day <= min(deaths)]


def has_fact(case: Case, bene_id: str, day: date, fact: Fact) -> bool:
    """Is there a coverage record on this day, and does every one have the fact?"""
    spans = [span for span in case.spans.get(bene_id, ()) if covers(span, day)]
    return bool(spans) and all(fact(span) for span in spans)


def meets_fact(case: Case, bene_id: str, snapshot: int, fact: Fact) -> bool:
    """In every living month (or in any), and there must be one."""
    months = [has_fact(case, bene_id, day, fact) for day in living_months(case, bene_id, snapshot)]
    return any(months) if case.assume["enrollment_months"] == "any_month" else bool(months) and all(months)


def is_of_age(case: Case, bene_id: str, snapshot: int) -> bool:
    """Is the 18th birthday, by the earliest birth date known, on or before the day?"""
    births = [span.birth_date for span in case.spans.get(bene_id, ()) if span.birth_date]
    day = {
        "snapshot_date": case.day(snapshot),
        "period_start": date(case.year, 1, 1),
        "period_end": case.day(3),
    }[case.assume["age_reached_by"]]
    return bool(births) and _month_and_day(min(births), AGE) <= _month_and_day(day, 0)


def _month_and_day(day: date, years: int) -> tuple[int, int, int]:
    return day.year + years, day.month, day.day


def criteria(case: Case, bene_id: str, snapshot: int) -> dict[str, bool]:
    """Criteria 1 to 5 by name, and whether there is an enrollment record at all."""
    met = {name: meets_fact(case, bene_id, snapshot, fact) for name, fact in FACTS.items()}
    return met | {"is_at_least_18": is_of_age(case, bene_id, snapshot)}


def list_date(case: Case, snapshot: int) -> date:
    """The date on which attribution rows must be in force."""
    return case.day(case.highest if case.assume["attribution_list_date"] == "latest" else snapshot)


def rows_in_force(case: Case, bene_id: str, snapshot: int) -> list[AttributionRow]:
    """The beneficiary's attribution rows in force."""
    return [row for row in case.attribution.get(bene_id, ()) if covers(row, list_date(case, snapshot))]


def is_removed(case: Case, bene_id: str, snapshot: int, entities: list[Entity]) -> bool:
    """Would every one of the entities remove the beneficiary as prospective elsewhere (42 CFR 414.1435(c)(1)(i))?"""
    if case.year < FIRST_YEAR_OF_PROSPECTIVE_REMOVAL:
        return False
    at = {row.apm_entity_id for row in rows_in_force(case, bene_id, snapshot) if row.is_prospective}
    return all(bool(at - {e.apm_entity_id}) and e.removes_prospective_elsewhere for e in entities)


def eligible_beneficiaries(
    case: Case, found: Iterable[Service], *, snapshot: int, basis: str, entities: list[Entity]
) -> set[str]:
    """The attribution-eligible beneficiaries that these services make (42 CFR 414.1305)."""
    return {
        bene_id
        for bene_id in patients(s for s in found if is_qualifying(case, s, basis, entities))
        if all(criteria(case, bene_id, snapshot).values()) and not is_removed(case, bene_id, snapshot, entities)
    }


def is_attributed(case: Case, service: Service, snapshot: int, entities: list[Entity]) -> bool:
    """Is the service attributed by some entity, by its list or by an episode?"""
    return any(_attributes(case, service, snapshot, entity) for entity in entities)


def _attributes(case: Case, service: Service, snapshot: int, entity: Entity) -> bool:
    if not entity.is_episode_based:
        rows = rows_in_force(case, service.bene_id, snapshot)
        return entity.apm_entity_id in {row.apm_entity_id for row in rows}
    rows = [r for r in case.attribution.get(service.bene_id, ()) if r.apm_entity_id == entity.apm_entity_id]
    return any(_is_in_episode(service, row) for row in rows)


def _is_in_episode(service: Service, row: AttributionRow) -> bool:
    if row.episode_start_date is None or row.episode_end_date is None:
        return False
    return row.episode_start_date <= service.service_date <= row.episode_end_date
