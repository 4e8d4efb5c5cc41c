"""One shard worked out and written: what this process does, or one that works for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from qpcli.inputs.parse import output_name, output_type
from qpcli.reports.encryption import Encryption
from qpcli.store import files
from qpcli.store.coding import CODES, with_texts
from qpcli.store.deliveries import DELIVERED
from qpcli.store.shard_settling import SettledShard, ShardChecks, ShardSettling
from qpcli.store.shared_texts import Texts, spelled
from qpcli.store.staging import StagedRows
from qpcli.store.withheld import latest_reductions
from qpcli.tables.prepared_lines import LINE_VERSIONS

if TYPE_CHECKING:
    # Whoever reads earlier stores loads more than a process that settles needs.
    from qpcli.store.restaging import Earlier

_AS_DELIVERED = {
    output_name(column): output_type(column)
    for column in LINE_VERSIONS
    if column.name not in ("has_versions", *DELIVERED)
}
"""Columns of prepared lines but for those that are worked out."""

_Write = Callable[[SettledShard, Path, Encryption | None], int]


@dataclass(frozen=True, slots=True)
class ShardTask:
    """The rows that a shard is made of; `keeps_earlier`: those that the earlier store has in it, too."""

    number: int
    lines: StagedRows
    withheld: StagedRows
    keeps_earlier: bool


@dataclass(frozen=True, slots=True)
class WrittenShard:
    """What a shard that is written holds; `rows`: those of its files, by their names in the store."""

    rows: Mapping[str, int]
    line_count: int
    copy_count: int
    checks: ShardChecks
    payer_months: pl.DataFrame


@dataclass(frozen=True, slots=True)
class ShardFiles:
    """How the rows of any shard become its files; until these take their places they lie in a private folder."""

    folder: Path
    shard_count: int
    settling: ShardSettling
    texts: Texts
    earlier: Earlier | None = None
    encryption: Encryption | None = None

    def names(self, shard: int) -> list[str]:
        """The files of a shard: withheld amounts, then lines, then what their numbers stand for, then months."""
        return [name for name, _ in self._files(shard)]

    def place(self, name: str) -> Path:
        """Where a file lies until then."""
        return self.folder / name.replace("/", "-")

    def write(self, task: ShardTask) -> WrittenShard:
        """Settle a shard and write its files; raises QP207 for contradicting versions."""
        settled = self._settled(task)
        rows = {name: write(settled, self.place(name), self.encryption) for name, write in self._files(task.number)}
        lines = settled.coded.lines.height
        return WrittenShard(rows, lines, settled.copy_count, settled.checks, settled.payer_months)

    def _settled(self, task: ShardTask) -> SettledShard:
        withheld = task.withheld.frames()
        earlier = self.earlier if task.keeps_earlier else None
        before = None if earlier is None else earlier.withheld(task.number)
        reductions = latest_reductions(withheld if before is None else [*withheld, before])
        return self.settling.settle(self._lines(task.lines.frames(), task.number, earlier), reductions)

    def _lines(self, staged: list[pl.DataFrame], shard: int, earlier: Earlier | None) -> pl.DataFrame:
        """All rows as delivered, those of an earlier store among them."""
        rows = pl.concat(staged, how="diagonal", rechunk=True) if staged else pl.DataFrame(schema=_AS_DELIVERED)
        rows = _with_all_columns(spelled(rows, self.texts) if staged else rows)
        return rows if earlier is None else pl.concat([with_texts(rows), earlier.lines(shard).select(rows.columns)])

    def _files(self, shard: int) -> Iterator[tuple[str, _Write]]:
        count, kinds = self.shard_count, self.settling.kinds
        if kinds.has_withheld:
            yield files.withheld_file(shard, count), _writing(lambda settled: settled.reductions)
        yield files.lines_file(shard, count), _write_lines
        for kind in CODES:
            yield files.codes_file(kind, shard, count), _writing(partial(_codes, kind))
        if kinds.has_payers:
            yield files.payer_months_file(shard, count), _writing(lambda settled: settled.payer_months)


def _with_all_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the columns that no staged row had anything in."""
    return rows.select(
        pl.col(name) if name in rows.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in _AS_DELIVERED.items()
    )


def _write_lines(settled: SettledShard, path: Path, encryption: Encryption | None) -> int:
    return files.write_lines(settled.coded.lines, path, encryption=encryption)


def _writing(frame_of: Callable[[SettledShard], pl.DataFrame]) -> _Write:
    return lambda settled, path, encryption: files.write_rows(frame_of(settled), path, encryption=encryption)


def _codes(kind: str, settled: SettledShard) -> pl.DataFrame:
    return settled.coded.codes[kind]
