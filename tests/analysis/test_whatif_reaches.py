"""A change reaches scores whose own lines it does not touch: through shared eligibility, and through entities."""

from __future__ import annotations

from datetime import date
from typing import Any

from qpcli.analysis.changes import Changes
from qpcli.analysis.whatif import whatif
from tests.oracle.strategies import FACTS
from tests.oracle.world import Row, World
from tests.support.kept_worlds import determined, finished

TIN_A, TIN_B = "000000001", "000000002"
ONE, OTHER = "1000000001", "1000000002"
ATTRIBUTED, NOT_ATTRIBUTED = "B1", "B2"


def line(number: int, bene_id: str, npi: str, tin: str, hcpcs: str, year: int) -> Row:
    paid = {"paid_amount": "100.00", "service_date": date(year, 2, 1), "line_number": 1}
    return {"claim_id": f"C{number}", "bene_id": bene_id, "npi": npi, "tin": tin, "hcpcs": hcpcs} | paid


def world_of(year: int, lines: list[Row], participants: list[Row], attribution: list[Row]) -> World:
    people = [{"bene_id": bene, "birth_date": date(1950, 1, 1)} | FACTS for bene in (ATTRIBUTED, NOT_ATTRIBUTED)]
    return World(year, lines, people, participants, attribution)


def individual(scores: Any, npi: str) -> tuple[int, int]:
    rows = [row for row in scores.to_dicts() if row["level"] == "individual" and row["npi"] == npi]
    row = max(rows, key=lambda one: (one["snapshot"], one["basis"] == "em"))
    return row["patient_numerator"], row["patient_denominator"]


def test_a_clinician_of_several_entities_feels_that_a_colleague_is_dropped() -> None:
    """Through PY 2025 the colleague's visit makes the beneficiary eligible for both (individual_criterion_6)."""
    lines = [
        line(1, ATTRIBUTED, ONE, TIN_A, "99213", 2024),
        line(2, NOT_ATTRIBUTED, ONE, TIN_A, "93306", 2024),
        line(3, NOT_ATTRIBUTED, OTHER, TIN_B, "99213", 2024),
    ]
    participants = [
        {"apm_entity_id": "E1", "tin": TIN_A, "npi": ONE},
        {"apm_entity_id": "E1", "tin": TIN_B, "npi": OTHER},
        {"apm_entity_id": "E2", "tin": TIN_A, "npi": ONE},
    ]
    # E1 and E2 attribute nobody: neither is QP, so the clinician is assessed alone.
    world = world_of(2024, lines, participants, [])
    answer = whatif(finished(world), Changes(drop_npis=(OTHER,)))
    assert individual(answer.before.threshold_scores, ONE) == (0, 2)
    assert individual(answer.after.threshold_scores, ONE) == (0, 1)
    expected = determined(world, participants=[participants[0], participants[2]])
    assert answer.after.threshold_scores.equals(expected.threshold_scores)


def test_a_clinician_who_leaves_one_of_two_entities_loses_its_attributed_people() -> None:
    """From PY 2026 all lines of the NPI count whatever the TIN: only the entities behind them change."""
    lines = [
        line(1, ATTRIBUTED, ONE, TIN_A, "99213", 2026),
        line(2, NOT_ATTRIBUTED, ONE, TIN_A, "99213", 2026),
    ]
    participants = [
        {"apm_entity_id": "E1", "tin": TIN_A, "npi": ONE},
        {"apm_entity_id": "E2", "tin": TIN_B, "npi": ONE},
    ]
    world = world_of(2026, lines, participants, [{"apm_entity_id": "E2", "bene_id": ATTRIBUTED}])
    answer = whatif(finished(world), Changes(drop_tins=(TIN_B,)))
    assert individual(answer.before.threshold_scores, ONE) == (1, 2)
    assert individual(answer.after.threshold_scores, ONE) == (0, 2)
