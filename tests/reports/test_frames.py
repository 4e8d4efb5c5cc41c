"""The calculation's units become the reports' units, exactly."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qpcli.errors import InternalError
from qpcli.reports.frames import calculated_frame, report_frame, reported_schema
from qpcli.tables.schema import Column, Kind, Table
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from tests.reports.world import frame, score_row, tables

AMOUNTS = Table("amounts", "One row.", (Column("amount", Kind.MONEY, ""), Column("score", Kind.SCORE, "")))
WIDEST = 10**18 - 1
LARGEST_SCORE = 10**14


def amounts(cents: int | None, score: int | None = None) -> pl.DataFrame:
    return pl.DataFrame({"amount": [cents], "score": [score]}, schema={"amount": pl.Int64, "score": pl.Int64})


@given(st.none() | st.integers(-WIDEST, WIDEST), st.none() | st.integers(-LARGEST_SCORE, LARGEST_SCORE))
def test_every_cent_and_every_ten_thousandth_is_kept_and_comes_back(cents: int | None, score: int | None) -> None:
    reported = report_frame(amounts(cents, score), AMOUNTS)
    assert reported.item(0, "amount") == (None if cents is None else Decimal(cents).scaleb(-2))
    assert reported.item(0, "score") == (None if score is None else score / 10_000)
    assert calculated_frame(reported, AMOUNTS).equals(amounts(cents, score))


def test_an_amount_of_nineteen_digits_is_refused_without_its_value() -> None:
    with pytest.raises(InternalError, match="does not fit") as caught:
        report_frame(amounts(WIDEST + 1), AMOUNTS)
    assert "1000" not in caught.value.message
    assert caught.value.code == "QP501"


def test_columns_stand_in_the_order_and_types_of_the_table() -> None:
    shuffled = frame(THRESHOLD_SCORES, score_row()).select(reversed(THRESHOLD_SCORES.column_names))
    reported = report_frame(shuffled, THRESHOLD_SCORES)
    assert dict(reported.schema) == reported_schema(THRESHOLD_SCORES)
    assert tuple(reported.columns) == THRESHOLD_SCORES.column_names


def test_every_output_table_comes_back_from_its_reported_units() -> None:
    whole = tables()["threshold_scores"]
    assert calculated_frame(report_frame(whole, THRESHOLD_SCORES), THRESHOLD_SCORES).equals(whole)


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (lambda rows: rows.drop("status"), "status is missing"),
        (lambda rows: rows.with_columns(extra=1), "extra is not a column"),
        (lambda rows: rows.with_columns(pl.col("payment_score") / 10_000), "payment_score is Float64"),
        (lambda rows: rows.with_columns(npi=pl.lit(None)), "npi is Null"),
        (lambda rows: rows.with_columns(pl.col("snapshot").cast(pl.Int32)), "snapshot is Int32"),
    ],
)
def test_a_frame_that_is_not_the_table_is_an_error_of_the_program(spoilt, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InternalError, match=words):
        report_frame(spoilt(frame(THRESHOLD_SCORES, score_row())), THRESHOLD_SCORES)
