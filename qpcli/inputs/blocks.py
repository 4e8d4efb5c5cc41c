"""Columns read block by block: a block in which everything is plain costs one look."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

_START = 4096
_MOST_DISTINCT = 3072
"""Of so many distinct values among the first ones there are at most some 7,000 in all, if they come evenly."""
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


def do_repeat(block: pl.Series) -> bool:
    """Whether most values come again, as the first ones tell."""
    start = block.head(_START)
    return start.n_unique() * _START <= start.len() * _MOST_DISTINCT


def judged(block: pl.Series) -> pl.Series:
    """What it is enough to judge: each value once where most come again, as the first ones tell, else the block."""
    return block.unique() if do_repeat(block) else block


def coded(block: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The block's distinct values, null among them, and for each row the place of its value."""
    encoded = block.to_arrow().dictionary_encode(null_encoding="encode")
    return pl.Series(encoded.dictionary), pl.Series(encoded.indices)


def by_value(block: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series | None:
    """The block read value by value, each once; None where too few values come again."""
    if not do_repeat(block):
        return None
    values, places = coded(block)
    return read(values).gather(places)


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
