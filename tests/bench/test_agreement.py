"""The ways of the benchmark that are not qpcli reach the Threshold Scores of qpcli, to the cent and the patient."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import polars as pl
import pytest

from tests.bench.agreement import KEYS, VALUES, differences, entities_only, scores
from tests.bench.samples import QPCLI, YEAR, convert, determine

pytest.importorskip("duckdb", reason="duckdb is a development tool")
from tests.bench import duckdb_way

PEOPLE = "900"
LINES_PER_BENEFICIARY = "20"


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample, the store made of it, and the report of qpcli on it."""
    folder = tmp_path_factory.mktemp("bench")
    size = ["--beneficiaries", PEOPLE, "--lines-per-beneficiary", LINES_PER_BENEFICIARY]
    written = ["sample", "--out", str(folder / "plain"), "--year", str(YEAR), *size, "--format", "parquet", "--quiet"]
    claims = folder / "plain" / "claim_lines"
    subprocess.run([*QPCLI, *written], check=True)
    subprocess.run(convert(claims, folder / "store", 2), check=True)
    subprocess.run(determine(claims, folder / "plain", folder / "report"), check=True)
    return folder


def test_the_sample_has_scores_of_every_level(market: Path) -> None:
    levels = scores(market / "report").get_column("level").unique().sort().to_list()
    assert levels == ["affiliated_practitioner", "apm_entity", "individual"]


@pytest.mark.parametrize("style", ["by-snapshot", "one-pass"])
@pytest.mark.parametrize("form", ["plain", "store"])
def test_duckdb_sql_agrees_in_every_score(market: Path, style: str, form: str) -> None:
    out = market / f"{style}-{form}.parquet"
    duckdb_way.threshold_scores(style, form, market / form / "claim_lines", market / "plain", out)
    assert differences(scores(market / "report"), scores(out)).rows() == []


@pytest.mark.parametrize("style", ["by-snapshot", "one-pass"])
def test_duckdb_sql_counts_copies_once(market: Path, style: str, tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    claims = _claims_and(tmp_path / "claims", market, pl.lit(True), pl.col("paid_amount"))
    out = tmp_path / "scores.parquet"
    duckdb_way.threshold_scores(style, "plain", claims, market / "plain", out)
    assert differences(scores(market / "report"), scores(out)).rows() == []


@pytest.mark.parametrize("style", ["by-snapshot", "one-pass"])
def test_duckdb_sql_refuses_copies_that_contradict(market: Path, style: str, tmp_path: Path) -> None:
    is_original = pl.col("adjustment") == "original"
    claims = _claims_and(tmp_path, market, is_original, pl.col("paid_amount") + 1)
    with pytest.raises(duckdb_way.duckdb.Error, match="duplicate_conflict"):
        duckdb_way.threshold_scores(style, "plain", claims, market / "plain", tmp_path / "scores.parquet")


def _claims_and(folder: Path, market: Path, which: pl.Expr, paid: pl.Expr) -> Path:
    """The claims in two files, the second holding some of them again with another amount."""
    lines = pl.read_parquet(market / "plain" / "claim_lines")
    again = lines.filter(which).head(1000).with_columns(paid_amount=paid.cast(lines.schema["paid_amount"]))
    for number, part in enumerate((lines, again)):
        part.write_parquet(folder / f"part-{number}.parquet")
    return folder


@pytest.mark.skipif(importlib.util.find_spec("pandas") is None, reason="pandas is not installed")
def test_pandas_agrees_in_the_scores_of_entities(market: Path) -> None:
    from tests.bench import pandas_way

    out = market / "pandas.parquet"
    pandas_way.threshold_scores(market / "plain" / "claim_lines", market / "plain").to_parquet(out, index=False)
    assert differences(entities_only(scores(market / "report")), scores(out)).rows() == []


def test_a_difference_of_one_cent_is_found() -> None:
    one = pl.DataFrame([("apm_entity", 1, "E", None, 100, 200, 1, 2)], schema=[*KEYS, *VALUES], orient="row")
    other = one.with_columns(pl.col("payment_numerator") + 1)
    assert differences(one, one).is_empty()
    assert differences(one, other).height == 1


def test_a_row_that_only_one_has_is_found() -> None:
    one = pl.DataFrame([("apm_entity", 1, "E", None, 100, 200, 1, 2)], schema=[*KEYS, *VALUES], orient="row")
    assert differences(one, pl.concat([one, one.with_columns(snapshot=pl.col("snapshot") + 1)])).height == 1
