"""Texts that many lines share, as numbers while the lines are on their way into shards: numbers are quicker to move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from qpcli.store.coding import enum_of

SHARED = ("npi", "tin", "hcpcs", "setting", "adjustment")
"""Columns whose texts are far fewer than the lines; each person is in one shard only, so bene_id pays later."""
Texts = Mapping[str, pl.Series]
"""Column -> the text of each number."""


def _nothing_numbered(name: str) -> pl.Series:
    return pl.Series(name, dtype=pl.Categorical(pl.Categories.random(physical=pl.UInt32)))


@dataclass(frozen=True, slots=True)
class SharedTexts:
    """Numbers given to texts in the order in which they come, one count for each column.

    Polars forgets the numbers of categories in which no column is left: an empty one of each is kept.
    """

    _numbered: tuple[pl.Series, ...] = field(default_factory=lambda: tuple(map(_nothing_numbered, SHARED)))

    def numbered(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with numbers in place of texts; a column that rows do not have is passed over."""
        return rows.with_columns(
            rows[known.name].cast(known.dtype).to_physical() for known in self._numbered if known.name in rows.columns
        )

    def texts(self) -> Texts:
        """The texts of all numbers given so far."""
        return {known.name: _categories(known).to_series().alias(known.name) for known in self._numbered}


def _categories(known: pl.Series) -> pl.Categories:
    assert isinstance(known.dtype, pl.Categorical)
    return known.dtype.categories


def spelled(rows: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """Rows with Enums of their texts in place of numbers."""
    return rows.with_columns(_spelled(rows[name], texts[name]) for name in SHARED if name in rows.columns)


def _spelled(numbers: pl.Series, texts: pl.Series) -> pl.Series:
    is_used = pl.repeat(False, texts.len(), eager=True).scatter(numbers.drop_nulls(), True)
    return texts.cast(enum_of(texts.filter(is_used)), strict=False).gather(numbers)
