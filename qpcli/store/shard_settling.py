"""One shard of a store worked out: a function of its rows as delivered."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.inputs.codes import GROUP_HEALTH_CODES, OTHER_PAYER_CODES
from qpcli.regulation.law import Law
from qpcli.request import Layout
from qpcli.store.coding import Coded, coded, with_enums
from qpcli.store.deliveries import newest_exports, unique_versions
from qpcli.store.ordering import in_order
from qpcli.store.withheld import with_reductions
from qpcli.tables.prepared_lines import PAYER, PREPARED_LINES

_LEADING = ("has_versions", "bene_id", "npi", "tin", "service_date", "line_number")
"""The few lines with versions lie together, so that a scan finds them without reading the others; then what a
beneficiary had from whom, so that what is added up lies together. The natural key makes the order total."""
_OTHERS = tuple(key for key in PREPARED_LINES.keys if key not in _LEADING)


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


@dataclass(frozen=True, slots=True)
class ShardChecks:
    """What one shard shows of its lines: cancellations unlike their line, reductions that do not add up."""

    differing_cancellations: int = 0
    differing_inclusions: int = 0


@dataclass(frozen=True, slots=True)
class SettledShard:
    """The rows of a shard's files in their order, in cents, and what was counted on the way."""

    coded: Coded
    reductions: pl.DataFrame
    payer_months: pl.DataFrame
    copy_count: int
    checks: ShardChecks


@dataclass(frozen=True, slots=True)
class ShardSettling:
    """How the shards of a store are settled: what its layout's lines come with, and the days that tell reductions."""

    kinds: StoreKinds
    law: Law
    reduction_days: frozenset[int] = frozenset()

    def settle(self, rows: pl.DataFrame, reductions: pl.DataFrame) -> SettledShard:
        """The shard of all rows as delivered and the latest reductions; raises QP207 for contradicting versions."""
        row_count = rows.height
        rows = with_enums(rows)
        if self.kinds.has_deliveries:
            rows = newest_exports(rows, with_professional=self.kinds.updates_claims)
        unique = unique_versions(rows, has_deliveries=self.kinds.has_deliveries)
        copy_count = row_count - rows.height + unique.copy_count
        rows, differing = unique.rows, 0
        if reductions.height:
            rows, differing = with_reductions(rows, reductions, self.reduction_days)
        checks = ShardChecks(unique.differing_cancellation_count, differing)
        del unique
        # A shard lies in memory as few times as can be: no other name holds these rows.
        rows = with_enums(rows).rechunk()
        rows = in_order(rows, _LEADING, _OTHERS)
        return SettledShard(coded(rows), reductions, _payer_months(rows, self.law), copy_count, checks)


def _payer_months(lines: pl.DataFrame, law: Law) -> pl.DataFrame:
    """One row per beneficiary and month with a line that another payer comes before (open point msp_from_lines)."""
    counts_all = law.assumed("msp_from_lines") == "any_code"
    payers = OTHER_PAYER_CODES if counts_all else GROUP_HEALTH_CODES
    months = lines.lazy().filter(pl.col(PAYER).is_in(payers))
    months = months.select(pl.col("bene_id").cast(pl.String), start_date=_month())
    return months.unique().sort("bene_id", "start_date").collect()


def _month() -> pl.Expr:
    return pl.col("service_date").dt.month_start()
