"""The files of a store hold no null where null has no meaning."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from qpcli.store import files
from qpcli.tables.prepared_lines import PREPARED_LINES

NEVER_NULL = [column for column in PREPARED_LINES.columns if not column.null_means]


@pytest.fixture(scope="module")
def lines(whole: Path) -> pl.DataFrame:
    """The lines of a shard in cents, numbers and all."""
    first = min((whole / "claim_lines").iterdir())
    return pl.read_parquet(first).select(files.cents(PREPARED_LINES.columns))


def test_lines_come_back_as_they_were_written(lines: pl.DataFrame, tmp_path: Path) -> None:
    assert lines.height
    assert files.write_lines(lines, tmp_path / "lines.parquet", encryption=None) == lines.height
    assert pl.read_parquet(tmp_path / "lines.parquet").select(files.cents(PREPARED_LINES.columns)).equals(lines)


@pytest.mark.parametrize("name", [files.cents_name(column) for column in NEVER_NULL])
def test_a_null_that_means_nothing_is_never_written(lines: pl.DataFrame, tmp_path: Path, name: str) -> None:
    is_last = pl.int_range(pl.len()) == pl.len() - 1
    spoilt = lines.with_columns(pl.when(~is_last).then(name).alias(name))
    with pytest.raises(pa.ArrowInvalid, match="non-nullable"):
        files.write_lines(spoilt, tmp_path / "lines.parquet", encryption=None)
