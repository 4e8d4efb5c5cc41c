"""Columns read block by block: a block in which everything is plain costs one look."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

_START = 4096
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


def judged(block: pl.Series) -> pl.Series:
    """What it is enough to judge: each value once where most come again, as the first ones tell, else the block."""
    start = block.head(_START)
    return block.unique() if start.n_unique() <= start.len() // 2 else block


def by_value(block: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series | None:
    """The block read value by value, each once; None where too few values come again."""
    values = judged(block)
    if values is block or not values.len():
        return None
    read_values = read(values)
    if values.len() == 1:
        return read_values.new_from_index(0, block.len())
    return block.replace_strict(values, read_values, return_dtype=read_values.dtype)


def mostly_repeated(strict: pl.Expr) -> Quick:
    """Reads by `strict` each value once, where most come again: there are far fewer dates than rows."""
    return lambda block: by_value(block, lambda values: values.to_frame("text").select(strict).to_series())


def quick_numbers(block: pl.Series) -> pl.Series | None:
    """Numbers, where all of the block are digits: the sign that a cast accepts sorts before "0"."""
    numbers = block.cast(pl.Int64, strict=False)
    return numbers if numbers.null_count() == block.null_count() and (block >= "0").all() else None


def has_width(block: pl.Series, width: int) -> bool:
    """Whether all of the block are digits of that number."""
    return numbers_of_width(block, width) is not None


def numbers_of_width(block: pl.Series, width: int) -> pl.Series | None:
    """The numbers that the block's digits are, where all have that width."""
    return quick_numbers(block) if (block.str.len_bytes() == width).all() else None


def no_row(block: pl.Series) -> pl.Series:
    """False for every row of the block."""
    return pl.repeat(False, block.len(), eager=True)
