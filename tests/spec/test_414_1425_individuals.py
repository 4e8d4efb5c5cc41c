"""42 CFR 414.1425(b)(2), (c)(3)-(4), (d)(2): clinicians who are assessed one by one."""

from __future__ import annotations

import pytest

from tests.support.in_memory import Outcome
from tests.support.spec_tables import (
    affiliated,
    computed,
    determination,
    individual,
    patients,
    payment,
    score,
    scored,
)

# Through PY 2025: clinicians in two or more Advanced APM Entities none of which has QP status at snapshot 3

TWO_ENTITIES = """
entity tin npi
E1     A   1
E2     B   1
E2     B   2
E2     C   2     # under two TINs, but in one entity
"""
NOBODY_QP = """
bene tin npi service paid
B1   A   1   02-01   30     # attributed to E1
B2   A   1   02-01   70
B3   B   1   05-01   48     # attributed to E2
B4   B   1   05-01   52
B5   B   2   08-01   200
B6   A   1   08-01   0
"""
ATTRIBUTED = """
entity bene
E1     B1
E2     B3
"""


@pytest.fixture(scope="module")
def several() -> Outcome:
    return computed(lines=NOBODY_QP, listed=TWO_ENTITIES, attributed=ATTRIBUTED)


def test_a_clinician_of_several_entities_is_assessed_at_snapshot_3_over_the_full_period(several: Outcome) -> None:
    assert scored(several, "individual") == [(3, "1")]
    row = individual(several)
    assert (payment(row), patients(row)) == ((30 + 48, 200), (2, 5))
    assert (row["apm_entity_id"], row["clinician_count"]) == (None, 1)


def test_a_clinician_of_one_entity_is_not_assessed_individually(several: Outcome) -> None:
    assert {row["npi"] for row in several.threshold_scores if row["level"] == "individual"} == {"1000000001"}


def test_before_the_third_snapshot_nobody_is_assessed_individually() -> None:
    outcome = computed(lines=NOBODY_QP, listed=TWO_ENTITIES, attributed=ATTRIBUTED, snapshots=(1, 2))
    assert scored(outcome, "individual") == []


def test_a_clinician_one_of_whose_entities_is_qp_at_snapshot_3_is_not_assessed() -> None:
    at_the_bar = NOBODY_QP.replace("30     #", "70     #")
    outcome = computed(lines=at_the_bar, listed=TWO_ENTITIES, attributed=ATTRIBUTED)
    assert (score(outcome)["payment_score"], score(outcome)["status"]) == (50.0, "QP")
    assert scored(outcome, "individual") == []


def test_an_entity_that_was_qp_only_before_snapshot_3_leaves_the_individual_assessment() -> None:
    lines = NOBODY_QP.replace("B6   A   1   08-01   0", "B6   A   1   08-01   100").replace("30     #", "80     #")
    outcome = computed(lines=lines, listed=TWO_ENTITIES, attributed=ATTRIBUTED)
    assert [score(outcome, snapshot=k)["status"] for k in (1, 2, 3)] == ["QP", "QP", "PARTIAL_QP"]
    assert scored(outcome, "individual") == [(3, "1")]


@pytest.mark.parametrize(
    "listed",
    [
        "entity tin npi start end\nE1 A 1 - 03-31\nE2 B 1 08-31 -",  # never both on one day
        "entity tin npi start end\nE1 A 1 - -\nE2 B 1 06-30 06-30",
    ],
)
def test_the_lists_up_to_snapshot_3_say_of_how_many_entities_a_clinician_is(listed: str) -> None:
    outcome = computed(lines="bene tin\nB1 A\nB2 B", listed=listed)
    assert scored(outcome, "individual") == [(3, "1")]
    assert payment(individual(outcome)) == (0, 200)


@pytest.mark.parametrize(
    "second",
    [
        "entity advanced\nE1 yes\nE2 no",
        "entity from\nE1 -\nE2 07-04",  # 59 days
    ],
)
def test_entities_that_do_not_count_otherwise_than_by_termination_are_not_among_the_several(second: str) -> None:
    outcome = computed(lines=NOBODY_QP, listed=TWO_ENTITIES, attributed=ATTRIBUTED, entities=second)
    assert scored(outcome, "individual") == []


def test_an_affiliated_practitioner_list_does_not_make_a_clinician_one_of_several_entities() -> None:
    listed = """
    entity tin npi list
    E1     A   1   participation
    E2     B   1   affiliated
    """
    outcome = computed(lines=NOBODY_QP, listed=listed, attributed=ATTRIBUTED)
    assert scored(outcome, "individual") == []
    assert scored(outcome, "affiliated_practitioner") == [(1, "E2"), (2, "E2"), (3, "E2")]


