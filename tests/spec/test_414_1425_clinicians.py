"""42 CFR 414.1425(b), 414.1435: each clinician on one row, with the best result by each method and what is missing."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from qpcli.rules.clinicians import clinician_names
from tests.oracle.world import Row
from tests.support.in_memory import Outcome
from tests.support.spec_tables import computed, determination, npi_of, the_row

# 2024: QP from 50 % of payments or 35 % of patients, Partial QP from 40 % or 25 %.

TWO_ENTITIES = """
people npi tin service dollars attributed
10     1   A   08-01   10      E1
90     1   A   08-01   90      -
12     2   B   08-01   30      E2
88     2   B   08-01   70      -
"""
LISTED_IN_BOTH = """
entity tin npi
E1     A   1
E2     B   2
E1     A   3
E2     B   3
"""


def clinician(outcome: Outcome, npi: str) -> Row:
    return the_row(outcome.clinicians, npi=npi_of(npi))


def best(row: Row, method: str) -> tuple[object, ...]:
    names = ("score", "gap_to_qp", "level", "apm_entity_id", "snapshot")
    return tuple(row[f"{method}_{name}"] for name in names)


def test_the_result_shown_is_the_nearest_to_its_bar_and_not_the_first_by_order() -> None:
    outcome = computed(populations=TWO_ENTITIES, listed=LISTED_IN_BOTH)
    row = clinician(outcome, "3")
    assert determination(outcome, "3")["determined_by_apm_entity_id"] == "E1"
    assert best(row, "payment") == (30.0, Decimal("20.00"), "apm_entity", "E2", 3)
    assert best(row, "patient") == (12.0, 23, "apm_entity", "E2", 3)


def test_of_several_not_qp_results_the_newest_snapshot_is_shown_though_an_older_one_was_nearer() -> None:
    lines = """
    people npi service dollars attributed
    30     1   02-01   30      E1
    70     1   02-01   70      -
    100    1   08-01   100     -
    """
    row = clinician(computed(populations=lines), "1")
    assert (row["status"], row["patient_score"], row["patient_snapshot"]) == ("PARTIAL_QP", 30.0, 1)
    assert (row["payment_score"], row["payment_snapshot"]) == (15.0, 3)


def test_a_status_that_was_reached_is_shown_from_where_it_was_best() -> None:
    lines = """
    people npi service dollars attributed
    60     1   02-01   60      E1
    40     1   02-01   40      -
    100    1   08-01   100     -
    """
    row = clinician(computed(populations=lines), "1")
    assert best(row, "payment") == (60.0, Decimal("0.00"), "apm_entity", "E1", 1)
    assert (row["status"], row["determined_at_snapshot"], row["mips_consequence"]) == ("QP", 1, "excluded")


def test_a_clinician_is_shown_once_with_every_tin_and_entity_that_lists_it() -> None:
    entities = """
    entity apm_entity_name
    E1     One
    E2     -
    """
    row = clinician(computed(populations=TWO_ENTITIES, listed=LISTED_IN_BOTH, entities=entities), "3")
    assert row["tins"] == "100000001; 100000002"
    assert (row["apm_entity_ids"], row["apm_entity_names"]) == ("E1; E2", "One; E2")


def test_a_clinician_first_listed_after_the_period_has_no_result() -> None:
    lines = "bene service paid\nB1 05-01 50"
    listed = """
    npi start
    1   -
    9   10-01
    """
    row = clinician(computed(lines=lines, listed=listed, attributed="B1"), "9")
    assert (row["snapshot"], row["status"], row["tins"]) == (4, "NOT_QP", "100000001")
    assert best(row, "payment") == best(row, "patient") == (None,) * 5


def test_of_several_names_the_first_in_the_alphabet_is_shown_whatever_the_order_of_rows() -> None:
    rows = [("1", "B. Doe"), ("1", " A. Doe "), ("1", ""), ("1", None), ("2", " "), ("3", None)]
    for given in (rows, rows[::-1]):
        participants = pl.LazyFrame(given, schema=["npi", "clinician_name"], orient="row")
        assert clinician_names(participants).collect().rows() == [("1", "A. Doe")]
