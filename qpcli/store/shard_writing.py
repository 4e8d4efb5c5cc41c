"""Claims of any layout -> a prepared store; an earlier store takes new deliveries as if all had come at once.

A shard is a function of its rows as delivered, so only those that get rows, or lose some to another id, are
written again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.reports.encryption import Encryption
from qpcli.reports.publishing import Writer
from qpcli.store import files
from qpcli.store.coding import CODES, with_texts
from qpcli.store.gathering import Gathered
from qpcli.store.record import ShardChecks
from qpcli.store.restaging import Earlier
from qpcli.store.shard_settling import SettledShard, ShardSettling, stacked
from qpcli.store.withheld import latest_reductions
from qpcli.tables.prepared_lines import PREPARED_LINES

_TABLE = "claim_lines"
_Write = Callable[[SettledShard, Path], int]


@dataclass(slots=True)
class ShardWriting:
    """The shards of a store as writers of files, to be called in their order; afterwards the counts hold.

    While a shard is written, a thread settles the next one.
    """

    gathered: Gathered
    earlier: Earlier | None
    shard_count: int
    settling: ShardSettling
    encryption: Encryption | None = None
    row_count: int = 0
    copy_count: int = 0
    checks: list[ShardChecks] = field(default_factory=list)
    payer_months: list[pl.DataFrame] = field(default_factory=list)
    _touched: list[int] = field(default_factory=list, init=False)
    _settled: Generator[SettledShard, None, None] = field(init=False)
    _shard: SettledShard | None = field(default=None, init=False)
    _written_count: int = field(default=0, init=False)
    _removing: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1), init=False)

    def __post_init__(self) -> None:
        self._touched = [shard for shard in range(self.shard_count) if self._is_touched(shard)]
        self._settled = self._one_ahead()

    def _is_touched(self, shard: int) -> bool:
        touched = self.gathered.lines.shards() | self.gathered.withheld.shards()
        return self.earlier is None or shard in touched | self.earlier.restaged

    def _one_ahead(self) -> Generator[SettledShard, None, None]:
        with ThreadPoolExecutor(1) as thread:
            coming: list[Future[SettledShard]] = []
            for shard in self._touched:
                coming.append(thread.submit(self._settle, shard))
                if len(coming) > 1:
                    yield coming.pop(0).result()
            yield from (last.result() for last in coming)

    def close(self) -> None:
        """End the threads: the garbage collector might do so in a thread that just begins, and wait for ever."""
        self._settled.close()
        self._removing.shutdown()

    def _settle(self, shard: int) -> SettledShard:
        earlier = None if self.earlier is None or shard in self.earlier.restaged else self.earlier
        return self.settling.settle(stacked(self._lines(shard, earlier)), self._reductions(shard, earlier))

    def _lines(self, shard: int, earlier: Earlier | None) -> list[pl.DataFrame]:
        return [*self.gathered.lines.take(shard), *([] if earlier is None else [earlier.lines(shard)])]

    def _reductions(self, shard: int, earlier: Earlier | None) -> pl.DataFrame:
        before = None if earlier is None else earlier.withheld(shard)
        return latest_reductions([*self.gathered.withheld.take(shard), *([] if before is None else [before])])

    def writers(self) -> dict[str, Writer]:
        """The files of every shard: withheld amounts, then lines, then the months that the lines tell."""
        return {name: writer for shard in range(self.shard_count) for name, writer in self._of_shard(shard)}

    def _of_shard(self, shard: int) -> Iterator[tuple[str, Writer]]:
        kinds = self.settling.kinds
        steps: tuple[tuple[bool, Callable[[int, int], str], _Write], ...] = (
            (kinds.has_withheld, files.withheld_file, self._write_withheld),
            (True, files.lines_file, self._write_lines),
            *((True, partial(files.codes_file, kind), partial(self._write_codes, kind)) for kind in CODES),
            (kinds.has_payers, files.payer_months_file, self._write_months),
        )
        kept = [(name_of(shard, self.shard_count), write) for is_kept, name_of, write in steps if is_kept]
        for place, (name, write) in enumerate(kept):
            if shard in self._touched:
                yield name, partial(self._write, write, is_first=not place)
            else:
                yield name, partial(self._keep, name)

    def _write(self, write: _Write, path: Path, *, is_first: bool) -> int:
        if is_first:
            self._forget()
            self._shard = next(self._settled)
        assert self._shard is not None
        return write(self._shard, path)

    def _forget(self) -> None:
        """Let go of the shard that is written, then, in a thread, of the staging files in which its texts lie."""
        if self._shard is not None:
            self._shard = None
            shard = self._touched[self._written_count]
            self._written_count += 1
            for staging in (self.gathered.lines, self.gathered.withheld):
                self._removing.submit(staging.remove, shard)

    def _keep(self, name: str, path: Path) -> int:
        earlier = self.earlier
        assert earlier is not None
        earlier.hand_on(name, path)
        rows = earlier.rows(name)
        if name.startswith(files.LINES_FOLDER):
            self.row_count += rows
            self.checks.append(earlier.record.checks[len(self.checks)])
        elif name.startswith(files.PAYER_MONTHS_FOLDER) and rows:
            self.payer_months.append(earlier.read(name))
        return rows

    def _write_withheld(self, shard: SettledShard, path: Path) -> int:
        return self._rows(shard.reductions, path)

    def _write_lines(self, shard: SettledShard, path: Path) -> int:
        self.checks.append(shard.checks)
        self.row_count += shard.coded.lines.height
        self.copy_count += shard.copy_count
        if shard.payer_months.height:
            self.payer_months.append(shard.payer_months)
        return self._rows(files.stored(with_texts(shard.coded.lines), PREPARED_LINES), path)

    def _write_codes(self, kind: str, shard: SettledShard, path: Path) -> int:
        return self._rows(shard.coded.codes[kind], path)

    def _write_months(self, shard: SettledShard, path: Path) -> int:
        return self._rows(shard.payer_months, path)

    def _rows(self, frame: pl.DataFrame, path: Path) -> int:
        return files.write_rows(frame, path, encryption=self.encryption)

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
