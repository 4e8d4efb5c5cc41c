"""sample_data end to end: the expected reports, and the same bytes however the inputs lie or how many threads run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data"
GOLDEN = ROOT / "tests" / "golden"
TABLES = ("threshold_scores", "determinations", "clinicians", "exclusions")
LISTS = ("beneficiaries", "participants", "attribution", "entities")


def determine(inputs: Path, out: Path, *options: str, threads: int = 2) -> Path:
    """The reports of a folder of inputs, by a process of its own."""
    given = [option for name in LISTS for option in (f"--{name}", f"{inputs}/{name}.*")]
    command = [
        sys.executable,
        "-m",
        "qpcli",
        "determine",
        "--year",
        "2025",
        "--claims",
        f"{inputs}/claim_lines",
        *given,
    ]
    environment = {**os.environ, "POLARS_MAX_THREADS": str(threads), "TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8"}
    done = subprocess.run(
        [*command, "--out", str(out), "--quiet", *options],
        env=environment,
        cwd=inputs,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return out


def table_bytes(report: Path, suffix: str) -> dict[str, bytes]:
    return {name: (report / f"{name}.{suffix}").read_bytes() for name in TABLES}


def golden() -> dict[str, bytes]:
    return {name: (GOLDEN / f"{name}.csv").read_bytes() for name in TABLES}


def rewritten(folder: Path, *, seed: int, parts: int, suffix: str) -> Path:
    """The sample's rows in another order, the claims in parts, as CSV or as typed Parquet."""
    (folder / "claim_lines").mkdir(parents=True)
    for name in LISTS:
        _write(_read(name).sample(fraction=1.0, shuffle=True, seed=seed), folder / name, suffix)
    lines = _read("claim_lines").sample(fraction=1.0, shuffle=True, seed=seed)
    size = -(-lines.height // parts)
    for part in range(parts):
        _write(lines.slice(part * size, size), folder / "claim_lines" / f"delivery {part}", suffix)
    return folder


def _read(name: str) -> pl.DataFrame:
    path = SAMPLE / name / "*.csv" if name == "claim_lines" else SAMPLE / f"{name}.csv"
    text = pl.scan_csv(path, infer_schema=False).collect()
    return text.with_columns(
        pl.col("^.*_(date|on|from|to)$").str.to_date("%Y-%m-%d"),
        pl.col("^.*_amount$").cast(pl.Decimal(18, 2)),
        pl.col("^(is|has|bears|removes)_.*$") == "true",
    )


def _write(frame: pl.DataFrame, path: Path, suffix: str) -> None:
    target = path.with_name(f"{path.name}.{suffix}")
    frame.write_csv(target) if suffix == "csv" else frame.write_parquet(target)


def test_the_sample_gives_the_expected_reports(tmp_path: Path) -> None:
    report = determine(SAMPLE, tmp_path / "report", "--format", "csv")
    assert table_bytes(report, "csv") == golden()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize(("seed", "parts", "threads"), [(1, 1, 1), (2, 3, 2), (3, 7, 4)])
def test_row_order_file_split_threads_locale_and_time_zone_change_no_byte(
    tmp_path: Path, suffix: str, seed: int, parts: int, threads: int
) -> None:
    inputs = rewritten(tmp_path / "inputs", seed=seed, parts=parts, suffix=suffix)
    report = determine(inputs, tmp_path / "report", "--format", "csv", threads=threads)
    assert table_bytes(report, "csv") == golden()


def test_parquet_reports_are_byte_identical_too(tmp_path: Path) -> None:
    once = determine(SAMPLE, tmp_path / "once", threads=1)
    inputs = rewritten(tmp_path / "inputs", seed=5, parts=4, suffix="parquet")
    again = determine(inputs, tmp_path / "again", threads=3)
    assert table_bytes(once, "parquet") == table_bytes(again, "parquet")


def test_doubling_a_delivery_changes_nothing_but_a_finding(tmp_path: Path) -> None:
    inputs = rewritten(tmp_path / "inputs", seed=4, parts=2, suffix="csv")
    for path in sorted((inputs / "claim_lines").iterdir()):
        path.with_name(f"again {path.name}").write_bytes(path.read_bytes())
    report = determine(inputs, tmp_path / "report", "--format", "csv")
    assert table_bytes(report, "csv") == golden()
    findings = pl.read_csv(report / "findings.csv")
    (copies,) = findings.filter(pl.col("code") == "duplicate_lines").get_column("count")
    assert copies >= _read("claim_lines").height


def test_the_sample_is_small_enough_to_keep() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 3_000_000
