"""Leave-one-out effects equal the what-if that leaves each one out, and the worked example of shared patients."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from qpcli.analysis import contributions as module
from qpcli.analysis.changes import Changes
from qpcli.analysis.contributions import contributions
from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.whatif import whatif
from qpcli.errors import UsageError
from tests.oracle.strategies import FACTS, worlds
from tests.oracle.world import World
from tests.support.kept_worlds import finished

SUMS = ("payment_numerator", "payment_denominator", "patient_numerator", "patient_denominator")
SCORES = ("payment_score", "patient_score")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(worlds())
def test_every_effect_equals_the_whatif_that_leaves_it_out(world: World) -> None:
    run = finished(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CELLS_PER_PART", 5)
        found = contributions(run).to_dicts()
    for kind in ("tin", "npi"):
        for who in sorted({row["contributor"] for row in found if row["contributor_kind"] == kind}):
            rows = [row for row in found if (row["contributor_kind"], row["contributor"]) == (kind, who)]
            expected = _without(run, kind, who)
            for row in rows:
                after = expected.get((row["snapshot"], row["apm_entity_id"], row["basis"]))
                shown = {name: row[f"{name}_without"] for name in (*SUMS, *SCORES)}
                assert shown == {name: after[name] if after else None for name in (*SUMS, *SCORES)}
                assert row["status_without"] == (after["status"] if after else "NO_SCORE")


def _without(run: FinishedRun, kind: str, who: str) -> dict[Any, Any]:
    try:
        drop = Changes(drop_tins=(who,)) if kind == "tin" else Changes(drop_npis=(who,))
        scores = whatif(run, drop).after.threshold_scores
    except UsageError:
        return {}
    rows = scores.filter(scores["level"] == "apm_entity").to_dicts()
    return {(row["snapshot"], row["apm_entity_id"], row["basis"]): row for row in rows}


def test_tins_never_add_up_to_their_entity() -> None:
    """A saw 0-699, B 300-999, C 900-1499; attributed are 0-499."""
    seen = {"000000001": range(700), "000000002": range(300, 1000), "000000003": range(900, 1500)}
    npis = dict(zip(seen, ("1000000001", "1000000002", "1000000003"), strict=True))
    people = [{"bene_id": f"B{n}", "birth_date": date(1950, 1, 1)} | FACTS for n in range(1500)]
    visit = {"service_date": date(2024, 2, 1), "hcpcs": "99213", "paid_amount": "80.00", "line_number": 1}
    lines = [
        visit | {"claim_id": f"{tin}-{n}", "bene_id": f"B{n}", "tin": tin, "npi": npis[tin]}
        for tin, patients in seen.items()
        for n in patients
    ]
    world = World(
        performance_year=2024,
        claim_lines=lines,
        beneficiaries=people,
        participants=[{"apm_entity_id": "E1", "tin": tin, "npi": npi} for tin, npi in npis.items()],
        attribution=[{"apm_entity_id": "E1", "bene_id": f"B{n}"} for n in range(500)],
        snapshots=(1,),
    )
    rows = [row for row in contributions(finished(world)).to_dicts() if row["contributor_kind"] == "tin"]
    assert [row["patient_numerator_without"] for row in rows] == [200, 500, 500]
    assert [row["patient_denominator_without"] for row in rows] == [1200, 1300, 1000]
    assert [(row["own_patient_numerator"], row["own_patient_denominator"]) for row in rows] == [
        (500, 700),
        (200, 700),
        (0, 600),
    ]
    assert [row["shared_patient_count"] for row in rows] == [400, 500, 100]
    assert [row["patient_score_change"] for row in rows] == [166_666 - 333_333, 384_615 - 333_333, 500_000 - 333_333]
