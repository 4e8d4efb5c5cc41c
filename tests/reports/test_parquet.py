"""Reports as Parquet: equal rows give equal bytes, readable by anybody with the right to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qpcli.reports.frames import SCHEMA_VERSION
from qpcli.reports.parquet import read_parquet, write_parquet
from qpcli.tables.catalogue import OUTPUT_TABLES
from qpcli.tables.schema import Table
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from tests.reports.world import frame, score_row, tables_with_all_payer

MANY = 300_000

WRITES_MANY_ROWS = """
import sys
from pathlib import Path
import polars as pl
from qpcli.reports.parquet import write_parquet
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from tests.reports.world import frame, score_row
many = frame(THRESHOLD_SCORES, score_row()).select(pl.all().repeat_by(int(sys.argv[2])).explode())
many = many.with_columns(payment_numerator=pl.int_range(pl.len()) * 7919 % 100_003)
write_parquet(many.sort("payment_numerator", maintain_order=True), THRESHOLD_SCORES, Path(sys.argv[1]))
"""


@pytest.mark.parametrize("table", OUTPUT_TABLES, ids=lambda table: table.name)
def test_what_was_written_comes_back(tmp_path: Path, table: Table) -> None:
    rows = tables_with_all_payer()[table.name]
    assert write_parquet(rows, table, tmp_path / "a.parquet") == rows.height
    assert read_parquet(tmp_path / "a.parquet", table).equals(rows)


def test_a_reader_sees_decimal_dollars_and_percent_and_text(tmp_path: Path) -> None:
    write_parquet(frame(THRESHOLD_SCORES, score_row()), THRESHOLD_SCORES, tmp_path / "a.parquet")
    schema = pq.read_schema(tmp_path / "a.parquet")
    assert schema.field("payment_numerator").type == pa.decimal128(18, 2)
    assert schema.field("payment_score").type == pa.float64()
    assert schema.field("npi").type == pa.string()
    assert pq.read_metadata(tmp_path / "a.parquet").metadata == {
        b"qpcli_table": b"threshold_scores",
        b"qpcli_schema_version": str(SCHEMA_VERSION).encode(),
    }


def test_equal_rows_give_equal_bytes_however_the_frame_is_chunked(tmp_path: Path) -> None:
    whole = frame(THRESHOLD_SCORES, score_row()).select(pl.all().repeat_by(MANY).explode())
    whole = whole.with_columns(payment_numerator=pl.int_range(pl.len()) * 7919 % 1_000_003)
    pieces = pl.concat([whole.slice(start, 3001) for start in range(0, MANY, 3001)], rechunk=False)
    assert pieces.n_chunks() > 1
    write_parquet(whole, THRESHOLD_SCORES, tmp_path / "whole.parquet")
    write_parquet(pieces, THRESHOLD_SCORES, tmp_path / "pieces.parquet")
    assert (tmp_path / "whole.parquet").read_bytes() == (tmp_path / "pieces.parquet").read_bytes()


def test_equal_rows_give_equal_bytes_whatever_the_thread_count(tmp_path: Path) -> None:
    for threads in ("1", "4"):
        subprocess.run(
            [sys.executable, "-c", WRITES_MANY_ROWS, str(tmp_path / threads), str(MANY)],
            env={**os.environ, "POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": threads},
            cwd=Path(__file__).parents[2],
            check=True,
        )
    assert (tmp_path / "1").read_bytes() == (tmp_path / "4").read_bytes()
    assert pq.read_metadata(tmp_path / "1").num_rows == MANY


def test_only_the_owner_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_parquet(frame(THRESHOLD_SCORES, score_row()), THRESHOLD_SCORES, tmp_path / "a.parquet")
    finally:
        os.umask(before)
    assert (tmp_path / "a.parquet").stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("mine")
    with pytest.raises(FileExistsError):
        write_parquet(frame(THRESHOLD_SCORES, score_row()), THRESHOLD_SCORES, tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").read_text() == "mine"
