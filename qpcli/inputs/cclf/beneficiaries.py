"""CCLF8 records -> beneficiaries: what each delivery says of a person, held until the next one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.cclf.delivered import DELIVERY_COLUMN, delivery_column, read_rows
from qpcli.inputs.cclf.files import DeliveredSource
from qpcli.inputs.codes import BUY_IN_CODES, PART_A_CODES, PART_B_CODES, states_by_code
from qpcli.inputs.fields import Fields
from qpcli.inputs.parse import RAW, VALUE, ParsedColumn
from qpcli.inputs.plan import SourcePlan, make_plan, output_names
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.beneficiaries import BENEFICIARIES, UNITED_STATES
from qpcli.tables.schema import Column, Kind, Table

RECORDS = Table(
    name="beneficiaries",
    grain="One row per delivery and person, as delivered.",
    columns=(
        DELIVERY_COLUMN,
        Column("bene_id", Kind.TEXT, "Beneficiary as delivered.", is_required=True, may_be_blank=False),
        Column("birth_date", Kind.DATE, "Date of birth.", is_required=True),
        Column("death_date", Kind.DATE, "Date of death."),
        Column("buy_in", Kind.TEXT, "Entitlement and buy-in code of the delivery's month.", is_required=True),
        Column("part_a_begin", Kind.DATE, "First day of Part A."),
        Column("part_b_begin", Kind.DATE, "First day of Part B."),
        Column("state", Kind.TEXT, "Postal code of the State."),
    ),
)
_FIELDS = {
    "bene_id": ("BENE_MBI_ID",),
    "birth_date": ("BENE_DOB",),
    "death_date": ("BENE_DEATH_DT",),
    "part_a_begin": ("BENE_PART_A_ENRLMT_BGN_DT",),
    "part_b_begin": ("BENE_PART_B_ENRLMT_BGN_DT",),
}
_FACTS = ["has_part_a", "has_part_b", "is_us_resident"]
_SECONDARY = "is_medicare_secondary"
_EVER = date.min
"""Stands for an open start until the end of the work."""
_UNDATED = date(2100, 12, 1)
_DAY = pl.duration(days=1)


def read_records(sources: Sequence[DeliveredSource], options: ReadOptions) -> TableRead:
    """Reads every CCLF8 in the columns of RECORDS; names and addresses are never taken.

    Raises QP202, QP203, QP204, QP208 or QP213.
    """
    return read_rows(RECORDS, [_plan(delivered) for delivered in sources], options).as_table()


def _plan(delivered: DeliveredSource) -> SourcePlan:
    fields = Fields(delivered.source)
    columns = [fields.column(RECORDS.column(name), *names) for name, names in _FIELDS.items()]
    buy_in = fields.code("buy_in", fields.required("BENE_ENTLMT_BUYIN_IND"))
    helpers = (delivery_column(delivered.delivery), buy_in, _state(fields))
    return make_plan(RECORDS, delivered.source, (*columns, *helpers))


def _state(fields: Fields) -> ParsedColumn:
    """The postal code, else that of the FIPS code (which may have lost its zero)."""
    postal = fields.text("GEO_USPS_STATE_CD").str.to_uppercase()
    by_letters = pl.when(postal.str.contains("^[A-Z]{2}$")).then(postal)
    number = fields.text("BENE_FIPS_STATE_CD").str.zfill(2)
    by_number = number.replace_strict(states_by_code("fips"), default=None, return_dtype=pl.String)
    state = pl.coalesce(by_letters, by_number)
    value = pl.col(RAW + "state").alias(VALUE + "state")
    return ParsedColumn("state", state.alias(RAW + "state"), value, pl.col(VALUE + "state").alias("state"))


def beneficiaries(
    records: pl.DataFrame, crosswalk: pl.DataFrame, payer_months: pl.DataFrame, law: Law
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """One row per person (current id) and coverage span, in the columns of beneficiaries.

    `records` as `read_records` gives them, in any order, copies and all. `crosswalk`: one row per former id.
    `payer_months`: one row per bene_id (current) and start_date of a month with another payer first.
    """
    known = _in_time(records, crosswalk)
    spans = _merged(_with_secondary(_spans(known, law), payer_months))
    frame = spans.join(_dates(known), on="bene_id").with_columns(
        start_date=pl.when(pl.col("start_date") > _EVER).then("start_date"),
        is_managed_care=pl.lit(False if law.assumed("cclf_managed_care") == "assume_false" else None, pl.Boolean),
    )
    people = payer_months["bene_id"].n_unique()
    secondary = finding("msp_from_lines", table=BENEFICIARIES.name, rule=_SECONDARY, count=people)
    return frame.select(output_names(BENEFICIARIES)), (secondary,)


def _in_time(records: pl.DataFrame, crosswalk: pl.DataFrame) -> pl.DataFrame:
    """The records under current ids with the first day of their delivery's month, in one order whatever came in.

    Of two records of a person in one delivery the one that was delivered under the current id is the later.
    """
    current = pl.coalesce("current_bene_id", "bene_id")
    months = records.unique().join(crosswalk.select("bene_id", "current_bene_id"), on="bene_id", how="left")
    months = months.with_columns(
        bene_id=current, is_under_current_id=pl.col("current_bene_id").is_null(), month=_delivery_month()
    )
    content = [column for column in RECORDS.column_names if column not in ("bene_id", "delivery")]
    return months.sort("bene_id", "delivery", "is_under_current_id", *content)


def _delivery_month() -> pl.Expr:
    """The first day of the month; a delivery without a date is of the first month with one.

    Where no delivery has a date it is later than all: then nothing but the begin dates says since when a code holds.
    """
    day = pl.col("delivery") // 10**7
    month = pl.date(2000 + day // 10**4, (day // 100 % 100).clip(1, 12), 1)
    dated = pl.when(pl.col("delivery") > 0).then(month)
    return pl.coalesce(dated, dated.min(), pl.lit(_UNDATED))


def _dates(known: pl.DataFrame) -> pl.DataFrame:
    """One row per person: the latest dates of birth and death that a delivery gives."""
    dates = pl.col("birth_date", "death_date").drop_nulls().last()
    return known.group_by("bene_id").agg(dates)


def _spans(known: pl.DataFrame, law: Law) -> pl.DataFrame:
    """One row per person and time for which a record holds, cut at the begin dates of the parts.

    A record holds from the first day of its delivery's month until that of the person's next one. The first one
    reaches back: a part that it grants to the part's begin date, where that is blank it is unknown; a part that it
    does not grant was not there before.
    """
    monthly = known.unique(["bene_id", "month"], keep="last", maintain_order=True).with_columns(*_codes())
    held = monthly.with_columns(end_date=_last_day(monthly, law), start_date=_starts())
    cut = held.explode("start_date")
    next_start = _following("start_date", within=("bene_id", "month"))
    is_later = pl.col("start_date") >= pl.col("month")
    return cut.select(
        "bene_id",
        "start_date",
        pl.coalesce(next_start - _DAY, "end_date").alias("end_date"),
        *(
            pl.when(is_later).then(f"has_part_{part}").otherwise(_reaches_back(part)).alias(f"has_part_{part}")
            for part in "ab"
        ),
        "is_us_resident",
    )


def _codes() -> list[pl.Expr]:
    """What the buy-in code and the State of a record say; null for a blank or an unknown one."""
    code = pl.col("buy_in")
    is_known = pl.when(code.is_in(BUY_IN_CODES))
    return [
        is_known.then(code.is_in(PART_A_CODES)).alias("has_part_a"),
        is_known.then(code.is_in(PART_B_CODES)).alias("has_part_b"),
        pl.col("state").is_in(UNITED_STATES).alias("is_us_resident"),
    ]


def _reaches_back(part: str) -> pl.Expr:
    """Whether the part was there already, at the start of a span before the first record."""
    return pl.col(f"has_part_{part}") & (pl.col("start_date") >= pl.col(f"part_{part}_begin"))


def _last_day(monthly: pl.DataFrame, law: Law) -> pl.Expr:
    """The day before the person's next record; null for the last, unless a missing person's coverage ends."""
    following = _following("month", within=("bene_id",))
    if law.assumed("cclf_missing_person") == "keep_open":
        return following - _DAY
    months = monthly["month"].unique().sort()
    delivered_next = pl.col("month").replace_strict(months, months.shift(-1), return_dtype=pl.Date)
    is_missing = following.ne_missing(delivered_next)
    return pl.when(is_missing).then(pl.col("month").dt.month_end()).otherwise(following - _DAY)


def _following(name: str, *, within: Sequence[str]) -> pl.Expr:
    """The value in the next row of sorted rows, null when it is of another group."""
    is_same = pl.all_horizontal(pl.col(key) == pl.col(key).shift(-1) for key in within)
    return pl.when(is_same).then(pl.col(name).shift(-1))


def _starts() -> pl.Expr:
    """Where the facts of a record may change: its month, for the first record also the begin dates before it."""
    is_first = pl.col("bene_id").is_first_distinct()
    begins = [pl.when(is_first & (pl.col(f"part_{part}_begin") < pl.col("month"))).then(f"part_{part}_begin")
              for part in "ab"]  # fmt: skip
    unknown = [pl.col(f"has_part_{part}").fill_null(True) & pl.col(f"part_{part}_begin").is_null() for part in "ab"]
    ever = pl.when(is_first & pl.any_horizontal(unknown)).then(pl.lit(_EVER))
    return pl.concat_list(ever, *begins, "month").list.drop_nulls().list.unique().list.sort()


def _with_secondary(spans: pl.DataFrame, payer_months: pl.DataFrame) -> pl.DataFrame:
    """The spans cut at the months with another payer, which are marked."""
    months = payer_months.select("bene_id", "start_date").unique()
    touched = spans.join(months, on="bene_id", how="semi").sort("start_date")
    others = spans.join(months, on="bene_id", how="anti").with_columns(pl.lit(False).alias(_SECONDARY))
    after = months.with_columns(pl.col("start_date").dt.offset_by("1mo"))
    cuts = pl.concat([touched.select("bene_id", "start_date"), months, after]).unique().sort("start_date")
    pieces = cuts.join_asof(touched.with_columns(is_span=True), on="start_date", by="bene_id", check_sortedness=False)
    next_cut = _following("start_date", within=("bene_id",))
    pieces = pieces.sort("bene_id", "start_date").with_columns(
        next_cut=next_cut, start_month=pl.col("start_date").dt.month_start()
    )
    pieces = pieces.filter(pl.col("is_span") & (pl.col("start_date") <= pl.col("end_date")).fill_null(True))
    marked = months.with_columns(pl.lit(True).alias(_SECONDARY)).rename({"start_date": "start_month"})
    cut = pieces.join(marked, on=["bene_id", "start_month"], how="left").with_columns(
        pl.col(_SECONDARY).fill_null(False), end_date=pl.min_horizontal("end_date", pl.col("next_cut") - _DAY)
    )
    return pl.concat([others, cut.select(others.columns)])


def _merged(spans: pl.DataFrame) -> pl.DataFrame:
    """Neighbouring spans of a person with equal facts as one."""
    facts = [*_FACTS, _SECONDARY]
    in_order = spans.sort("bene_id", "start_date")
    is_next = (pl.col("start_date") == pl.col("end_date").shift(1) + _DAY).fill_null(False)
    is_same = [pl.col(name).eq_missing(pl.col(name).shift(1)) for name in ("bene_id", *facts)]
    run = (~pl.all_horizontal(is_next, *is_same)).cum_sum()
    firsts = pl.col("bene_id", "start_date", *facts).first()
    merged = in_order.group_by(run.alias("run"), maintain_order=True).agg(firsts, pl.col("end_date").last())
    return merged.drop("run")