TERMINATED = """
entity terminated
E1     08-15
E2     -
"""


def test_a_terminated_entity_makes_the_clinician_one_of_several_and_only_the_others_give_lines_and_people() -> None:
    lines = """
    bene tin npi paid
    B1   A   1   1       # a line under the list of the terminated E1
    B2   B   1   2       # attributed to E1 alone
    B3   B   1   4       # attributed to E2
    B4   B   2   8
    """
    attributed = """
    entity bene
    E1     B2
    E2     B3
    """
    outcome = computed(lines=lines, listed=TWO_ENTITIES, attributed=attributed, entities=TERMINATED)
    assert (payment(individual(outcome)), patients(individual(outcome))) == ((4, 6), (1, 2))


def test_people_who_are_eligible_only_through_a_terminated_entity_are_not_eligible() -> None:
    lines = """
    bene tin npi hcpcs paid
    B1   A   1   99213 1       # the qualifying service, under the terminated entity
    B1   B   1   93306 2
    B2   B   1   99213 4
    B3   B   2   99213 8
    """
    outcome = computed(lines=lines, listed=TWO_ENTITIES, entities=TERMINATED)
    assert payment(individual(outcome)) == (0, 4)


def test_a_clinician_all_of_whose_entities_are_terminated_is_not_assessed() -> None:
    entities = """
    entity terminated
    E1     08-15
    E2     08-15
    """
    outcome = computed(lines=NOBODY_QP, listed=TWO_ENTITIES, attributed=ATTRIBUTED, entities=entities)
    assert outcome.threshold_scores == []


SAME_PAIR = {
    "lines": """
    bene tin paid
    B1   A   1
    B1   B   2
    B1   C   4      # a TIN that no entity lists
    B1   -   8      # a professional line without a TIN
    B2   C   16     # somebody whom no entity's group served is eligible through none
    """,
    "listed": """
    entity tin npi
    E1     A   1
    E2     A   1
    E2     B   1
    """,
}


def test_lines_under_the_pairs_listed_by_the_entities_count_each_once() -> None:
    assert payment(individual(computed(**SAME_PAIR))) == (0, 1 + 2)


def test_with_individual_claims_of_all_tins_every_line_of_the_clinician_counts() -> None:
    assert payment(individual(computed(**SAME_PAIR, assume={"individual_claims": "all_tins"}))) == (0, 1 + 2 + 4 + 8)


COLLEAGUES = {
    "lines": """
    bene tin npi hcpcs service paid
    B1   A   1   93306 05-01   1       # the qualifying service by a colleague in E2
    B1   B   2   99213 05-01   16
    B2   A   1   99213 05-01   2
    B3   A   1   93306 05-01   4       # the colleague's service was before E2 was tested
    B3   B   2   99213 02-01   32
    B4   B   1   99213 05-01   8
    B5   A   1   93306 02-01   64      # the clinician's own line is older than E2's window
    B5   B   2   99213 05-01   128
    B6   B   2   99213 05-01   1000
    """,
    "listed": TWO_ENTITIES,
    "entities": "entity from\nE1 -\nE2 05-01",
}


def test_people_are_eligible_who_are_so_through_one_of_the_entities_within_its_own_window() -> None:
    assert payment(individual(computed(**COLLEAGUES))) == (0, 1 + 2 + 8 + 64)


def test_with_individual_criterion_6_by_own_services_the_clinician_must_give_the_qualifying_service() -> None:
    outcome = computed(**COLLEAGUES, assume={"individual_criterion_6": "own_services"})
    assert payment(individual(outcome)) == (0, 2 + 8)


def test_eligible_and_attributed_people_are_intersected_after_the_unions() -> None:
    lines = """
    bene tin npi hcpcs paid
    B1   A   1   99213 1       # eligible through E1, attributed to E2
    B2   A   1   93306 2       # eligible through E2, attributed to E1
    B2   B   2   99213 0
    B3   A   1   99213 4
    B4   B   2   99213 0
    B5   B   2   99213 0
    B6   A   1   99213 0
    B7   A   1   99213 0
    """
    attributed = """
    entity bene
    E1     B2
    E2     B1
    """
    outcome = computed(lines=lines, listed=TWO_ENTITIES, attributed=attributed)
    assert [payment(score(outcome, entity=entity))[0] for entity in ("E1", "E2")] == [0, 0]
    assert payment(individual(outcome)) == (1 + 2, 7)


# Through PY 2025: Affiliated Practitioners, at every snapshot

