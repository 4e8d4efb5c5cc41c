"""The claim lines of a sample as a payer files them: ids of versions, denial codes and codes of other payers."""

from __future__ import annotations

import polars as pl

from qpcli.sample.claims import CLAIMS_PER_BENEFICIARY
from qpcli.sample.lines import LINES_PER_CLAIM, REPEATED
from qpcli.sample.months import months_frame
from qpcli.sample.plan import SamplePlan
from qpcli.sample.randomness import stream_key
from qpcli.terms import Setting

PROFESSIONAL = Setting.PROFESSIONAL.value
_VERSION_START, _VERSION_STARTS = 1_000_000_000_000, 2_000_000_000_000
_VERSIONS_PER_CLAIM = 4

_PAID_CLAIM, _DENIED_CLAIM = ("1", "1", "1", "2", "6", "8", "A", "B"), ("0", "00", "D")
_DENIED_LINE = ("C", "N", "I", "D", "Z")
_OTHER_PAYERS = ("A", "B", "G", "D")
_REPROCESSED_EVERY = 25


def filed_lines(lines: pl.DataFrame, people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """The rows of claim_lines_frame with what a claim system adds to them.

    Adds claim, index, version, claim_code, line_code, payer_code and revenue_center. An institutional claim is
    denied as a whole and has one clinician, so for its lines is_denied holds only when it holds for all, and npi is
    the claim's. Another payer is named on professional lines only, in the months in which Medicare is secondary.
    """
    return (
        lines.with_columns(claim=pl.col("line") // LINES_PER_CLAIM)
        .with_columns(index=pl.col("claim") // CLAIMS_PER_BENEFICIARY, is_claim_denied=_of_claim("is_denied", "all"))
        .with_columns(version=_version(plan), is_professional=pl.col("setting") == PROFESSIONAL)
        .with_columns(
            npi=pl.when("is_professional").then("npi").otherwise(_of_claim("npi", "max")),
            is_denied=pl.when("is_professional").then("is_denied").otherwise("is_claim_denied"),
        )
        .pipe(_with_payer, people, plan)
        .with_columns(claim_code=_claim_code(), line_code=_line_code(), revenue_center=_revenue_center())
    )


def _of_claim(column: str, how: str) -> pl.Expr:
    value: pl.Expr = getattr(pl.col(column), how)()
    return value.over("claim")


def _version(plan: SamplePlan) -> pl.Expr:
    """Thirteen digits; a row delivered twice has the version it had."""
    start = _VERSION_START + stream_key(plan.seed, "claim versions") % _VERSION_STARTS
    visit = pl.col("claim") % CLAIMS_PER_BENEFICIARY
    number = pl.when(pl.col("delivery") == REPEATED).then(0).otherwise("delivery").cast(pl.UInt64)
    return pl.col("index") * CLAIMS_PER_BENEFICIARY + visit * _VERSIONS_PER_CLAIM + number + start


def _with_payer(lines: pl.DataFrame, people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """Add the code of the payer before Medicare, null for none."""
    secondary = months_frame(plan.performance_year).filter("is_medicare_secondary").select("situation", "month")
    months = people.select("index", "situation").join(secondary, on="situation").select("index", "month")
    in_year = pl.col("service_date").dt.year() == plan.performance_year
    return (
        lines.with_columns(month=pl.when(in_year & pl.col("is_professional")).then(pl.col("service_date").dt.month()))
        .join(months.with_columns(is_second=True), on=["index", "month"], how="left", maintain_order="left")
        .with_columns(payer_code=pl.when("is_second").then(_one_of(_OTHER_PAYERS, "index")))
        .drop("month", "is_second")
    )


def _claim_code() -> pl.Expr:
    """Two of three claims denied as a whole say so; the others, and claims denied in part, say it by line."""
    is_told = pl.col("is_claim_denied") & (pl.col("claim") % 3 != 2)
    return pl.when(is_told).then(_one_of(_DENIED_CLAIM, "index")).otherwise(_one_of(_PAID_CLAIM, "claim"))


def _line_code() -> pl.Expr:
    return (
        pl.when("is_denied")
        .then(_one_of(_DENIED_LINE, "line"))
        .when(pl.col("payer_code").is_not_null())
        .then(pl.lit("S"))
        .when(pl.col("line") % _REPROCESSED_EVERY == 0)
        .then(pl.lit("R"))
        .otherwise(pl.lit("A"))
    )


def _revenue_center() -> pl.Expr:
    """Professional fees at a critical access hospital, free-standing clinics, and a hospital's own clinic."""
    fees = _one_of(("0960", "0975", "0983"), "line")
    return (
        pl.when(pl.col("setting") == Setting.CAH_METHOD_II.value)
        .then(fees)
        .when(pl.col("setting").is_in([Setting.RHC.value, Setting.FQHC.value]))
        .then(pl.lit("0521"))
        .otherwise(pl.lit("0510"))
    )


def bill_type() -> tuple[pl.Expr, pl.Expr]:
    """Facility type and classification of an institutional claim; services of no use here are hospital outpatient."""
    digits = {Setting.CAH_METHOD_II.value: "85", Setting.RHC.value: "71", Setting.FQHC.value: "77"}
    both = pl.col("setting").replace_strict(digits, default="13", return_dtype=pl.String)
    return both.str.head(1), both.str.tail(1)


def _one_of(codes: tuple[str, ...], number: str) -> pl.Expr:
    """The code in turn by a whole number."""
    return pl.lit(pl.Series(codes, dtype=pl.String)).gather(pl.col(number) % len(codes))
