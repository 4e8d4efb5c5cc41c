"""Lists in the forms that ACOs get them: a roster with title rows, and quarterly MSSP assignment reports."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import polars as pl

from qpcli.sample.market import MARKET
from qpcli.sample.mbis import mbi_in
from qpcli.sample.months import months_frame
from qpcli.sample.plan import SamplePlan
from qpcli.sample.workbook import workbook_bytes

_TITLES = ("ACO Participant List (synthetic)", "Nothing in it is anybody's", "")
_ROSTER_COLUMNS = {
    "ACO ID": "apm_entity_id",
    "Participant TIN": "tin",
    "Individual NPI": "npi",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Specialty": "specialty",
    "Effective Start Date": "start_date",
    "Effective End Date": "end_date",
    "List Type": "list_type",
}
_SHARED_SAVINGS = ("SYN-ACO-RETROSPECTIVE", "SYN-ACO-UPSIDE-ONLY")
"""APMs of the cast whose attribution the quarterly reports show."""
_QUARTERS = ((1, 3, 31, 4), (2, 6, 30, 7))
"""Quarter, month and day on which its list is in force, and the delivery of the feed whose ids it has."""
_WINDOW_BEGINS = {1: 4, 2: 7}
"""Month of the year before in which the twelve months of a quarter's window begin."""
_STAMPS = "D259999.T0930150"
_ARCHIVE_TIME = (9, 30, 14)


def with_aco_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with ids such as A9901 in place of SYN01, as the names of CMS's files have them."""
    return rows.with_columns(apm_entity_id=pl.concat_str(pl.lit("A99"), pl.col("apm_entity_id").str.tail(2)))


def write_roster(participants: pl.DataFrame, folder: Path) -> tuple[Path, Path]:
    """Write one list as CSV and as a workbook: titles, headings, days as MM/DD/YYYY."""
    names = pl.col("clinician_name").str.split_exact(" ", 1)
    rows = participants.with_columns(
        names.struct.field("field_0").alias("first_name"),
        names.struct.field("field_1").alias("last_name"),
        pl.col("start_date", "end_date").dt.to_string("%m/%d/%Y"),
    ).select(pl.col(name).alias(heading) for heading, name in _ROSTER_COLUMNS.items())
    titles = "".join(f'"{title}"\n' for title in _TITLES)
    table = [*((title,) for title in _TITLES), tuple(_ROSTER_COLUMNS), *rows.rows()]
    return (
        _write(folder / "Participant List.csv", (titles + rows.write_csv()).encode()),
        _write(folder / "Participant List.xlsx", workbook_bytes("Participant List", table)),
    )


def assignment_rows(listed: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """One row per person of an MSSP ACO and quarter in whose last days its list is in force, from attribution rows."""
    acos = [profile.entity_id[-2:] for profile in MARKET if profile.apm_id in _SHARED_SAVINGS]
    of_acos = listed.filter(pl.col("apm_entity_id").str.tail(2).is_in(acos) & ~pl.col("is_prospective"))
    return pl.concat([_of_quarter(of_acos, plan, quarter) for quarter in _QUARTERS])


def _of_quarter(listed: pl.DataFrame, plan: SamplePlan, quarter: tuple[int, int, int, int]) -> pl.DataFrame:
    number, month, day, delivery = quarter
    last_day = date(plan.performance_year, month, day)
    in_force = (pl.col("start_date") <= last_day) & (pl.col("end_date").is_null() | (pl.col("end_date") >= last_day))
    died = pl.when(pl.col("death_date") <= last_day).then("death_date")
    return (
        listed.filter(in_force)
        .join(_enrollment_flags(plan, number), on="situation", how="left", maintain_order="left")
        .select(
            "apm_entity_id",
            pl.lit(number).alias("quarter"),
            mbi_in(delivery).alias("bene_mbi_id"),
            pl.col("birth_date").dt.to_string("%m/%d/%Y").alias("bene_brth_dt"),
            died.dt.to_string("%m/%d/%Y").alias("bene_death_dt"),
            pl.lit("").alias("va_tin"),
            pl.lit("").alias("va_npi"),
            pl.lit("1").alias("assignment_type"),
            pl.lit("1").alias("asg_status"),
            pl.col("^enrollflag\\d+$"),
            died.is_not_null().cast(pl.Int8).alias("deceased_excluded"),
        )
    )


def _enrollment_flags(plan: SamplePlan, quarter: int) -> pl.DataFrame:
    """One row per situation: aged and not dual (4) in months with Part A and B, 0 without, blank when not known.

    Months before the year are as January.
    """
    has_both = pl.when("is_covered").then(pl.col("has_part_a") & pl.col("has_part_b")).otherwise(False)
    flags = (
        months_frame(plan.performance_year)
        .with_columns(flag=pl.when(has_both).then(4).when(~has_both).then(0))
        .pivot("month", index="situation", values="flag")
    )
    first = _WINDOW_BEGINS[quarter]
    shown = [month if month < first else 1 for month in (*range(first, 13), *range(1, first))]
    return flags.select(
        "situation", *[pl.col(str(month)).alias(f"enrollflag{number}") for number, month in enumerate(shown, start=1)]
    )


def write_assignment_reports(rows: pl.DataFrame, plan: SamplePlan, folder: Path) -> tuple[Path, ...]:
    """Write one archive per ACO and quarter with table 1-1 in it."""
    return tuple(
        _write(folder / name, _archive(f"{name}_1-1.csv", group.drop("apm_entity_id", "quarter"), plan))
        for (aco, quarter), group in rows.group_by("apm_entity_id", "quarter", maintain_order=True)
        for name in (f"P.{aco}.ACO.QALR.{plan.performance_year}Q{quarter}.{_STAMPS}",)
    )


def _archive(member: str, rows: pl.DataFrame, plan: SamplePlan) -> bytes:
    info = ZipInfo(member, (plan.performance_year, 1, 1, *_ARCHIVE_TIME))
    info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, 0o600 << 16, 3
    data = BytesIO()
    with ZipFile(data, "w") as archive:
        archive.writestr(info, rows.write_csv())
    return data.getvalue()


def _write(path: Path, data: bytes) -> Path:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(data)
    return path
