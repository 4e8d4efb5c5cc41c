"""What if agrees with a full run of the changed world, to the cent and the patient."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qpcli.analysis.changes import Changed, Changes
from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.situation import Situation, situation_of
from qpcli.analysis.whatif import answered, whatif
from qpcli.calculation import Results
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.participants import PARTICIPANTS
from tests.oracle.strategies import NPIS, TINS, worlds
from tests.oracle.world import Row, World
from tests.support.in_memory import frame_of
from tests.support.kept_worlds import determined, finished

SETTINGS = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


def assert_same(answer: Any, expected: Results) -> None:
    assert answer.after.threshold_scores.to_dicts() == expected.threshold_scores.to_dicts()
    assert answer.after.determinations.to_dicts() == expected.determinations.to_dicts()


@SETTINGS
@given(worlds(), st.sets(st.sampled_from(TINS), max_size=2), st.sets(st.sampled_from(NPIS), max_size=2))
def test_dropped_tins_and_npis_give_what_a_run_without_them_gives(world: World, tins: set[str], npis: set[str]) -> None:
    left = [row for row in world.participants if row["tin"] not in tins and row["npi"] not in npis]
    assume(left)
    answer = whatif(finished(world), Changes(drop_tins=tuple(tins), drop_npis=tuple(npis)))
    assert_same(answer, determined(world, participants=left))


@SETTINGS
@given(worlds(), st.data())
def test_added_participants_give_what_a_run_with_them_gives(world: World, data: st.DataObject) -> None:
    stays = data.draw(st.lists(st.booleans(), min_size=len(world.participants), max_size=len(world.participants)))
    fewer = [row for row, is_in in zip(world.participants, stays, strict=True) if is_in]
    assume(fewer)
    run = finished(World(**{**_fields(world), "participants": fewer}), keeps_everybody=True)
    base = situation_of(run)
    more = Situation(run.law, frame_of(PARTICIPANTS, world.participants), base.attribution)
    assert_same(answered(run, base, Changed(more), Changes()), determined(world))


@SETTINGS
@given(worlds(), st.data())
def test_another_attribution_list_gives_what_a_run_with_it_gives(world: World, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.sampled_from(world.attribution), unique_by=id)) if world.attribution else []
    assume(rows)
    run = finished(world)
    base = situation_of(run)
    answer = answered(run, base, Changed(Situation(run.law, base.participants, _keyed(run, rows))), Changes())
    assert_same(answer, determined(world, attribution=rows))


@SETTINGS
@given(worlds(), st.sampled_from((2017, 2019, 2025, 2026)))
def test_other_thresholds_change_statuses_and_no_score(world: World, year: int) -> None:
    answer = whatif(finished(world), Changes(thresholds_year=year))
    scores = ["payment_numerator", "payment_denominator", "patient_numerator", "patient_denominator"]
    individuals = pl.col("level") != "individual"
    before, after = (side.threshold_scores.filter(individuals).select(scores) for side in (answer.before, answer.after))
    assert before.equals(after)


@SETTINGS
@given(worlds(), st.data())
def test_other_assumptions_give_what_a_run_under_them_gives(world: World, data: st.DataObject) -> None:
    values = {
        "group_membership": ("any_snapshot_so_far", "on_snapshot_date"),
        "attribution_list_date": ("snapshot_date", "latest"),
        "individual_claims": ("listed_tins", "all_tins"),
        "individual_criterion_6": ("entity", "own_services"),
        "individual_snapshots": ("all", "third"),
        "rhc_fqhc_satisfies_em": ("no", "yes"),
    }
    name = data.draw(st.sampled_from(sorted(values)))
    assumed = {name: data.draw(st.sampled_from(values[name]))}
    answer = whatif(finished(world), Changes(assumptions=assumed))
    assert_same(answer, determined(world, assumptions={**world.assumptions, **assumed}))


def _keyed(run: FinishedRun, rows: list[Row]) -> pl.DataFrame:
    people = run.kept["people"].select("bene_id", "bene_key").collect()
    frame = frame_of(ATTRIBUTION, rows).join(people, on="bene_id")
    return frame.select(run.kept["attribution"].collect_schema().names())


def _fields(world: World) -> dict[str, Any]:
    return {name: getattr(world, name) for name in world.__dataclass_fields__}
