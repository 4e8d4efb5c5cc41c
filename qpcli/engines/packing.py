"""Tallies and frames as bytes, so that other processes and machines can make and return them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from io import BytesIO

import polars as pl

from qpcli.engines.shard import Tally


def packed_frame(frame: pl.DataFrame) -> bytes:
    """A frame as the bytes of a Parquet file."""
    stream = BytesIO()
    frame.write_parquet(stream, compression="zstd")
    return stream.getvalue()


def unpacked_frame(content: bytes) -> pl.DataFrame:
    """The inverse of `packed_frame`; Polars errors pass through."""
    return pl.read_parquet(BytesIO(content))


def packed(tally: Tally) -> dict[str, bytes]:
    """Each frame of a tally as bytes, by name; equal rows give equal bytes, in whatever order they come."""
    frames = {field.name: getattr(tally, field.name) for field in fields(tally)}
    return {name: packed_frame(frame.sort(frame.columns)) for name, frame in frames.items()}


def unpacked(content: Mapping[str, bytes]) -> Tally:
    """The inverse of `packed`; KeyError when a frame is missing."""
    return Tally(**{field.name: unpacked_frame(content[field.name]) for field in fields(Tally)})
