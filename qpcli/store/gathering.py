"""One pass over the claims files: every good row on its way into its shard, everything counted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from qpcli.inputs.canonical import ScanNotes
from qpcli.inputs.one_pass import OnePass
from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.plan import output_names
from qpcli.inputs.table_scan import Settled, TableScan
from qpcli.reports.encryption import Encryption
from qpcli.reports.private_files import create_private_folder
from qpcli.rules.duplicates import with_absolute_amounts
from qpcli.store.shared_texts import Texts
from qpcli.store.staging import Staging
from qpcli.store.withheld import COLUMNS
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.prepared_lines import DELIVERY, PAYER

DELIVERED_ID = "delivered_bene_id"
_CURRENT_ID = "current_bene_id"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows by shard, and what reading them left to say."""

    lines: Staging
    withheld: Staging
    notes: ScanNotes
    others: tuple[Settled, ...]

    @property
    def texts(self) -> Texts:
        """What the numbers of lines stand for, once all are gathered."""
        return self.lines.shared.texts()


def gather(
    package: ClaimsPackage,
    crosswalk: pl.DataFrame,
    folder: Path,
    shard_count: int,
    *,
    encryption: Encryption | None = None,
) -> Gathered:
    """Read the claims files once; raises the QP2xx errors, QP203 when rows break a rule."""
    lines, withheld = (_staging(folder / name, shard_count, encryption) for name in ("lines", "withheld"))
    try:
        notes = _gather_lines(package, crosswalk, lines)
        settled = () if package.withheld is None else (_gather_withheld(package.withheld, crosswalk, withheld),)
    finally:
        # Whatever fails, nobody may write into the folder any more.
        lines.rest()
        withheld.rest()
    return Gathered(lines, withheld, notes, settled)


def _gather_lines(package: ClaimsPackage, crosswalk: pl.DataFrame, staging: Staging) -> ScanNotes:
    one_pass = OnePass(package.scan.scan)
    for _, rows in one_pass.rows():
        staging.add(with_current_ids(_claim_lines(rows), crosswalk))
    for read in package.lines:
        staging.add(with_current_ids(_claim_lines(read.frame), crosswalk))
    return package.scan.settle(one_pass.counts())


def _staging(folder: Path, shard_count: int, encryption: Encryption | None) -> Staging:
    create_private_folder(folder)
    return Staging(folder, shard_count, encryption)


def _gather_withheld(scan: TableScan, crosswalk: pl.DataFrame, staging: Staging) -> Settled:
    one_pass = OnePass(scan)
    for _, rows in one_pass.rows():
        staging.add(with_current_ids(rows, crosswalk).select(list(COLUMNS)))
    return scan.settle(one_pass.counts().row(0, named=True))


def _claim_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of claim lines, with those of deliveries also where the layout has none.

    A cancellation's amounts may come signed or not: only their size is used.
    """
    absent = {DELIVERY: pl.lit(0, pl.Int64), PAYER: pl.lit(None, pl.String)}
    missing = {name: value for name, value in absent.items() if name not in rows.columns}
    kept = with_absolute_amounts(rows.lazy().with_columns(**missing)).collect()
    return kept.select(*output_names(CLAIM_LINES), DELIVERY, PAYER)


def with_current_ids(rows: pl.DataFrame, crosswalk: pl.DataFrame) -> pl.DataFrame:
    """Rows under the current id of their beneficiary, beside it the delivered one where it is another."""
    if not crosswalk.height:
        return rows.with_columns(pl.lit(None, pl.String).alias(DELIVERED_ID))
    led = current(rows.with_columns(pl.col("bene_id").alias(DELIVERED_ID)), crosswalk)
    is_other = pl.col(DELIVERED_ID) != pl.col("bene_id")
    return led.with_columns(pl.when(is_other).then(DELIVERED_ID).alias(DELIVERED_ID))


def current(rows: pl.DataFrame, crosswalk: pl.DataFrame) -> pl.DataFrame:
    """Rows with old beneficiary ids replaced by the current ones."""
    if not crosswalk.height:
        return rows
    joined = rows.join(crosswalk, on="bene_id", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(_CURRENT_ID, "bene_id").alias("bene_id")).drop(_CURRENT_ID)
