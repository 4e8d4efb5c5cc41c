"""Rows on their way into shards: gathered in memory, and put into a private folder when they are many."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa

from qpcli.reports.encryption import Encryption, polars_reading, polars_writing
from qpcli.store.shards import by_shard
from qpcli.store.shared_texts import SharedTexts

MAX_HELD_ROWS = 262_144
"""Rows held in memory; a row of claims takes some 250 bytes."""
MIN_ROWS_PER_FILE = 4_096
"""Rows of a shard in a file on average: with many shards more rows are held, lest there be too many files."""
_PERSON = "bene_id"
_ROWS_AT_ONCE = 131_072
"""Rows taken apart at once: columns of as many stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class StagedRows:
    """The rows of one shard, in memory and in files, for whatever process."""

    held: tuple[pl.DataFrame, ...] = ()
    files: tuple[Path, ...] = ()
    encryption: Encryption | None = None

    def frames(self) -> list[pl.DataFrame]:
        """The rows; those of files lie there until `remove`."""
        return [*self.held, *map(self._rows_of, self.files)]

    def remove(self) -> None:
        """Remove the files, in whose rows nobody looks any more.

        The system may take a hundredth of a second for each. The interpreter does not wait for it here, but would where
        the last rows of a file go that is removed already.
        """
        for path in self.files:
            path.unlink()

    def _rows_of(self, path: Path) -> pl.DataFrame:
        if self.encryption is None:
            return _mapped(path)
        return pl.read_parquet(path, **polars_reading(self.encryption))


@dataclass(slots=True)
class Staging:
    """Rows of one kind by shard; `folder` must exist and be private. Rows have the columns of the first ones.

    Rows come out with numbers in place of the texts that they share, and without columns that have no value.

    A thread takes rows apart while the next ones are read; `rest` waits for it.
    """

    folder: Path
    shard_count: int
    encryption: Encryption | None = None
    shared: SharedTexts = field(default_factory=SharedTexts)
    row_count: int = field(default=0, init=False)
    _names: list[str] = field(default_factory=list, init=False)
    _pending: list[pl.DataFrame] = field(default_factory=list, init=False)
    _pending_rows: int = field(default=0, init=False)
    _parts: defaultdict[int, list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list), init=False)
    _part_rows: int = field(default=0, init=False)
    _files: defaultdict[int, list[Path]] = field(default_factory=lambda: defaultdict(list), init=False)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1), init=False)
    _work: Future[None] | None = field(default=None, init=False)

    def add(self, rows: pl.DataFrame) -> None:
        """Take rows, which have a bene_id."""
        self.row_count += rows.height
        self._pending.append(rows)
        self._pending_rows += rows.height
        if self._pending_rows >= min(_ROWS_AT_ONCE, MAX_HELD_ROWS):
            self._take_apart_pending()

    def rest(self) -> None:
        """Wait for what is under way; raises OSError when the folder cannot take it."""
        work, self._work = self._work, None
        if work is not None:
            work.result()

    def close(self) -> None:
        """No more rows will come."""
        if self._pending:
            self._take_apart_pending()
        self.rest()

    def shards(self) -> set[int]:
        """Shards that have rows."""
        return {*self._files, *self._parts}

    def take(self, shard: int) -> StagedRows:
        """The rows of a shard, once."""
        return StagedRows(tuple(self._parts.pop(shard, ())), tuple(self._files.pop(shard, ())), self.encryption)

    def _take_apart_pending(self) -> None:
        rows, self._pending, self._pending_rows = self._pending, [], 0
        self.rest()
        self._work = self._thread.submit(self._take_apart, rows)

    def _take_apart(self, pending: list[pl.DataFrame]) -> None:
        self._names = self._names or pending[0].columns
        rows = pl.concat([rows.select(self._names) for rows in pending], rechunk=True)
        for shard, part in by_shard(_without_empty(self.shared.numbered(rows)), self.shard_count).items():
            self._parts[shard].append(part)
        self._part_rows += rows.height
        if self._part_rows >= max(MAX_HELD_ROWS, MIN_ROWS_PER_FILE * self.shard_count):
            self._spill()

    def _spill(self) -> None:
        for shard, parts in self._parts.items():
            path = self.folder / f"{shard:05d}-{len(self._files[shard]):05d}.arrow"
            self._put(pl.concat(parts, how="diagonal"), path)
            self._files[shard].append(path)
        self._parts.clear()
        self._part_rows = 0

    def _put(self, rows: pl.DataFrame, path: Path) -> None:
        # Files of a moment: whoever compresses them pays twice.
        if self.encryption is None:
            rows.write_ipc(path, compression="uncompressed")
        else:
            rows.write_parquet(path, compression="uncompressed", **polars_writing(self.encryption))


def _without_empty(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows without the columns that have no value in any: layouts have some, and moving them costs as much."""
    return rows.select(column for column in rows if column.null_count() < rows.height or column.name == _PERSON)


def _mapped(path: Path) -> pl.DataFrame:
    """The rows of a file, which must stay for as long as they do."""
    with pa.memory_map(str(path)) as stream:
        rows = pl.from_arrow(pa.ipc.open_file(stream).read_all())
    assert isinstance(rows, pl.DataFrame)
    return rows
