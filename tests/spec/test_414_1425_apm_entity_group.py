"""42 CFR 414.1305, 414.1425(a)-(c): who is in an APM Entity group, and which APM Entities count."""

from __future__ import annotations

import pytest

from tests.support.in_memory import Outcome
from tests.support.spec_tables import (
    affiliated,
    computed,
    counts_of,
    determination,
    findings,
    payment,
    score,
    scored,
)


def denominators(outcome: Outcome, entity: str = "E1") -> list[int]:
    return [int(payment(score(outcome, snapshot=snapshot, entity=entity))[1]) for snapshot in (1, 2, 3)]


# A clinician is identified by APM Entity, TIN and NPI


def test_only_lines_under_a_listed_pair_of_tin_and_npi_are_the_groups() -> None:
    lines = """
    bene tin npi paid
    B1   A   1   1
    B1   B   2   2
    B1   A   2   4     # each is listed, but not as a pair
    B1   B   1   8
    B1   C   1   16    # a TIN that nobody lists
    B1   A   3   32    # an NPI that nobody lists
    """
    assert payment(score(computed(lines=lines, listed="A/1 B/2"))) == (0, 3)


def test_each_apm_entity_has_the_lines_of_its_own_list() -> None:
    lines = """
    bene tin npi paid
    B1   A   1   1
    B1   B   1   2
    """
    listed = """
    entity tin npi
    E1     A   1
    E2     B   1
    """
    outcome = computed(lines=lines, listed=listed)
    assert [payment(score(outcome, entity=entity))[1] for entity in ("E1", "E2")] == [1, 2]


def test_lines_under_a_tin_or_npi_of_another_form_match_no_list() -> None:
    lines = """
    bene tin       npi        paid
    B1   A         1          1
    B1   12345     1          2
    B1   A         N234567890 4
    """
    listed = """
    tin       npi
    A         1
    12345     1
    12345     2
    A         N234567890
    """
    row = score(computed(lines=lines, listed=listed))
    assert (payment(row), row["clinician_count"]) == ((0, 1), 3)  # they are listed all the same


def test_a_list_that_names_no_npis_has_everybody_who_bills_under_its_tins() -> None:
    lines = """
    bene tin npi paid
    B1   A   1   1
    B1   A   2   2
    B1   A   -   4
    B1   C   1   8
    B1   C   3   16
    """
    listed = """
    tin npi
    A   -
    C   3
    """
    row = score(computed(lines=lines, listed=listed))
    assert (payment(row), row["clinician_count"]) == ((0, 19), 3)


def test_lines_of_listed_clinicians_under_tins_of_no_list_are_a_finding() -> None:
    lines = """
    bene tin npi paid
    B1   A   1   1
    B1   C   1   16
    """
    assert counts_of(findings(lines=lines, listed="A/1"), "off_list_tin") == [1]


def test_lines_of_a_listed_clinician_under_a_listed_tin_that_is_not_theirs_are_a_finding_of_their_own() -> None:
    """42 CFR 414.1425(b)(1): the group are the TIN/NPI combinations of the list, not every mixture of both."""
    lines = """
    bene tin npi paid
    B1   A   1   1
    B1   C   1   16
    B1   C   2   2
    B2   C   1   4
    B2   A   2   8
    B2   D   2   32
    """
    found = findings(lines=lines, listed="A/1 C/2")
    assert counts_of(found, "off_list_pair") == [3]
    assert [each.words["amount"] for each in found if each.code == "off_list_pair"] == ["28.00"]
    assert counts_of(found, "off_list_tin") == [1]


def test_a_pair_of_another_entity_or_day_is_on_a_list_all_the_same() -> None:
    lines = """
    bene tin npi paid
    B1   A   1   1
    B1   C   1   16
    """
    listed = """
    entity tin npi start end
    A1     A   1   2024-01-01 2024-12-31
    A2     C   1   2024-01-01 2024-01-31
    """
    assert counts_of(findings(lines=lines, listed=listed), "off_list_pair") == []


# List dates: Mar 31, Jun 30, Aug 31, Dec 31


@pytest.fixture(scope="module")
def list_dates() -> Outcome:
    lines = """
    bene npi paid
    B1   1   1
    B1   2   2
    B1   3   4
    B1   4   8
    B1   5   16
    B1   6   32
    B1   7   64
    B1   8   128
    """
    listed = """
    npi start      end
    1   03-31      03-31
    2   04-01      -
    3   06-30      06-30
    4   04-01      06-29        # between two dates
    5   08-31      08-31
    6   07-01      08-30        # between two dates
    7   2023-01-01 03-30        # ended the day before the first
    8   -          -
    """
    return computed(lines=lines, listed=listed)


def test_a_clinician_is_in_the_group_when_listed_on_the_day_itself(list_dates: Outcome) -> None:
    assert denominators(list_dates) == [1 + 128, 1 + 2 + 4 + 128, 1 + 2 + 4 + 16 + 128]


