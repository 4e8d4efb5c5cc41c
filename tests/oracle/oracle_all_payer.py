"""The All-Payer Combination Option, in fractions and written from the specification alone (42 CFR 414.1440)."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .oracle_beneficiaries import eligible_beneficiaries
from .oracle_claims import entity_lines, has_npi, is_by_a_pair, period_lines, services
from .oracle_facts import Case, Entity, Line
from .oracle_law import FIRST_YEAR_OF_ALL_PAYER, FIRST_YEAR_OF_TWO_BASES, MEDICARE_MINIMUMS, THRESHOLDS, Thresholds
from .oracle_lists import entities_counting, entries_that_matter, group, is_on_a_list, list_type, members, window
from .oracle_scores import STATUSES, Tally, bases, dollars, tally_of
from .world import Row

NEVER_COUNTED = ("dod", "va")
METHODS = ("payment", "patient")


@dataclass(frozen=True)
class Subject:
    """One row per subject, snapshot and basis: its own Medicare tally and the entities whose score may be weighted."""

    apm_entity_id: str | None
    clinician_count: int
    own: Tally
    entities: Sequence[str]


def all_payer_scores(case: Case, submissions: Sequence[Row], scores: list[Row]) -> list[Row]:
    """The rows of every submitted subject at every computed snapshot."""
    assert case.year >= FIRST_YEAR_OF_ALL_PAYER
    asked = sorted({(row["level"], row["subject_id"], row["snapshot"]) for row in submissions})
    rows = []
    for level, subject_id, snapshot in asked:
        if snapshot > case.highest:
            continue
        mine = [r for r in submissions if (r["level"], r["subject_id"], r["snapshot"]) == (level, subject_id, snapshot)]
        for basis in bases(case):
            found = list(_subjects(case, scores, level, subject_id, snapshot=snapshot, basis=basis))
            who = {"level": level, "subject_id": subject_id, "snapshot": snapshot, "basis": basis}
            rows += [_assessed_row(case, who, one, mine, scores) for one in found]
            rows += [] if found else [_refused_row(case, who, mine)]
    return rows


# Who is assessed


def _subjects(
    case: Case, scores: list[Row], level: str, subject_id: str, *, snapshot: int, basis: str
) -> Iterator[Subject]:
    at = [row for row in scores if row["snapshot"] == snapshot and row["basis"] == basis]
    if level == "apm_entity":
        for row in at:
            if row["level"] == "apm_entity" and row["apm_entity_id"] == subject_id:
                yield Subject(subject_id, row["clinician_count"], _tally_in(row), ())
    elif level == "tin":
        yield from _tin(case, subject_id, snapshot=snapshot, basis=basis)
    elif case.year >= FIRST_YEAR_OF_TWO_BASES:
        for row in at:
            if row["level"] == "individual" and row["npi"] == subject_id:
                ids = [entity.apm_entity_id for entity in _entities_of(case, subject_id, snapshot)]
                yield Subject(None, 1, _tally_in(row), ids)
    else:
        for row in at:
            if row["level"] == "affiliated_practitioner" and row["npi"] == subject_id:
                yield Subject(row["apm_entity_id"], 1, _tally_in(row), ())
        yield from _clinician_through_2025(case, subject_id, snapshot=snapshot, basis=basis)


def _tally_in(row: Row) -> Tally:
    cents = [int(row[f"payment_{part}"] * 100) for part in ("numerator", "denominator")]
    return Tally(*cents, row["patient_numerator"], row["patient_denominator"])


def _entities_of(case: Case, npi: str, snapshot: int) -> list[Entity]:
    """The counting entities with a Participation List that have the clinician in the group."""
    counting = entities_counting(case, snapshot, "participation")
    return [entity for entity in counting if npi in members(case, entity.apm_entity_id, snapshot)]


def _tin(case: Case, tin: str, *, snapshot: int, basis: str) -> Iterator[Subject]:
    """The clinicians of the TIN in its one APM Entity; its people are the entity's."""
    whole = [entity for entity in _holding(case, tin, snapshot) if _holds_all(case, entity, tin, snapshot)]
    if len(whole) != 1:
        return
    entity = whole[0]
    pairs = {pair for pair in group(case, entity.apm_entity_id, snapshot) if pair[0] == tin}
    first, last = window(case, entity, snapshot)
    lines = [line for line in case.lines if first <= line.service_date <= last and is_by_a_pair(line, pairs)]
    eligible = _eligible(case, [entity], snapshot=snapshot, basis=basis)
    own = tally_of(case, services(case, lines, snapshot), eligible, snapshot=snapshot, entities=[entity])
    yield Subject(entity.apm_entity_id, len({npi for _, npi in pairs}), own, [entity.apm_entity_id])


