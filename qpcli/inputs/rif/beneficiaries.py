"""Beneficiary years -> beneficiaries: one coverage span per month with a record."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.codes import BUY_IN_CODES, PART_A_CODES, PART_B_CODES, states_by_code
from qpcli.inputs.plan import output_names
from qpcli.inputs.rif.beneficiary_years import (
    BUY_IN,
    CONTRACT,
    COUNTY,
    MANAGED_CARE,
    MANAGED_CARE_MONTHS,
    MBI,
    MONTHS,
    STATE,
    month_column,
)
from qpcli.regulation.law import Law
from qpcli.tables.beneficiaries import BENEFICIARIES, UNITED_STATES

_NO_CONTRACT = ("N", "0")


def beneficiaries(
    records: pl.DataFrame, crosswalk: pl.DataFrame, payer_months: pl.DataFrame, law: Law
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """One row per person and month with a record, out of beneficiary years as delivered.

    `crosswalk`: one row per old id (bene_id, current_bene_id). `payer_months`: one row per current id and first day
    of a month in which another payer came before Medicare.
    """
    years = records.join(crosswalk, on="bene_id", how="left").with_columns(
        pl.coalesce("current_bene_id", "bene_id").alias("bene_id")
    )
    spans = _spans(years, law)
    is_secondary = payer_months.select("bene_id", "start_date", pl.lit(True).alias("is_medicare_secondary"))
    frame = spans.join(is_secondary, on=["bene_id", "start_date"], how="left").with_columns(
        pl.col("is_medicare_secondary").fill_null(False)
    )
    people = payer_months["bene_id"].n_unique()
    return frame.select(output_names(BENEFICIARIES)), tuple(_findings(years, spans, people))


def _spans(years: pl.DataFrame, law: Law) -> pl.DataFrame:
    """One row per beneficiary and month up to the last month of the year that has a code."""
    last_month = pl.max_horizontal(pl.when(_is_filled(month)).then(month) for month in MONTHS)
    dated = years.with_columns(last_month.alias("last_month"))
    months = [
        dated.filter(pl.col("last_month") >= month).select(
            "bene_id",
            "birth_date",
            "death_date",
            pl.date("reference_year", month, 1).alias("start_date"),
            pl.date("reference_year", month, 1).dt.month_end().alias("end_date"),
            *_part_facts(month),
            *_plan_facts(month, law),
            _is_us_resident(month),
        )
        for month in MONTHS
    ]
    return pl.concat(months)


def _code(what: str, month: int) -> pl.Expr:
    return pl.col(month_column(what, month))


def _is_filled(month: int) -> pl.Expr:
    return _code(BUY_IN, month).is_not_null() | _code(MANAGED_CARE, month).is_not_null()


def _part_facts(month: int) -> list[pl.Expr]:
    """Part A and B by the buy-in code; null for a blank or an unknown one."""
    code = _code(BUY_IN, month)
    known = pl.when(code.is_in(BUY_IN_CODES))
    return [
        known.then(code.is_in(PART_A_CODES)).alias("has_part_a"),
        known.then(code.is_in(PART_B_CODES)).alias("has_part_b"),
    ]


def _plan_facts(month: int, law: Law) -> list[pl.Expr]:
    """Managed care by the HMO code; a blank one is none in a year without HMO months, else unknown."""
    code = _code(MANAGED_CARE, month)
    free_codes = [free.strip().upper() for free in law.assumed("rif_fee_for_service_hmo_codes").split(",")]
    has_no_months = pl.col(MANAGED_CARE_MONTHS).cast(pl.Int64, strict=False) == 0
    is_managed = pl.when(code.is_not_null()).then(~code.is_in(free_codes)).when(has_no_months).then(False)
    has_contract = ~_code(CONTRACT, month).is_in(_NO_CONTRACT).fill_null(True)
    is_silent = code.is_null() | code.is_in(free_codes)
    return [is_managed.alias("is_managed_care"), (has_contract & is_silent).alias("has_contract_without_hmo")]


def _is_us_resident(month: int) -> pl.Expr:
    """By the county's State in the month, else by the State of the year; unknown codes are unknown."""
    by_county = _code(COUNTY, month).str.head(2).replace_strict(states_by_code("fips"), default=None)
    by_number = pl.col(STATE).str.zfill(2).replace_strict(states_by_code("ssa"), default=None)
    by_letters = pl.when(pl.col(STATE).str.contains("^[A-Z]{2}$")).then(pl.col(STATE))
    state = pl.coalesce(by_county, by_number, by_letters)
    return state.is_in(UNITED_STATES).alias("is_us_resident")


def _findings(years: pl.DataFrame, spans: pl.DataFrame, secondary_people: int) -> Iterator[Finding]:
    table = BENEFICIARIES.name
    yield finding("msp_from_lines", table=table, rule="is_medicare_secondary", count=secondary_people)
    if count := int(spans["has_contract_without_hmo"].sum()):
        yield finding("part_c_contract_without_hmo", table=table, rule="is_managed_care", count=count)
    people_by_mbi = years.filter(pl.col(MBI).is_not_null()).group_by(MBI).agg(pl.col("bene_id").n_unique())
    if shared := people_by_mbi.filter(pl.col("bene_id") > 1).height:
        yield finding("shared_mbi", table=table, rule="mbi", count=shared)
