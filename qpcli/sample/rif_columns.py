"""The columns of a sample's research files: the ones that are read and a few that stand beside them."""

from __future__ import annotations

import polars as pl

from qpcli.sample.filed import bill_type
from qpcli.sample.months import MONTHS, buy_in_code, lives_in_the_us, months_frame
from qpcli.sample.records import plain_amount

_DAY = "%d-%b-%Y"
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEPT", "OCT", "NOV", "DEC")
_COUNTIES, _STATES = ("36001", "06037", "48201", "72127"), ("33", "05", "45", "40")
"""Counties by FIPS code, and their States by Social Security Administration code."""
_ABROAD = "57"


def carrier_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """One row per professional line."""
    return lines.select(
        **_changes("O"),
        NCH_CLM_TYPE_CD=pl.lit("71"),
        **_claim_days(),
        CARR_CLM_ENTRY_CD=pl.lit("1"),
        CLM_DISP_CD=pl.lit("01"),
        CARR_NUM=pl.lit("99099"),
        CARR_CLM_PMT_DNL_CD=pl.col("claim_code"),
        CARR_CLM_CNTL_NUM=pl.col("claim_id"),
        LINE_NUM=pl.col("line_number"),
        PRF_PHYSN_NPI=pl.col("npi"),
        TAX_NUM=pl.col("tin"),
        PRVDR_STATE_CD=pl.lit("33"),
        PRVDR_SPCLTY=pl.lit("11"),
        LINE_SRVC_CNT=pl.lit("1"),
        LINE_PLACE_OF_SRVC_CD=pl.lit("11"),
        LINE_1ST_EXPNS_DT=_day("service_date"),
        LINE_LAST_EXPNS_DT=_day("service_date"),
        HCPCS_CD=pl.col("hcpcs"),
        LINE_NCH_PMT_AMT=_amount("paid_amount"),
        LINE_BENE_PRMRY_PYR_CD=pl.col("payer_code").fill_null(" "),
        LINE_PRCSG_IND_CD=pl.col("line_code"),
        LINE_ICD_DGNS_CD=pl.lit("I10"),
    )


def outpatient_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """One row per institutional line."""
    facility, classification = bill_type()
    return lines.select(
        **_changes("W"),
        NCH_CLM_TYPE_CD=pl.lit("40"),
        **_claim_days(),
        PRVDR_NUM=pl.lit("999999"),
        CLM_FAC_TYPE_CD=facility,
        CLM_SRVC_CLSFCTN_TYPE_CD=classification,
        CLM_FREQ_CD=pl.lit("1"),
        CLM_MDCR_NON_PMT_RSN_CD=pl.when("is_denied").then(pl.lit("N")),
        NCH_PRMRY_PYR_CD=pl.lit(" "),
        AT_PHYSN_NPI=pl.col("npi"),
        CLM_MCO_PD_SW=pl.lit("0"),
        CLM_LINE_NUM=pl.col("line_number"),
        REV_CNTR=pl.col("revenue_center"),
        REV_CNTR_DT=_day("service_date"),
        HCPCS_CD=pl.col("hcpcs"),
        REV_CNTR_PMT_AMT_AMT=_amount("paid_amount"),
        RNDRNG_PHYSN_NPI=pl.col("npi"),
    )


def beneficiary_year(people: pl.DataFrame, year: int) -> pl.DataFrame:
    """One row per beneficiary with an enrollment record: codes of twelve months, none after the month of death."""
    months = _months(people, year)
    codes = months.pivot("month", index="index", values=["county", "buy_in", "managed_care"])
    last = months.group_by("index").agg(_state().last().alias("state"), _managed_care_months().alias("managed_months"))
    return (
        people.join(codes, on="index", maintain_order="left")
        .join(last, on="index", maintain_order="left")
        .select(
            DML_IND=pl.lit("INSERT"),
            BENE_ID=pl.col("bene_id"),
            STATE_CODE=pl.col("state"),
            BENE_BIRTH_DT=_day("birth_date"),
            BENE_SEX_IDENT_CD=pl.col("index") % 2 + 1,
            MBI_NUM=pl.col("bene_id"),
            DEATH_DT=_day("death_date"),
            RFRNC_YR=pl.lit(year),
            HMO_MO_CNT=pl.col("managed_months"),
            **{
                f"FIPS_STATE_CNTY_{name}_CD": pl.col(f"county_{m}")
                for m, name in zip(MONTHS, _MONTH_NAMES, strict=True)
            },
            **{f"MDCR_ENTLMT_BUYIN_{m}_IND": pl.col(f"buy_in_{m}") for m in MONTHS},
            **{f"HMO_{m}_IND": pl.col(f"managed_care_{m}") for m in MONTHS},
        )
    )


def _months(people: pl.DataFrame, year: int) -> pl.DataFrame:
    """One row per beneficiary and month with its codes, in order; a month without coverage is one at home."""
    is_alive = pl.col("death_date").is_null() | (pl.col("month") <= pl.col("death_date").dt.month())
    is_managed = pl.when("is_covered").then("is_managed_care").otherwise(False)
    fee_for_service = pl.when(pl.col("index") % 16 == 0).then(pl.lit("4")).otherwise(pl.lit("0"))
    managed_care = pl.when(is_managed).then(pl.lit("1")).when(~is_managed).then(fee_for_service)
    return (
        people.select("index", "situation", "death_date")
        .join(months_frame(year), on="situation", maintain_order="left_right")
        .with_columns(is_at_home=lives_in_the_us())
        .with_columns(
            county=pl.when(is_alive & pl.col("is_at_home")).then(_by_person(_COUNTIES)),
            buy_in=pl.when(is_alive).then(buy_in_code()),
            managed_care=pl.when(is_alive).then(managed_care),
        )
    )


def _state() -> pl.Expr:
    """The State of a month; null when the residence is not known."""
    return pl.when("is_at_home").then(_by_person(_STATES)).when(~pl.col("is_at_home")).then(pl.lit(_ABROAD))


def _managed_care_months() -> pl.Expr:
    """How many there are; null when that is not known of a month."""
    is_unknown = (pl.col("is_covered") & pl.col("is_managed_care").is_null()).any()
    return pl.when(~is_unknown).then((pl.col("managed_care") == "1").sum())


def _by_person(codes: tuple[str, ...]) -> pl.Expr:
    return pl.lit(pl.Series(codes, dtype=pl.String)).gather(pl.col("index") % len(codes))


def _changes(record_kind: str) -> dict[str, pl.Expr]:
    return {
        "DML_IND": pl.lit("INSERT"),
        "BENE_ID": pl.col("bene_id"),
        "CLM_ID": pl.col("claim_id"),
        "FINAL_ACTION": pl.lit("F"),
        "NCH_NEAR_LINE_REC_IDENT_CD": pl.lit(record_kind),
    }


def _claim_days() -> dict[str, pl.Expr]:
    return {
        "CLM_FROM_DT": _day("service_date"),
        "CLM_THRU_DT": _day("service_date"),
        "NCH_WKLY_PROC_DT": _day("processed_date"),
    }


def _day(column: str) -> pl.Expr:
    return pl.col(column).dt.to_string(_DAY)


def _amount(column: str) -> pl.Expr:
    """USD with two decimals."""
    cents = pl.col(column)
    sign = pl.when(cents < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, plain_amount(cents.abs()))