def _holding(case: Case, tin: str, snapshot: int) -> list[Entity]:
    counting = entities_counting(case, snapshot, "participation")
    return [e for e in counting if tin in {t for t, _ in group(case, e.apm_entity_id, snapshot)}]


def _holds_all(case: Case, entity: Entity, tin: str, snapshot: int) -> bool:
    """Is everybody who is listed under the TIN, or billed under it by the day, in the entity?"""
    is_cumulative = case.assume["group_membership"] == "any_snapshot_so_far"
    dates = range(1 if is_cumulative else snapshot, snapshot + 1)
    listed = {e.npi for e in entries_that_matter(case) if e.tin == tin and is_on_a_list(case, e, dates)}
    lines = period_lines(case, snapshot) if case.assume["all_payer_tin_clinicians"] == "listed_or_billing" else []
    billing = {line.npi for line in lines if line.tin == tin and line.npi and re.fullmatch("[0-9]{10}", line.npi)}
    return listed | billing <= members(case, entity.apm_entity_id, snapshot)


def _clinician_through_2025(case: Case, npi: str, *, snapshot: int, basis: str) -> Iterator[Subject]:
    """A clinician on Participation Lists, as one of several entities is assessed, whatever their number."""
    entities = _entities_of(case, npi, snapshot)
    if not entities:
        return
    found = services(case, _lines_of(case, npi, entities, snapshot), snapshot)
    if case.assume["individual_criterion_6"] == "own_services":
        eligible = eligible_beneficiaries(case, found, snapshot=snapshot, basis=basis, entities=entities)
    else:
        eligible = _eligible(case, entities, snapshot=snapshot, basis=basis)
    own = tally_of(case, found, eligible, snapshot=snapshot, entities=entities)
    yield Subject(None, 1, own, [entity.apm_entity_id for entity in entities])


def _lines_of(case: Case, npi: str, entities: list[Entity], snapshot: int) -> list[Line]:
    own = [line for line in period_lines(case, snapshot) if has_npi(line, npi)]
    if case.assume["individual_claims"] == "all_tins":
        return own
    pairs = set().union(*(group(case, entity.apm_entity_id, snapshot) for entity in entities))
    return [line for line in own if is_by_a_pair(line, pairs)]


def _eligible(case: Case, entities: list[Entity], *, snapshot: int, basis: str) -> set[str]:
    """The attribution-eligible people of the entities, each within its own window."""
    people: set[str] = set()
    for entity in entities:
        found = services(case, entity_lines(case, entity, snapshot), snapshot)
        people |= eligible_beneficiaries(case, found, snapshot=snapshot, basis=basis, entities=[entity])
    return people


def _reason(case: Case, level: str, subject_id: str, snapshot: int) -> str:
    names = {"apm_entity": "apm_entity_id", "tin": "tin", "npi": "npi"}
    mine = [entry for entry in entries_that_matter(case) if getattr(entry, names[level]) == subject_id]
    if not mine:
        return "unknown_subject"
    if level != "npi" and not any(list_type(case, e.apm_entity_id) == "participation" for e in mine):
        return "affiliated_practitioners_only"
    if level == "tin" and _holding(case, subject_id, snapshot):
        return "not_in_one_apm_entity"
    return "no_medicare_score"


