"""`qpcli determine` on a store, plain Parquet, CSV and CCLF, beside the decode floor, DuckDB SQL and pandas.

Every way writes its Threshold Scores; those of qpcli, SQL and pandas must be equal to the cent and the patient.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.bench.samples import QPCLI, convert, determine, remove, sample
from tests.bench.timing import Measured, Way, in_turn, timed

MOST_MILLION_LINES_OF_PANDAS = 5
FLOOR = """
import sys, polars as pl
columns = ["bene_id", "npi", "tin", "hcpcs", "setting", "service_date", "processed_date", "paid_amount"]
rows = pl.scan_parquet(sys.argv[1] + "/*.parquet").select(pl.col(columns[:-1]).max(), pl.col("paid_amount").sum())
rows.collect(engine="streaming")
"""
STORE_FLOOR, PLAIN_FLOOR = "decode floor, store", "decode floor"
STORE_SQL, PLAIN_SQL = "DuckDB by snapshot, store", "DuckDB by snapshot, plain Parquet"
REFERENCE = "qpcli, plain Parquet"
PANDAS = "pandas (entities only), plain Parquet"


def measure_determination(
    folder: Path, million_lines: float, rounds: int, text_million_lines: float
) -> Iterator[Measured]:
    """All ways on claims of one size; CSV and CCLF only up to so many lines. SystemExit when results differ."""
    plain, store = sample(folder, million_lines), folder / f"{million_lines:g}m-store"
    claims, made = plain / "claim_lines", folder / "store"
    results = folder / "results"
    results.mkdir(exist_ok=True)
    ways = [
        _floor(STORE_FLOOR, store / "claim_lines"),
        _floor(PLAIN_FLOOR, claims),
        *_store_ways(store, plain, results),
        *_plain_ways(plain, results),
        *(_text_ways(folder, million_lines, results) if million_lines <= text_million_lines else []),
        *(_pandas_ways(plain, results) if million_lines <= MOST_MILLION_LINES_OF_PANDAS else []),
        Way("qpcli convert", convert(claims, made), PLAIN_FLOOR, clear=partial(remove, made)),
    ]
    # A store belongs to the version of qpcli that made it, so an earlier one is of no use.
    remove(store)
    timed(convert(claims, store))
    yield from in_turn(ways, million_lines=million_lines, rounds=rounds, after_first=partial(_compare, ways))


def _floor(name: str, claims: Path) -> Way:
    return Way(name, [sys.executable, "-c", FLOOR, str(claims)])


def _store_ways(store: Path, lists: Path, results: Path) -> list[Way]:
    name, claims = "qpcli, store", store / "claim_lines"
    out = results / _slug(name)
    return [
        _scoring(name, determine(store, lists, out), out, PLAIN_FLOOR, STORE_SQL),
        _sql(STORE_SQL, "by-snapshot", "store", claims, lists, results),
        _sql("DuckDB in one pass, store", "one-pass", "store", claims, lists, results),
    ]


def _plain_ways(plain: Path, results: Path) -> list[Way]:
    out, claims = results / _slug(REFERENCE), plain / "claim_lines"
    return [
        _scoring(REFERENCE, determine(claims, plain, out), out, PLAIN_FLOOR, PLAIN_SQL),
        _sql(PLAIN_SQL, "by-snapshot", "plain", claims, plain, results),
        _sql("DuckDB in one pass, plain Parquet", "one-pass", "plain", claims, plain, results),
    ]


def _sql(name: str, style: str, form: str, claims: Path, lists: Path, results: Path) -> Way:
    out = results / f"{_slug(name)}.parquet"
    command = [sys.executable, "-m", "tests.bench.duckdb_way", style, form, str(claims), str(lists), str(out)]
    return _scoring(name, command, out, PLAIN_FLOOR, STORE_SQL if form == "store" else PLAIN_SQL)


def _text_ways(folder: Path, million_lines: float, results: Path) -> list[Way]:
    """The CCLF deliveries hold the same market; other identifiers and cut-offs give them scores of their own."""
    csv = sample(folder, million_lines, form="csv")
    cclf = sample(folder, million_lines, form="cclf")
    of_csv, of_cclf = results / "qpcli-csv", results / "qpcli-cclf"
    asked = ["determine", "--config", str(cclf / "qpcli.toml"), "--out", str(of_cclf), "--fail-on", "never", "--quiet"]
    return [
        _scoring("qpcli, CSV", determine(csv / "claim_lines", csv, of_csv), of_csv, PLAIN_FLOOR, PLAIN_SQL),
        Way("qpcli, CCLF", [*QPCLI, *asked], PLAIN_FLOOR, PLAIN_SQL, clear=partial(remove, of_cclf)),
    ]


def _pandas_ways(plain: Path, results: Path) -> list[Way]:
    if importlib.util.find_spec("pandas") is None:
        return []
    out = results / f"{_slug(PANDAS)}.parquet"
    paths = [str(path) for path in (plain / "claim_lines", plain, out)]
    command = [sys.executable, "-m", "tests.bench.pandas_way", *paths]
    return [_scoring(PANDAS, command, out, PLAIN_FLOOR, PLAIN_SQL)]


def _scoring(name: str, command: list[str], out: Path, floor: str, rival: str) -> Way:
    """A way whose Threshold Scores are compared."""
    return Way(name, command, floor, rival, clear=partial(remove, out), result=out)


def _slug(name: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())


def _compare(ways: list[Way]) -> None:
    """In a process of its own: the memory of this one would count as that of those it starts."""
    made = {way.name: way.result for way in ways if way.result is not None}
    reference, of_pandas = made.pop(REFERENCE), made.pop(PANDAS, None)
    entities = [] if of_pandas is None else ["--entities", str(of_pandas)]
    timed([sys.executable, "-m", "tests.bench.agreement", str(reference), *map(str, made.values()), *entities])
