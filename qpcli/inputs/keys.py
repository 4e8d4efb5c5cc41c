"""Tables with a key: of several good rows with one key the first counts, the others are bad rows."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qpcli.inputs.faults import reading
from qpcli.inputs.opened import ROW
from qpcli.inputs.plan import IS_BAD, SourcePlan, output_names
from qpcli.inputs.rejects import FileRejects, RejectCount

_FILE = "__file__"


def first_rows(plans: Sequence[SourcePlan]) -> tuple[pl.DataFrame, tuple[FileRejects, ...]]:
    """The first good row of each key in the order of files and rows, and the rejected others by file."""
    table = plans[0].table
    numbered = [
        (file.file, frame) for plan in plans for file, frame in zip(plan.source.files, plan.with_rows(), strict=True)
    ]
    with reading(table.name):
        rows = pl.concat([_good(frame, place, table.column_names) for place, (_, frame) in enumerate(numbered)])
    is_first = rows.select(pl.struct(table.keys).is_first_distinct()).to_series()
    rejects = []
    for place, (file, _) in enumerate(numbered):
        again = rows.filter(~is_first, pl.col(_FILE) == place)[ROW].to_list()
        if again:
            words = f"an {table.keys[0]} that an earlier row has"
            rejects.append(
                FileRejects(file, len(again), (RejectCount("duplicate_entity", words, len(again), tuple(again)),))
            )
    return rows.filter(is_first).select(output_names(table)), tuple(rejects)


def _good(frame: pl.LazyFrame, place: int, names: Sequence[str]) -> pl.DataFrame:
    good = frame.filter(~pl.col(IS_BAD)).select(pl.col(ROW).cast(pl.Int64), *names)
    return good.with_columns(pl.lit(place).alias(_FILE)).collect(engine="streaming").sort(ROW)
