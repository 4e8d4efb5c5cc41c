"""Amounts withheld by a cash-flow mechanism, put onto the lines they belong to."""

from __future__ import annotations

import random

import polars as pl
import pytest

from qpcli.store.withheld import COLUMNS, latest_reductions, with_reductions
from tests.store.lines_made import cancellation, delivered, original

JANUARY, FEBRUARY, FEBRUARY_LATER = 2501120930150, 2502120930150, 2502121000000
BOTH = frozenset({250112, 250212})


def reductions(*rows: dict[str, object]) -> pl.DataFrame:
    """Reductions as delivered: 20.00 of 120.00 on the first line of V1 in January, unless told otherwise."""
    plain = {
        "bene_id": "B1",
        "delivered_bene_id": "B1",
        "claim_version": "V1",
        "line_number": 1,
        "withheld_cents": 2_000,
        "reduction_cents": 2_000,
        "inclusion_cents": 12_000,
        "delivery": JANUARY,
    }
    return pl.DataFrame([plain | row for row in rows], schema=COLUMNS, orient="row")


def withheld(lines: pl.DataFrame, found: pl.DataFrame, days: frozenset[int] = frozenset()) -> list[int]:
    return with_reductions(lines, found, days)[0]["withheld_cents"].to_list()


def test_a_reduction_is_added_to_the_line_of_its_version_and_number_only() -> None:
    lines = delivered(original("V1"), original("V1", line_number=2), original("V2"), original(None))
    assert withheld(lines, reductions({})) == [2_000, 0, 0, 0]


def test_lines_keep_their_order_their_columns_and_their_number() -> None:
    lines = delivered(original("V2"), original("V1"), original("V3"))
    found, _ = with_reductions(lines, reductions({}, {"claim_version": "V9"}))
    assert found.columns == lines.columns
    assert found["claim_version"].to_list() == ["V2", "V1", "V3"]


def test_of_a_reduction_delivered_again_the_latest_stands_whatever_the_order() -> None:
    rows = [{"withheld_cents": cents, "delivery": delivery} for cents, delivery in ((5, 1), (7, 3), (6, 2))]
    for seed in range(10):
        frames = [reductions(row) for row in random.Random(seed).sample(rows, len(rows))]
        assert latest_reductions(frames)["withheld_cents"].to_list() == [7]


def test_equal_deliveries_that_differ_give_the_same_row_in_any_order() -> None:
    rows = [{"withheld_cents": cents} for cents in (5, 6, 7)]
    found = {latest_reductions([reductions(*random.Random(seed).sample(rows, 3))]).row(0) for seed in range(20)}
    assert len(found) == 1


def test_latest_reductions_of_nothing_are_an_empty_table() -> None:
    assert latest_reductions([]).schema == pl.Schema(COLUMNS)


def test_a_cancellation_has_the_reduction_of_its_own_version() -> None:
    lines = delivered(original("V1"), cancellation("V2", paid_cents=-10_000))
    found = reductions({}, {"claim_version": "V2", "withheld_cents": -2_000, "reduction_cents": -2_000})
    assert withheld(lines, found) == [2_000, -2_000]


@pytest.mark.parametrize(
    ("paid", "reduction", "inclusion", "expected"),
    [
        (10_000, 2_000, 12_000, 0),
        (10_000, 2_000, 12_001, 1),
        (-10_000, -2_000, -12_000, 0),
        (-10_000, 2_000, 12_000, 0),
        (0, 12_000, 12_000, 0),
        (10_000, 0, 99, 0),
    ],
)
def test_paid_and_reduction_must_add_up_to_the_inclusion_where_there_is_a_reduction(
    paid: int, reduction: int, inclusion: int, expected: int
) -> None:
    lines = delivered(original("V1", paid_cents=paid), original("V2"))
    found = reductions({"reduction_cents": reduction, "inclusion_cents": inclusion})
    assert with_reductions(lines, found)[1] == expected


def test_a_reduction_is_over_when_its_line_comes_again_without_one() -> None:
    again = delivered(original("V1", delivery=FEBRUARY_LATER))
    assert withheld(again, reductions({}), BOTH) == [0]
    assert withheld(again, reductions({"delivery": FEBRUARY}), BOTH) == [2_000]


def test_a_reduction_stays_when_the_later_delivery_tells_no_reductions_at_all() -> None:
    again = delivered(original("V1", delivery=FEBRUARY))
    assert withheld(again, reductions({}), frozenset({250112})) == [2_000]
