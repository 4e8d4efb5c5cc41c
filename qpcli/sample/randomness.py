"""Numbers that look random and are a pure function of seed, purpose and row: whole-number arithmetic only.

SplitMix64 as a counter-based generator, so that no row depends on another row, on the number of
threads, on a library's hash function or on how a machine rounds.
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

_GAMMA = 0x9E3779B97F4A7C15
_FIRST_MULTIPLIER = 0xBF58476D1CE4E5B9
_SECOND_MULTIPLIER = 0x94D049BB133111EB

FIELD = 1 << 16
"""A draw holds four fields of 16 bits each."""

_GOLDEN_STEPS = (53687, 43977, 36025)
"""Odd steps of a three-dimensional low-discrepancy sequence in 1/65536 (powers of 1/1.2207)."""


def stream_key(seed: int, purpose: str) -> int:
    """The 64-bit start of the stream of one purpose."""
    return int.from_bytes(blake2b(f"{seed}:{purpose}".encode(), digest_size=8).digest(), "little")


def draw(seed: int, purpose: str, counter: pl.Expr) -> pl.Expr:
    """64 bits for each value of `counter` (UInt64): the counter-th output of the purpose's SplitMix64 stream."""
    mixed = (counter + 1) * _constant(_GAMMA) + _constant(stream_key(seed, purpose))
    mixed = (mixed ^ (mixed // (1 << 30))) * _constant(_FIRST_MULTIPLIER)
    mixed = (mixed ^ (mixed // (1 << 27))) * _constant(_SECOND_MULTIPLIER)
    return mixed ^ (mixed // (1 << 31))


def field(drawn: str, number: int) -> pl.Expr:
    """One of the four 16-bit fields of a drawn column, as UInt64."""
    return (pl.col(drawn) // (1 << 16 * number)) % FIELD


def below(drawn: str, count: pl.Expr | int) -> pl.Expr:
    """The two lower fields of a drawn column spread evenly over 0..count-1."""
    return (pl.col(drawn) % (1 << 32)) * count // (1 << 32)


def share(drawn: str, number: int, count: int) -> pl.Expr:
    """A 16-bit field of a drawn column spread evenly over 0..count-1."""
    return field(drawn, number) * count // FIELD


def has_chance(bits: pl.Expr, per_ten_thousand: pl.Expr | int) -> pl.Expr:
    """Is the field among so many of ten thousand?"""
    return bits * 10_000 < per_ten_thousand * FIELD


def spread(seed: int, purpose: str, position: pl.Expr, dimension: int) -> pl.Expr:
    """0..999 for each position, so evenly that any run of neighbours has nearly its share of every value."""
    start = stream_key(seed, purpose) % FIELD
    return (position * _GOLDEN_STEPS[dimension] + start) % FIELD * 1000 // FIELD


def _constant(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)
