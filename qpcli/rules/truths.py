"""Many truths as bits of a few whole numbers: a truth by itself takes as long to look up or join as a number."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_BITS = 32


def words(names: Sequence[str]) -> dict[str, pl.Expr]:
    """The whole numbers that hold some columns of truths without null, by name."""
    return {_name(place): _word(some) for place, some in enumerate(_parts(names))}


def truths(names: Sequence[str]) -> list[pl.Expr]:
    """The columns out of their words; a word that is null holds nothing that is true."""
    return [
        (pl.col(_name(place)).fill_null(0) & (1 << bit) != 0).alias(name)
        for place, some in enumerate(_parts(names))
        for bit, name in enumerate(some)
    ]


def _name(place: int) -> str:
    return f"__truths_{place}__"


def _parts(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[begin : begin + _BITS] for begin in range(0, len(names), _BITS)]


def _word(names: Sequence[str]) -> pl.Expr:
    return pl.sum_horizontal(pl.col(name).cast(pl.UInt32) * (1 << bit) for bit, name in enumerate(names))
