"""CCLF1 and CCLF2: claims of CAH method II, RHC and FQHC -> claim lines; all else in them is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.cclf.delivered import RowsRead, read_rows
from qpcli.inputs.cclf.files import DeliveredSource
from qpcli.inputs.cclf.institutional_files import CLAIMS, LINES, ORPHAN, claims_plan, lines_plans, uses
from qpcli.inputs.codes import CAH_METHOD_II_REVENUE_CENTERS
from qpcli.inputs.marks import dollars
from qpcli.inputs.plan import SourcePlan, output_names
from qpcli.inputs.quality import LEFT_OUT_COUNT
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.prepared_lines import DELIVERY, PAYER
from qpcli.terms import Adjustment, Setting

_VERSION = "claim_version"
_FAMILY = ["bene_id", "claim_id"]
_SUM, _LINE_COUNT, _LINE_DELIVERY = "sum_cents", "line_count", "line_delivery"
_IS_RELIABLE, _IS_PROFESSIONAL = "is_reliable", "is_professional"
_TABLE = CLAIM_LINES.name


def read_institutional(
    headers: Sequence[DeliveredSource], lines: Sequence[DeliveredSource], options: ReadOptions, law: Law
) -> TableRead:
    """Claim lines, with DELIVERY and PAYER, out of CCLF1 (`headers`) and CCLF2; `tin` is null.

    Raises QP202, QP203, QP204, QP208 or QP213.
    """
    plans = [claims_plan(delivered, law) for delivered in headers]
    claims_read = read_rows(CLAIMS, plans, options, may_be_empty=True)
    known = uses(claims_read.frame, plans)
    line_plans = [plan for delivered in lines for plan in lines_plans(delivered, known)]
    lines_read = read_rows(LINES, line_plans, options, _counts, may_be_empty=True)
    claims, rows = _joined(claims_read.frame, lines_read.frame)
    frame = rows.filter(_IS_PROFESSIONAL).select(*output_names(CLAIM_LINES), DELIVERY, PAYER)
    delivered = _with_claims(lines_read.frame, claims).filter(_IS_PROFESSIONAL).height
    said = (*_said(claims_read, lines_read), *_findings(claims, rows), *_copies(delivered - frame.height))
    settled = (claims_read.settled, lines_read.settled)
    return TableRead(
        frame,
        tuple(file for one in settled for file in one.files),
        tuple(rejects for one in settled for rejects in one.rejects),
        (*(found for one in settled for found in one.findings), *said),
    )


def _counts(_plan: SourcePlan) -> list[pl.Expr]:
    return [pl.col(ORPHAN).sum().cast(pl.Int64).alias(ORPHAN)]


def _joined(claims: pl.DataFrame, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per version of a claim with what its lines add up to, and one per line, professional or not."""
    claims, lines = _latest(claims, _VERSION), _latest(lines, _VERSION, "line_number")
    sums = lines.group_by(_VERSION).agg(pl.col("paid_cents").sum().alias(_SUM), pl.len().alias(_LINE_COUNT))
    summed = claims.with_columns(claim_id=_claim_id()).join(sums, on=_VERSION, how="left")
    # What a cancellation takes back must be what the other version gave: a claim is trusted as a whole.
    judged = summed.with_columns(_adds_up().all().over(_FAMILY).alias(_IS_RELIABLE))
    return judged, _with_claims(lines, judged)


