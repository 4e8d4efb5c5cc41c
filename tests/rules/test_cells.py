"""Cells keep their keys, however many values the keys can take."""

from __future__ import annotations

from itertools import product

import polars as pl
import pytest

from qpcli.rules import cells
from qpcli.rules.cells import CELL_KEYS
from qpcli.rules.packed_keys import packed, unpacked
from tests.support.spec_tables import computed, payment, score

SMALL = {
    "is_denied": 2,
    "seen_snapshot": 5,
    "service_snapshot": 4,
    "day": 3,
    "tin_key": 4,
    "clinician_key": 3,
    "bene_key": 5,
}
NATIONAL = SMALL | {"day": 243, "tin_key": 200_000, "clinician_key": 2_000_000, "bene_key": 70_000_000}
BEYOND = NATIONAL | {"tin_key": 2**31, "clinician_key": 2**32, "bene_key": 2**32}


@pytest.mark.parametrize("sizes", [SMALL, NATIONAL, BEYOND], ids=["small", "national", "beyond"])
def test_keys_come_out_of_their_words_as_they_went_in(sizes: dict[str, int]) -> None:
    ends = [(0, 1, size // 2, size - 1) if size > 3 else tuple(range(size)) for size in sizes.values()]
    rows = pl.DataFrame(list(product(*ends)), schema=dict.fromkeys(sizes, pl.Int64), orient="row")
    typed = rows.with_columns(pl.col("is_denied") == 1)
    words = packed(sizes)
    alike = typed.with_columns(**words).unique(list(words))
    assert alike.height == rows.unique().height
    found = alike.select(*words).select(unpacked(sizes, cells.DTYPES))
    want = typed.select(CELL_KEYS).unique().sort(CELL_KEYS)
    assert found.sort(CELL_KEYS).rows() == want.rows()


def test_keys_that_fit_one_word_take_one_word() -> None:
    assert (len(packed(SMALL)), len(packed(NATIONAL)) <= 2) == (1, True)


def test_a_service_on_the_last_day_of_the_period_stays_with_its_clinician_and_person() -> None:
    """An episode keeps service dates in the cells: the largest of them must not run over into another key."""
    row = score(
        computed(
            lines="""
            bene npi tin service paid
            B1   1   A   08-31   80
            B2   2   B   01-01   40
            """,
            listed="""
            entity npi tin
            E1     1   A
            E2     2   B
            """,
            entities="""
            entity episodes
            E1     yes
            E2     no
            """,
            attributed="""
            entity bene episode_start episode_end
            E1     B1   08-31         08-31
            """,
        )
    )
    assert payment(row) == (80, 80)
