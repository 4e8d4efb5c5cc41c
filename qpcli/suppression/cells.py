"""What a small cell is: 1 to 10 beneficiaries or services (CMS cell size suppression policy)."""

from __future__ import annotations

import polars as pl

SMALLEST, LARGEST = 1, 10
IN_WORDS = f"{SMALLEST} to {LARGEST}"


def is_small(count: int | None) -> bool:
    """Whether a count must not be shown."""
    return count is not None and SMALLEST <= count <= LARGEST


def small(count: pl.Expr) -> pl.Expr:
    """The same of a column; False for null."""
    return count.is_between(SMALLEST, LARGEST).fill_null(False)
