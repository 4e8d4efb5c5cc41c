"""The whole determination of 2025 as a good SQL author writes it, in DuckDB: `sql/*.sql` in their order.

python -m tests.bench.duckdb_way plain|store CLAIMS LISTS OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

SQL = Path(__file__).parent / "sql"
REGULATION = Path(__file__).parents[2] / "qpcli" / "regulation" / "data"


def threshold_scores(form: str, claims: Path, lists: Path, out: Path) -> None:
    """One row per group and snapshot, amounts in cents, as a Parquet file; duckdb.Error on contradicting copies."""
    database = duckdb.connect(config={"preserve_insertion_order": False})
    views = {
        "claim_lines": f"read_parquet('{claims}/*.parquet')",
        **{f"given_{name}": f"'{lists}/{name}.parquet'" for name in LISTS},
        "em_ranges": f"read_csv('{REGULATION}/em_services.csv', {_RANGES}) WHERE code_set = 'default'",
        "not_covered_ranges": f"read_csv('{REGULATION}/covered_service_exclusions.csv', {_RANGES})",
    }
    for name, source in views.items():
        database.execute(f"CREATE TEMP VIEW {name} AS FROM {source}")
    for part in ("lists", f"lines_{form}", "scores"):
        database.execute((SQL / f"{part}.sql").read_text())
    database.execute(f"COPY threshold_scores TO '{out}' (FORMAT parquet)")


LISTS = ("participants", "entities", "beneficiaries", "attribution")
_RANGES = "types = {'code_from': 'VARCHAR', 'code_to': 'VARCHAR', 'first_date': 'DATE', 'last_date': 'DATE'}"

if __name__ == "__main__":
    form, *paths = sys.argv[1:]
    threshold_scores(form, *[Path(path) for path in paths])
