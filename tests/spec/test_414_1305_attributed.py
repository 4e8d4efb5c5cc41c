"""42 CFR 414.1305, 414.1435(c): the attributed beneficiary, by list or within an episode."""

from __future__ import annotations

import pytest

from tests.support.in_memory import Outcome
from tests.support.spec_tables import computed, counts_of, findings, individual, patients, payment, score


def numerators(outcome: Outcome, entity: str = "E1") -> list[int]:
    return [int(payment(score(outcome, snapshot=snapshot, entity=entity))[0]) for snapshot in (1, 2, 3)]


# On the entity's attribution list in force on the snapshot date

IN_FORCE = {
    "lines": """
    bene paid
    B1   1
    B2   2
    B3   4
    B4   8
    B5   16
    B6   32
    B7   64
    """,
    "attributed": """
    bene start      end
    B1   03-31      03-31
    B2   -          03-30        # ended the day before
    B3   04-01      06-30        # began the day after
    B4   06-30      -
    B5   07-01      08-31
    B6   09-01      -            # began after the last
    B7   2023-01-01 08-30
    """,
}


def test_a_beneficiary_is_attributed_when_the_list_row_is_in_force_on_the_snapshot_date() -> None:
    assert numerators(computed(**IN_FORCE)) == [1 + 64, 4 + 8 + 64, 8 + 16]


def test_with_the_latest_list_the_same_people_are_attributed_at_every_snapshot() -> None:
    assert numerators(computed(**IN_FORCE, assume={"attribution_list_date": "latest"})) == [8 + 16] * 3


def test_with_the_latest_list_prospective_attribution_elsewhere_is_that_lists_too() -> None:
    tables = {
        "lines": "bene paid\nB1 1\nB2 2",
        "attributed": """
        entity bene prospective start end
        X      B1   yes         08-31 -
        X      B2   yes         -     03-31
        """,
    }
    latest = computed(**tables, assume={"attribution_list_date": "latest"})
    in_force = computed(**tables)
    denominators = [[payment(score(o, snapshot=k))[1] for k in (1, 2, 3)] for o in (in_force, latest)]
    assert denominators == [[1, 3, 2], [2, 2, 2]]


def test_open_ends_are_allowed() -> None:
    assert numerators(computed(lines="bene paid\nB1 1", attributed="bene start end\nB1 - -")) == [1, 1, 1]


# Attributed and attribution-eligible


def test_the_numerator_is_attributed_and_attribution_eligible_so_a_score_never_exceeds_100_percent() -> None:
    lines = """
    bene hcpcs paid
    B1   99213 10
    B2   99213 20      # in Medicare Advantage
    B3   93306 40      # no qualifying service
    """
    row = score(computed(lines=lines, benes="bene ma\nB2 yes", attributed="B1 B2 B3"))
    assert (payment(row), patients(row)) == ((10, 10), (1, 1))
    assert (row["payment_score"], row["patient_score"]) == (100.0, 100.0)


def test_a_beneficiary_of_another_entity_is_not_attributed_to_this_one() -> None:
    row = score(computed(lines="bene paid\nB1 1\nB2 2", attributed="entity bene\nE1 B1\nX B2"))
    assert payment(row) == (1, 3)


def test_an_attributed_beneficiary_whom_the_group_never_served_is_in_neither_count() -> None:
    assert patients(score(computed(lines="bene\nB1", attributed="B1 B2"))) == (1, 1)


def test_a_beneficiary_counts_once_per_entity_whatever_the_number_of_list_rows() -> None:
    attributed = """
    bene start end
    B1   01-01 -
    B1   07-01 -
    B1   -     08-31
    B2   01-01 03-30
    B2   04-01 06-30      # of several rows one in force is enough
    """
    outcome = computed(lines="bene paid\nB1 10\nB1 5\nB2 1", attributed=attributed)
    shown = [(payment(row), patients(row)) for row in (score(outcome, snapshot=k) for k in (1, 2, 3))]
    assert shown == [((15, 16), (1, 2)), ((16, 16), (2, 2)), ((15, 16), (1, 2))]


def test_a_beneficiary_may_count_for_several_entities() -> None:
    lines = """
    bene npi paid
    B1   1   10
    B1   2   20
    """
    listed = """
    entity npi
    E1     1
    E2     2
    """
    outcome = computed(lines=lines, listed=listed, attributed="entity bene\nE1 B1\nE2 B1")
    assert [payment(score(outcome, entity=entity)) for entity in ("E1", "E2")] == [(10, 10), (20, 20)]


# Episode-based APMs

EPISODES = """
entity episodes
E1     yes
"""


@pytest.fixture(scope="module")
def episode() -> Outcome:
    lines = """
    bene service paid
    B1   02-09   1
    B1   02-10   2
    B1   05-20   4
    B1   05-21   8
    B2   02-10   16
    B3   06-15   32      # in the second of two episodes
    B3   05-15   64      # between them
    B3   02-15   128
    B4   08-30   256
    B4   08-31   512     # an episode of the last day
    """
    attributed = """
    bene start end   episode_start episode_end
    B1   02-10 05-20 02-10         05-20
    B2   -     -     -             -
    B3   01-01 -     02-01         02-29
    B3   01-01 -     06-01         06-30
    B4   -     -     08-31         12-31
    """
    return computed(lines=lines, attributed=attributed, entities=EPISODES)


