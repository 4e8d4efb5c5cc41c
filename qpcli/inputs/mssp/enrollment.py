"""Months with Part A and Part B by the enrollment flags of assignment lists, for months that no other file fills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.mssp.assigned import FLAGS
from qpcli.tables.beneficiaries import BENEFICIARIES

_ENROLLED = ("1", "2", "3", "4")
_NOT_ENROLLED = "0"
_FLAG, _ORDER = "flag", "order"


def coverage_months(lists: Sequence[tuple[pl.DataFrame, Sequence[date]]]) -> tuple[pl.DataFrame, list[Finding]]:
    """One row per person and month with a known flag; of several lists about a month the last of `lists` counts.

    `lists` are the people of each list with the first days of its twelve months. The columns are those of
    beneficiaries that the lists know: bene_id, birth_date, death_date, start_date, end_date, has_part_a, has_part_b.
    A flag other than 0 to 4 is unknown: counted, and no row.
    """
    flags = pl.concat([_nobody(), *(_flags(people, months, order) for order, (people, months) in enumerate(lists))])
    known = flags.filter(pl.col(_FLAG).is_in([*_ENROLLED, _NOT_ENROLLED]))
    newest = known.sort(_ORDER, maintain_order=True).unique(["bene_id", "start_date"], keep="last", maintain_order=True)
    has_both = pl.col(_FLAG).is_in(_ENROLLED)
    months = newest.select(
        "bene_id",
        "birth_date",
        "death_date",
        "start_date",
        pl.col("start_date").dt.month_end().alias("end_date"),
        has_both.alias("has_part_a"),
        has_both.alias("has_part_b"),
    ).sort("bene_id", "start_date")
    unknown = flags.filter(pl.col(_FLAG).is_not_null()).height - known.height
    rule = "an enrollflag other than 0 to 4, taken as unknown"
    found = [finding("counted_for_record", table=BENEFICIARIES.name, rule=rule, count=unknown)] if unknown else []
    return months, found


def _nobody() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "bene_id": pl.String(),
            "birth_date": pl.Date(),
            "death_date": pl.Date(),
            "start_date": pl.Date(),
            _FLAG: pl.String(),
            _ORDER: pl.Int64(),
        }
    )


def _flags(people: pl.DataFrame, months: Sequence[date], order: int) -> pl.DataFrame:
    """One row per person and month."""
    return pl.concat(
        people.select(
            "bene_id",
            "birth_date",
            "death_date",
            pl.lit(month).alias("start_date"),
            # A spreadsheet may have made a number of the flag.
            pl.col(flag).str.replace(r"\.0+$", "").alias(_FLAG),
            pl.lit(order, dtype=pl.Int64).alias(_ORDER),
        )
        for flag, month in zip(FLAGS, months, strict=True)
    )
