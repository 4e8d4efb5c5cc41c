"""The whole determination of 2025 hand-written in DuckDB SQL, in two styles over plain Parquet or a prepared store.

`by-snapshot` follows the rules one after the other, once per snapshot. `one-pass` knows what qpcli knows: copies are
sought by hash or by the store's flag, and each line is put once under the first snapshot that sees it.

python -m tests.bench.duckdb_way by-snapshot|one-pass plain|store CLAIMS LISTS OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

SQL = Path(__file__).parent / "sql"
REGULATION = Path(__file__).parents[2] / "qpcli" / "regulation" / "data"


PARTS = {
    ("by-snapshot", "plain"): ("lists", "lines_plain", "sums_by_snapshot", "threshold_scores"),
    ("by-snapshot", "store"): ("lists", "lines_store", "sums_by_snapshot", "threshold_scores"),
    ("one-pass", "plain"): ("lists", "lines_plain_by_hash", "sums_in_one_pass", "threshold_scores"),
    ("one-pass", "store"): ("lists", "lines_store_by_flag", "sums_in_one_pass", "threshold_scores"),
}
LISTS = ("participants", "entities", "beneficiaries", "attribution")
_RANGES = "types = {'code_from': 'VARCHAR', 'code_to': 'VARCHAR', 'first_date': 'DATE', 'last_date': 'DATE'}"


def threshold_scores(style: str, form: str, claims: Path, lists: Path, out: Path) -> None:
    """One row per group and snapshot, amounts in cents, as a Parquet file; duckdb.Error on contradicting copies."""
    database = duckdb.connect(config={"preserve_insertion_order": False, "temp_directory": f"{out}.spill"})
    views = {
        "claim_lines": f"read_parquet('{claims}/*.parquet')",
        **{f"given_{name}": f"'{lists}/{name}.parquet'" for name in LISTS},
        "em_ranges": f"read_csv('{REGULATION}/em_services.csv', {_RANGES}) WHERE code_set = 'default'",
        "not_covered_ranges": f"read_csv('{REGULATION}/covered_service_exclusions.csv', {_RANGES})",
    }
    for name, source in views.items():
        database.execute(f"CREATE TEMP VIEW {name} AS FROM {source}")
    for part in PARTS[style, form]:
        database.execute((SQL / f"{part}.sql").read_text())
    database.execute(f"COPY threshold_scores TO '{out}' (FORMAT parquet)")


if __name__ == "__main__":
    style, form, *paths = sys.argv[1:]
    threshold_scores(style, form, *[Path(path) for path in paths])
