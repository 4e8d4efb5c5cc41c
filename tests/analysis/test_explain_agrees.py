"""What explain says of people and steps adds up to the scores of the run, on worlds of every year."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from qpcli.analysis.beneficiaries import explain_people
from qpcli.analysis.explain import explain
from qpcli.analysis.explain_answer import page
from qpcli.analysis.finished_run import FinishedRun
from qpcli.terms import QpStatus
from tests.oracle.strategies import BENEFICIARIES, worlds
from tests.oracle.world import World
from tests.support.kept_worlds import finished
from tests.support.spec_tables import npi_of
from tests.support.spec_tables import world as world_of

SETTINGS = settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


def subjects(run: FinishedRun) -> list[str]:
    """An entity and a clinician."""
    entities = run.tables["threshold_scores"].get_column("apm_entity_id").drop_nulls().unique().sort().to_list()
    scored = run.tables["threshold_scores"].filter(run.tables["threshold_scores"]["level"] == "apm_entity")
    names = set(scored.get_column("apm_entity_id").to_list())
    npis = run.tables["determinations"].get_column("npi").unique().sort().to_list()
    return [name for name in entities if name in names][:1] + npis[:1]


@SETTINGS
@given(worlds())
def test_the_last_steps_of_every_chain_are_denominator_and_numerator(world: World) -> None:
    run = finished(world)
    rows = {
        (row["level"], row["apm_entity_id"], row["npi"], row["snapshot"], row["basis"]): row
        for row in run.tables["threshold_scores"].iter_rows(named=True)
    }
    for subject in subjects(run):
        told = explain(run, subject)
        for chain in told.chains:
            npi = subject if told.is_clinician else None
            row = rows[(chain.level.value, chain.apm_entity_id, npi, chain.snapshot, chain.basis)]
            (last, first) = (chain.steps[-1], chain.steps[-2])
            assert (first.beneficiaries_remaining, first.cents_remaining) == (
                row["patient_denominator"],
                row["payment_denominator"],
            )
            assert (last.beneficiaries_remaining, last.cents_remaining) == (
                row["patient_numerator"],
                row["payment_numerator"],
            )


@SETTINGS
@given(worlds())
def test_people_who_count_are_as_many_as_the_scores_count(world: World) -> None:
    run = finished(world)
    newest = max(run.law.snapshots).number
    rows = {
        (row["level"], row["apm_entity_id"], row["npi"], row["basis"]): row
        for row in run.tables["threshold_scores"].iter_rows(named=True)
        if row["snapshot"] == newest
    }
    for subject in subjects(run):
        people = explain_people(run, subject, tuple(BENEFICIARIES))
        for level, entity, basis in {(one.level, one.apm_entity_id, one.basis) for one in people}:
            npi = None if level == "apm_entity" else subject
            row = rows.get((level, entity, npi, basis))
            mine = [one for one in people if (one.level, one.apm_entity_id, one.basis) == (level, entity, basis)]
            if row is not None:
                assert sum(one.in_denominator for one in mine) == row["patient_denominator"]
                assert sum(one.in_numerator for one in mine) == row["patient_numerator"]
            for one in mine:
                assert one.in_numerator <= one.in_denominator
                assert bool(one.fails) == (not one.in_numerator)


@SETTINGS
@given(worlds())
def test_what_decided_has_the_status_that_the_determination_has(world: World) -> None:
    run = finished(world)
    newest = run.tables["determinations"].filter(run.tables["determinations"]["is_latest"])
    for row in newest.head(2).iter_rows(named=True):
        told = explain(run, row["npi"])
        assert told.status.value == row["status"]
        if row["determined_by_level"] is not None:
            assert told.decided is not None
            assert (told.decided.status.value, told.decided.score) == (row["status"], row["score"])
        if told.nearest_miss is not None:
            assert told.nearest_miss.better is not None
            assert told.nearest_miss.better[0].rank > QpStatus(row["status"]).rank


OWN_30_ENTITY_45 = """
npi  tin  people  dollars  attributed
1    A    1       60,000   E1
1    A    99      140,000  -
2    B    1       390,000  E1
2    B    99      410,000  -
"""


@pytest.mark.parametrize(
    ("level", "subject", "entity"), [("apm_entity", "E1", "E1"), ("tin", "A", "E1"), ("npi", "1", None)]
)
@pytest.mark.parametrize("year", [2024, 2026])
def test_what_decided_with_all_payers_is_named_with_its_level(
    level: str, subject: str, entity: str | None, year: int
) -> None:
    others = f"level subject payments\n{level} {subject} 900000/1000000\ntin B 1/1"
    outsider = "bene npi tin service\nB9 7 B 03-01"
    tables = {"populations": OWN_30_ENTITY_45, "lines": outsider, "listed": "A/1 B/2", "other_payer": others}
    run = finished(world_of(year=year, **tables))
    told = explain(run, npi_of("1"))
    decided = told.decided_by_all_payer
    assert decided is not None
    assert (told.status, told.decided, decided.level.value, decided.apm_entity_id) == ("QP", None, level, entity)
    text = [part for section in page(run, told, ()).sections for part in section.parts if isinstance(part, str)]
    assert text[0].startswith("Decided with all payers by payments at snapshot 3 (")
    assert not [words for words in text if words.startswith("Not assessed")]
    refused = page(run, explain(run, npi_of("2")), ()).sections
    assert "Not assessed at snapshot 3: TIN" in str(refused)
    assert (explain(run, "E1").status is QpStatus.QP) == (level == "apm_entity")
