"""Records have each value at the position that CMS publishes."""

from __future__ import annotations

import polars as pl
import pytest

from qpcli.sample.records import amount, plain_amount, record, record_length


def test_values_stand_at_their_positions_and_all_else_is_blank() -> None:
    values = {"CLM_LINE_HCPCS_CD": pl.lit("99213"), "CLM_CNTL_NUM": pl.lit("7"), "CLM_POS_CD": pl.lit(None, pl.String)}
    (text,) = pl.select(record("CCLF5", values)).to_series()
    assert text == " " * 97 + "99213" + " " * (171 - 102) + "7" + " " * (388 - 172)


@pytest.mark.parametrize(
    ("file", "length"),
    [("CCLF1", 437), ("CCLF2", 199), ("CCLF5", 388), ("CCLF8", 549), ("CCLF9", 55), ("CCLFA", 324), ("CCLFB", 128)],
)
def test_records_have_the_length_of_2023(file: str, length: int) -> None:
    assert record_length(file) == length


def test_a_column_that_the_file_has_not_is_refused() -> None:
    with pytest.raises(KeyError):
        record("CCLF9", {"BENE_MBI_ID": pl.lit("x")})


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, " 00000000000.00"), (8840, " 00000000088.40"), (-5, "-00000000000.05"), (-123456, "-00000001234.56")],
)
def test_amounts_have_a_sign_zeros_and_two_decimals(cents: int, text: str) -> None:
    assert pl.select(amount(pl.lit(cents), 15)).item() == text


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (7, "0.07"), (100000, "1000.00")])
def test_plain_amounts_have_no_zeros_before_them(cents: int, text: str) -> None:
    assert pl.select(plain_amount(pl.lit(cents))).item() == text
