"""42 CFR 414.1425(b)-(d), 414.1455(b)(2): what a clinician is at each snapshot, and through which result."""

from __future__ import annotations

import pytest

from tests.support.in_memory import Outcome
from tests.support.spec_tables import (
    affiliated,
    computed,
    counts_of,
    decided_by,
    determination,
    findings,
    individual,
    npi_of,
    score,
    scored,
    short_npi,
)

# The best status so far; it sticks

FALLING = """
people npi service dollars attributed
30     1   02-01   52      E1
70     1   02-01   48      -
0      1   05-01   0       -
38     1   05-01   46      E1
62     1   05-01   54      -
31     1   08-01   37      E1
69     1   08-01   63      -
"""


@pytest.fixture(scope="module")
def falling() -> Outcome:
    """E1 scores 52/30, 49/34 and 45/33: QP, Partial QP, Partial QP."""
    listed = """
    npi start end
    1   -     -
    2   06-30 -
    3   09-01 -
    4   -     04-01
    5   08-31 -
    """
    return computed(populations=FALLING, listed=listed)


def statuses(outcome: Outcome, npi: str) -> dict[int, str]:
    return {row["snapshot"]: row["status"] for row in outcome.determinations if row["npi"] == npi_of(npi)}


def test_the_best_status_sticks(falling: Outcome) -> None:
    assert [score(falling, snapshot=k)["status"] for k in (1, 2, 3)] == ["QP", "PARTIAL_QP", "PARTIAL_QP"]
    assert statuses(falling, "1") == {1: "QP", 2: "QP", 3: "QP"}


def test_a_status_from_before_the_clinician_was_in_the_group_is_not_the_clinicians(falling: Outcome) -> None:
    assert statuses(falling, "2") == {2: "PARTIAL_QP", 3: "PARTIAL_QP"}
    assert statuses(falling, "5") == {3: "PARTIAL_QP"}


def test_who_left_keeps_the_status(falling: Outcome) -> None:
    assert statuses(falling, "4") == {1: "QP", 2: "QP", 3: "QP"}


def test_a_status_that_comes_later_is_not_known_before() -> None:
    lines = """
    bene service paid
    B1   05-01   50
    B2   01-10   50
    """
    outcome = computed(lines=lines, attributed="B1")
    assert statuses(outcome, "1") == {1: "NOT_QP", 2: "QP", 3: "QP"}


def test_with_group_membership_on_snapshot_date_who_left_keeps_what_was_reached_before() -> None:
    lines = """
    bene npi service paid
    B1   1   02-01   50
    B2   1   02-01   50
    B3   2   05-01   10
    """
    listed = """
    npi start end
    1   -     04-01
    2   -     -
    """
    assume = {"group_membership": "on_snapshot_date"}
    outcome = computed(lines=lines, listed=listed, attributed="B1", assume=assume)
    assert statuses(outcome, "1") == {1: "QP", 2: "QP", 3: "QP"}
    assert determination(outcome, "1")["apm_entity_count"] == 1


def test_an_individual_result_counts_from_the_snapshot_at_which_it_was_assessed() -> None:
    lines = """
    bene npi service paid
    B1   1   05-01   60
    B2   1   02-01   40
    B3   2   02-01   100
    B4   2   02-01   100
    B5   2   02-01   100
    """
    outcome = computed(year=2026, lines=lines, attributed="B1")
    assert score(outcome, basis="cps")["status"] == "NOT_QP"
    assert statuses(outcome, "1") == {1: "NOT_QP", 2: "QP", 3: "QP"}
    assert statuses(outcome, "2") == {1: "NOT_QP", 2: "NOT_QP", 3: "NOT_QP"}


# Which rows there are


def test_a_clinician_has_a_row_from_the_first_snapshot_at_which_listed(falling: Outcome) -> None:
    snapshots = {npi: list(statuses(falling, npi)) for npi in "12345"}
    assert snapshots == {"1": [1, 2, 3], "2": [2, 3], "3": [4], "4": [1, 2, 3], "5": [3]}


