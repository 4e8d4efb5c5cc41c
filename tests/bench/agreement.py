"""Compares the Threshold Scores of several ways, to the cent and the patient.

Each is a report of qpcli, or a Parquet file of another way with amounts in cents. Exit status 2: some differ.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import polars as pl

KEYS = ["level", "snapshot", "apm_entity_id", "npi"]
AMOUNTS = ["payment_numerator", "payment_denominator"]
VALUES = [*AMOUNTS, "patient_numerator", "patient_denominator"]
ROWS_SHOWN = 20


def scores(made: Path) -> pl.DataFrame:
    """One row per group and snapshot, amounts in cents: of a report of qpcli, or of a file of another way."""
    if made.is_dir():
        report = pl.read_parquet(made / "threshold_scores.parquet").select(*KEYS, *VALUES)
        return report.with_columns((pl.col(AMOUNTS) * 100).cast(pl.Int64))
    numbers = pl.col("snapshot", *VALUES).cast(pl.Int64)
    return pl.read_parquet(made).select(*KEYS, *VALUES).with_columns(pl.col("npi").cast(pl.String), numbers)


def differences(qpcli: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Rows that differ or that only one has."""
    joined = qpcli.join(other, on=KEYS, how="full", nulls_equal=True, coalesce=True, suffix="_other")
    is_equal = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_other")) for name in VALUES)
    return joined.filter(~is_equal).sort(KEYS)


def entities_only(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of APM Entities."""
    return rows.filter(pl.col("level") == "apm_entity")


def _failure(qpcli: pl.DataFrame, other: Path) -> str | None:
    found = differences(qpcli, scores(other))
    if found.is_empty():
        return None
    return f"{other.name} differs from qpcli in {found.height} rows:\n{found.head(ROWS_SHOWN).write_csv()}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.agreement", description=__doc__)
    parser.add_argument("qpcli", type=Path)
    parser.add_argument("others", type=Path, nargs="*")
    parser.add_argument("--entities", type=Path, nargs="*", default=[], help="others, of APM Entities alone")
    given = parser.parse_args()
    qpcli = scores(given.qpcli)
    failures = [_failure(qpcli, other) for other in given.others]
    failures += [_failure(entities_only(qpcli), other) for other in given.entities]
    if any(failures):
        sys.stderr.write("\n".join(failure for failure in failures if failure))
        sys.exit(2)


if __name__ == "__main__":
    main()
