"""Lines are put in their order by numbers: that must be the order of the keys themselves."""

from __future__ import annotations

import random
from datetime import date, timedelta

import polars as pl
import pytest

from qpcli.store.ordering import in_order

LEADING = ("is_odd", "who", "where", "day", "number")
OTHERS = ("what", "place")


def rows(count: int, *, variety: int) -> pl.DataFrame:
    """Rows with many equal leading keys, nulls and texts of any length among them."""
    dice = random.Random(count * variety)
    texts = [None, *("é" * dice.randrange(30) + str(dice.randrange(variety)) for _ in range(variety))]
    return pl.DataFrame(
        {
            "what": [dice.choice(texts) for _ in range(count)],
            "who": [dice.choice(texts) for _ in range(count)],
            "where": [dice.choice(texts[:3]) for _ in range(count)],
            "day": [dice.choice([None, date(2025, 1, 1) + timedelta(dice.randrange(-9, 9))]) for _ in range(count)],
            "number": [dice.choice([None, 0, -(2**62), 2**62, 7]) for _ in range(count)],
            "is_odd": [dice.choice([True, False]) for _ in range(count)],
            "place": range(count),
        },
        schema={
            "what": pl.String,
            "who": pl.String,
            "where": pl.String,
            "day": pl.Date,
            "number": pl.Int64,
            "is_odd": pl.Boolean,
            "place": pl.Int64,
        },
    )


@pytest.mark.parametrize("count", [0, 1, 2, 50, 3000])
@pytest.mark.parametrize("variety", [1, 3, 400])
def test_rows_come_as_a_sort_by_all_keys_puts_them(count: int, variety: int) -> None:
    made = rows(count, variety=variety)
    assert in_order(made, LEADING, OTHERS).equals(made.sort([*LEADING, *OTHERS]))


def test_keys_with_more_values_than_a_number_holds_are_compared_themselves() -> None:
    wide = rows(3000, variety=400).with_columns(
        a="place", b=-pl.col("place"), c=pl.col("place") * 3, d="place", e="place"
    )
    mixed = wide.with_columns(pl.col(name).shuffle(seed) for seed, name in enumerate("abcde"))
    leading = tuple("abcde")
    assert in_order(mixed, (*leading, *LEADING), OTHERS).equals(mixed.sort([*leading, *LEADING, *OTHERS]))