def test_a_clinician_listed_only_between_the_dates_is_in_no_group_and_not_in_the_output(list_dates: Outcome) -> None:
    listed = {row["npi"] for row in list_dates.determinations}
    assert listed == {f"100000000{npi}" for npi in (1, 2, 3, 5, 8)}


def test_a_null_start_or_end_date_is_open(list_dates: Outcome) -> None:
    assert [row["snapshot"] for row in list_dates.determinations if row["npi"] == "1000000008"] == [1, 2, 3]


def test_the_clinician_count_is_of_the_group_at_the_snapshot(list_dates: Outcome) -> None:
    assert [score(list_dates, snapshot=snapshot)["clinician_count"] for snapshot in (1, 2, 3)] == [2, 4, 5]


def test_the_clinician_count_is_of_distinct_npis() -> None:
    outcome = computed(lines="bene\nB1", listed="A/1 B/1 C/1 A/2")
    assert score(outcome)["clinician_count"] == 2


LEAVER = {
    "lines": """
    bene npi service paid
    B1   1   02-01   1
    B1   2   02-01   2
    B1   2   05-01   4       # after leaving
    """,
    "listed": """
    npi start end
    1   -     -
    2   -     04-15
    """,
}


def test_leavers_stay_in_the_group_with_the_lines_after_they_left() -> None:
    outcome = computed(**LEAVER)
    assert denominators(outcome) == [3, 7, 7]
    assert [score(outcome, snapshot=snapshot)["clinician_count"] for snapshot in (1, 2, 3)] == [2, 2, 2]


def test_with_group_membership_on_snapshot_date_leavers_are_out() -> None:
    outcome = computed(**LEAVER, assume={"group_membership": "on_snapshot_date"})
    assert denominators(outcome) == [3, 1, 1]
    assert [score(outcome, snapshot=snapshot)["clinician_count"] for snapshot in (1, 2, 3)] == [2, 1, 1]


def test_with_group_membership_on_snapshot_date_somebody_who_comes_back_is_in_again() -> None:
    listed = """
    npi start end
    1   01-01 03-31
    1   08-01 -
    2   -     -
    """
    lines = """
    bene npi paid
    B1   1   1
    B1   2   2
    """
    outcome = computed(lines=lines, listed=listed, assume={"group_membership": "on_snapshot_date"})
    assert denominators(outcome) == [3, 2, 3]


def test_a_newcomer_brings_the_lines_since_january() -> None:
    lines = """
    bene npi service paid
    B1   1   02-01   1
    B1   2   02-01   2
    """
    listed = """
    npi start
    1   01-01
    2   06-30
    """
    assert denominators(computed(lines=lines, listed=listed)) == [1, 3, 3]


# Participation List or Affiliated Practitioner List

BOTH_LISTS = {
    "lines": """
    bene npi paid
    B1   1   1
    B1   2   2
    """,
    "listed": """
    npi list
    1   participation
    2   affiliated
    """,
}


def test_affiliated_practitioner_entries_of_a_participation_list_entity_are_ignored() -> None:
    outcome = computed(**BOTH_LISTS)
    assert denominators(outcome) == [1, 1, 1]
    assert scored(outcome, "affiliated_practitioner") == []
    assert {row["npi"] for row in outcome.determinations} == {"1000000001"}


def test_ignored_affiliated_practitioner_entries_are_a_finding() -> None:
    assert counts_of(findings(**BOTH_LISTS), "affiliated_ignored") == [1]


@pytest.mark.parametrize(
    ("start", "end", "is_ignored"),
    [
        ("12-31", "-", True),
        ("2025-01-01", "-", False),
        ("2023-01-01", "01-01", True),
        ("2023-01-01", "2023-12-31", False),
    ],
)
def test_one_participation_list_entry_in_force_on_a_day_of_the_year_makes_a_participation_list_entity(
    start: str, end: str, is_ignored: bool
) -> None:
    listed = f"""
    npi list          start   end
    1   participation {start} {end}
    2   affiliated    -       -
    """
    outcome = computed(lines="bene npi\nB1 2", listed=listed)
    assert scored(outcome, "affiliated_practitioner") == ([] if is_ignored else [(1, "E1"), (2, "E1"), (3, "E1")])


def test_an_entity_with_only_an_affiliated_practitioner_list_has_no_entity_score() -> None:
    outcome = computed(lines="bene paid\nB1 5", listed="npi list\n1 affiliated")
    assert scored(outcome, "apm_entity") == []
    assert payment(affiliated(outcome)) == (0, 5)


def test_an_entity_without_anybody_on_its_list_at_a_snapshot_has_no_score_there() -> None:
    outcome = computed(lines="bene\nB1", listed="npi start\n1 06-30")
    assert scored(outcome) == [(2, "E1"), (3, "E1")]


# Only entities in an Advanced APM count

TWO_ENTITIES = {
    "lines": """
    bene npi
    B1   1
    B2   2
    """,
    "listed": """
    entity npi
    E1     1
    E2     2
    """,
}


