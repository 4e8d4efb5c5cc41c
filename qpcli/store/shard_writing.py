"""Claims of any layout -> a prepared store; an earlier store takes new deliveries as if all had come at once.

A shard is a function of its rows as delivered, so only those that get rows, or lose some to another id, are
written again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.codes import GROUP_HEALTH_CODES, OTHER_PAYER_CODES
from qpcli.inputs.package import PAYER
from qpcli.inputs.parse import output_name, output_type
from qpcli.regulation.law import Law
from qpcli.reports.publishing import Writer
from qpcli.request import Layout
from qpcli.store import files
from qpcli.store.deliveries import newest_exports, unique_versions
from qpcli.store.gathering import Gathered
from qpcli.store.restaging import Earlier
from qpcli.store.withheld import latest_reductions, with_reductions
from qpcli.tables.prepared_lines import PREPARED_LINES


@dataclass(frozen=True, slots=True)
class StoreKinds:
    """What a layout's lines come with: deliveries, amounts withheld in files of their own, codes of other payers.

    `updates_claims`: a later export has a claim again, with the same version, in place of the earlier one.
    """

    has_deliveries: bool
    has_withheld: bool
    has_payers: bool
    updates_claims: bool

    @classmethod
    def of(cls, layout: Layout) -> StoreKinds:
        """What the layout has."""
        return cls(
            has_deliveries=layout in (Layout.CCLF, Layout.BCDA),
            has_withheld=layout is Layout.CCLF,
            has_payers=layout is not Layout.CANONICAL,
            updates_claims=layout is Layout.BCDA,
        )


@dataclass(slots=True)
class ShardWriting:
    """The shards of a store as writers of files, to be called in their order; afterwards the counts hold."""

    gathered: Gathered
    earlier: Earlier | None
    shard_count: int
    kinds: StoreKinds
    law: Law
    row_count: int = 0
    copy_count: int = 0
    differing_cancellation_count: int = 0
    differing_inclusion_count: int = 0
    payer_months: list[pl.DataFrame] = field(default_factory=list)
    _reductions: pl.DataFrame | None = None
    _months: pl.DataFrame | None = None

    def writers(self) -> dict[str, Writer]:
        """The files of every shard: withheld amounts, then lines, then the months that the lines tell."""
        return {name: writer for shard in range(self.shard_count) for name, writer in self._of_shard(shard)}

    def _of_shard(self, shard: int) -> Iterator[tuple[str, Writer]]:
        steps = (
            (self.kinds.has_withheld, files.withheld_file, self._write_withheld),
            (True, files.lines_file, self._write_lines),
            (self.kinds.has_payers, files.payer_months_file, self._write_months),
        )
        for is_kept, name_of, step in steps:
            name = name_of(shard, self.shard_count)
            if is_kept:
                yield name, partial(step, shard) if self._is_touched(shard) else self._kept(name)

    def _is_touched(self, shard: int) -> bool:
        touched = self.gathered.lines.shards() | self.gathered.withheld.shards()
        return self.earlier is None or shard in touched | self.earlier.restaged

    def _kept(self, name: str) -> Writer:
        def keep(path: Path) -> int:
            assert self.earlier is not None
            return self._keep(self.earlier, name, path)

        return keep

    def _keep(self, earlier: Earlier, name: str, path: Path) -> int:
        earlier.hand_on(name, path)
        rows = earlier.rows(name)
        if name.startswith(files.LINES_FOLDER):
            self.row_count += rows
        elif name.startswith(files.PAYER_MONTHS_FOLDER) and rows:
            self.payer_months.append(pl.read_parquet(earlier.file(name)))
        return rows

    def _write_withheld(self, shard: int, path: Path) -> int:
        earlier = self._earlier_rows(shard, files.withheld_file)
        self._reductions = latest_reductions([*earlier, *self.gathered.withheld.take(shard)])
        return files.write_rows(self._reductions, path)

    def _write_lines(self, shard: int, path: Path) -> int:
        earlier = [rows.select(files.cents(PREPARED_LINES)) for rows in self._earlier_rows(shard, files.lines_file)]
        delivered = _stacked([*earlier, *self.gathered.lines.take(shard)])
        standing = newest_exports(delivered) if self.kinds.updates_claims else delivered
        unique = unique_versions(standing, has_deliveries=self.kinds.has_deliveries)
        lines = unique.rows
        if self._reductions is not None and self._reductions.height:
            lines, differing = with_reductions(lines, self._reductions)
            self.differing_inclusion_count += differing
        self._count(lines, delivered.height - standing.height + unique.copy_count, unique.differing_cancellation_count)
        in_order = lines.sort(list(PREPARED_LINES.keys))
        return files.write_rows(files.stored(in_order, PREPARED_LINES), path)

    def _count(self, lines: pl.DataFrame, copies: int, differing: int) -> None:
        self.row_count += lines.height
        self.copy_count += copies
        self.differing_cancellation_count += differing
        self._months = _payer_months(lines, self.law)
        if self._months.height:
            self.payer_months.append(self._months)

    def _write_months(self, _shard: int, path: Path) -> int:
        assert self._months is not None
        return files.write_rows(self._months, path)

    def _earlier_rows(self, shard: int, name_of: Callable[[int, int], str]) -> list[pl.DataFrame]:
        if self.earlier is None or shard in self.earlier.restaged:
            return []
        return [pl.read_parquet(self.earlier.file(name_of(shard, self.shard_count)))]

    def findings(self) -> Iterable[Finding]:
        """What writing the shards has counted."""
        counts = {
            "duplicate_lines": self.copy_count,
            "cancellation_differs": self.differing_cancellation_count,
        }
        for code, count in counts.items():
            if count:
                yield finding(code, table="claim_lines", count=count)
        if count := self.differing_inclusion_count:
            rule = "paid and reduction amounts do not add up to the inclusion amount"
            yield finding("counted_for_record", table="claim_lines", rule=rule, count=count)


def _stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """All rows in the columns of prepared lines; `has_versions` is worked out anew."""
    schema = {output_name(c): output_type(c) for c in PREPARED_LINES.columns if c.name != "has_versions"}
    return pl.concat([pl.DataFrame(schema=schema), *(frame.select(list(schema)) for frame in frames)])


def _payer_months(lines: pl.DataFrame, law: Law) -> pl.DataFrame:
    """One row per beneficiary and month with a line that another payer comes before (open point msp_from_lines)."""
    counts_all = law.assumed("msp_from_lines") == "any_code"
    payers = OTHER_PAYER_CODES if counts_all else GROUP_HEALTH_CODES
    months = lines.lazy().filter(pl.col(PAYER).is_in(payers)).select("bene_id", start_date=_month())
    return months.unique().sort("bene_id", "start_date").collect()


def _month() -> pl.Expr:
    return pl.col("service_date").dt.month_start()