AFFILIATED = {
    "lines": """
    bene tin npi hcpcs service paid
    B1   A   1   99213 02-01   1      # attributed
    B2   A   1   93306 02-01   2      # the qualifying service by a colleague
    B2   A   2   99213 02-01   4
    B3   A   1   99213 05-01   8
    B3   C   1   99213 05-01   16     # not a listed pair
    B4   A   2   99213 08-01   32     # attributed
    """,
    "listed": """
    npi list
    1   affiliated
    2   affiliated
    """,
    "attributed": "B1 B4",
}


@pytest.fixture(scope="module")
def practitioners() -> Outcome:
    return computed(**AFFILIATED)


def test_affiliated_practitioners_are_assessed_at_every_snapshot(practitioners: Outcome) -> None:
    assert [payment(affiliated(practitioners, "1", snapshot=k)) for k in (1, 2, 3)] == [(1, 1), (1, 9), (1, 9)]
    assert [payment(affiliated(practitioners, "2", snapshot=k)) for k in (1, 2, 3)] == [(0, 4), (0, 4), (32, 36)]


def test_an_affiliated_practitioner_gives_the_qualifying_service_in_person(practitioners: Outcome) -> None:
    assert patients(affiliated(practitioners, "1")) == (1, 2)


def test_an_affiliated_practitioner_of_two_entities_has_a_row_for_each() -> None:
    lines = """
    bene tin paid
    B1   A   1
    B2   B   2
    """
    listed = """
    entity tin list
    E1     A   affiliated
    E2     B   affiliated
    """
    outcome = computed(lines=lines, listed=listed, attributed="entity bene\nE1 B1\nE2 B2")
    rows = [affiliated(outcome, entity=entity) for entity in ("E1", "E2")]
    assert [payment(row) for row in rows] == [(1, 1), (2, 2)]
    assert [row["clinician_count"] for row in rows] == [1, 1]


def test_an_affiliated_practitioners_lines_are_those_of_the_entitys_window() -> None:
    outcome = computed(**AFFILIATED, entities="entity from to\nE1 02-02 06-30")
    assert [payment(affiliated(outcome, "1", snapshot=k)) for k in (2, 3)] == [(0, 8), (0, 8)]
    assert (1, "E1") not in scored(outcome, "affiliated_practitioner")


def test_an_affiliated_practitioner_is_assessed_from_the_first_list_on() -> None:
    listed = "npi list start\n1 affiliated 06-30"
    outcome = computed(lines="bene\nB1", listed=listed)
    assert scored(outcome, "affiliated_practitioner") == [(2, "E1"), (3, "E1")]


# From PY 2026: every clinician on a list of either kind

FROM_2026 = {
    "lines": """
    bene tin npi hcpcs service paid
    B1   A   1   99213 02-01   1      # attributed to E1
    B2   C   1   99213 02-01   2      # a TIN that nobody lists
    B3   A   1   93306 02-01   4      # the qualifying service on the E/M basis by a colleague
    B3   B   2   99213 02-01   8
    B4   C   1   99213 05-01   16     # attributed to E2
    B5   -   1   99213 08-01   32
    B6   A   1   99213 09-01   64     # after the period
    """,
    "listed": """
    entity tin npi list
    E1     A   1   participation
    E1     B   2   participation
    E2     A   1   affiliated
    """,
    "attributed": """
    entity bene
    E1     B1
    E1     B3
    E2     B4
    """,
}


@pytest.fixture(scope="module")
def every_clinician() -> Outcome:
    return computed(year=2026, **FROM_2026)


def test_from_2026_every_clinician_is_assessed_at_every_snapshot(every_clinician: Outcome) -> None:
    assert scored(every_clinician, "individual") == [(k, npi) for k in (1, 2, 3) for npi in ("1", "2")]


def test_from_2026_there_are_no_affiliated_practitioner_rows(every_clinician: Outcome) -> None:
    assert scored(every_clinician, "affiliated_practitioner") == []
    only = computed(year=2026, lines="bene\nB1", listed="npi list\n1 affiliated", attributed="B1")
    assert {row["level"] for row in only.threshold_scores} == {"individual"}
    assert payment(individual(only)) == (100, 100)


def test_from_2026_all_lines_of_the_npi_count_across_all_tins(every_clinician: Outcome) -> None:
    rows = [individual(every_clinician, snapshot=k) for k in (1, 2, 3)]
    assert [payment(row) for row in rows] == [(1, 3), (1 + 16, 19), (1 + 16, 51)]


