"""The files of a store: their names, and their rows in the calculation's units and in those of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import polars as pl

from qpcli.reports.encryption import Encryption, polars_reading, polars_writing
from qpcli.reports.frames import MONEY_TYPE
from qpcli.rules.claim_lines import CodedLines
from qpcli.store.shards import shard_name
from qpcli.tables.prepared_lines import LINE_VERSIONS
from qpcli.tables.schema import Column, Kind, Table

LINES_FOLDER, CODES_FOLDER, WITHHELD_FOLDER = "claim_lines", "codes", "records/withheld"
BENEFICIARIES_FILE, CROSSWALK_FILE = "beneficiaries.parquet", "crosswalk.parquet"
RECORDS_FILE, LINKS_FILE = "records/beneficiaries.parquet", "records/links.parquet"
PAYER_MONTHS_FOLDER = "records/payer_months"
_ROWS_PER_GROUP = 262_144


def lines_file(shard: int, shard_count: int) -> str:
    """Name of a shard of claim lines, relative to the store."""
    return f"{LINES_FOLDER}/{shard_name(shard, shard_count)}"


def codes_file(kind: str, shard: int, shard_count: int) -> str:
    """Name of what the numbers of one kind in a shard stand for, relative to the store."""
    return f"{CODES_FOLDER}/{kind}/{shard_name(shard, shard_count)}"


def withheld_file(shard: int, shard_count: int) -> str:
    """Name of a shard of withheld amounts as delivered, relative to the store."""
    return f"{WITHHELD_FOLDER}/{shard_name(shard, shard_count)}"


def payer_months_file(shard: int, shard_count: int) -> str:
    """Name of a shard of the months in which another payer came first, relative to the store."""
    return f"{PAYER_MONTHS_FOLDER}/{shard_name(shard, shard_count)}"


def cents_name(column: Column) -> str:
    """The name of a column in frames of the calculation."""
    return column.name.removesuffix("_amount") + "_cents" if column.kind is Kind.MONEY else column.name


def stored(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Rows with cents as rows of a file, amounts in dollars."""
    return frame.select(_dollars(column) for column in table.columns if column.kind is not Kind.STATE)


def _dollars(column: Column) -> pl.Expr:
    if column.kind is not Kind.MONEY:
        return pl.col(column.name)
    cents = pl.col(cents_name(column)).cast(pl.Decimal(38, 0))
    return (cents * pl.lit("0.01").cast(pl.Decimal(3, 2))).cast(MONEY_TYPE).alias(column.name)


def cents(columns: Iterable[Column]) -> list[pl.Expr]:
    """A file's columns as columns of the calculation."""
    return [
        pl.col(column.name).to_physical().cast(pl.Int64).alias(cents_name(column))
        if column.kind is Kind.MONEY
        else pl.col(column.name)
        for column in columns
        if column.kind is not Kind.STATE
    ]


def write_rows(frame: pl.DataFrame, path: Path, *, encryption: Encryption | None) -> int:
    """Rows into a new Parquet file; returns how many. Equal rows give equal bytes, unless they are encrypted."""
    # Pages end where chunks end, and chunks depend on threads.
    frame.rechunk().write_parquet(
        path, compression="zstd", compression_level=1, row_group_size=_ROWS_PER_GROUP, **polars_writing(encryption)
    )
    return frame.height


def read_rows(path: Path, *, encryption: Encryption | None) -> pl.DataFrame:
    """All rows of a file of a store, as they are stored."""
    return pl.read_parquet(path, **polars_reading(encryption))


def line_versions(paths: list[Path], *, encryption: Encryption | None) -> pl.LazyFrame:
    """All claim lines of shards, in cents."""
    return _scanned(paths, encryption).select(cents(LINE_VERSIONS))


def coded_lines(lines: Path, codes: Mapping[str, Path], *, encryption: Encryption | None) -> CodedLines:
    """The claim lines of a shard in numbers, and what these stand for."""
    tables = {kind: _scanned([path], encryption) for kind, path in codes.items()}
    # Most lines are needed: decoding whole columns is quicker than decoding those lines only.
    return CodedLines(_scanned([lines], encryption, parallel="row_groups"), **tables)


def _scanned(
    paths: list[Path], encryption: Encryption | None, *, parallel: Literal["auto", "row_groups"] = "auto"
) -> pl.LazyFrame:
    return pl.scan_parquet(paths, glob=False, hive_partitioning=False, parallel=parallel, **polars_reading(encryption))