def test_only_the_newest_row_of_a_clinician_is_the_latest(falling: Outcome) -> None:
    latest = [(row["npi"], row["snapshot"]) for row in falling.determinations if row["is_latest"]]
    assert latest == [(npi_of(npi), snapshot) for npi, snapshot in zip("12345", (3, 3, 4, 3, 3), strict=True)]


def test_the_row_of_snapshot_4_determines_nothing(falling: Outcome) -> None:
    row = determination(falling, "3")
    assert (row["snapshot"], row["status"], row["mips_consequence"]) == (4, "NOT_QP", "subject")
    assert decided_by(row) == (None, None, None, None, None)
    assert (row["score"], row["threshold"], row["apm_entity_count"]) == (None, None, 0)


def test_who_was_on_any_list_before_has_no_row_of_snapshot_4() -> None:
    listed = """
    entity npi start end list
    E1     1   -     03-31 participation
    E2     1   09-01 -     participation
    E3     2   -     03-31 affiliated
    E2     2   09-01 -     participation
    E2     3   09-01 -     participation
    E2     3   09-01 09-30 participation
    E1     3   09-01 09-30 participation
    """
    outcome = computed(lines="bene\nB1", listed=listed)
    assert {npi: list(statuses(outcome, npi)) for npi in "123"} == {"1": [1, 2, 3], "2": [1, 2, 3], "3": [4]}


def test_without_the_third_snapshot_there_is_no_row_of_snapshot_4() -> None:
    listed = """
    npi start
    1   -
    2   09-01
    """
    outcome = computed(lines="bene\nB1", listed=listed, snapshots=(1, 2))
    assert {row["npi"] for row in outcome.determinations} == {npi_of("1")}


def test_the_status_belongs_to_the_npi_across_all_its_tins() -> None:
    listed = """
    entity tin npi
    E1     A   1
    E1     B   1
    E2     C   1
    """
    outcome = computed(lines="bene tin\nB1 A\nB2 C", listed=listed, attributed="B1")
    assert [(row["snapshot"], row["status"]) for row in outcome.determinations] == [(1, "QP"), (2, "QP"), (3, "QP")]


# Termination


def entities_terminated(*facts: str) -> dict[str, str]:
    """Entities E1, E2, ... with one clinician each who is QP, but for termination."""
    numbers = range(1, len(facts) + 1)
    return {
        "lines": "\n".join(["bene npi", *[f"B{n} {n}" for n in numbers]]),
        "listed": "\n".join(["entity npi", *[f"E{n} {n}" for n in numbers]]),
        "attributed": "\n".join(["entity bene", *[f"E{n} B{n}" for n in numbers]]),
        "entities": "\n".join(["entity terminated risk", *[f"E{n} {fact}" for n, fact in enumerate(facts, start=1)]]),
    }


def test_an_entity_terminated_before_august_31_or_without_bearing_risk_gives_nobody_a_status() -> None:
    outcome = computed(
        **entities_terminated("08-30 yes", "08-31 yes", "08-31 no", "12-31 no", "- no", "2025-02-01 no", "01-05 yes")
    )
    expected = ["NO_SCORE", "QP", "NO_SCORE", "NO_SCORE", "QP", "NO_SCORE", "NO_SCORE"]
    assert [determination(outcome, str(n))["status"] for n in range(1, 8)] == expected
    assert [determination(outcome, str(n), snapshot=1)["status"] for n in range(1, 8)] == expected


def test_entities_that_do_not_count_have_no_score_rows() -> None:
    outcome = computed(**entities_terminated("08-30 yes", "- yes"))
    assert scored(outcome) == [(1, "E2"), (2, "E2"), (3, "E2")]
    assert {row["apm_entity_id"] for row in outcome.exclusions} == {"E2"}


def test_a_terminated_entity_is_a_finding() -> None:
    found = findings(**entities_terminated("08-30 yes", "08-31 yes", "- no"))
    assert [f.rule for f in found if f.code == "entity_terminated"] == ["E1"]
    assert counts_of(found, "entity_not_advanced") == []


