"""What of a canonical sample an outside layout tells: the sample with everything else taken out.

Works on canonical tables alone, so that a run on it can be compared with a run on the sample's files in that layout.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from tests.sample.made import Sample

LAST_LOADED_MONTH = 3
"""The feed's last delivery, in April of the next year, holds what was loaded in March."""
LOAD_DAYS = 4
LINE = ["claim_id", "line_number"]
FACTS = ("has_part_a", "has_part_b", "is_managed_care", "is_medicare_secondary", "is_us_resident")


def told_by_rif(sample: Sample, folder: Path, year: int) -> Path:
    """The canonical tables of final lines, with coverage by month."""
    lines = _told_lines(sample.claim_lines).with_columns(withheld_amount=pl.lit(Decimal(0)))
    cancelled = lines.filter(pl.col("adjustment") == "cancellation").select(LINE).unique()
    standing = lines.filter(pl.col("adjustment") != "cancellation")
    final = pl.concat(
        [
            standing.filter(pl.col("adjustment") == "original").join(cancelled, on=LINE, how="anti"),
            standing.filter(pl.col("adjustment") == "replacement").with_columns(adjustment=pl.lit("original")),
        ]
    )
    return _written(sample, final, told_beneficiaries(sample, lines, year), folder)


def told_by_cclf(sample: Sample, folder: Path, year: int) -> Path:
    """The canonical tables of delivered lines with what CCLF says of coverage; entity ids as in the feed's lists."""
    lines = told_cclf_lines(sample, year)
    coverage = told_beneficiaries(sample, lines, year).with_columns(is_managed_care=pl.lit(False))
    joined = sample.beneficiaries.group_by("bene_id").agg(
        first_day=pl.col("start_date").fill_null(date.min).min().dt.month_start()
    )
    coverage = coverage.join(joined, on="bene_id").filter(pl.col("start_date") >= pl.col("first_day"))
    return _written(sample, lines, coverage, folder, entity_prefix="A99")


def told_cclf_lines(sample: Sample, year: int) -> pl.DataFrame:
    """The lines in the feed, each once: nothing is withheld from institutional ones."""
    is_professional = pl.col("setting") == "professional"
    withheld = pl.when(is_professional).then("withheld_amount").otherwise(pl.lit(Decimal(0)))
    last_day = date(year + 1, LAST_LOADED_MONTH, 31) - timedelta(days=LOAD_DAYS)
    return (
        _told_lines(sample.claim_lines)
        .filter(pl.col("processed_date") <= last_day)
        .with_columns(withheld_amount=withheld.cast(pl.Decimal(18, 2)))
    )


def _told_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """The distinct lines that are of use, institutional claims with one clinician and one denial."""
    is_professional = pl.col("setting") == "professional"
    return (
        lines.unique(maintain_order=True)
        .filter(pl.col("setting") != "other")
        .with_columns(
            npi=pl.when(is_professional).then("npi").otherwise(pl.col("npi").max().over("claim_id")),
            is_denied=pl.when(is_professional).then("is_denied").otherwise(pl.col("is_denied").all().over("claim_id")),
            excluded_amount=pl.lit(Decimal(0)).cast(pl.Decimal(18, 2)),
        )
    )


def told_beneficiaries(sample: Sample, lines: pl.DataFrame, year: int) -> pl.DataFrame:
    """One row per person with a record and month; Medicare is secondary where a professional line shows it.

    A month without a span is one without Part A and Part B. A code tells both together, so that one of them unknown
    leaves both unknown.
    """
    months = pl.concat([_facts_of_month(sample.beneficiaries, year, month) for month in range(1, 13)])
    seen = (
        lines.filter((pl.col("setting") == "professional") & (pl.col("service_date").dt.year() == year))
        .select("bene_id", start_date=pl.col("service_date").dt.month_start())
        .unique()
        .with_columns(is_seen=True)
    )
    is_known = pl.col("has_part_a").is_not_null() & pl.col("has_part_b").is_not_null()
    return (
        months.join(seen, on=["bene_id", "start_date"], how="left")
        .with_columns(
            is_medicare_secondary=(pl.col("is_medicare_secondary") & pl.col("is_seen")).fill_null(False),
            has_part_a=pl.when(is_known).then("has_part_a"),
            has_part_b=pl.when(is_known).then("has_part_b"),
        )
        .drop("is_seen")
    )


def _facts_of_month(spans: pl.DataFrame, year: int, month: int) -> pl.DataFrame:
    """One row per person: the spans on the month's first day, which must all be met."""
    first = date(year, month, 1)
    starts = pl.col("start_date").is_null() | (pl.col("start_date") <= first)
    ends = pl.col("end_date").is_null() | (pl.col("end_date") >= first)
    facts = (
        spans.filter(starts & ends)
        .group_by("bene_id")
        .agg(
            pl.col("has_part_a", "has_part_b", "is_us_resident").min(),
            pl.col("is_managed_care", "is_medicare_secondary").max(),
            is_covered=pl.lit(True),
        )
    )
    people = spans.group_by("bene_id").agg(pl.col("birth_date", "death_date").first())
    is_covered = pl.col("is_covered").fill_null(False)
    without = {"has_part_a": False, "has_part_b": False, "is_managed_care": False, "is_us_resident": True}
    return people.join(facts, on="bene_id", how="left").with_columns(
        *(pl.when(is_covered).then(name).otherwise(fact).alias(name) for name, fact in without.items()),
        start_date=pl.lit(first),
        end_date=pl.lit(first).dt.month_end(),
    )


def _written(
    sample: Sample, lines: pl.DataFrame, beneficiaries: pl.DataFrame, folder: Path, entity_prefix: str = "SYN"
) -> Path:
    folder.mkdir()
    lines.write_parquet(folder / "claim_lines.parquet")
    beneficiaries.select("bene_id", "birth_date", "death_date", "start_date", "end_date", *FACTS).write_parquet(
        folder / "beneficiaries.parquet"
    )
    for name in ("participants", "attribution", "entities"):
        rows: pl.DataFrame = getattr(sample, name)
        renamed = pl.col("apm_entity_id").str.replace("SYN", entity_prefix, literal=True)
        rows.with_columns(renamed).write_parquet(folder / f"{name}.parquet")
    return folder
