"""Coverage that the claims' own files leave open, filled by the enrollment flags of assignment lists."""

from __future__ import annotations

from datetime import date

import polars as pl

_PARTS = ("has_part_a", "has_part_b")
_SPAN, _MONTH = "span", "month"
_MONTH_KEY = ["bene_id", _MONTH]
_EVER, _FOR_EVER = date.min, date.max
_DAY = pl.duration(days=1)


def with_flags(people: pl.DataFrame, flags: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Beneficiaries with the parts that flags tell for months that people leave open, and how many months these are.

    A month is open where a span of the person does not say whether there was a part, and where no span holds any
    more. What a span says stands. `flags`: one row per person and month, in the columns of `coverage_months`.
    """
    spans, months = people.with_row_index(_SPAN), _months(flags)
    met = _met(spans, months)
    unknown = met.filter(pl.any_horizontal(pl.col(part).is_null() for part in _PARTS)).select(_SPAN, *months.columns)
    gaps = _gaps(spans, months.join(met, on=_MONTH_KEY, how="anti"))
    whole = spans.join(unknown, on=_SPAN, how="anti")
    cut = _cut(spans.join(unknown, on=_SPAN, how="semi"), unknown)
    filled = pl.concat([rows.select(people.columns) for rows in (whole, cut, gaps)])
    return filled.sort("bene_id", "start_date"), unknown.n_unique(_MONTH_KEY) + gaps.height


def _months(flags: pl.DataFrame) -> pl.DataFrame:
    """One row per person and month; of two ids that are one person's, one with the parts is enough."""
    parts = (pl.col(part).max().alias(f"told:{part}") for part in _PARTS)
    return flags.group_by("bene_id", pl.col("start_date").alias(_MONTH)).agg(*parts)


def _met(spans: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """One row per span and month of its person that have a day in common."""
    begins_in_time = pl.col("start_date").fill_null(_EVER) <= pl.col(_MONTH).dt.month_end()
    ends_in_time = pl.col("end_date").fill_null(_FOR_EVER) >= pl.col(_MONTH)
    return spans.join(months, on="bene_id").filter(begins_in_time & ends_in_time)


def _cut(spans: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """Spans cut at the first and after the last day of their months, in which the unknown parts are those told."""
    begins = months.join(spans.select(_SPAN, "start_date", "end_date"), on=_SPAN)
    after = pl.col(_MONTH).dt.month_end() + _DAY
    cuts = pl.concat(
        [
            spans.select(_SPAN, "start_date"),
            begins.select(_SPAN, start_date=pl.max_horizontal("start_date", _MONTH)),
            begins.filter((after <= pl.col("end_date")).fill_null(True)).select(_SPAN, start_date=after),
        ]
    )
    next_day = pl.col("start_date").shift(-1).over(_SPAN)
    pieces = cuts.unique().sort(_SPAN, "start_date").with_columns(next_day=next_day)
    told = pieces.with_columns(pl.col("start_date").dt.month_start().alias(_MONTH)).join(
        months.drop("bene_id"), on=[_SPAN, _MONTH], how="left"
    )
    whole = told.join(spans.drop("start_date"), on=_SPAN)
    return whole.with_columns(
        *(pl.coalesce(part, f"told:{part}").alias(part) for part in _PARTS),
        end_date=pl.coalesce(pl.col("next_day") - _DAY, "end_date"),
    )


def _gaps(spans: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """Months that no span holds, after the person's first one; what else is known is as it was in the last one before.

    Before the first one the person was not there, as the files tell.
    """
    begun = spans.with_columns(pl.col("start_date").fill_null(_EVER)).sort("start_date")
    before = months.sort(_MONTH).join_asof(
        begun, left_on=_MONTH, right_on="start_date", by="bene_id", check_sortedness=False
    )
    told = {part: pl.col(f"told:{part}") for part in _PARTS}
    gaps = before.filter(pl.col(_SPAN).is_not_null())
    return gaps.with_columns(**told, start_date=pl.col(_MONTH), end_date=pl.col(_MONTH).dt.month_end())
