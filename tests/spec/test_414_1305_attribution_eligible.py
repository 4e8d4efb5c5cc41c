"""42 CFR 414.1305: the attribution-eligible beneficiary, criterion by criterion.

Everybody has one E/M service; the dollars 1, 2, 4, ... say who is in the denominator.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.in_memory import Outcome
from tests.support.spec_tables import computed, counts_of, findings, patients, payment, records, score

EVERY_MONTH = {"enrollment_months": "every_month"}
ANY_MONTH = {"enrollment_months": "any_month"}
SNAPSHOT_MONTH = {"enrollment_months": "snapshot_month"}


def of_people(benes: str, **tables: Any) -> Outcome:
    """The outcome for these people, who have one E/M service each: B1 for 1 dollar, B2 for 2, B3 for 4, ..."""
    names = dict.fromkeys(record["bene"] for record in records(benes))
    services = [f"{name} {2**place} 01-05" for place, name in enumerate(names)]
    return computed(lines="\n".join(["bene paid service", *services]), benes=benes, **tables)


def eligible(outcome: Outcome, snapshot: int, basis: str = "em") -> str:
    """Who is in the denominator of a snapshot."""
    row = score(outcome, snapshot=snapshot, basis=basis)
    dollars = int(payment(row)[1])
    names = [f"B{place + 1}" for place in range(dollars.bit_length()) if dollars & 2**place]
    assert patients(row)[1] == len(names)
    return " ".join(names)


def at_each(outcome: Outcome) -> list[str]:
    return [eligible(outcome, snapshot) for snapshot in (1, 2, 3)]


# Criteria 1, 2, 3 and 5


@pytest.fixture(scope="module")
def whole_year() -> Outcome:
    benes = """
    bene ma  msp a   b   us
    B1   no  no  yes yes yes
    B2   yes no  yes yes yes
    B3   no  yes yes yes yes
    B4   no  no  no  yes yes
    B5   no  no  yes no  yes
    B6   no  no  yes yes no
    """
    return of_people(benes, attributed="B1 B2 B3 B4 B5 B6")


def test_only_who_meets_every_criterion_is_attribution_eligible(whole_year: Outcome) -> None:
    assert at_each(whole_year) == ["B1", "B1", "B1"]


def test_attributed_people_who_fail_a_criterion_are_not_in_the_numerator(whole_year: Outcome) -> None:
    assert (payment(score(whole_year)), patients(score(whole_year))) == ((1, 1), (1, 1))


FEBRUARY_ALONE = """
bene start end   ma  msp a   b   us
B1   01-01 01-31 no  no  yes yes yes
B1   02-01 02-29 yes no  yes yes yes
B1   03-01 -     no  no  yes yes yes
B2   01-01 01-31 no  no  yes yes yes
B2   02-01 02-29 no  yes yes yes yes
B2   03-01 -     no  no  yes yes yes
B3   01-01 01-31 no  no  yes yes yes
B3   02-01 02-29 no  no  no  yes yes
B3   03-01 -     no  no  yes yes yes
B4   01-01 01-31 no  no  yes yes yes
B4   02-01 02-29 no  no  yes no  yes
B4   03-01 -     no  no  yes yes yes
B5   01-01 01-31 no  no  yes yes yes
B5   02-01 02-29 no  no  yes yes no
B5   03-01 -     no  no  yes yes yes
B6   01-01 -     no  no  yes yes yes
"""


def test_a_beneficiary_in_medicare_advantage_in_any_month_is_not_eligible() -> None:
    """And so for Medicare as secondary payer, Part A, Part B and residence."""
    assert at_each(of_people(FEBRUARY_ALONE)) == ["B6", "B6", "B6"]


def test_every_month_is_the_default_of_enrollment_months() -> None:
    assert at_each(of_people(FEBRUARY_ALONE, assume=EVERY_MONTH)) == ["B6", "B6", "B6"]


def test_with_any_month_one_good_month_is_enough() -> None:
    everybody = "B1 B2 B3 B4 B5 B6"
    assert at_each(of_people(FEBRUARY_ALONE, assume=ANY_MONTH)) == [everybody, everybody, everybody]


def test_with_any_month_somebody_without_a_good_month_is_not_eligible() -> None:
    benes = """
    bene start end   ma
    B1   01-01 03-31 yes
    B1   04-01 -     no
    B2   -     -     yes
    """
    assert at_each(of_people(benes, assume=ANY_MONTH)) == ["", "B1", "B1"]


def test_with_snapshot_month_only_the_month_of_the_snapshot_matters() -> None:
    benes = """
    bene start end   ma
    B1   01-01 02-29 yes
    B1   03-01 -     no
    B2   01-01 05-31 no
    B2   06-01 06-30 yes
    B2   07-01 -     no
    B3   01-01 07-31 no
    B3   08-01 -     yes
    """
    assert at_each(of_people(benes, assume=SNAPSHOT_MONTH)) == ["B1 B2 B3", "B1 B3", "B1 B2"]


def test_months_after_the_snapshot_do_not_matter() -> None:
    benes = """
    bene start end   ma
    B1   01-01 03-31 no
    B1   04-01 -     yes
    B2   01-01 06-30 no
    B2   07-01 -     yes
    B3   01-01 08-31 no
    B3   09-01 -     yes
    """
    assert at_each(of_people(benes)) == ["B1 B2 B3", "B2 B3", "B3"]


# A month's state is the state on its first day


def test_what_a_beneficiary_was_on_the_first_of_a_month_is_what_counts() -> None:
    benes = """
    bene start end   ma
    B1   01-01 02-01 no
    B1   02-02 02-29 yes       # not on a first
    B1   03-01 -     no
    B2   01-01 01-31 no
    B2   02-01 02-01 yes       # on a first alone
    B2   02-02 -     no
    """
    assert at_each(of_people(benes)) == ["B1", "B1", "B1"]


def test_a_month_without_a_coverage_record_fails() -> None:
    benes = """
    bene start      end
    B1   01-01      03-31
    B1   05-01      -         # no record in April
    B2   01-02      -         # none on January 1
    B3   01-01      -
    B4   2023-01-01 08-01
    B5   2023-01-01 07-31     # none on August 1
    """
    assert at_each(of_people(benes)) == ["B1 B3 B4 B5", "B3 B4 B5", "B3 B4"]


def test_with_any_month_and_snapshot_month_a_gap_matters_only_where_it_is_looked_at() -> None:
    benes = """
    bene start end
    B1   01-02 -
    B2   01-01 05-31
    B2   06-02 -
    """
    assert at_each(of_people(benes, assume=ANY_MONTH)) == ["B1 B2", "B1 B2", "B1 B2"]
    assert at_each(of_people(benes, assume=SNAPSHOT_MONTH)) == ["B1 B2", "B1", "B1 B2"]


def test_where_coverage_spans_overlap_every_one_of_them_must_meet_the_criterion() -> None:
    benes = """
    bene start end   ma
    B1   01-01 -     no
    B1   04-15 05-15 yes      # covers May 1
    B2   01-01 -     no
    B2   04-02 04-30 yes      # covers no first
    """
    assert at_each(of_people(benes)) == ["B1 B2", "B2", "B2"]


def test_open_spans_cover_every_month() -> None:
    assert at_each(of_people("bene start end\nB1 - -\nB2 - 08-31\nB3 01-01 -")) == ["B1 B2 B3"] * 3


# Alive on the first day of the month


def test_who_dies_on_the_first_is_alive_that_day() -> None:
    benes = """
    bene died  start end
    B1   02-01 01-01 01-31      # February is looked at, and has no record
    B2   01-31 01-01 01-31      # only January is looked at
    B3   02-01 01-01 02-01
    """
    assert at_each(of_people(benes)) == ["B2 B3", "B2 B3", "B2 B3"]


def test_somebody_with_no_living_month_is_not_eligible() -> None:
    benes = """
    bene died
    B1   01-01
    B2   2023-12-31
    """
    assert at_each(of_people(benes)) == ["B1", "B1", "B1"]


def test_with_snapshot_month_somebody_who_died_before_it_is_not_eligible() -> None:
    benes = """
    bene died
    B1   06-01
    B2   05-31
    """
    assert at_each(of_people(benes, assume=SNAPSHOT_MONTH)) == ["B1 B2", "B1", ""]


def test_with_any_month_only_living_months_are_looked_at() -> None:
    benes = """
    bene died  start end ma
    B1   02-29 03-01 -   no      # the only good months come after death
    B1   02-29 01-01 -   yes
    B2   03-01 03-01 -   no
    """
    assert at_each(of_people(benes, assume=ANY_MONTH)) == ["B2", "B2", "B2"]


# Criterion 4: at least 18 years of age


def test_who_has_the_18th_birthday_on_the_snapshot_date_is_of_age_and_the_day_after_is_not() -> None:
    benes = """
    bene born
    B1   2006-03-31
    B2   2006-04-01
    B3   2006-06-30
    B4   2006-07-01
    B5   2006-08-31
    B6   2006-09-01
    """
    assert at_each(of_people(benes)) == ["B1", "B1 B2 B3", "B1 B2 B3 B4 B5"]


@pytest.mark.parametrize(("value", "expected"), [("period_start", "B1"), ("period_end", "B1 B2 B3")])
def test_age_may_be_asked_for_at_the_start_or_the_end_of_the_period(value: str, expected: str) -> None:
    benes = """
    bene born
    B1   2006-01-01
    B2   2006-01-02
    B3   2006-08-31
    B4   2006-09-01
    """
    assert at_each(of_people(benes, assume={"age_reached_by": value})) == [expected] * 3


def test_a_person_born_on_february_29_is_of_age_on_march_31_18_years_later() -> None:
    assert at_each(of_people("bene born\nB1 2004-02-29", year=2022)) == ["B1", "B1", "B1"]


# Where a person's rows disagree the earliest date counts

DISAGREE = """
bene born       died  start end
B1   2006-09-01 -     01-01 04-30
B1   1950-06-01 -     05-01 -
B2   1950-06-01 -     01-01 01-31
B2   1950-06-01 12-31 01-01 01-31
B2   1950-06-01 01-31 01-01 01-31
B3   1950-06-01 -     -     -
B3   1950-06-02 -     -     -
B4   1950-06-01 -     -     -
B4   1950-06-01 -     -     -
"""


def test_the_earliest_birth_date_and_the_earliest_death_date_count() -> None:
    assert at_each(of_people(DISAGREE)) == ["B1 B2 B3 B4"] * 3


def test_facts_that_disagree_are_a_finding() -> None:
    found = findings(lines="bene\nB1", benes=DISAGREE)
    assert [(f.rule, f.count) for f in found if f.code == "facts_disagree"] == [("birth_date", 2), ("death_date", 1)]


# Unknown is not met

UNKNOWN = """
bene born       ma msp a   b   us
B1   -          no no  yes yes yes
B2   1950-06-01 -  no  yes yes yes
B3   1950-06-01 no -   yes yes yes
B4   1950-06-01 no no  -   yes yes
B5   1950-06-01 no no  yes -   yes
B6   1950-06-01 no no  yes yes -
B7   1950-06-01 no no  yes yes yes
B8   1950-06-01 no no  -   no  yes
"""


@pytest.mark.parametrize("months", [EVERY_MONTH, ANY_MONTH, SNAPSHOT_MONTH])
def test_a_missing_fact_fails_its_criterion(months: dict[str, str]) -> None:
    assert at_each(of_people(UNKNOWN, assume=months)) == ["B7", "B7", "B7"]


def test_the_beneficiaries_lost_by_a_missing_fact_are_counted() -> None:
    """B8 has no Part B whatever Part A is, and is not lost by a missing fact."""
    names = "\n".join(f"B{n}" for n in range(1, 9))
    found = findings(lines=f"bene\n{names}", benes=UNKNOWN)
    assert {f.rule: f.count for f in found if f.code == "unknown_facts"} == {
        "is_at_least_18": 1,
        "is_not_managed_care": 1,
        "is_not_medicare_secondary": 1,
        "has_part_a_and_b": 2,
        "is_us_resident": 1,
    }


def test_a_fact_that_is_missing_from_a_later_month_on_loses_the_beneficiary_by_then() -> None:
    benes = """
    bene start end   ma
    B1   01-01 04-30 no
    B1   05-01 -     -
    """
    assert at_each(of_people(benes)) == ["B1", "", ""]
    assert counts_of(findings(lines="bene\nB1", benes=benes), "unknown_facts") == [1]


def test_somebody_without_a_beneficiary_row_is_not_eligible() -> None:
    tables = {"lines": "bene paid\nB1 1\nB2 2\nB3 4", "attributed": "B2", "unrecorded": "B2 B3"}
    assert at_each(computed(**tables)) == ["B1", "B1", "B1"]
    assert counts_of(findings(**tables), "no_beneficiary_row") == [2]


# Criterion 6: a claim for a qualifying service by a clinician of the APM Entity


def test_without_an_em_service_nobody_is_eligible_on_the_em_basis() -> None:
    lines = """
    bene hcpcs paid
    B1   99213 1
    B1   93306 2
    B2   93306 4
    """
    row = score(computed(lines=lines))
    assert (payment(row), patients(row)) == ((0, 3), (0, 1))


def test_the_qualifying_service_may_come_from_any_clinician_of_the_entity_and_from_no_other() -> None:
    lines = """
    bene npi hcpcs paid
    B1   1   93306 1
    B1   2   99213 2
    B2   1   93306 4
    B2   3   99213 8      # a clinician of no list
    """
    assert payment(score(computed(lines=lines, listed="A/1 A/2"))) == (0, 3)


def test_the_qualifying_service_must_be_seen_by_the_snapshot() -> None:
    lines = """
    bene hcpcs service processed paid
    B1   93306 01-05   01-20     1
    B1   99213 04-01   04-20     0
    B2   93306 01-05   01-20     2
    B2   99213 01-05   08-30     0
    B3   93306 01-05   01-20     4
    B3   99213 08-31   10-30     0
    """
    outcome = computed(lines=lines)
    assert [payment(score(outcome, snapshot=k))[1] for k in (1, 2, 3)] == [0, 1, 1 + 2 + 4]


# From PY 2026 two definitions side by side

TWO_DEFINITIONS = """
bene hcpcs paid
B1   99213 1
B2   93306 2
B3   J1100 4
"""


def test_from_2026_there_are_an_em_and_a_covered_professional_service_definition() -> None:
    outcome = computed(year=2026, lines=TWO_DEFINITIONS, attributed="B2")
    rows = [score(outcome, basis=basis) for basis in ("em", "cps")]
    assert [(payment(row), patients(row)) for row in rows] == [((0, 1), (0, 1)), ((2, 3), (1, 2))]


def test_through_2025_there_is_the_em_definition_alone() -> None:
    outcome = computed(year=2025, lines=TWO_DEFINITIONS, attributed="B2")
    assert {row["basis"] for row in outcome.threshold_scores} == {"em"}
    assert {row["basis"] for row in outcome.exclusions} == {"em"}
