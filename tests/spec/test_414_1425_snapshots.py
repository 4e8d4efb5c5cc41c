"""42 CFR 414.1425(b): the QP Performance Period, its snapshots, and which claims each of them sees."""

from __future__ import annotations

from datetime import date

import pytest

from qpcli.errors import UsageError
from qpcli.findings import Finding
from tests.support.in_memory import Outcome, law_of
from tests.support.spec_tables import computed, decided_by, determination, findings, payment, score, scored, world


def seen(outcome: Outcome) -> list[int]:
    """The denominator at each snapshot."""
    return [int(payment(score(outcome, snapshot=snapshot))[1]) for snapshot in (1, 2, 3)]


# Payment year = performance year + 2; Jan 1 to Aug 31 of the performance year


@pytest.mark.parametrize(("performance_year", "payment_year"), [(2017, 2019), (2024, 2026), (2027, 2029)])
def test_the_payment_year_is_two_years_after_the_performance_year(performance_year: int, payment_year: int) -> None:
    assert law_of(world(year=performance_year)).payment_year == payment_year


def test_the_period_runs_from_january_1_to_august_31() -> None:
    lines = """
    bene service    processed  paid
    B1   2023-12-31 2024-01-20 1
    B1   2024-01-01 2024-01-20 2
    B1   2024-08-31 2024-09-20 4
    B1   2024-09-01 2024-09-20 8
    """
    assert seen(computed(lines=lines)) == [2, 2, 6]


# Snapshots 1, 2, 3 end on Mar 31, Jun 30, Aug 31; each is cumulative from Jan 1


def test_a_line_is_in_the_snapshot_on_whose_last_day_it_was_served_and_not_the_day_after() -> None:
    lines = """
    bene service paid
    B1   03-31   1
    B1   04-01   2
    B1   06-30   4
    B1   07-01   8
    B1   08-31   16
    B1   09-01   32
    """
    assert seen(computed(lines=lines)) == [1, 1 + 2 + 4, 1 + 2 + 4 + 8 + 16]


@pytest.mark.parametrize("year", range(2017, 2028))
def test_every_performance_year_from_2017_to_2027_has_the_same_three_snapshots(year: int) -> None:
    lines = """
    bene service paid
    B1   03-31   1
    B1   06-30   2
    B1   08-31   4
    B1   09-01   8
    """
    assert seen(computed(year=year, lines=lines)) == [1, 3, 7]


@pytest.mark.parametrize("year", [2016, 2028])
def test_a_year_that_the_data_does_not_cover_is_an_error_that_names_the_years_it_does(year: int) -> None:
    with pytest.raises(UsageError) as raised:
        computed(year=year, lines="bene\nB1")
    assert "2017" in raised.value.message and "2027" in raised.value.message


def test_snapshots_are_computed_whether_or_not_claims_reach_them() -> None:
    outcome = computed(lines="bene service paid\nB1 02-01 5")
    assert seen(outcome) == [5, 5, 5]


def snapshots_of(found: list[Finding], code: str) -> list[str | None]:
    return [finding.rule for finding in found if finding.code == code]


@pytest.mark.parametrize(("last_service", "too_early_for"), [((6, 29), ["2", "3"]), ((6, 30), ["3"]), ((8, 31), [])])
def test_a_finding_says_which_snapshots_the_claims_do_not_reach(
    last_service: tuple[int, int], too_early_for: list[str]
) -> None:
    found = findings(lines="bene\nB1", last_service=date(2024, *last_service))
    assert snapshots_of(found, "claims_incomplete") == too_early_for


@pytest.mark.parametrize(("last_processed", "too_early_for"), [((8, 28), ["2", "3"]), ((8, 29), ["3"]), ((10, 30), [])])
def test_a_finding_says_which_snapshots_the_run_out_does_not_reach(
    last_processed: tuple[int, int], too_early_for: list[str]
) -> None:
    found = findings(lines="bene\nB1", last_processed=date(2024, *last_processed))
    assert snapshots_of(found, "run_out_incomplete") == too_early_for


@pytest.mark.parametrize("newest", [1, 2])
def test_only_the_snapshots_that_are_asked_for_are_computed(newest: int) -> None:
    asked = tuple(range(1, newest + 1))
    outcome = computed(lines="bene paid\nB1 5", attributed="B1", snapshots=asked)
    assert scored(outcome) == [(snapshot, "E1") for snapshot in asked]
    assert [row["snapshot"] for row in outcome.determinations] == list(asked)


# Snapshot 4 makes no QPs


@pytest.fixture(scope="module")
def first_listed_in_autumn() -> Outcome:
    lines = """
    bene tin npi service
    B1   A   1   02-01
    B1   A   2   02-01
    """
    listed = """
    npi start
    1   01-01
    2   09-01
    """
    return computed(lines=lines, listed=listed, attributed="B1")


def test_snapshot_4_has_no_scores(first_listed_in_autumn: Outcome) -> None:
    assert scored(first_listed_in_autumn) == [(1, "E1"), (2, "E1"), (3, "E1")]
    assert determination(first_listed_in_autumn, "1")["status"] == "QP"


def test_who_is_first_listed_after_august_31_is_a_mips_apm_participant_and_no_qp(
    first_listed_in_autumn: Outcome,
) -> None:
    row = determination(first_listed_in_autumn, "2")
    assert (row["snapshot"], row["status"], row["is_mips_apm_participant"]) == (4, "NOT_QP", True)
    assert decided_by(row) == (None, None, None, None, None)


# Run-out: processed on or before d_k + 60 days


def test_a_line_counts_when_processed_on_the_60th_day_after_the_snapshot_and_not_on_the_61st() -> None:
    lines = """
    bene service processed paid
    B1   02-01   05-30     1      # 60 days after Mar 31
    B1   02-01   05-31     2
    B1   02-01   08-29     4      # 60 days after Jun 30
    B1   02-01   08-30     8
    B1   02-01   10-30     16     # 60 days after Aug 31
    B1   02-01   10-31     32
    """
    assert seen(computed(lines=lines)) == [1, 1 + 2 + 4, 1 + 2 + 4 + 8 + 16]


@pytest.mark.parametrize(("days", "expected"), [("91", [1 + 2 + 4, 31, 31]), ("0", [1, 1 + 2 + 4, 31])])
def test_claims_run_out_days_may_be_any_number_of_days(days: str, expected: list[int]) -> None:
    lines = """
    bene service processed paid
    B1   02-01   03-31     1
    B1   02-01   04-01     2
    B1   02-01   06-30     4      # 91 days after Mar 31
    B1   02-01   07-01     8
    B1   02-01   07-02     16
    """
    assert seen(computed(lines=lines, assume={"claims_run_out_days": days})) == expected


def test_a_late_line_does_not_count_at_the_snapshot_it_was_late_for_but_at_the_next() -> None:
    lines = """
    bene service processed paid
    B1   01-10   02-01     10
    B1   01-10   06-15     20
    """
    assert seen(computed(lines=lines)) == [10, 30, 30]


def test_a_line_without_a_processed_date_passes_the_run_out_test() -> None:
    lines = """
    bene service processed paid
    B1   03-31   -         10
    B1   04-01   -         20
    """
    assert seen(computed(lines=lines)) == [10, 30, 30]
