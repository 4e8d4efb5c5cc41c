"""Rows sorted by many keys: by one whole number made of those with few values, by the others where rows share it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_LARGEST = 2**63
_KEY, _PLACE = "__key__", "__place__"


def in_order(rows: pl.DataFrame, leading: Sequence[str], others: Sequence[str]) -> pl.DataFrame:
    """Rows as `sort` puts them, by `leading`, keys that have far fewer values than there are rows, then `others`."""
    packed, left = _packed(rows, leading)
    order = packed.arg_sort()
    in_turn = packed.gather(order)
    repeats = in_turn == in_turn.shift(1, fill_value=_LARGEST)
    is_shared = repeats | repeats.shift(-1, fill_value=False)
    if is_shared.any():
        places = order.filter(is_shared)
        order = order.scatter(is_shared.arg_true(), _by_keys(rows, places, packed, [*left, *others]))
    # Columns without any value are many in some layouts, and are in any order already.
    moved = [column.name for column in rows if column.null_count() < rows.height]
    return rows.with_columns(rows.select(moved)[order])


def _by_keys(rows: pl.DataFrame, places: pl.Series, packed: pl.Series, keys: Sequence[str]) -> pl.Series:
    """Some places of rows, in the order of their rows."""
    shared = rows.select(keys)[places].with_columns(packed.gather(places).alias(_KEY), places.alias(_PLACE))
    return shared.sort([_KEY, *keys])[_PLACE]


def _packed(rows: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.Series, Sequence[str]]:
    """As many keys as one number holds, smaller where a sort puts the row before; and the keys left."""
    packed, size = pl.repeat(0, rows.height, dtype=pl.UInt64, eager=True), 1
    for number, key in enumerate(keys):
        ranks, count = _ranks(rows[key])
        if size * count > _LARGEST:
            return packed, keys[number:]
        packed, size = packed * count + ranks, size * count
    return packed, ()


def _ranks(values: pl.Series) -> tuple[pl.Series, int]:
    """The rank of each value among the distinct ones, 0 for null, and how many ranks there are."""
    if isinstance(values.dtype, pl.Boolean):
        values = values.cast(pl.UInt8)
    places, count = _places(values)
    ranks = places.cast(pl.UInt64) + 1
    return ranks.set(values.is_null(), 0) if values.null_count() else ranks, count + 1


def _places(values: pl.Series) -> tuple[pl.Series, int]:
    """The place of each value among those that there are, and how many these are; Enums have theirs."""
    if isinstance(values.dtype, pl.Enum):
        return values.to_physical(), values.dtype.categories.len()
    distinct = values.drop_nulls().unique().sort()
    is_text = isinstance(values.dtype, pl.String)
    places = values.cast(pl.Enum(distinct)).to_physical() if is_text else distinct.search_sorted(values)
    return places, distinct.len()
