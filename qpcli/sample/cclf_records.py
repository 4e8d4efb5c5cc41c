"""The records of a claim and claim line feed (CCLF): claims, withheld amounts, people and old ids as text."""

from __future__ import annotations

import polars as pl

from qpcli.sample.filed import bill_type
from qpcli.sample.months import buy_in_code, lives_in_the_us
from qpcli.sample.records import amount, plain_amount, record, zero_filled
from qpcli.terms import Adjustment

TEXT = "text"
"""The one column of a frame of records."""

_ADJUSTMENTS = {Adjustment.ORIGINAL.value: "0", Adjustment.CANCELLATION.value: "1", Adjustment.REPLACEMENT.value: "2"}
_DISPOSITIONS = {
    Adjustment.ORIGINAL.value: "01",
    Adjustment.CANCELLATION.value: "03",
    Adjustment.REPLACEMENT.value: "02",
}
_FREQUENCIES = {Adjustment.ORIGINAL.value: "1", Adjustment.CANCELLATION.value: "8", Adjustment.REPLACEMENT.value: "7"}
_AMOUNT_FORMS = 17
_SUPPLIES_EVERY, _OTHER_NPI_EVERY, _OLD_NPI_EVERY, _PLAIN_REPLACEMENT_EVERY = 50, 200, 41, 4
_STATES = (("36", "NY"), ("06", "CA"), ("48", "TX"), ("72", "PR"))
_ABROAD = "ZZ"


