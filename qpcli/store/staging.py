"""Rows on their way into shards: gathered in memory, and put into a private folder when they are many."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from qpcli.store.shards import shard_of

MAX_PENDING_ROWS = 1_000_000
"""Rows held in memory; a row of claims takes some 200 bytes."""
_SHARD = "shard"


@dataclass(slots=True)
class Staging:
    """Rows of one kind by shard; `folder` must exist and be private. Rows have the columns of the first ones."""

    folder: Path
    shard_count: int
    _pending: list[pl.DataFrame] = field(default_factory=list, init=False)
    _pending_rows: int = field(default=0, init=False)
    _files: defaultdict[int, list[Path]] = field(default_factory=lambda: defaultdict(list), init=False)
    _parts: dict[int, pl.DataFrame] = field(default_factory=dict, init=False)

    def add(self, rows: pl.DataFrame) -> None:
        """Take rows, which have a bene_id."""
        self._pending.append(rows)
        self._pending_rows += rows.height
        if self._pending_rows >= MAX_PENDING_ROWS:
            self._spill()

    def close(self) -> None:
        """No more rows will come."""
        self._parts = self._split()

    def shards(self) -> set[int]:
        """Shards that have rows."""
        return {*self._files, *self._parts}

    def take(self, shard: int) -> list[pl.DataFrame]:
        """The rows of a shard, once: they are forgotten."""
        frames = [pl.read_parquet(path, memory_map=False) for path in self._files.pop(shard, [])]
        part = self._parts.pop(shard, None)
        return frames if part is None else [*frames, part]

    def _spill(self) -> None:
        for shard, rows in self._split().items():
            path = self.folder / f"{shard:05d}-{len(self._files[shard]):05d}.parquet"
            rows.write_parquet(path, compression="lz4", statistics=False)
            self._files[shard].append(path)

    def _split(self) -> dict[int, pl.DataFrame]:
        if not self._pending:
            return {}
        names = self._pending[0].columns
        stacked = pl.concat([rows.select(names) for rows in self._pending])
        rows = stacked.with_columns(shard_of("bene_id", self.shard_count).alias(_SHARD))
        self._pending, self._pending_rows = [], 0
        parts = rows.partition_by(_SHARD, include_key=False, as_dict=True)
        return {int(key[0]): part for key, part in parts.items()}