def _with_claims(lines: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Lines, each with its claim and what both give together."""
    return lines.rename({DELIVERY: _LINE_DELIVERY}).join(claims, on=_VERSION).with_columns(*_line_values())


def _latest(rows: pl.DataFrame, *key: str) -> pl.DataFrame:
    """The rows of each version's latest delivery, copies out, the same whatever the order of the files."""
    newest = rows.filter(pl.col(DELIVERY) == pl.col(DELIVERY).max().over(_VERSION))
    return newest.sort(newest.columns).unique(key, keep="last", maintain_order=True)


def _claim_id() -> pl.Expr:
    """The packet's key of a Part A claim beside the beneficiary; without a facility the version stands in."""
    return pl.coalesce(pl.concat_str("oscar", "from_date", "thru_date", separator="/"), _VERSION)


def _adds_up() -> pl.Expr:
    """Whether the lines give the claim's payment; a cancellation may be signed in one file and not in the other."""
    total, payment = pl.col(_SUM).fill_null(0), pl.col("payment_cents")
    return pl.when(_is_cancellation()).then(total.abs() == payment.abs()).otherwise(total == payment)


def _is_cancellation() -> pl.Expr:
    return pl.col("adjustment") == Adjustment.CANCELLATION.value


def _line_values() -> list[pl.Expr]:
    """The columns of claim lines that the line and its claim give together."""
    paid = pl.when(_is_cancellation()).then(pl.col("paid_cents").abs()).otherwise("paid_cents")
    is_fee = pl.col("revenue_center").str.zfill(4).str.head(3).is_in(CAH_METHOD_II_REVENUE_CENTERS).fill_null(False)
    return [
        pl.when(_IS_RELIABLE).then(paid).otherwise(0).alias("paid_cents"),
        pl.coalesce("line_date", "revenue_date", "from_date").alias("service_date"),
        pl.max_horizontal(DELIVERY, _LINE_DELIVERY).alias(DELIVERY),
        (is_fee | (pl.col("setting") != Setting.CAH_METHOD_II.value)).alias(_IS_PROFESSIONAL),
        pl.lit(None, dtype=pl.String).alias("tin"),
        *(pl.lit(0, dtype=pl.Int64).alias(name) for name in ("withheld_cents", "excluded_cents")),
    ]


def _said(claims: RowsRead, lines: RowsRead) -> Iterator[Finding]:
    """About rows of the files that give no claim line."""
    if count := claims.counts.get(LEFT_OUT_COUNT):
        words = "claims of CCLF1 that are of no RHC, FQHC or CAH method II"
        yield finding("rows_left_out", table=_TABLE, rule=words, count=count)
    if count := lines.counts.get(ORPHAN):
        words = "lines of CCLF2 whose claim is not in CCLF1"
        yield finding("rows_left_out", table=_TABLE, rule=words, count=count)


def _copies(count: int) -> Iterator[Finding]:
    if count:
        yield finding("duplicate_lines", table=_TABLE, count=count)


def _findings(claims: pl.DataFrame, rows: pl.DataFrame) -> Iterator[Finding]:
    if count := rows.filter(~pl.col(_IS_PROFESSIONAL)).height:
        yield finding("lines_not_used", table=_TABLE, rule="revenue center", count=count)
    if count := claims[_LINE_COUNT].null_count():
        words = "claims of CCLF1 without a line in CCLF2 give no claim line"
        yield finding("counted_for_record", table=_TABLE, rule=words, count=count)
    if count := claims["oscar"].null_count():
        words = "the facility's number is blank; CUR_CLM_UNIQ_ID stands in for the claim's id"
        yield finding("counted_for_record", table=_TABLE, rule=words, count=count)
    if count := rows.filter(pl.col(_IS_PROFESSIONAL) & pl.col("npi").is_null()).height:
        yield finding("blank_values", table=_TABLE, rule="npi", count=count)
    unreliable = claims.filter(~pl.col(_IS_RELIABLE))
    if unreliable.height:
        payment = pl.col("payment_cents")
        signed = pl.when(_is_cancellation()).then(-payment.abs()).otherwise(payment)
        amount = dollars(unreliable.select(signed.sum()).item())
        count = unreliable.select(pl.struct(_FAMILY).n_unique()).item()
        yield finding("institutional_amounts_unreliable", table=_TABLE, rule="paid_amount", count=count, amount=amount)