def physician_lines(lines: pl.DataFrame, *, other_npi: str) -> pl.DataFrame:
    """CCLF5, one record per professional line; `other_npi` is what PECOS says of a few lines."""
    claim_npi = pl.when(pl.col("line") % _OLD_NPI_EVERY != 0).then("npi")
    pecos_npi = pl.when(_is_every(_OTHER_NPI_EVERY, 1) & claim_npi.is_not_null()).then(pl.lit(other_npi))
    values = {
        **_keys(),
        **_dates(),
        "RNDRG_PRVDR_TYPE_CD": pl.lit("0"),
        "RNDRG_PRVDR_FIPS_ST_CD": pl.lit("36"),
        "CLM_PRVDR_SPCLTY_CD": pl.lit("11"),
        "CLM_FED_TYPE_SRVC_CD": pl.lit("1"),
        "CLM_POS_CD": pl.lit("11"),
        "CLM_LINE_FROM_DT": _day("service_date"),
        "CLM_LINE_THRU_DT": _day("service_date"),
        "CLM_LINE_HCPCS_CD": pl.col("hcpcs"),
        "CLM_LINE_CVRD_PD_AMT": _paid_in_some_form(),
        "CLM_LINE_PRMRY_PYR_CD": pl.col("payer_code"),
        "CLM_LINE_DGNS_CD": pl.lit("I10"),
        "CLM_RNDRG_PRVDR_TAX_NUM": pl.col("tin"),
        "RNDRG_PRVDR_NPI_NUM": pl.coalesce(pecos_npi, "npi"),
        "CLM_CARR_PMT_DNL_CD": pl.col("claim_code"),
        "CLM_PRCSG_IND_CD": pl.col("line_code"),
        **_adjustment(),
        "CLM_CNTL_NUM": pl.col("claim_id"),
        "CLM_LINE_ALOWD_CHRG_AMT": amount((pl.col("paid_amount") + pl.col("withheld_amount")) * 5 // 4, 17),
        "CLM_LINE_SRVC_UNIT_QTY": pl.lit("1.0000").str.pad_start(24),
        "CLM_DISP_CD": _told(_DISPOSITIONS),
        "DGNS_PRCDR_ICD_IND": pl.lit("0"),
        "CLM_RNDRG_PRVDR_NPI_NUM": claim_npi,
        "CLM_CNTRCTR_NUM": pl.lit("99099"),
    }
    return lines.select(record("CCLF5", values).alias(TEXT))


def reductions(lines: pl.DataFrame) -> pl.DataFrame:
    """CCLFB, one record per record of CCLF5: what would have been paid, and what of it was withheld."""
    values = {
        **_keys(),
        "CLM_LINE_NGACO_CPTATN_SW": pl.when(pl.col("withheld_amount") != 0).then(pl.lit("Y")),
        "CLM_PBP_INCLSN_AMT": amount(pl.col("paid_amount") + pl.col("withheld_amount"), 15),
        "CLM_PBP_RDCTN_AMT": amount(pl.col("withheld_amount"), 15),
        "CLM_MDCR_DDCTBL_AMT": amount(pl.lit(0), 19),
        "CLM_SQSTRTN_RDCTN_AMT": amount(pl.col("paid_amount") // 49, 15),
    }
    return lines.select(record("CCLFB", values).alias(TEXT))


def institutional_claims(lines: pl.DataFrame) -> pl.DataFrame:
    """CCLF1, one record per version of a claim and delivery of it; a cancellation is not signed."""
    claims = lines.group_by("version", "delivery", maintain_order=True).agg(
        pl.exclude("version", "delivery", "paid_amount").first(), _unsigned_paid().sum().alias("paid_amount")
    )
    facility, classification = bill_type()
    values = {
        "CUR_CLM_UNIQ_ID": pl.col("version").cast(pl.String),
        "PRVDR_OSCAR_NUM": _oscar_number(),
        "BENE_MBI_ID": pl.col("filed_id"),
        "CLM_TYPE_CD": pl.lit("40"),
        **_dates(),
        "CLM_BILL_FAC_TYPE_CD": facility,
        "CLM_BILL_CLSFCTN_CD": classification,
        "PRNCPL_DGNS_CD": pl.lit("I10"),
        "CLM_MDCR_NPMT_RSN_CD": pl.when("is_denied").then(pl.lit("N")),
        "CLM_PMT_AMT": amount(pl.col("paid_amount"), 17),
        "PRVDR_FAC_FIPS_ST_CD": pl.lit("36"),
        "ATNDG_PRVDR_NPI_NUM": pl.col("npi"),
        **_adjustment(),
        "CLM_BILL_FREQ_CD": _told(_FREQUENCIES),
        "DGNS_PRCDR_ICD_IND": pl.lit("0"),
        "CLM_BLG_PRVDR_OSCAR_NUM": _oscar_number(),
        "CLM_ATNDG_PRVDR_NPI_NUM": pl.col("npi"),
        "CLM_CNTL_NUM": pl.col("claim_id"),
        "CLM_CNTRCTR_NUM": pl.lit("99099"),
    }
    return claims.select(record("CCLF1", values).alias(TEXT))


def revenue_centers(lines: pl.DataFrame) -> pl.DataFrame:
    """CCLF2, one record per institutional line."""
    values = {
        **_keys(),
        "CLM_TYPE_CD": pl.lit("40"),
        **_dates(),
        "CLM_LINE_FROM_DT": _day("service_date"),
        "CLM_LINE_THRU_DT": _day("service_date"),
        "CLM_LINE_PROD_REV_CTR_CD": pl.col("revenue_center"),
        "CLM_LINE_INSTNL_REV_CTR_DT": _day("service_date"),
        "CLM_LINE_HCPCS_CD": pl.col("hcpcs"),
        "PRVDR_OSCAR_NUM": _oscar_number(),
        "CLM_LINE_SRVC_UNIT_QTY": pl.lit("1.0000").str.pad_start(24),
        "CLM_LINE_CVRD_PD_AMT": amount(_unsigned_paid(), 17),
        "CLM_FAC_PRVDR_OSCAR_NUM": _oscar_number(),
    }
    return lines.select(record("CCLF2", values).alias(TEXT))


def demographics(people: pl.DataFrame) -> pl.DataFrame:
    """CCLF8, one record per person with the facts of a month; dates of birth and death where known by then."""
    state = [pl.lit(pl.Series([codes[place] for codes in _STATES])).gather(pl.col("index") % 4) for place in (0, 1)]
    is_at_home = lives_in_the_us()
    values = {
        "BENE_MBI_ID": pl.col("filed_id"),
        "BENE_FIPS_STATE_CD": pl.when(is_at_home).then(state[0]),
        "BENE_FIPS_CNTY_CD": pl.when(is_at_home).then(pl.lit("001")),
        "BENE_DOB": _day("birth_date"),
        "BENE_SEX_CD": (pl.col("index") % 2 + 1).cast(pl.String),
        "BENE_RACE_CD": pl.lit("0"),
        "BENE_MDCR_STUS_CD": pl.lit("10"),
        "BENE_DUAL_STUS_CD": pl.lit("NA"),
        "BENE_DEATH_DT": _day("known_death_date"),
        "BENE_1ST_NAME": pl.lit("SYNTHETIC"),
        "BENE_LAST_NAME": pl.lit("PERSON"),
        "BENE_ORGNL_ENTLMT_RSN_CD": pl.lit("0"),
        "BENE_ENTLMT_BUYIN_IND": buy_in_code(),
        "BENE_PART_A_ENRLMT_BGN_DT": pl.when("has_part_a").then(_day("entitled_from")),
        "BENE_PART_B_ENRLMT_BGN_DT": pl.when("has_part_b").then(_day("entitled_from")),
        "BENE_LINE_1_ADR": pl.lit('1 "SAMPLE" LANE'),
        "GEO_ZIP_PLC_NAME": pl.lit("NOWHERE"),
        "GEO_USPS_STATE_CD": pl.when(is_at_home).then(state[1]).when(~is_at_home).then(pl.lit(_ABROAD)),
    }
    return people.select(record("CCLF8", values).alias(TEXT))


def old_ids(links: pl.DataFrame, *, obsolete_on: str) -> pl.DataFrame:
    """CCLF9, one record per old id and the one that replaced it."""
    values = {
        "HICN_MBI_XREF_IND": pl.lit("M"),
        "CRNT_NUM": pl.col("current_id"),
        "PRVS_NUM": pl.col("old_id"),
        "PRVS_ID_EFCTV_DT": pl.lit("2018-05-01"),
        "PRVS_ID_OBSLT_DT": pl.lit(obsolete_on),
    }
    return links.select(record("CCLF9", values).alias(TEXT))


def _keys() -> dict[str, pl.Expr]:
    claim_type = pl.when(pl.col("claim") % _SUPPLIES_EVERY == 0).then(pl.lit("72")).otherwise(pl.lit("71"))
    return {
        "CUR_CLM_UNIQ_ID": pl.col("version").cast(pl.String),
        "CLM_LINE_NUM": zero_filled(pl.col("line_number"), 10),
        "BENE_MBI_ID": pl.col("filed_id"),
        "CLM_TYPE_CD": claim_type,
    }


def _dates() -> dict[str, pl.Expr]:
    return {"CLM_FROM_DT": _day("service_date"), "CLM_THRU_DT": _day("service_date")}


def _adjustment() -> dict[str, pl.Expr]:
    """A replacement is told by its code or, as also occurs, only by coming after the cancellation."""
    is_plain = (pl.col("adjustment") == Adjustment.REPLACEMENT.value) & _is_every(_PLAIN_REPLACEMENT_EVERY, 1)
    return {
        "CLM_ADJSMT_TYPE_CD": pl.when(is_plain).then(pl.lit("0")).otherwise(_told(_ADJUSTMENTS)),
        "CLM_EFCTV_DT": _day("processed_date"),
        "CLM_IDR_LD_DT": _day("loaded_date"),
    }


def _told(codes: dict[str, str]) -> pl.Expr:
    return pl.col("adjustment").replace_strict(codes, return_dtype=pl.String)


def _is_every(number: int, rest: int) -> pl.Expr:
    return pl.col("claim") % number == rest


def _paid_in_some_form() -> pl.Expr:
    """The forms in which the feed is seen: mostly as documented, at times shifted or without zeros."""
    paid, form = pl.col("paid_amount"), pl.col("line") % _AMOUNT_FORMS
    documented = amount(paid, 15)
    return (
        pl.when(paid < 0)
        .then(documented)
        .when(form == 1)
        .then(documented.str.strip_chars_start())
        .when(form == 2)
        .then(plain_amount(paid).str.pad_start(15))
        .when(form == 3)
        .then(plain_amount(paid))
        .otherwise(documented)
    )


def _unsigned_paid() -> pl.Expr:
    paid = pl.col("paid_amount")
    return pl.when(pl.col("adjustment") == Adjustment.CANCELLATION.value).then(paid.abs()).otherwise(paid)


def _oscar_number() -> pl.Expr:
    """A facility of no State; its number keeps apart the claims of one person on one day."""
    return pl.concat_str(pl.lit("99"), pl.col("claim_id").str.tail(4))


def _day(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String)
