"""Which shard a beneficiary's lines lie in: the same on every machine and in every version."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

SHARD_COUNT = 16
"""Shards of a store unless the user says otherwise; never derived from the data, so that updating can add to it."""
_SHARD = "shard"
_WORDS, _WORD_BYTES = 4, 8
_MULTIPLIER = 0x9E3779B97F4A7C15
_UPPER_HALF = 2**32
_MOST_INLINE = 12
"""Bytes of a text that Arrow keeps beside its length, and zeros after it."""


def shard_of(column: str, shard_count: int) -> pl.Expr:
    """The shard of an identifier, 0 to `shard_count` - 1, by its first 32 bytes."""

    def shards(ids: pl.Series) -> pl.Series:
        words = _short_words(ids) if _longest(ids) <= _MOST_INLINE else _words(ids)
        return words.select(_mixed(words.columns, shard_count)).to_series()

    return pl.col(column).map_batches(shards, return_dtype=pl.UInt16(), is_elementwise=True)


def _longest(ids: pl.Series) -> int:
    longest = ids.str.len_bytes().max()
    return longest if isinstance(longest, int) else 0


def _short_words(ids: pl.Series) -> pl.DataFrame:
    """The first two words of ids that lie beside their lengths: as Arrow keeps them, they need only be shifted."""
    array = ids.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    views = pa.Array.from_buffers(pa.uint64(), 2 * len(array), [None, array.buffers()[1]], offset=2 * array.offset)
    halves = pl.DataFrame({"halves": pl.Series(views)})
    first, second = pl.col("halves").gather_every(2), pl.col("halves").gather_every(2, 1)
    return halves.select(
        (first // _UPPER_HALF + second % _UPPER_HALF * _UPPER_HALF).alias("0"), (second // _UPPER_HALF).alias("1")
    )


def _words(ids: pl.Series) -> pl.DataFrame:
    # Ids take less than a half of them: words that all lack are zeros, and not looked at.
    count = min(_WORDS, max(-(-_longest(ids) // _WORD_BYTES), 1))
    width = _WORD_BYTES * count
    padded = pl.col("id").str.pad_end(width, "\0").cast(pl.Binary).bin.slice(0, width)
    words = padded.bin.reinterpret(dtype=pl.Array(pl.UInt64, count), endianness="little")
    return ids.to_frame("id").select(words.arr.get(word).alias(str(word)) for word in range(count))


def _mixed(words: Sequence[str], shard_count: int) -> pl.Expr:
    mixed = pl.lit(0, pl.UInt64)
    for word in range(_WORDS):
        # Multiplication wraps around, which is what mixes.
        mixed = (mixed ^ pl.col(words[word]) if word < len(words) else mixed) * _MULTIPLIER
    # The uppermost bits, to which alone every byte contributes.
    return (mixed // _UPPER_HALF * shard_count // _UPPER_HALF).cast(pl.UInt16)


def shard_name(shard: int, shard_count: int) -> str:
    """File name of a shard."""
    return f"shard-{shard:05d}-of-{shard_count:05d}.parquet"


def by_shard(rows: pl.DataFrame, shard_count: int) -> dict[int, pl.DataFrame]:
    """Rows, which have a bene_id, by the shard of their beneficiary; shards without rows are absent."""
    marked = rows.with_columns(shard_of("bene_id", shard_count).alias(_SHARD))
    parts = marked.partition_by(_SHARD, include_key=False, as_dict=True)
    return {int(key[0]): part for key, part in parts.items()}
