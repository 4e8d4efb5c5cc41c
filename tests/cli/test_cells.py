"""--keep-cells: the tallies per beneficiary, for later questions, readable by their owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

import polars as pl

from qpcli.tables.cells import CELLS
from tests.cli.conftest import Call


def test_cells_stand_beside_the_tables_only_when_asked_for(determine: Call, place: Path) -> None:
    assert determine("--out", "without").status == 0
    assert determine("--out", "kept", "--keep-cells").status == 0
    assert not (place / "without" / "cells").exists()
    folder, file = place / "kept" / "cells", place / "kept" / "cells" / "cells.parquet"
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode)) == (0o700, 0o600)


def test_cells_hold_the_covered_dollars_of_every_group(determine: Call, place: Path) -> None:
    determine("--out", "kept", "--keep-cells")
    cells = pl.read_parquet(place / "kept" / "cells" / "cells.parquet")
    assert cells.columns == list(CELLS.column_names)
    participants = pl.read_csv(place / "sample_data" / "participants.csv", infer_schema=False)
    group = participants.filter(pl.col("apm_entity_id") == "SYN03").select("npi", "tin").unique()
    served = cells.filter(~pl.col("has_unlisted_tin")).join(group, on=["npi", "tin"])
    without_tin = cells.filter(pl.col("tin").is_null() & ~pl.col("has_unlisted_tin"))
    without_tin = without_tin.join(group.select("npi").unique(), on="npi")
    steps = pl.read_parquet(place / "kept" / "exclusions.parquet").filter(
        (pl.col("apm_entity_id") == "SYN03") & (pl.col("snapshot") == 3) & (pl.col("step_number") == 5)
    )
    dollars = served.get_column("cps_amount").sum() + without_tin.get_column("cps_amount").sum()
    assert dollars == steps.get_column("amount_remaining").item()
