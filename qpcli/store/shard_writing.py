"""Claims of any layout -> a prepared store; an earlier store takes new deliveries as if all had come at once.

A shard is a function of its rows as delivered, so only those that get rows, or lose some to another id, are
written again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.parallel.in_order import in_order
from qpcli.parallel.pool import Lanes, Workers
from qpcli.reports.private_files import create_private_folder
from qpcli.reports.publishing import Writer
from qpcli.store import files
from qpcli.store.gathering import Gathered
from qpcli.store.shard_files import ShardFiles, ShardTask, WrittenShard
from qpcli.store.shard_settling import ShardChecks

_TABLE = "claim_lines"
_AT_ONCE = 2
"""Shards in memory together: while one is sorted, the other is written."""


@dataclass(slots=True)
class ShardWriting:
    """The shards of a store as writers of files, to be called in their order; afterwards the counts hold.

    Shards are written into a private folder some time before their turn, by processes that work for this one where
    there are any, and then take their places.
    """

    gathered: Gathered
    shard_files: ShardFiles
    among: Workers
    row_count: int = 0
    copy_count: int = 0
    checks: list[ShardChecks] = field(default_factory=list)
    payer_months: list[pl.DataFrame] = field(default_factory=list)
    _touched: list[int] = field(default_factory=list, init=False)
    _written: Generator[WrittenShard, None, None] = field(init=False)
    _rows: dict[str, int] = field(default_factory=dict, init=False)
    _removing: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1), init=False)

    def __post_init__(self) -> None:
        self._touched = [shard for shard in range(self.shard_files.shard_count) if self._is_touched(shard)]
        self._written = in_order(map(self._task, self._touched), self._write(), at_once=self._at_once)

    @property
    def _at_once(self) -> int:
        return len(self.among.processes) or _AT_ONCE

    def _is_touched(self, shard: int) -> bool:
        earlier = self.shard_files.earlier
        touched = self.gathered.lines.shards() | self.gathered.withheld.shards()
        return earlier is None or shard in touched | earlier.restaged

    def _task(self, shard: int) -> ShardTask:
        earlier = self.shard_files.earlier
        lines, withheld = self.gathered.lines.take(shard), self.gathered.withheld.take(shard)
        return ShardTask(shard, lines, withheld, keeps_earlier=earlier is not None and shard not in earlier.restaged)

    def _write(self) -> Callable[[ShardTask], WrittenShard]:
        here = self.shard_files.write
        lanes = Lanes(self.among, here) if self.among.processes else None

        def written(task: ShardTask) -> WrittenShard:
            shard: WrittenShard = (lanes.answer(task) if lanes else None) or here(task)
            self._removing.submit(task.lines.remove)
            self._removing.submit(task.withheld.remove)
            return shard

        return written

    def close(self) -> None:
        """End the threads: the garbage collector might do so in a thread that just begins, and wait for ever."""
        self._written.close()
        self._removing.shutdown()

    def writers(self) -> dict[str, Writer]:
        """The files of every shard, in the order of the shards."""
        create_private_folder(self.shard_files.folder)
        return {name: writer for shard in range(self.shard_files.shard_count) for name, writer in self._of(shard)}

    def _of(self, shard: int) -> Iterator[tuple[str, Writer]]:
        for place, name in enumerate(self.shard_files.names(shard)):
            if shard in self._touched:
                yield name, partial(self._put, name, is_first=not place)
            else:
                yield name, partial(self._keep, name)

    def _put(self, name: str, path: Path, *, is_first: bool) -> int:
        if is_first:
            self._count(next(self._written))
        os.replace(self.shard_files.place(name), path)  # noqa: PTH105 - one os function per step, as in publishing
        return self._rows[name]

    def _count(self, shard: WrittenShard) -> None:
        self._rows = dict(shard.rows)
        self.checks.append(shard.checks)
        self.row_count += shard.line_count
        self.copy_count += shard.copy_count
        if shard.payer_months.height:
            self.payer_months.append(shard.payer_months)

    def _keep(self, name: str, path: Path) -> int:
        earlier = self.shard_files.earlier
        assert earlier is not None
        earlier.hand_on(name, path)
        rows = earlier.rows(name)
        if name.startswith(files.LINES_FOLDER):
            self.row_count += rows
            self.checks.append(earlier.record.checks[len(self.checks)])
        elif name.startswith(files.PAYER_MONTHS_FOLDER) and rows:
            self.payer_months.append(earlier.read(name))
        return rows

    def copies(self) -> Iterable[Finding]:
        """What was delivered more than once, by the deliveries of this conversion."""
        if self.copy_count:
            yield finding("duplicate_lines", table=_TABLE, count=self.copy_count)

    def findings(self) -> Iterable[Finding]:
        """What all shards show as they are now."""
        if count := sum(checks.differing_cancellations for checks in self.checks):
            yield finding("cancellation_differs", table=_TABLE, count=count)
        if count := sum(checks.differing_inclusions for checks in self.checks):
            rule = "paid and reduction amounts do not add up to the inclusion amount"
            yield finding("counted_for_record", table=_TABLE, rule=rule, count=count)
