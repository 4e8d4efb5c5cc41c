"""Texts of a shard as numbers: few texts stand in millions of lines, and numbers are quicker to move and to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

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
_LARGEST_TABLE = 2**22
"""Values that are looked up in a table with a row for each that could be."""


@dataclass(frozen=True, slots=True)
class Coded:
    """The lines of a shard with their numbers, and what the numbers of each kind stand for, in their order."""

    lines: pl.DataFrame
    codes: Mapping[str, pl.DataFrame]


def with_enums(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the texts that many of them share as Enums, in which texts compare as they do by themselves.

    Where rows have become fewer since, an Enum loses the texts that none has any more.
    """
    return rows.with_columns(_as_enum(rows[name]) for names in CODES.values() for name in names if _is_text(rows[name]))


def _is_text(values: pl.Series) -> bool:
    return isinstance(values.dtype, pl.String | pl.Enum)


def _as_enum(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.String):
        return values.cast(enum_of(values.unique()))
    known, places = _categories(values), values.to_physical()
    is_used = pl.repeat(False, known.len(), eager=True).scatter(places.drop_nulls(), True)
    if values.name in _CHOICES or is_used.all():
        return values
    return known.cast(pl.Enum(known.filter(is_used)), strict=False).gather(places).alias(values.name)


def enum_of(distinct: pl.Series) -> pl.Enum:
    """The Enum of a column's distinct texts, null perhaps among them; of a column of choices always the same."""
    choices = _CHOICES.get(distinct.name)
    if choices is not None:
        return pl.Enum(sorted(choice.value for choice in choices))
    return pl.Enum(distinct.drop_nulls().sort())


def with_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with every Enum as the texts it stands for, quicker than a cast."""
    enums = [column for column in rows if isinstance(column.dtype, pl.Enum)]
    return rows.with_columns(
        _categories(column).gather(column.to_physical().cast(_NUMBER)).alias(column.name) for column in enums
    )


def coded(rows: pl.DataFrame) -> Coded:
    """Rows of `with_enums` with `person`, `biller`, `service` and `amount_cents`."""
    codes = {}
    lines = rows.with_columns(amount_cents=amount_cents())
    for kind, names in CODES.items():
        numbers, codes[kind] = _numbered(rows, names)
        lines = lines.with_columns(numbers.alias(_NUMBERS[kind]))
    return Coded(lines, codes)


def _numbered(rows: pl.DataFrame, names: Sequence[str]) -> tuple[pl.Series, pl.DataFrame]:
    """The place of each row's values among the distinct ones, and these."""
    if len(names) == 1:
        (name,) = names
        # Only values that there are have become categories.
        return rows[name].to_physical().cast(_NUMBER), pl.DataFrame({name: _categories(rows[name])})
    packed, sizes = pl.repeat(0, rows.height, dtype=pl.UInt64, eager=True), []
    for name in names:
        ranks, count = _ranks(rows[name])
        packed = packed * count + ranks
        sizes.append(count)
    # Neighbours are often alike.
    begins = (packed != packed.shift(1)).fill_null(True)
    begun = packed.filter(begins)
    distinct = begun.unique().sort()
    numbers = _places(begun, distinct, prod(sizes)).gather(begins.cum_sum() - 1)
    return numbers, _values(distinct, rows, names, sizes)


def _places(values: pl.Series, distinct: pl.Series, size: int) -> pl.Series:
    """The place of each value, less than `size`, among the distinct ones."""
    places = pl.int_range(distinct.len(), dtype=_NUMBER, eager=True)
    if size <= _LARGEST_TABLE:
        return pl.repeat(0, size, dtype=_NUMBER, eager=True).scatter(distinct, places).gather(values)
    table = pl.DataFrame({"value": distinct, "place": places})
    return values.to_frame("value").join(table, on="value", how="left", maintain_order="left")["place"]


def _ranks(values: pl.Series) -> tuple[pl.Series, int]:
    """The place of the text or truth among all, null last, and how many ranks there are."""
    count = len(_known(values))
    places = values.cast(pl.UInt64) if isinstance(values.dtype, pl.Boolean) else values.to_physical().cast(pl.UInt64)
    return places.fill_null(count) if values.null_count() else places, count + 1


def _known(values: pl.Series) -> pl.Series:
    """What there is beside null, in the order of its places."""
    return pl.Series([False, True]) if isinstance(values.dtype, pl.Boolean) else _categories(values)


def _categories(values: pl.Series) -> pl.Series:
    assert isinstance(values.dtype, pl.Enum)
    return values.dtype.categories


def _values(packed: pl.Series, rows: pl.DataFrame, names: Sequence[str], sizes: Sequence[int]) -> pl.DataFrame:
    columns: dict[str, pl.Series] = {}
    for name, size in zip(reversed(names), reversed(sizes), strict=True):
        ranks, packed = packed % size, packed // size
        known = _known(rows[name])
        columns[name] = known.gather(pl.select(pl.when(ranks < known.len()).then(ranks)).to_series())
    return pl.DataFrame([columns[name].alias(name) for name in names])
