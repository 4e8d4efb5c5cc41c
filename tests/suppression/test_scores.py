"""No count of 1 to 10 stands in the Threshold Scores that are shown, or can be told from several of them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpcli.suppression.cells import is_small
from qpcli.suppression.scores import with_hidden
from qpcli.tables.clinicians import CLINICIANS
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from tests.reports.world import clinician_row, frame, score_row

Row = dict[str, object]


def row(entity: str | None, denominator: int, numerator: int = 0, *, npi: str | None = None, **columns: object) -> Row:
    counts = {"patient_denominator": denominator, "patient_numerator": numerator}
    level = {"level": "individual" if npi else "apm_entity", "npi": npi}
    return score_row(entity, 3, **(counts | level | columns))


def hidden(*rows: Row, listed: str = "1 2 3", entities: str = "A1") -> list[bool]:
    clinicians = frame(CLINICIANS, *(clinician_row(npi, apm_entity_ids=entities) for npi in listed.split()))
    return with_hidden(frame(THRESHOLD_SCORES, *rows), clinicians).get_column("is_hidden").to_list()


@pytest.mark.parametrize(("count", "is_hidden"), [(0, False), (1, True), (10, True), (11, False)])
def test_a_row_is_hidden_for_its_numerator_its_denominator_and_what_is_between(count: int, is_hidden: bool) -> None:
    assert hidden(row("A1", 100, count)) == [is_hidden]
    assert hidden(row("A1", 100, 100 - count)) == [is_hidden]
    assert hidden(row("A1", count)) == [is_hidden]


def test_of_a_single_hidden_clinician_the_total_would_tell_so_the_next_smallest_is_hidden_too() -> None:
    rows = (row("A1", 130), row(None, 5, npi="1"), row(None, 60, npi="2"), row(None, 65, npi="3"))
    assert hidden(*rows) == [False, True, True, False]


def test_without_a_shown_total_one_hidden_clinician_is_enough() -> None:
    assert hidden(row(None, 5, npi="1"), row(None, 60, npi="2")) == [True, False]


def test_clinicians_of_another_entity_are_no_part_of_the_total() -> None:
    rows = (row("A1", 130), row(None, 5, npi="1"), row(None, 60, npi="2"))
    assert hidden(*rows, entities="B1") == [False, True, False]


@pytest.mark.parametrize(("count", "is_hidden"), [(90, True), (99, True), (89, False), (100, False)])
def test_a_clinician_who_serves_all_but_a_few_of_the_entitys_people_is_hidden(count: int, is_hidden: bool) -> None:
    assert hidden(row("A1", 100), row(None, count, npi="1"))[1] is is_hidden


@pytest.mark.parametrize(("more", "is_hidden"), [(1, True), (10, True), (11, False), (0, False)])
def test_where_two_bases_differ_by_a_few_people_the_less_favourable_is_hidden(more: int, is_hidden: bool) -> None:
    lower = {"status": "NOT_QP"}
    rows = (row("A1", 100, basis="em", **lower), row("A1", 100 + more, basis="cps"))
    assert hidden(*rows) == [is_hidden, False]


@given(
    entity=st.integers(0, 300),
    parts=st.lists(st.integers(0, 120), min_size=1, max_size=5),
    attributed=st.lists(st.integers(0, 120), min_size=5, max_size=5),
)
def test_no_difference_of_shown_rows_is_small(entity: int, parts: list[int], attributed: list[int]) -> None:
    numerators = [min(part, n) for part, n in zip(parts, attributed, strict=False)]
    total = (max(entity, *parts), max(numerators))
    rows = [row("A1", *total)]
    rows += [row(None, part, n, npi=str(i)) for i, (part, n) in enumerate(zip(parts, numerators, strict=True))]
    gone = hidden(*rows, listed=" ".join(str(i) for i in range(len(parts))))
    shown = [pair for pair, is_gone in zip(zip(parts, numerators, strict=True), gone[1:], strict=True) if not is_gone]
    for denominator, numerator in shown:
        assert not any(map(is_small, (denominator, numerator, denominator - numerator)))
    if not gone[0]:
        assert not any(is_small(total[0] - d) or is_small(total[1] - n) for d, n in shown)
        assert gone[1:].count(True) != 1 or not shown


def test_the_order_of_rows_stays() -> None:
    rows = frame(THRESHOLD_SCORES, row("A1", 5), row("A2", 100), row("A3", 7))
    marked = with_hidden(rows, frame(CLINICIANS, clinician_row()))
    assert marked.drop("is_hidden").equals(rows)
    assert isinstance(marked, pl.DataFrame)
