"""A scan read once: good rows batch by batch, and when all have passed, the counts about all rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from qpcli.inputs.plan import SourcePlan
from qpcli.inputs.quality import counts_of, total
from qpcli.inputs.table_scan import TableScan

_ROWS_AT_ONCE = 65_536


@dataclass(slots=True)
class OnePass:
    """One pass over a scan, with memory for a batch only."""

    scan: TableScan
    _counts: list[pl.DataFrame] = field(default_factory=list, init=False)

    def rows(self) -> Iterator[tuple[SourcePlan, pl.DataFrame]]:
        """The good rows of every batch with all columns of `checked`; raises QP202, QP208 or QP214."""
        for plan in self.scan.plans:
            counts = counts_of(plan, self.scan.extras)
            with self.scan.reading():
                for batch in _gathered(plan.checked.collect_batches(engine="streaming", maintain_order=False)):
                    self._counts.append(batch.select(counts))
                    yield plan, batch.filter(plan.is_good)

    def counts(self) -> pl.DataFrame:
        """The row of counts, after the last batch."""
        if not self._counts:
            return self.scan.quality.collect(engine="streaming")
        return total(pl.concat(self._counts, how="diagonal").lazy()).collect()


def _gathered(batches: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Small batches put together: counting costs far more per batch than per row."""
    waiting: list[pl.DataFrame] = []
    row_count = 0
    for batch in batches:
        waiting.append(batch)
        row_count += batch.height
        if row_count >= _ROWS_AT_ONCE:
            yield pl.concat(waiting)
            waiting, row_count = [], 0
    if waiting:
        yield pl.concat(waiting)
