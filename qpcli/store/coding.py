"""Texts of a shard as numbers: few texts stand in millions of lines, and numbers are quicker to move and to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from qpcli.rules.claim_lines import amount_cents
from qpcli.terms import Adjustment, Setting

CODES: Mapping[str, tuple[str, ...]] = {
    "people": ("bene_id",),
    "billers": ("npi", "tin"),
    "services": ("hcpcs", "setting", "adjustment", "is_denied"),
}
"""The columns of what the numbers of each kind stand for."""
_NUMBERS = {"people": "person", "billers": "biller", "services": "service"}
_CHOICES = {"setting": Setting, "adjustment": Adjustment}
_NUMBER = pl.UInt32


@dataclass(frozen=True, slots=True)
class Coded:
    """The lines of a shard with their numbers, and what the numbers of each kind stand for, in their order."""

    lines: pl.DataFrame
    codes: Mapping[str, pl.DataFrame]


def with_numbered_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the texts that many of them share as Enums, in which texts compare as they do by themselves."""
    texts = [name for names in CODES.values() for name in names if rows.schema[name] == pl.String]
    return rows.with_columns(rows[name].cast(_texts(rows[name])) for name in texts)


def _texts(values: pl.Series) -> pl.Enum:
    choices = _CHOICES.get(values.name)
    if choices is not None:
        return pl.Enum(sorted(choice.value for choice in choices))
    return pl.Enum(values.drop_nulls().unique().sort())


def coded(rows: pl.DataFrame) -> Coded:
    """Rows of `with_numbered_texts` with `person`, `biller`, `service` and `amount_cents`."""
    codes = {}
    lines = rows.with_columns(amount_cents=amount_cents())
    for kind, names in CODES.items():
        numbers, codes[kind] = _numbered(rows, names)
        lines = lines.with_columns(numbers.alias(_NUMBERS[kind]))
    return Coded(lines, codes)


def _numbered(rows: pl.DataFrame, names: Sequence[str]) -> tuple[pl.Series, pl.DataFrame]:
    """The place of each row's values among the distinct ones, and these."""
    packed, sizes = pl.repeat(0, rows.height, dtype=pl.UInt64, eager=True), []
    for name in names:
        ranks, count = _ranks(rows[name])
        packed = packed * count + ranks
        sizes.append(count)
    # Neighbours are often alike.
    begins = (packed != packed.shift(1)).fill_null(True)
    begun = packed.filter(begins).to_frame("packed")
    distinct = begun.unique().sort("packed")
    numbers = begun.join(distinct.with_row_index("number"), on="packed", how="left", maintain_order="left")["number"]
    return numbers.cast(_NUMBER).gather(begins.cum_sum() - 1), _values(distinct["packed"], rows, names, sizes)


def _ranks(values: pl.Series) -> tuple[pl.Series, int]:
    """0 for null, else one more than the place of the text or truth, and how many ranks there are."""
    count = 2 if isinstance(values.dtype, pl.Boolean) else len(_categories(values))
    places = values.cast(pl.UInt64) if isinstance(values.dtype, pl.Boolean) else values.to_physical().cast(pl.UInt64)
    return (places + 1).fill_null(0), count + 1


def _categories(values: pl.Series) -> pl.Series:
    assert isinstance(values.dtype, pl.Enum)
    return values.dtype.categories


def _values(packed: pl.Series, rows: pl.DataFrame, names: Sequence[str], sizes: Sequence[int]) -> pl.DataFrame:
    columns: dict[str, pl.Series] = {}
    for name, size in zip(reversed(names), reversed(sizes), strict=True):
        ranks, packed = packed % size, packed // size
        values = rows[name]
        known = pl.Series([False, True]) if isinstance(values.dtype, pl.Boolean) else _categories(values)
        places = pl.select(pl.when(ranks > 0).then(ranks - 1)).to_series()
        columns[name] = known.gather(places)
    return pl.DataFrame([columns[name].alias(name) for name in names])