def test_the_numerator_counts_services_from_the_first_to_the_last_day_of_an_episode(episode: Outcome) -> None:
    assert numerators(episode) == [2 + 128, 2 + 4 + 128 + 32, 2 + 4 + 128 + 32 + 512]


def test_an_episode_counts_whether_or_not_its_row_is_still_in_force(episode: Outcome) -> None:
    assert patients(score(episode, snapshot=3)) == (3, 4)


def test_the_denominator_is_not_restricted_to_episodes(episode: Outcome) -> None:
    assert [payment(score(episode, snapshot=k))[1] for k in (1, 2, 3)] == [1 + 2 + 16 + 128, 255, 1023]


@pytest.mark.parametrize("dates", ["- -", "02-01 -", "- 02-29"])
def test_an_episode_without_both_dates_counts_nothing(dates: str) -> None:
    attributed = f"bene episode_start episode_end\nB1 {dates}"
    row = score(computed(lines="bene\nB1", attributed=attributed, entities=EPISODES))
    assert (payment(row), patients(row)) == ((0, 100), (0, 1))


def test_a_patient_is_in_the_numerator_only_for_a_service_within_the_episode() -> None:
    lines = """
    bene service
    B1   02-09
    B1   02-11
    B2   02-10
    B2   02-11
    """
    attributed = """
    bene episode_start episode_end
    B1   02-10         02-10
    B2   02-10         02-10
    """
    assert patients(score(computed(lines=lines, attributed=attributed, entities=EPISODES))) == (1, 2)


def test_an_entity_that_is_not_episode_based_does_not_look_at_episode_dates() -> None:
    attributed = "bene episode_start episode_end\nB1 05-01 05-31"
    entities = "entity episodes\nE1 no"
    assert numerators(computed(lines="bene paid\nB1 7", attributed=attributed, entities=entities)) == [7, 7, 7]


def test_an_episode_that_began_before_the_period_counts_from_january_1() -> None:
    attributed = "bene episode_start episode_end\nB1 2023-11-01 01-10"
    lines = """
    bene service paid
    B1   01-01   1
    B1   01-10   2
    B1   01-11   4
    """
    assert numerators(computed(lines=lines, attributed=attributed, entities=EPISODES)) == [3, 3, 3]


# A line of a clinician of several entities is attributed when some entity attributes it


def test_one_entity_that_attributes_is_enough_and_it_must_be_the_clinicians_at_the_snapshot() -> None:
    lines = """
    bene paid
    B1   1      # E1 attributes, E2 no longer does
    B2   2      # only E2 attributes
    B3   4      # in an episode of E3
    B4   8      # in an episode of E3 and one of E4
    B5   16     # in an episode of E4
    """
    listed = """
    entity start
    E1     01-01
    E2     06-30
    E3     01-01
    E4     06-30
    """
    attributed = """
    entity bene end   episode_start episode_end
    E1     B1   -     -             -
    E2     B1   04-15 -             -
    E2     B2   -     -             -
    E3     B3   -     01-01         02-28
    E3     B4   -     01-01         02-28
    E4     B4   -     01-01         02-28
    E4     B5   -     01-01         02-28
    """
    entities = """
    entity episodes
    E1     no
    E2     no
    E3     yes
    E4     yes
    """
    tables = {"lines": lines, "listed": listed, "attributed": attributed}
    outcome = computed(year=2026, **tables, entities=entities)
    assert [payment(individual(outcome, snapshot=k)) for k in (1, 2, 3)] == [(1 + 4 + 8, 31), (31, 31), (31, 31)]


@pytest.mark.parametrize("year", [2024, 2026])
def test_a_clinicians_line_is_attributed_by_one_entitys_list_or_another_ones_episode(year: int) -> None:
    lines = """
    bene service paid
    B1   02-10   1      # on the list of E2
    B2   02-10   2      # in an episode of E1
    B2   03-10   4      # after it
    B3   02-10   8      # not E1's episode, but still on E2's list
    B4   02-10   1000
    B5   02-10   1000
    B6   02-10   1000
    B7   02-10   1000
    """
    listed = """
    entity npi
    E1     1
    E2     1
    """
    attributed = """
    entity bene end   episode_start episode_end
    E2     B1   -     -             -
    E1     B2   01-31 02-01         02-28
    E1     B3   -     05-01         05-31
    E2     B3   -     -             -
    """
    entities = """
    entity episodes
    E1     yes
    E2     no
    """
    outcome = computed(year=year, lines=lines, listed=listed, attributed=attributed, entities=entities)
    assert payment(individual(outcome)) == (1 + 2 + 8, 4015)
    assert patients(individual(outcome)) == (3, 7)


def test_attributed_beneficiaries_who_fail_a_criterion_are_reported_by_criterion() -> None:
    found = findings(
        lines="""
        bene hcpcs
        B1   99213
        B2   99213
        B3   93306        # no qualifying service
        B9   99213        # not attributed
        """,
        benes="""
        bene ma  us
        B2   yes no
        B4   yes yes      # not served
        B9   yes yes
        """,
        attributed="B1 B2 B3 B4",
    )
    (told,) = [one for one in found if one.code == "attributed_not_eligible"]
    assert (told.rule, told.count) == ("E1", 4)
    assert told.message.endswith("is_not_managed_care 2, is_us_resident 1, has_qualifying_service 2.")


def test_attributed_beneficiaries_who_meet_every_criterion_are_no_finding() -> None:
    found = findings(lines="bene hcpcs\nB1 99213", attributed="B1")
    assert counts_of(found, "attributed_not_eligible") == []