SEVERAL = """
entity tin npi
E1     A   1
E2     B   1
E2     B   2
"""


@pytest.mark.parametrize(("paid", "status"), [("41", "PARTIAL_QP"), ("39", "NOT_QP")])
def test_a_clinician_of_several_entities_is_determined_on_the_remaining_ones_also_individually(
    paid: str, status: str
) -> None:
    lines = f"""
    bene tin npi paid
    B1   A   1   1000             # attributed to the terminated E1
    B2   B   1   {paid}           # attributed to E2
    B3   B   1   {100 - int(paid)}
    B4   B   1   0
    B5   B   1   0
    B6   B   1   0
    B7   B   2   400
    """
    tables = {"lines": lines, "listed": SEVERAL, "attributed": "entity bene\nE1 B1\nE2 B2"}
    outcome = computed(**tables, entities="entity terminated\nE1 08-15\nE2 -")
    row = determination(outcome)
    assert (row["status"], row["apm_entity_count"]) == (status, 1)
    assert individual(outcome)["payment_score"] == float(paid)


def test_a_clinician_of_several_entities_is_qp_through_the_remaining_one() -> None:
    tables = {"lines": "bene tin\nB1 A\nB2 B", "listed": SEVERAL, "attributed": "entity bene\nE2 B2"}
    row = determination(computed(**tables, entities="entity terminated\nE1 08-15\nE2 -"))
    assert (row["status"], *decided_by(row)[:2]) == ("QP", "apm_entity", "E2")


# Shown as decided by


def test_qp_is_shown_with_the_earliest_snapshot_that_gave_it(falling: Outcome) -> None:
    row = determination(falling, "1")
    assert decided_by(row) == ("apm_entity", "E1", "em", "payment_amount", 1)
    assert (row["score"], row["threshold"]) == (52.0, 50)


def test_partial_qp_is_shown_with_the_earliest_snapshot_that_gave_it(falling: Outcome) -> None:
    row = determination(falling, "2")
    assert decided_by(row) == ("apm_entity", "E1", "em", "payment_amount", 2)
    assert (row["score"], row["threshold"]) == (49.0, 40)


NEVER = """
bene service paid
B1   02-01   10
B2   02-01   90
B3   02-01   0
B4   02-01   0
B5   02-01   0
B6   05-01   100
"""


def test_not_qp_is_shown_with_the_newest_snapshot_up_to_the_row_and_the_partial_bar() -> None:
    outcome = computed(lines=NEVER, attributed="B1")
    rows = [determination(outcome, snapshot=k) for k in (1, 2, 3)]
    assert [(row["determined_at_snapshot"], row["score"], row["threshold"]) for row in rows] == [
        (1, 10.0, 40),
        (2, 5.0, 40),
        (3, 5.0, 40),
    ]


def test_not_qp_is_shown_with_the_newest_snapshot_that_was_scored() -> None:
    lines = """
    bene service paid
    B1   02-01   10
    """
    benes = """
    bene start end
    B1   01-01 03-31      # without coverage there is no denominator later
    """
    outcome = computed(lines=lines, benes=benes)
    assert [score(outcome, snapshot=k)["status"] for k in (1, 2, 3)] == ["NOT_QP", "NO_SCORE", "NO_SCORE"]
    assert [determination(outcome, snapshot=k)["determined_at_snapshot"] for k in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("paid", "method", "shown"),
    [
        ((50, 50), "payment_amount", (50.0, 50)),  # QP by both methods
        ((40, 60), "patient_count", (50.0, 35)),  # QP by patients alone
    ],
)
def test_the_payment_method_is_shown_before_the_patient_method(
    paid: tuple[int, int], method: str, shown: tuple[float, int]
) -> None:
    row = determination(computed(lines=f"bene paid\nB1 {paid[0]}\nB2 {paid[1]}", attributed="B1"))
    assert (row["status"], row["determined_by_method"], (row["score"], row["threshold"])) == ("QP", method, shown)


