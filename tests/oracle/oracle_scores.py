"""Threshold Scores (42 CFR 414.1425, 414.1430, 414.1435)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .oracle_beneficiaries import eligible_beneficiaries, is_attributed
from .oracle_claims import Service, covered_cents, entity_lines, has_npi, is_by_a_pair, patients, period_lines, services
from .oracle_facts import Case, Entity, Line
from .oracle_law import FIRST_YEAR_OF_TWO_BASES, THRESHOLDS
from .oracle_lists import counts_but_for_termination, entities_counting, group, list_type, members
from .world import Row

STATUSES = ["NO_SCORE", "NOT_QP", "PARTIAL_QP", "QP"]  # from the least to the most favourable


@dataclass(frozen=True)
class Tally:
    """Numerators and denominators of both methods: cents and beneficiaries."""

    payment_numerator: int
    payment_denominator: int
    patient_numerator: int
    patient_denominator: int


def bases(case: Case) -> list[str]:
    """E/M alone through 2025, both from 2026."""
    return ["em"] if case.year < FIRST_YEAR_OF_TWO_BASES else ["em", "cps"]


def threshold_scores(case: Case) -> list[Row]:
    """All levels, all computed snapshots."""
    rows = []
    for snapshot in range(1, case.highest + 1):
        rows += _entity_rows(case, snapshot)
        rows += _clinician_rows(case, snapshot)
    return rows + _several_entities_rows(case, rows)


def _clinician_rows(case: Case, snapshot: int) -> list[Row]:
    if case.year < FIRST_YEAR_OF_TWO_BASES:
        return _affiliated_practitioner_rows(case, snapshot)
    return _individual_rows(case, snapshot)


# Entity level (42 CFR 414.1425(b)(1))


def _entity_rows(case: Case, snapshot: int) -> list[Row]:
    rows = []
    for entity in entities_counting(case, snapshot, "participation"):
        found = services(case, entity_lines(case, entity, snapshot), snapshot)
        count = len(members(case, entity.apm_entity_id, snapshot))
        who = {"level": "apm_entity", "apm_entity_id": entity.apm_entity_id, "npi": None, "clinician_count": count}
        rows += _rows(case, who, found, snapshot=snapshot, entities=[entity])
    return rows


# Clinicians through 2025 (42 CFR 414.1425(c)(4), (d)(2))


def _affiliated_practitioner_rows(case: Case, snapshot: int) -> list[Row]:
    rows = []
    for entity in entities_counting(case, snapshot, "affiliated"):
        id_ = entity.apm_entity_id
        for npi in members(case, id_, snapshot):
            own = [line for line in entity_lines(case, entity, snapshot) if has_npi(line, npi)]
            who = {"level": "affiliated_practitioner", "apm_entity_id": id_, "npi": npi, "clinician_count": 1}
            rows += _rows(case, who, services(case, own, snapshot), snapshot=snapshot, entities=[entity])
    return rows


def _several_entities_rows(case: Case, rows: list[Row]) -> list[Row]:
    """Clinicians of two or more entities, none of them QP at the third snapshot."""
    if case.year >= FIRST_YEAR_OF_TWO_BASES or case.highest < 3:
        return []
    qp = {r["apm_entity_id"] for r in rows if r["snapshot"] == 3 and r["level"] == "apm_entity" and r["status"] == "QP"}
    found = []
    for npi in {entry.npi for entry in case.entries}:
        remaining = _remaining_entities(case, npi)
        if remaining and not qp & {entity.apm_entity_id for entity in remaining}:
            found.append(_several_entities_row(case, npi, remaining))
    return found


def _remaining_entities(case: Case, npi: str) -> list[Entity]:
    """Those that count at snapshot 3, if the clinician is in two or more with the terminated ones."""
    several = [
        entity
        for id_, entity in case.entities.items()
        if list_type(case, id_) == "participation"
        and npi in members(case, id_, 3)
        and counts_but_for_termination(case, entity, 3)
    ]
    counting = entities_counting(case, 3, "participation")
    return [entity for entity in several if entity in counting] if len(several) >= 2 else []


def _several_entities_row(case: Case, npi: str, entities: list[Entity]) -> Row:
    own = services(case, _lines_under_several_entities(case, npi, entities), 3)
    if case.assume["individual_criterion_6"] == "own_services":
        eligible = eligible_beneficiaries(case, own, snapshot=3, basis="em", entities=entities)
    else:
        eligible = set().union(*(_entity_eligible_beneficiaries(case, entity) for entity in entities))
    tally = tally_of(case, own, eligible, snapshot=3, entities=entities)
    who = {"level": "individual", "apm_entity_id": None, "npi": npi, "clinician_count": 1}
    return _row(case, who, tally, snapshot=3, basis="em")


def _lines_under_several_entities(case: Case, npi: str, entities: list[Entity]) -> list[Line]:
    own = [line for line in period_lines(case, 3) if has_npi(line, npi)]
    if case.assume["individual_claims"] == "all_tins":
        return own
    pairs = set().union(*(group(case, entity.apm_entity_id, 3) for entity in entities))
    return [line for line in own if is_by_a_pair(line, pairs)]


def _entity_eligible_beneficiaries(case: Case, entity: Entity) -> set[str]:
    found = services(case, entity_lines(case, entity, 3), 3)
    return eligible_beneficiaries(case, found, snapshot=3, basis="em", entities=[entity])


# Clinicians from 2026 (42 CFR 414.1425(c)(3)(ii))


def _individual_rows(case: Case, snapshot: int) -> list[Row]:
    """Every clinician on a list of either kind, with all lines of the NPI."""
    if case.assume["individual_snapshots"] == "third" and snapshot < 3:
        return []
    rows = []
    counting = entities_counting(case, snapshot, "participation") + entities_counting(case, snapshot, "affiliated")
    for npi in {entry.npi for entry in case.entries}:
        entities = [entity for entity in counting if npi in members(case, entity.apm_entity_id, snapshot)]
        own = services(case, [line for line in period_lines(case, snapshot) if has_npi(line, npi)], snapshot)
        who = {"level": "individual", "apm_entity_id": None, "npi": npi, "clinician_count": 1}
        rows += _rows(case, who, own, snapshot=snapshot, entities=entities) if entities else []
    return rows


# Tallies and rows


def _rows(case: Case, who: Row, found: list[Service], *, snapshot: int, entities: list[Entity]) -> list[Row]:
    """One row per basis, criterion 6 by the same services that are counted."""
    rows = []
    for basis in bases(case):
        eligible = eligible_beneficiaries(case, found, snapshot=snapshot, basis=basis, entities=entities)
        tally = tally_of(case, found, eligible, snapshot=snapshot, entities=entities)
        rows.append(_row(case, who, tally, snapshot=snapshot, basis=basis))
    return rows


def tally_of(
    case: Case, found: Iterable[Service], eligible: set[str], *, snapshot: int, entities: list[Entity]
) -> Tally:
    """The two ratios of section 414.1435."""
    denominator = [service for service in found if service.bene_id in eligible]
    numerator = [service for service in denominator if is_attributed(case, service, snapshot, entities)]
    return Tally(
        payment_numerator=covered_cents(numerator),
        payment_denominator=covered_cents(denominator),
        patient_numerator=len(patients(numerator)),
        patient_denominator=len(patients(denominator)),
    )


def _row(case: Case, who: Row, tally: Tally, *, snapshot: int, basis: str) -> Row:
    bars = THRESHOLDS[case.year]
    payment = (tally.payment_numerator, tally.payment_denominator)
    patient = (tally.patient_numerator, tally.patient_denominator)
    payment_status = status(*payment, bars.payment_qp, bars.payment_partial)
    patient_status = status(*patient, bars.patient_qp, bars.patient_partial)
    cents_to_qp = gap_by_attributing_existing(*payment, bars.payment_qp)
    return {
        "performance_year": case.year,
        "snapshot": snapshot,
        "level": who["level"],
        "apm_entity_id": who["apm_entity_id"],
        "npi": who["npi"],
        "basis": basis,
        "clinician_count": who["clinician_count"],
        "payment_numerator": dollars(tally.payment_numerator),
        "payment_denominator": dollars(tally.payment_denominator),
        "payment_score": score(*payment),
        "patient_numerator": tally.patient_numerator,
        "patient_denominator": tally.patient_denominator,
        "patient_score": score(*patient),
        "payment_qp_threshold": bars.payment_qp,
        "payment_partial_threshold": bars.payment_partial,
        "patient_qp_threshold": bars.patient_qp,
        "patient_partial_threshold": bars.patient_partial,
        "payment_status": payment_status,
        "patient_status": patient_status,
        "status": max(payment_status, patient_status, key=STATUSES.index),
        "payment_gap_to_qp": None if cents_to_qp is None else dollars(cents_to_qp),
        "patient_gap_to_qp": gap_by_attributing_existing(*patient, bars.patient_qp),
    }


def status(numerator: int, denominator: int, qp: int, partial: int) -> str:
    """Meets or exceeds, by whole numbers; a denominator of 0 or less is no score (42 CFR 414.1430)."""
    if denominator <= 0:
        return "NO_SCORE"
    if numerator * 100 >= denominator * qp:
        return "QP"
    return "PARTIAL_QP" if numerator * 100 >= denominator * partial else "NOT_QP"


def score(numerator: int, denominator: int) -> float | None:
    """Percent, truncated toward zero at four decimals; null when the denominator is 0."""
    if denominator == 0:
        return None
    return math.trunc(Fraction(numerator * 100 * 10_000, denominator)) / 10_000


def dollars(cents: int) -> Decimal:
    """Cents as a Decimal with two places."""
    return Decimal(cents).scaleb(-2)


def gap_by_attributing_existing(numerator: int, denominator: int, percent: int) -> int | None:
    """Least part of the existing denominator that would have to become attributed."""
    if denominator <= 0:
        return None
    return max(0, math.ceil(Fraction(denominator * percent, 100) - numerator))


def gap_by_new_attributed(numerator: int, denominator: int, percent: int) -> int:
    """Least number of new beneficiaries, all of them attributed, that would meet the bar."""
    bar = Fraction(percent, 100)
    return max(0, math.ceil((denominator * bar - numerator) / (1 - bar)))


def gap_by_shedding(numerator: int, denominator: int, percent: int) -> int:
    """Least number of unattributed beneficiaries that would have to leave the denominator."""
    return max(0, denominator - math.floor(numerator / Fraction(percent, 100)))