def test_from_2026_the_clinicians_own_services_make_people_eligible(every_clinician: Outcome) -> None:
    assert patients(individual(every_clinician, basis="em")) == (2, 4)
    assert patients(individual(every_clinician, basis="cps")) == (3, 5)
    assert payment(individual(every_clinician, basis="cps")) == (1 + 4 + 16, 55)


def test_from_2026_attributed_people_are_those_of_any_of_the_clinicians_entities(every_clinician: Outcome) -> None:
    assert payment(individual(every_clinician, "2")) == (8, 8)
    assert payment(individual(every_clinician, "1"))[0] == 1 + 16


def test_from_2026_a_clinician_is_assessed_even_where_the_entity_is_qp(every_clinician: Outcome) -> None:
    assert score(every_clinician)["status"] == "QP"
    assert individual(every_clinician)["status"] == "QP"


def test_with_individual_snapshots_third_individual_results_come_with_the_third_snapshot() -> None:
    outcome = computed(year=2026, **FROM_2026, assume={"individual_snapshots": "third"})
    assert scored(outcome, "individual") == [(3, "1"), (3, "2")]
    assert payment(individual(outcome)) == (1 + 16, 51)


def test_from_2026_a_clinician_is_assessed_from_the_first_list_on() -> None:
    listed = """
    npi start
    1   01-01
    2   06-30
    """
    outcome = computed(year=2026, lines="bene npi\nB1 1\nB2 2", listed=listed)
    assert scored(outcome, "individual") == [(1, "1"), (2, "1"), (2, "2"), (3, "1"), (3, "2")]


def test_from_2026_the_individual_scores_run_from_january_1_whatever_was_tested() -> None:
    lines = """
    bene service paid
    B1   01-01   1
    B1   05-01   2
    """
    outcome = computed(year=2026, lines=lines, entities="entity from\nE1 05-01", attributed="B1")
    assert payment(score(outcome)) == (2, 2)
    assert payment(individual(outcome)) == (3, 3)


def test_through_2025_the_individual_scores_run_from_january_1_whatever_was_tested() -> None:
    """The line of January counts although E1 began in May; B1 is eligible by the line of May."""
    lines = """
    bene service paid
    B1   01-01   1
    B1   05-01   2
    """
    listed = """
    entity npi
    E1     1
    E2     1
    """
    outcome = computed(lines=lines, listed=listed, entities="entity from\nE1 05-01\nE2 05-01")
    assert payment(score(outcome)) == (0, 2)
    assert payment(individual(outcome)) == (0, 3)


@pytest.mark.parametrize("facts", ["advanced\nE1 no", "terminated\nE1 08-15", "from\nE1 07-04"])
def test_from_2026_a_clinician_of_no_entity_that_counts_is_not_assessed(facts: str) -> None:
    outcome = computed(year=2026, lines="bene\nB1", attributed="B1", entities=f"entity {facts}")
    assert outcome.threshold_scores == []
    assert determination(outcome)["status"] == "NO_SCORE"


def test_from_2026_only_entities_that_count_attribute_for_a_clinician() -> None:
    listed = """
    entity npi
    E1     1
    E2     1
    """
    tables = {"year": 2026, "lines": "bene paid\nB1 1\nB2 2", "listed": listed}
    outcome = computed(**tables, attributed="entity bene\nE1 B1\nE2 B2", entities=TERMINATED)
    assert payment(individual(outcome)) == (2, 3)


def test_from_2026_a_service_on_the_code_list_of_any_of_the_clinicians_entities_qualifies() -> None:
    lines = """
    bene hcpcs paid
    B1   99213 1
    B2   96413 2
    B3   93306 4
    """
    listed = """
    entity npi
    E1     1
    E2     1
    """
    entities = """
    entity codes
    E1     -
    E2     infusions
    """
    codes = {"infusions": ("96413",)}
    outcome = computed(year=2026, lines=lines, listed=listed, entities=entities, code_sets=codes)
    assert payment(individual(outcome)) == (0, 1 + 2)
    assert payment(individual(outcome, basis="cps")) == (0, 7)


def test_from_2026_a_clinician_can_have_8_results_per_snapshot(every_clinician: Outcome) -> None:
    rows = [
        row
        for row in every_clinician.threshold_scores
        if row["snapshot"] == 3 and (row["npi"] == "1000000001" or row["apm_entity_id"] == "E1")
    ]
    methods = [(row["level"], row["basis"], method) for row in rows for method in ("payment", "patient")]
    assert len(set(methods)) == 8
    assert all(row[f"{method}_status"] != "NO_SCORE" for row in rows for method in ("payment", "patient"))
