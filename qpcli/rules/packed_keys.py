"""Several keys as one 64-bit integer (more for very large inputs): grouping by integers is what makes sums fast."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import polars as pl

_WORD = 2**63


def packed(sizes: Mapping[str, int]) -> dict[str, pl.Expr]:
    """The words of keys, which are 0 to less than their size."""
    words: dict[str, pl.Expr] = {}
    for word, names in enumerate(_words(sizes)):
        value = pl.lit(0, pl.UInt64)
        for name in names:
            value = value * sizes[name] + pl.col(name).cast(pl.UInt64)
        words[f"word_{word}"] = value
    return words


def unpacked(sizes: Mapping[str, int], dtypes: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """The keys out of their words, in the order of `dtypes`."""
    columns: dict[str, pl.Expr] = {}
    for word, names in enumerate(_words(sizes)):
        rest = pl.col(f"word_{word}")
        for name in reversed(names):
            columns[name] = (rest % sizes[name]).cast(dtypes[name]).alias(name)
            rest = rest // sizes[name]
    return [columns[name] for name in dtypes]


def _words(sizes: Mapping[str, int]) -> list[list[str]]:
    """The key names split so that each group's packed values fit a word."""
    words: list[list[str]] = [[]]
    for name in reversed(list(sizes)):
        if prod(sizes[other] for other in [*words[-1], name]) > _WORD:
            words.append([])
        words[-1].append(name)
    return words