# Scores


def _counts(submission: Row) -> bool:
    """Medicaid counts where a model is available; Defense and Veterans Affairs never do."""
    available = submission.get("medicaid_available")
    is_barred = submission["payer_type"] == "medicaid" and available is False
    return submission["payer_type"] not in NEVER_COUNTED and not is_barred


def _others(counted: Iterable[Row], method: str) -> tuple[int, int] | None:
    """Other payers' numerator and denominator in cents or patients; None when one of them submitted none."""
    what, factor = ("payment_amount", 100) if method == "payment" else ("patient_count", 1)
    parts = [(row.get(f"apm_{what}"), row.get(f"total_{what}")) for row in counted]
    if any(part is None or whole is None for part, whole in parts):
        return None
    return sum(int(Decimal(p) * factor) for p, _ in parts), sum(int(Decimal(w) * factor) for _, w in parts)


def _own(tally: Tally, method: str) -> tuple[int, int]:
    if method == "payment":
        return tally.payment_numerator, tally.payment_denominator
    return tally.patient_numerator, tally.patient_denominator


def _ratio(parts: tuple[int, int]) -> Fraction | None:
    return Fraction(*parts) if parts[1] > 0 else None


def _weighting(case: Case, who: Row, subject: Subject, scores: list[Row], method: str) -> tuple[str, Fraction] | None:
    """The highest Medicare score of an entity of the subject, where it is higher than the own."""
    own = _ratio(_own(subject.own, method))
    if own is None or case.assume["all_payer_weighting"] == "own_score":
        return None
    wanted = {"level": "apm_entity", "snapshot": who["snapshot"], "basis": who["basis"]}
    rows = [row for row in scores if all(row[key] == value for key, value in wanted.items())]
    found = [(row["apm_entity_id"], _ratio(_own(_tally_in(row), method))) for row in rows]
    higher = [(id_, score) for id_, score in found if id_ in subject.entities and score is not None and score > own]
    return min(higher, key=lambda one: (-one[1], one[0]), default=None)


def _assessed_row(case: Case, who: Row, subject: Subject, mine: list[Row], scores: list[Row]) -> Row:
    weighting = {method: _weighting(case, who, subject, scores, method) for method in METHODS}
    minimum = _minimum_status(case, subject, weighting)
    counted = [row for row in mine if _counts(row)]
    row = _head(case, who, mine) | {"clinician_count": subject.clinician_count, "not_assessed_because": None}
    if who["level"] != "apm_entity":
        row["apm_entity_id"] = subject.apm_entity_id
    for method in METHODS:
        row |= _method_row(case, method, subject, _others(counted, method), weighting[method], minimum)
    bars = THRESHOLDS[case.year]
    own = [_status(_exact(_own(subject.own, method)), _bars(bars, method), "QP") for method in METHODS]
    return row | {
        "status": max(row["payment_status"], row["patient_status"], key=STATUSES.index),
        "medicare_minimum_status": minimum,
        "medicare_status": max(own, key=STATUSES.index),
    }


def _exact(parts: tuple[int, int]) -> tuple[Fraction, int]:
    return Fraction(parts[0]), parts[1]


def _bars(thresholds: Thresholds, method: str) -> tuple[int, int]:
    return getattr(thresholds, f"{method}_qp"), getattr(thresholds, f"{method}_partial")


def _minimum_status(case: Case, subject: Subject, weighting: dict[str, tuple[str, Fraction] | None]) -> str:
    """The best status whose Medicare minimum is met by one method."""
    statuses = []
    for method in METHODS:
        used = _ratio(_own(subject.own, method))
        chosen = weighting[method]
        if chosen is not None and case.assume["all_payer_medicare_minimum"] == "score_used":
            used = chosen[1]
        parts = (Fraction(0), 0) if used is None else (used, 1)
        statuses.append(_status(parts, _bars(MEDICARE_MINIMUMS, method), "QP"))
    return max(statuses, key=STATUSES.index)


