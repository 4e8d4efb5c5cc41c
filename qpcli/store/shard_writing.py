"""Claims of any layout -> a prepared store; an earlier store takes new deliveries as if all had come at once.

A shard is a function of its rows as delivered, so only those that get rows, or lose some to another id, are
written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from qpcli.store.deliveries import DELIVERED, newest_exports, unique_versions
from qpcli.store.gathering import Gathered
from qpcli.store.record import ShardChecks
from qpcli.store.restaging import Earlier
from qpcli.store.withheld import latest_reductions, with_reductions
from qpcli.tables.prepared_lines import PREPARED_LINES

_TABLE = "claim_lines"
_WORKED_OUT = ("has_versions", *DELIVERED)


@dataclass(frozen=True, slots=True)
class StoreKinds:
    """What a layout's lines come with: deliveries, amounts withheld in files of their own, codes of other payers.

    `updates_claims`: a later export has any claim again, with the same version, in place of the earlier one.
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
    reduction_days: frozenset[int] = frozenset()
    row_count: int = 0
    copy_count: int = 0
    checks: list[ShardChecks] = field(default_factory=list)
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
            self.checks.append(earlier.record.checks[len(self.checks)])
        elif name.startswith(files.PAYER_MONTHS_FOLDER) and rows:
            self.payer_months.append(pl.read_parquet(earlier.file(name)))
        return rows

    def _write_withheld(self, shard: int, path: Path) -> int:
        earlier = self._earlier_of(shard)
        before = [pl.read_parquet(earlier.file(files.withheld_file(shard, self.shard_count)))] if earlier else []
        self._reductions = latest_reductions([*before, *self.gathered.withheld.take(shard)])
        return files.write_rows(self._reductions, path)

    def _write_lines(self, shard: int, path: Path) -> int:
        earlier = self._earlier_of(shard)
        before = [earlier.lines(shard)] if earlier else []
        delivered = _stacked([*before, *self.gathered.lines.take(shard)])
        standing = delivered
        if self.kinds.has_deliveries:
            standing = newest_exports(delivered, with_professional=self.kinds.updates_claims)
        unique = unique_versions(standing, has_deliveries=self.kinds.has_deliveries)
        lines, differing = unique.rows, 0
        if self._reductions is not None and self._reductions.height:
            lines, differing = with_reductions(lines, self._reductions, self.reduction_days)
        self.checks.append(ShardChecks(unique.differing_cancellation_count, differing))
        self._count(lines, delivered.height - standing.height + unique.copy_count)
        in_order = lines.sort(list(PREPARED_LINES.keys))
        return files.write_rows(files.stored(in_order, PREPARED_LINES), path)

    def _count(self, lines: pl.DataFrame, copies: int) -> None:
        self.row_count += lines.height
        self.copy_count += copies
        self._months = _payer_months(lines, self.law)
        if self._months.height:
            self.payer_months.append(self._months)

    def _write_months(self, _shard: int, path: Path) -> int:
        assert self._months is not None
        return files.write_rows(self._months, path)

    def _earlier_of(self, shard: int) -> Earlier | None:
        """The earlier store, where rows of the shard still lie in it."""
        return None if self.earlier is None or shard in self.earlier.restaged else self.earlier

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


def _stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """All rows in the columns of prepared lines but for those that are worked out anew."""
    schema = {output_name(c): output_type(c) for c in PREPARED_LINES.columns if c.name not in _WORKED_OUT}
    return pl.concat([pl.DataFrame(schema=schema), *(frame.select(list(schema)) for frame in frames)])


def _payer_months(lines: pl.DataFrame, law: Law) -> pl.DataFrame:
    """One row per beneficiary and month with a line that another payer comes before (open point msp_from_lines)."""
    counts_all = law.assumed("msp_from_lines") == "any_code"
    payers = OTHER_PAYER_CODES if counts_all else GROUP_HEALTH_CODES
    months = lines.lazy().filter(pl.col(PAYER).is_in(payers)).select("bene_id", start_date=_month())
    return months.unique().sort("bene_id", "start_date").collect()


def _month() -> pl.Expr:
    return pl.col("service_date").dt.month_start()
