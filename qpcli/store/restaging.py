"""An earlier store that new deliveries are added to, and the rows in it that a new crosswalk moves."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from qpcli.errors import InputError
from qpcli.reports.encryption import Encryption
from qpcli.store import files
from qpcli.store.deliveries import as_delivered
from qpcli.store.gathering import DELIVERED_ID, Gathered, with_current_ids
from qpcli.store.record import StoreRecord
from qpcli.store.shards import shard_of
from qpcli.tables.prepared_lines import LINE_VERSIONS


@dataclass(frozen=True, slots=True)
class Earlier:
    """A complete store; `restaged` are the shards whose rows go through staging again."""

    folder: Path
    record: StoreRecord
    restaged: frozenset[int] = frozenset()
    encryption: Encryption | None = None

    def file(self, name: str) -> Path:
        """Where a file of the store lies."""
        return self.folder / name

    def rows(self, name: str) -> int:
        """How many rows a file of the store has."""
        return next(output.rows for output in self.record.outputs if output.file == name)

    def has(self, name: str) -> bool:
        """Whether the store has a file of that name."""
        return any(output.file == name for output in self.record.outputs)

    def read(self, name: str) -> pl.DataFrame:
        """A file of the store."""
        return files.read_rows(self.file(name), encryption=self.encryption)

    def frame(self, name: str) -> pl.DataFrame | None:
        """A file of the store; None where it has none of that name."""
        return self.read(name) if self.has(name) else None

    def lines(self, shard: int) -> pl.DataFrame:
        """The claim lines of a shard as delivered, in cents."""
        rows = self.read(files.lines_file(shard, self.record.shard_count))
        return as_delivered(rows.select(files.cents(LINE_VERSIONS)))

    def withheld(self, shard: int) -> pl.DataFrame | None:
        """The withheld amounts of a shard as delivered; None where the layout has none."""
        return self.frame(files.withheld_file(shard, self.record.shard_count))

    def hand_on(self, name: str, path: Path) -> None:
        """A file as it is under a new path: a second name where the system has such, else a copy."""
        try:
            os.link(self.file(name), path)
        except OSError:
            shutil.copyfile(self.file(name), path)


def moved_shards(earlier: Earlier, crosswalk: pl.DataFrame) -> frozenset[int]:
    """The shards with ids that the crosswalk now leads elsewhere than it did when they were written.

    Raises QP217 when ids that were one person's are those of several now: of copies among them one was kept.
    """
    before = earlier.frame(files.CROSSWALK_FILE)
    assert before is not None
    known = before.rename({"current_bene_id": "before"})
    both = known.join(crosswalk.rename({"current_bene_id": "after"}), on="bene_id", how="full", coalesce=True)
    led = both.with_columns(pl.coalesce("before", "bene_id"), pl.coalesce("after", "bene_id"))
    _check_together(led)
    moved = led.filter(pl.col("before") != pl.col("after"))
    return frozenset(moved.select(shard_of("before", earlier.record.shard_count)).to_series())


def _check_together(led: pl.DataFrame) -> None:
    """`led`: one row per id of either crosswalk, with where it led before and where it leads after."""
    ends = led.select(pl.col("before").alias("bene_id")).unique()
    unlisted = ends.join(led, on="bene_id", how="anti").select("bene_id", before="bene_id", after="bene_id")
    people = pl.concat([led.select("bene_id", "before", "after"), unlisted]).group_by("before")
    split = people.agg(pl.col("after").n_unique()).filter(pl.col("after") > 1).height
    if split:
        message = f"The new deliveries part beneficiary ids that the store took for one person ({split:,} people)."
        raise InputError("QP217", message, "Convert all files again with --force.")


def restage(earlier: Earlier, gathered: Gathered, crosswalk: pl.DataFrame) -> None:
    """Put all rows of the earlier store's moved shards into staging, under their current ids."""
    for shard in sorted(earlier.restaged):
        gathered.lines.add(_led(earlier.lines(shard), crosswalk))
        withheld = earlier.withheld(shard)
        if withheld is not None:
            gathered.withheld.add(_led(withheld, crosswalk))


def _led(rows: pl.DataFrame, crosswalk: pl.DataFrame) -> pl.DataFrame:
    """Rows under the id that the crosswalk now gives for the one delivered."""
    delivered = rows.with_columns(pl.coalesce(DELIVERED_ID, "bene_id").alias("bene_id")).drop(DELIVERED_ID)
    return with_current_ids(delivered, crosswalk).select(rows.columns)
