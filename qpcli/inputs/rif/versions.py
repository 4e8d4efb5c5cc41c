"""Rows that a later row of the same line replaces or deletes (DML_IND, in files of CMS's own system only)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from qpcli.inputs.faults import reading
from qpcli.inputs.fields import Fields
from qpcli.inputs.opened import ROW
from qpcli.inputs.sources import Source

_FILE = "file"


def current_versions(sources: Sequence[Source], *keys: str) -> tuple[list[Source], int]:
    """The sources without replaced and deleted rows, and how many rows that are.

    The order of files and of rows in them is the order of time. Files without UPDATE and DELETE rows cost one
    look at the column.
    """
    changing = [place for place, source in enumerate(sources) if Fields(source).name_of("DML_IND")]
    changes = [
        _rows(sources[place], place, keys).filter(pl.col("change").is_in(["UPDATE", "DELETE"])) for place in changing
    ]
    if not changes:
        return list(sources), 0
    with reading("claims"):
        touched = pl.concat(changes).select(keys).unique().collect(engine="streaming")
        if not touched.height:
            return list(sources), 0
        versions = pl.concat([_rows(source, place, keys) for place, source in enumerate(sources)])
        rows = versions.join(touched.lazy(), on=list(keys), nulls_equal=True).collect(engine="streaming")
    stale = _stale(rows, keys)
    return [_without(source, stale, place) for place, source in enumerate(sources)], stale.height


def _rows(source: Source, place: int, keys: Sequence[str]) -> pl.LazyFrame:
    fields = Fields(source)
    return source.scan(with_rows=True).select(
        pl.lit(place).alias(_FILE),
        pl.col(ROW).cast(pl.Int64),
        fields.text("DML_IND").str.to_uppercase().alias("change"),
        *(fields.text(key).alias(key) for key in keys),
    )


def _stale(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """All rows of a line but the last, and the last when it deletes."""
    in_time = rows.sort(_FILE, ROW)
    is_last = pl.struct(keys).is_last_distinct()
    return in_time.filter(~is_last | (pl.col("change") == "DELETE"))


def _without(source: Source, stale: pl.DataFrame, place: int) -> Source:
    return replace(source, skipped=tuple(stale.filter(pl.col(_FILE) == place)[ROW]))