def _status(parts: tuple[Fraction, int] | None, bars: tuple[int, int], most: str) -> str:
    """Meets or exceeds, and never more than `most`; a denominator of 0 or less, or none at all, is no score."""
    if parts is None or parts[1] <= 0:
        return "NO_SCORE"
    percent = 100 * parts[0] / parts[1]
    if most == "QP" and percent >= bars[0]:
        return "QP"
    return "PARTIAL_QP" if most in ("QP", "PARTIAL_QP") and percent >= bars[1] else "NOT_QP"


def _method_row(
    case: Case,
    method: str,
    subject: Subject,
    others: tuple[int, int] | None,
    weighting: tuple[str, Fraction] | None,
    minimum: str,
) -> Row:
    own = _own(subject.own, method)
    used = Fraction(own[0]) if weighting is None else weighting[1] * own[1]
    parts = None if others is None else (used + others[0], own[1] + others[1])
    bars = _bars(THRESHOLDS[case.year], method)
    show = dollars if method == "payment" else int
    return {
        f"{method}_numerator": None if parts is None else show(math.trunc(parts[0])),
        f"{method}_denominator": None if parts is None else show(parts[1]),
        f"{method}_score": None if parts is None else _percent(*parts),
        f"{method}_status": _status(parts, bars, minimum),
        f"{method}_gap_to_qp": None if parts is None or parts[1] <= 0 else show(_gap(*parts, bars[0])),
        f"medicare_{method}_numerator": show(own[0]),
        f"medicare_{method}_denominator": show(own[1]),
        f"medicare_{method}_score": _percent(*_exact(own)),
        f"{method}_weighted_by_apm_entity_id": None if weighting is None else weighting[0],
    }


def _percent(numerator: Fraction, denominator: int) -> float | None:
    return None if denominator == 0 else math.trunc(numerator / denominator * 1_000_000) / 10_000


def _gap(numerator: Fraction, denominator: int, bar: int) -> int:
    return max(0, math.ceil(Fraction(denominator * bar, 100) - numerator))


# Rows


def _head(case: Case, who: Row, mine: list[Row]) -> Row:
    """What every row of a subject has, assessed or not."""
    counted = [row for row in mine if _counts(row)]
    level, subject_id = who["level"], who["subject_id"]
    row: Row = {
        "performance_year": case.year,
        "snapshot": who["snapshot"],
        "level": level,
        "apm_entity_id": subject_id if level == "apm_entity" else None,
        "tin": subject_id if level == "tin" else None,
        "npi": subject_id if level == "npi" else None,
        "basis": who["basis"],
        "counted_payer_count": len(counted),
        "excluded_payer_count": len(mine) - len(counted),
    }
    for method in METHODS:
        others, show = _others(counted, method), dollars if method == "payment" else int
        for place, part in enumerate(("numerator", "denominator")):
            row[f"other_payer_{method}_{part}"] = None if others is None else show(others[place])
        for place, name in enumerate(("qp", "partial")):
            row[f"{method}_{name}_threshold"] = _bars(THRESHOLDS[case.year], method)[place]
            row[f"medicare_{method}_{name}_minimum"] = _bars(MEDICARE_MINIMUMS, method)[place]
    return row


def _refused_row(case: Case, who: Row, mine: list[Row]) -> Row:
    nothing = ["numerator", "denominator", "score", "gap_to_qp", "weighted_by_apm_entity_id"]
    blank: Row = {f"{method}_{name}": None for method in METHODS for name in nothing}
    blank |= {f"medicare_{m}_{part}": None for m in METHODS for part in ("numerator", "denominator", "score")}
    names = ("payment_status", "patient_status", "status", "medicare_minimum_status", "medicare_status")
    blank |= dict.fromkeys(names, "NO_SCORE")
    reason = _reason(case, who["level"], who["subject_id"], who["snapshot"])
    return _head(case, who, mine) | blank | {"clinician_count": None, "not_assessed_because": reason}
