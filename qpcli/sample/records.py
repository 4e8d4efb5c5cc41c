"""Records of fixed width, by the positions that CMS publishes for its claim and claim line feed."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import polars as pl

_LAYOUT = ("qpcli.inputs", "data/cclf_layout.csv")
"""The positions that readers use too; they stand in one place."""


def record(file: str, values: Mapping[str, pl.Expr]) -> pl.Expr:
    """One record as text: the columns given, padded with blanks, all others blank; null is blank.

    `file` is a name such as CCLF5. Raises KeyError for a column that the file has not. Values must fit.
    """
    widths = _widths(file)
    if unknown := values.keys() - widths.keys():
        raise KeyError(min(unknown))
    pieces, gap = [], 0
    for name, width in widths.items():
        if name not in values:
            gap += width
            continue
        pieces.append(values[name].fill_null("").str.pad_end(width))
        if gap:
            pieces.insert(-1, pl.lit(" " * gap))
            gap = 0
    return pl.concat_str([*pieces, pl.lit(" " * gap)])


def record_length(file: str) -> int:
    """Characters of a record."""
    return sum(_widths(file).values())


def zero_filled(number: pl.Expr, width: int) -> pl.Expr:
    """A whole number of so many digits."""
    return number.cast(pl.String).str.zfill(width)


def amount(cents: pl.Expr, width: int) -> pl.Expr:
    """An amount as CMS documents it: a blank or minus, zeros, two decimals."""
    sign = pl.when(cents < 0).then(pl.lit("-")).otherwise(pl.lit(" "))
    return pl.concat_str(sign, zero_filled(cents.abs() // 100, width - 4), _decimals(cents))


def plain_amount(cents: pl.Expr) -> pl.Expr:
    """An amount of at least 0 without zeros before it."""
    return pl.concat_str((cents // 100).cast(pl.String), _decimals(cents))


def _decimals(cents: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit("."), zero_filled(cents.abs() % 100, 2))


@cache
def _widths(file: str) -> dict[str, int]:
    """Width of each column, in order."""
    package, path = _LAYOUT
    with files(package).joinpath(path).open(encoding="utf-8") as stream:
        return {row["column"]: int(row["length"]) for row in csv.DictReader(stream) if row["file"] == file}