@pytest.mark.parametrize(
    ("people", "status", "threshold"), [(4, "PARTIAL_QP", 25), (3, "PARTIAL_QP", 25), (2, "QP", 35)]
)
def test_the_threshold_is_the_bar_that_was_met(people: int, status: str, threshold: int) -> None:
    lines = "\n".join(["bene paid", "B1 1", *[f"B{n} 100" for n in range(2, people + 1)]])
    row = determination(computed(lines=lines, attributed="B1"))
    assert (row["status"], row["determined_by_method"], row["threshold"]) == (status, "patient_count", threshold)


def test_the_lowest_entity_id_is_shown_among_equal_results() -> None:
    listed = """
    entity npi
    E2     1
    E10    1
    """
    row = determination(computed(lines="bene\nB1", listed=listed, attributed="entity bene\nE2 B1\nE10 B1"))
    assert decided_by(row) == ("apm_entity", "E10", "em", "payment_amount", 1)


def test_an_entity_result_is_shown_before_an_individual_one_and_em_before_cps() -> None:
    row = determination(computed(year=2026, lines="bene\nB1", attributed="B1"))
    assert decided_by(row) == ("apm_entity", "E1", "em", "payment_amount", 1)


def test_an_individual_result_is_shown_when_it_is_better_than_the_entitys() -> None:
    lines = """
    bene npi hcpcs paid
    B1   1   99213 60
    B2   1   99213 40
    B3   2   99213 300
    B4   2   99213 300
    """
    row = determination(computed(year=2026, lines=lines, attributed="B1"))
    assert decided_by(row) == ("individual", None, "em", "payment_amount", 1)


def test_a_cps_result_is_shown_when_it_is_better_than_the_em_one() -> None:
    lines = """
    bene hcpcs paid
    B1   93306 60
    B2   99213 40
    """
    row = determination(computed(year=2026, lines=lines, attributed="B1"))
    assert decided_by(row) == ("apm_entity", "E1", "cps", "payment_amount", 1)


def test_a_better_status_of_a_later_snapshot_goes_before_an_earlier_worse_one() -> None:
    lines = """
    bene service paid
    B1   02-01   45
    B2   02-01   55
    B3   02-01   0
    B4   05-01   100
    """
    outcome = computed(lines=lines, attributed="B1 B4")
    assert statuses(outcome, "1") == {1: "PARTIAL_QP", 2: "QP", 3: "QP"}
    assert decided_by(determination(outcome, snapshot=1))[-1] == 1
    assert decided_by(determination(outcome))[-1] == 2


def test_an_entity_result_is_shown_before_an_affiliated_practitioners() -> None:
    listed = """
    entity tin npi list
    E0     B   1   affiliated
    E1     A   1   participation
    """
    outcome = computed(lines="bene tin\nB1 A\nB2 B", listed=listed, attributed="entity bene\nE1 B1\nE0 B2")
    assert decided_by(determination(outcome))[:2] == ("apm_entity", "E1")


def test_an_individual_result_is_shown_before_an_affiliated_practitioners() -> None:
    """Both are Partial QP by payment at snapshot 3, with 45 of 100 dollars; the entities are not."""
    lines = """
    bene tin npi service paid
    B1   A   1   08-01   45     # attributed to E1
    B2   A   1   08-01   55
    B3   A   1   08-01   0
    B4   A   1   08-01   0
    B5   A   1   08-01   0
    B6   A   2   08-01   200
    B11  C   1   08-01   45     # attributed to E0
    B12  C   1   08-01   55
    B13  C   1   08-01   0
    B14  C   1   08-01   0
    """
    listed = """
    entity tin npi list
    E0     C   1   affiliated
    E1     A   1   participation
    E1     A   2   participation
    E2     A   1   participation
    """
    outcome = computed(lines=lines, listed=listed, attributed="entity bene\nE1 B1\nE0 B11")
    assert affiliated(outcome, entity="E0")["status"] == individual(outcome)["status"] == "PARTIAL_QP"
    assert decided_by(determination(outcome)) == ("individual", None, "em", "payment_amount", 3)