def test_an_entity_outside_an_advanced_apm_does_not_count() -> None:
    entities = """
    entity advanced
    E1     no
    E2     yes
    """
    outcome = computed(**TWO_ENTITIES, entities=entities)
    assert scored(outcome) == [(1, "E2"), (2, "E2"), (3, "E2")]
    assert determination(outcome, "1")["status"] == "NO_SCORE"
    found = findings(**TWO_ENTITIES, entities=entities)
    assert [finding.rule for finding in found if finding.code == "entity_not_advanced"] == ["E1"]


def test_without_an_entities_file_every_entity_is_advanced_and_tested_all_year() -> None:
    outcome = computed(**TWO_ENTITIES)
    assert scored(outcome) == [(k, entity) for k in (1, 2, 3) for entity in ("E1", "E2")]


# Actively tested for at least 60 continuous days by d_k


def entities_active(*windows: tuple[str, str]) -> dict[str, str]:
    """Entities E1, E2, ... active from..to, each with one clinician who sees one patient."""
    numbered = list(enumerate(windows, start=1))
    return {
        "lines": "\n".join(["bene npi", *[f"B1 {n}" for n, _ in numbered]]),
        "listed": "\n".join(["entity npi", *[f"E{n} {n}" for n, _ in numbered]]),
        "entities": "\n".join(["entity from to", *[f"E{n} {start} {end}" for n, (start, end) in numbered]]),
    }


def test_an_apm_counts_when_tested_for_60_days_by_the_snapshot_and_not_for_59() -> None:
    tables = entities_active(
        ("02-01", "-"),  # 29 days of February and 31 of March
        ("02-02", "-"),
        ("05-02", "-"),
        ("05-03", "-"),
        ("07-03", "-"),
        ("07-04", "-"),
    )
    third = [(3, f"E{n}") for n in (1, 2, 3, 4, 5)]
    assert scored(computed(**tables)) == [(1, "E1"), *[(2, f"E{n}") for n in (1, 2, 3)], *third]


def test_an_apm_that_ended_counts_when_it_was_tested_for_60_days_in_the_period() -> None:
    tables = entities_active(
        ("-", "02-29"),
        ("-", "02-28"),
        ("2023-11-01", "02-28"),  # 59 days in the period, whatever was before
        ("06-20", "08-18"),
        ("06-20", "08-17"),
    )
    assert scored(computed(**tables)) == [(1, "E1"), (2, "E1"), (3, "E1"), (3, "E4")]


def test_an_apm_that_was_tested_too_short_is_a_finding_at_each_snapshot() -> None:
    found = findings(lines="bene\nB1", listed="A/1 A/2 B/1", entities="entity from\nE1 05-15")
    assert counts_of(found, "entity_not_tested") == [0, 47]


@pytest.fixture(scope="module")
def window() -> Outcome:
    lines = """
    bene npi service paid
    B1   1   01-31   1
    B1   1   02-01   2
    B1   1   06-10   4
    B1   1   06-11   8
    B1   1   08-31   16
    """
    return computed(lines=lines, entities="entity from to\nE1 02-01 06-10")


def test_entity_claims_run_from_the_first_to_the_last_day_of_testing(window: Outcome) -> None:
    assert denominators(window) == [2, 6, 6]


def test_an_apm_that_ended_the_day_before_the_period_ends_loses_that_day() -> None:
    lines = """
    bene service paid
    B1   08-30   1
    B1   08-31   2
    """
    assert denominators(computed(lines=lines, entities="entity to\nE1 08-30")) == [0, 0, 1]
    assert denominators(computed(lines=lines, entities="entity to\nE1 08-31")) == [0, 0, 3]


def test_an_apm_tested_since_before_january_has_claims_from_january_1_on() -> None:
    lines = """
    bene service    paid
    B1   2023-12-31 1
    B1   2024-01-01 2
    """
    assert denominators(computed(lines=lines, entities="entity from to\nE1 2020-01-01 2030-12-31")) == [2, 2, 2]


def test_a_late_line_of_the_window_counts_once_it_was_processed() -> None:
    lines = """
    bene service processed paid
    B1   02-01   02-20     1
    B1   02-01   07-01     2
    B1   01-31   07-01     4
    """
    assert denominators(computed(lines=lines, entities="entity from\nE1 02-01")) == [1, 3, 3]


# First listed after Aug 31


def test_who_is_first_listed_after_august_31_is_not_qp_through_that_entity() -> None:
    listed = """
    npi start
    1   08-31
    2   09-01
    """
    lines = """
    bene npi
    B1   1
    B2   2
    """
    outcome = computed(lines=lines, listed=listed, attributed="B1 B2")
    assert payment(score(outcome)) == (100, 100)
    assert [determination(outcome, npi)["status"] for npi in ("1", "2")] == ["QP", "NOT_QP"]


def test_who_came_after_august_31_and_left_before_december_31_is_not_in_the_output() -> None:
    listed = """
    npi start end
    1   -     -
    2   09-01 12-30
    3   09-01 12-31
    """
    outcome = computed(lines="bene\nB1", listed=listed)
    assert {row["npi"] for row in outcome.determinations} == {"1000000001", "1000000003"}
