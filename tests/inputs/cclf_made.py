"""Small CCLF files in columns under CMS's names, for tests, and the hand-made delivered ones."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from qpcli.findings import Finding
from qpcli.inputs.archives import find_files
from qpcli.inputs.cclf.files import DeliveredSource, delivered_sources, look_at
from qpcli.inputs.cclf.positions import record_columns
from qpcli.inputs.csv_header import Dialect
from qpcli.inputs.files import is_delivered
from qpcli.inputs.sources import open_sources
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law

HANDMADE = Path(__file__).resolve().parents[3] / "shared" / "samples" / "handmade_cclf" / "plain"
needs_handmade = pytest.mark.skipif(not HANDMADE.is_dir(), reason="the hand-made CCLF set is not beside the checkout")
JULY, AUGUST, NOVEMBER = 2507141010101, 2508111212120, 2511131115300
"""Deliveries."""


@cache
def law_of(**assumptions: str) -> Law:
    return resolve_law(performance_year=2025, assumptions=assumptions)


def delivered(path: Path, delivery: int, *rows: dict[str, str]) -> DeliveredSource:
    """A CSV file of the rows with the columns of the first row, all of one delivery."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return opened_as(path, delivery)


def opened_as(path: Path, delivery: int) -> DeliveredSource:
    """A CSV or Parquet file, all of one delivery."""
    (source,) = open_sources(find_files([str(path)]), Dialect())
    return DeliveredSource(source, pl.lit(delivery, pl.Int64))


def cut(path: Path, number: str) -> list[DeliveredSource]:
    """The files of one number that a folder holds as CMS delivers them."""
    looked_at = [look_at(file) for file in find_files([str(path)], is_delivered)]
    return delivered_sources([file for file in looked_at if file is not None], number)


def fixed_width(path: Path, length: int, *rows: dict[str, str]) -> Path:
    """A file named and laid out as CMS does it, with records of a length."""
    number = path.name.partition(".ZC")[2][0]
    lines = []
    for row in rows:
        line = [" "] * length
        for name, text in row.items():
            first, last = record_columns(number)[name]
            if last <= length:
                line[first - 1 : last] = text.ljust(last - first + 1)
        lines.append("".join(line) + "\n")
    path.write_text("".join(lines), encoding="latin-1")
    return path


def said(findings: tuple[Finding, ...]) -> dict[tuple[str, str | None], int | None]:
    """Findings by code and rule, with their counts."""
    return {(found.code, found.rule): found.count for found in findings}
