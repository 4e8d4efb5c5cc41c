"""--keep-cells: the tallies per beneficiary, for later questions, readable by their owner alone."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import polars as pl
import pytest

from qpcli.tables.kept import KEPT_CELLS
from tests.cli.conftest import Call


def test_cells_stand_beside_the_tables_only_when_asked_for(determine: Call, place: Path) -> None:
    assert determine("--out", "without").status == 0
    assert determine("--out", "kept", "--keep-cells").status == 0
    assert not (place / "without" / "cells").exists()
    folder, file = place / "kept" / "cells", place / "kept" / "cells" / "cells.parquet"
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode)) == (0o700, 0o600)


def test_cells_hold_the_covered_dollars_of_every_group(determine: Call, place: Path) -> None:
    determine("--out", "kept", "--keep-cells")
    kept = {path.stem: pl.read_parquet(path) for path in (place / "kept" / "cells").iterdir()}
    assert kept["cells"].columns == list(KEPT_CELLS.column_names)
    participants = pl.read_csv(place / "sample_data" / "participants.csv", infer_schema=False)
    group = participants.filter(pl.col("apm_entity_id") == "SYN03").select("npi", "tin").unique()
    keyed = group.join(kept["clinicians"], on="npi").join(kept["tins"], on="tin")
    served = kept["cells"].join(keyed, on=["clinician_key", "tin_key"], how="semi")
    without_tin = kept["cells"].filter(pl.col("tin_key") == 0).join(keyed, on="clinician_key", how="semi")
    steps = pl.read_parquet(place / "kept" / "exclusions.parquet").filter(
        (pl.col("apm_entity_id") == "SYN03") & (pl.col("snapshot") == 3) & (pl.col("step_number") == 5)
    )
    cents = served.get_column("cps_cents").sum() + without_tin.get_column("cps_cents").sum()
    assert cents == steps.get_column("amount_remaining").item() * 100


def test_cells_of_all_hold_those_who_are_on_no_list_and_change_no_table(determine: Call, place: Path) -> None:
    assert determine("--out", "listed", "--keep-cells").status == 0
    assert determine("--out", "all", "--keep-cells", "all").status == 0
    for table in ("threshold_scores", "determinations", "exclusions", "findings"):
        assert (place / "all" / f"{table}.parquet").read_bytes() == (place / "listed" / f"{table}.parquet").read_bytes()
    listed, everybody = (pl.read_parquet(place / name / "cells" / "cells.parquet") for name in ("listed", "all"))
    sums = [pl.read_parquet(place / name / "cells" / "sums.parquet") for name in ("listed", "all")]
    assert everybody["clinician_key"].n_unique() > listed["clinician_key"].n_unique()
    assert sums[0].equals(sums[1])


@pytest.mark.parametrize("words", [("--keep-cells", "listed"), ("--keep-cells=listed",), ("--keep-cells", "-q")])
def test_whose_cells_are_kept_may_be_said_or_not(determine: Call, place: Path, words: tuple[str, ...]) -> None:
    assert determine("--out", "kept", *words).status == 0
    manifest = json.loads((place / "kept" / "manifest.json").read_text())
    assert manifest["options"]["output"]["kept_cells"] == "listed"


def test_a_wrong_word_after_keep_cells_is_a_usage_error(determine: Call) -> None:
    answer = determine("--out", "kept", "--keep-cells=some")
    assert (answer.status, "--keep-cells" in answer.err) == (2, True)


def test_neither_threads_nor_the_order_of_rows_change_a_byte_of_what_is_kept(determine: Call, place: Path) -> None:
    """Sums of one key may come in two rows, whose order is that in which threads end."""
    assert determine("--out", "first", "--keep-cells").status == 0
    for path in (place / "sample_data").rglob("*.csv"):
        header, *rows = path.read_text().splitlines()
        path.write_text("\n".join([header, *rows[::-1]]) + "\n")
    for name in ("second", "third"):
        assert determine("--out", name, "--keep-cells").status == 0
        files = sorted(path.name for path in (place / "first" / "cells").iterdir())
        assert len(files) > 5
        for file in files:
            same = (place / name / "cells" / file).read_bytes() == (place / "first" / "cells" / file).read_bytes()
            assert same, file
