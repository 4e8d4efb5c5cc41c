"""Which shard a beneficiary's lines lie in: the same on every machine and in every version."""

from __future__ import annotations

import polars as pl

SHARD_COUNT = 16
"""Shards of a store unless the user says otherwise; never derived from the data, so that updating can add to it."""
_SHARD = "shard"
_WORDS, _WORD_BYTES = 4, 8
_MULTIPLIER = 0x9E3779B97F4A7C15
_UPPER_HALF = 2**32


def shard_of(column: str, shard_count: int) -> pl.Expr:
    """The shard of an identifier, 0 to `shard_count` - 1, by its first 32 bytes."""

    def shards(ids: pl.Series) -> pl.Series:
        # Ids take less than a half of them: words that all lack are zeros, and not looked at.
        word_count = _word_count(ids)
        words = ids.to_frame("id").select(words=_words(word_count))
        return words.select(_mixed(word_count, shard_count)).to_series()

    return pl.col(column).map_batches(shards, return_dtype=pl.UInt16(), is_elementwise=True)


def _word_count(ids: pl.Series) -> int:
    longest = ids.str.len_bytes().max()
    return min(_WORDS, -(-longest // _WORD_BYTES)) if isinstance(longest, int) and longest else 1


def _words(count: int) -> pl.Expr:
    width = _WORD_BYTES * count
    padded = pl.col("id").str.pad_end(width, "\0").cast(pl.Binary).bin.slice(0, width)
    return padded.bin.reinterpret(dtype=pl.Array(pl.UInt64, count), endianness="little")


def _mixed(word_count: int, shard_count: int) -> pl.Expr:
    words, mixed = pl.col("words"), pl.lit(0, pl.UInt64)
    for word in range(_WORDS):
        # Multiplication wraps around, which is what mixes.
        mixed = (mixed ^ words.arr.get(word) if word < word_count else mixed) * _MULTIPLIER
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
