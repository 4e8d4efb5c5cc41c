"""What each rule takes away from an entity's lines, beneficiaries and dollars, step by step."""

from .oracle_beneficiaries import criteria, is_attributed, is_removed
from .oracle_claims import (
    Service,
    covered_cents,
    entity_lines,
    is_in_time,
    is_not_denied,
    is_qualifying,
    net,
    patients,
)
from .oracle_facts import Case, Entity, Line
from .oracle_scores import dollars
from .world import Row

Step = tuple[str, int, int]  # name, lines or beneficiaries remaining, cents remaining

CLAIM_STEPS = 5
CRITERIA = [
    "has_enrollment_record",
    "is_not_managed_care",
    "is_not_medicare_secondary",
    "has_part_a_and_b",
    "is_at_least_18",
    "is_us_resident",
]


def exclusions(case: Case, scores: list[Row]) -> list[Row]:
    """Fourteen steps for every entity's score."""
    rows = []
    for score in scores:
        if score["level"] == "apm_entity":
            rows += _rows_of_a_score(case, score)
    return rows


def _rows_of_a_score(case: Case, score: Row) -> list[Row]:
    entity, snapshot = case.entities[score["apm_entity_id"]], score["snapshot"]
    lines = entity_lines(case, entity, snapshot)
    in_time = [line for line in lines if is_in_time(case, line, snapshot)]
    accepted = [line for line in in_time if is_not_denied(case, line)]
    left = net(accepted)
    counted = [service for service in left if service.is_covered_professional or service.is_rural]
    claim_steps = [
        ("group_lines_in_period", *_lines_and_cents(lines)),
        ("processed_in_time", *_lines_and_cents(in_time)),
        ("not_denied", *_lines_and_cents(accepted)),
        ("not_cancelled", sum(s.line_count for s in left), sum(s.cents for s in left)),
        ("covered_professional_service", sum(s.line_count for s in counted), covered_cents(counted)),
    ]
    person_steps = _person_steps(case, counted, snapshot=snapshot, basis=score["basis"], entity=entity)
    keys = {key: score[key] for key in ("performance_year", "snapshot", "apm_entity_id", "basis")}
    return _rows(keys, claim_steps, person_steps, start=len(patients(counted)))


def _lines_and_cents(lines: list[Line]) -> tuple[int, int]:
    return len(lines), sum(line.cents for line in lines)


def _person_steps(case: Case, found: list[Service], *, snapshot: int, basis: str, entity: Entity) -> list[Step]:
    """The services of the beneficiaries who are left after each criterion, one after the other."""
    steps = []
    met = {bene_id: criteria(case, bene_id, snapshot) for bene_id in patients(found)}
    for name in CRITERIA:
        found = [s for s in found if met[s.bene_id][name]]
        steps.append(_person_step(name, found))
    qualifying = patients(s for s in found if is_qualifying(case, s, basis, [entity]))
    found = [s for s in found if s.bene_id in qualifying]
    steps.append(_person_step("has_qualifying_service", found))
    found = [s for s in found if not is_removed(case, s.bene_id, snapshot, [entity])]
    steps.append(_person_step("is_not_prospective_elsewhere", found))
    found = [s for s in found if is_attributed(case, s, snapshot, [entity])]
    return [*steps, _person_step("is_attributed", found)]


def _person_step(name: str, found: list[Service]) -> Step:
    return name, len(patients(found)), covered_cents(found)


def _rows(keys: Row, claim_steps: list[Step], person_steps: list[Step], *, start: int) -> list[Row]:
    """Removed is what remained one step before; the person steps begin with `start` beneficiaries."""
    before = [claim_steps[0], *claim_steps, *person_steps[:-1]]
    rows = []
    for number, (step, previous) in enumerate(zip([*claim_steps, *person_steps], before, strict=True), start=1):
        name, count, cents = step
        removed = (start if number == CLAIM_STEPS + 1 else previous[1]) - count
        is_claim_step = number <= CLAIM_STEPS
        rows.append(
            keys
            | {
                "step_number": number,
                "step": name,
                "lines_remaining": count if is_claim_step else None,
                "lines_removed": removed if is_claim_step else None,
                "beneficiaries_remaining": None if is_claim_step else count,
                "beneficiaries_removed": None if is_claim_step else removed,
                "amount_remaining": dollars(cents),
                "amount_removed": dollars(previous[2] - cents),
            }
        )
    return rows
