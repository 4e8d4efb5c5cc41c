"""A scan read once: good rows batch by batch, and when all have passed, the counts about all rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from qpcli.inputs.plan import SourcePlan
from qpcli.inputs.quality import counts_of, total
from qpcli.inputs.table_scan import TableScan


@dataclass(slots=True)
class OnePass:
    """One pass over a scan, with memory for a batch only."""

    scan: TableScan
    _counts: list[pl.DataFrame] = field(default_factory=list, init=False)

    def rows(self) -> Iterator[tuple[SourcePlan, pl.DataFrame]]:
        """The good rows of every batch with all columns of `checked`; raises QP202, QP208 or QP214."""
        for plan in self.scan.plans:
            with self.scan.reading():
                for batch in plan.checked.collect_batches(engine="streaming", maintain_order=False):
                    self._counts.append(batch.select(counts_of(plan, self.scan.extras)))
                    yield plan, batch.filter(plan.is_good)

    def counts(self) -> pl.DataFrame:
        """The row of counts, after the last batch."""
        if not self._counts:
            return self.scan.quality.collect(engine="streaming")
        return total(pl.concat(self._counts, how="diagonal").lazy()).collect()
