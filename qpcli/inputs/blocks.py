"""Columns read block by block: a block in which everything is plain costs one look."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

TEXT = pl.col("text")
"""The block in the expression that reads what is not plain."""
Quick = Callable[[pl.Series], pl.Series | None]
"""Reads a whole block in one step; None where it has to be looked at value by value."""


def by_block(text: pl.Expr, quick: Quick, strict: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Text read by `quick` where it can, else by `strict`, an expression over `TEXT`."""

    def read(block: pl.Series) -> pl.Series:
        plain = quick(block)
        return block.to_frame("text").select(strict).to_series() if plain is None else plain

    return text.map_batches(read, return_dtype=dtype, is_elementwise=True)


def quick_numbers(block: pl.Series) -> pl.Series | None:
    """Numbers, where all of the block are digits: the sign that a cast accepts sorts before "0"."""
    numbers = block.cast(pl.Int64, strict=False)
    return numbers if numbers.null_count() == block.null_count() and (block >= "0").all() else None


def has_width(block: pl.Series, width: int) -> bool:
    """Whether all of the block are digits of that number."""
    return bool((block.str.len_bytes() == width).all()) and quick_numbers(block) is not None


def no_row(block: pl.Series) -> pl.Series:
    """False for every row of the block."""
    return pl.repeat(False, block.len(), eager=True)