def test_a_listed_clinician_for_whom_nothing_could_be_scored_has_no_score_and_nulls() -> None:
    row = determination(computed(lines="bene npi\nB1 2", listed="A/1"))
    assert (row["status"], row["mips_consequence"]) == ("NO_SCORE", "subject")
    assert (*decided_by(row), row["score"], row["threshold"]) == (None,) * 7


# apm_entity_count


def test_entities_are_counted_that_count_and_on_whose_list_the_clinician_was_so_far() -> None:
    listed = """
    entity tin npi start end   list
    E1     A   1   -     04-01 participation
    E1     B   1   06-30 -     participation    # the same entity
    E2     A   1   06-30 -     participation
    E3     A   1   -     -     affiliated
    E4     A   1   -     -     participation    # not Advanced
    E5     A   1   -     -     participation    # terminated
    E6     A   1   -     -     participation    # tested for 60 days by Jun 30
    E7     A   1   09-01 -     participation    # listed too late
    E8     A   1   -     04-01 participation    # left after Mar 31
    """
    entities = """
    entity advanced terminated from
    E1     yes      -          -
    E2     yes      -          -
    E3     yes      -          -
    E4     no       -          -
    E5     yes      08-15      -
    E6     yes      -          05-02
    E7     yes      -          -
    E8     yes      -          -
    """
    outcome = computed(lines="bene\nB1", listed=listed, entities=entities)
    counts = [determination(outcome, snapshot=k)["apm_entity_count"] for k in (1, 2, 3)]
    assert counts == [3, 5, 5]  # E1, E3 and E8; then E2 and E6 too


# What the status means for MIPS


@pytest.mark.parametrize(
    ("paid", "status", "consequence", "is_participant"),
    [("50", "QP", "excluded", False), ("40", "PARTIAL_QP", "may_elect", True), ("39.99", "NOT_QP", "subject", True)],
)
def test_qps_are_excluded_from_mips_partial_qps_may_elect_it_and_others_are_subject_to_it(
    paid: str, status: str, consequence: str, is_participant: bool
) -> None:
    rest = "\n".join(f"B{n} 0" for n in range(3, 6))
    row = determination(computed(lines=f"bene paid\nB1 {paid}\nB2 {100 - float(paid):.2f}\n{rest}", attributed="B1"))
    assert (row["status"], row["mips_consequence"], row["is_mips_apm_participant"]) == (
        status,
        consequence,
        is_participant,
    )


def test_mips_apm_participants_are_on_a_participation_list_of_a_mips_apm() -> None:
    listed = """
    entity npi start end list
    E1     1   -     -   participation
    E2     2   -     -   participation     # no MIPS APM
    E3     3   -     -   affiliated
    E2     4   -     -   participation
    E1     4   06-30 -   participation
    E4     5   -     -   participation     # terminated, but on its list
    E1     6   09-01 -   participation
    E2     6   09-01 -   participation
    E2     7   09-01 -   participation
    E1     7   09-01 12-30 participation
    E3     8   09-01 -   affiliated
    E2     9   09-01 12-30 participation
    E2     10  -     -   participation
    E1     10  -     04-01 participation     # left after Mar 31
    """
    entities = """
    entity mips terminated
    E1     -    -
    E2     no   -
    E3     yes  -
    E4     yes  08-15
    """
    outcome = computed(lines="bene\nB1", listed=listed, entities=entities)
    latest = {
        short_npi(row["npi"]): row["is_mips_apm_participant"] for row in outcome.determinations if row["is_latest"]
    }
    assert sorted(npi for npi, is_participant in latest.items() if is_participant) == ["1", "10", "4", "5", "6"]
    assert sorted(npi for npi, is_participant in latest.items() if not is_participant) == ["2", "3", "7", "8"]
    by_snapshot = [determination(outcome, "4", snapshot=k)["is_mips_apm_participant"] for k in (1, 2, 3)]
    assert by_snapshot == [False, True, True]
