"""The claim lines of a range of people, with everything that happens to a line after it was first delivered."""

from __future__ import annotations

import polars as pl

from qpcli.sample.claims import (
    CAH,
    CANCELLED,
    FQHC,
    KEPT,
    ORPHAN,
    OTHER_SETTING,
    PROFESSIONAL,
    REPLACED,
    RHC,
    claims_frame,
)
from qpcli.sample.clinicians import Roster
from qpcli.sample.columns import table_columns
from qpcli.sample.identifiers import claim_ids
from qpcli.sample.plan import SamplePlan
from qpcli.sample.randomness import draw, field, has_chance, share
from qpcli.sample.services import (
    CODES,
    DRUG,
    FQHC_VISIT,
    LABORATORY,
    OTHER,
    PRICES,
    PROCEDURE,
    RHC_VISIT,
    VISIT,
    service_of_kind,
)
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.terms import Adjustment, Setting

_SETTINGS = {
    PROFESSIONAL: Setting.PROFESSIONAL,
    CAH: Setting.CAH_METHOD_II,
    RHC: Setting.RHC,
    FQHC: Setting.FQHC,
    OTHER_SETTING: Setting.OTHER,
}
_SETTING_NAMES = pl.Series([_SETTINGS[number].value for number in range(len(_SETTINGS))], dtype=pl.String)
_INSTITUTIONAL = (CAH, RHC, FQHC)

_MORE_VISITS, _PROCEDURES, _LABORATORY, _DRUGS = 500, 4700, 7700, 9300
"""Upper ends, of ten thousand further lines, of each kind; the rest is supplies, ambulance and facility."""
_UNPAID, _DENIED, _DENIED_WITH_AMOUNT, _TAKE_BACK = 500, 300, 30, 10
_WITHHELD, _EXCLUDED, _DRUG_UNITS, _OTHER_UNITS = 1500, 400, 3000, 30
_BLANK_NPI, _BLANK_HCPCS, _DELIVERED_TWICE, _SIGNED = 10, 2, 20, 3000
LINES_PER_CLAIM = 16
"""Room for line numbers: a line is its claim times this plus its line number."""

FIRST, CANCELLATION, REPLACEMENT, REPEATED = range(4)
"""What a row is among the rows of its line, in the column `delivery`."""
_COLUMNS = table_columns(CLAIM_LINES)
_AMOUNTS = ("paid_amount", "withheld_amount", "excluded_amount")


def claim_lines_frame(people: pl.DataFrame, plan: SamplePlan, everybody: Roster) -> pl.DataFrame:
    """One row per claim line as delivered, amounts in cents, in order of beneficiary, claim and line."""
    lines = (
        claims_frame(people, plan, everybody)
        .with_columns(line_number=pl.int_ranges(1, pl.col("line_count").cast(pl.Int64) + 1, dtype=pl.UInt64))
        .explode("line_number")
        .with_columns(line=pl.col("claim") * LINES_PER_CLAIM + pl.col("line_number"))
        .with_columns(
            service_draw=draw(plan.seed, "services", pl.col("line")),
            amount_draw=draw(plan.seed, "amounts", pl.col("line")),
            fault_draw=draw(plan.seed, "faults", pl.col("line")),
            delivery_draw=draw(plan.seed, "deliveries", pl.col("line")),
        )
        .pipe(_with_service)
        .pipe(_with_amounts)
        .pipe(_with_who, everybody)
        .with_columns(claim_id=claim_ids(plan.seed, pl.col("claim")))
    )
    rows = _all_deliveries(lines)
    return rows if plan.as_of is None else rows.filter(pl.col("processed_date") <= plan.as_of)


def _with_service(lines: pl.DataFrame) -> pl.DataFrame:
    """Add the position of the service in the list of codes."""
    bits, setting = field("service_draw", 1), pl.col("setting")
    is_visit = (pl.col("line_number") == 1) & has_chance(field("service_draw", 0), pl.col("visit_chance"))
    kind = (
        pl.when(setting == RHC)
        .then(RHC_VISIT)
        .when(setting == FQHC)
        .then(FQHC_VISIT)
        .when(is_visit)
        .then(VISIT)
        .when((pl.col("line_number") == 1) | (pl.col("visit_chance") == 0))
        .then(PROCEDURE)
        .when(has_chance(bits, _MORE_VISITS))
        .then(VISIT)
        .when(has_chance(bits, _PROCEDURES))
        .then(PROCEDURE)
        .when(has_chance(bits, _LABORATORY))
        .then(LABORATORY)
        .when(has_chance(bits, _DRUGS))
        .then(DRUG)
        .otherwise(OTHER)
        .cast(pl.UInt8)
    )
    return lines.with_columns(kind=kind).with_columns(service=service_of_kind("kind", field("service_draw", 2)))


def _with_amounts(lines: pl.DataFrame) -> pl.DataFrame:
    """Add what was paid, withheld and excluded, in cents."""
    is_denied = has_chance(field("fault_draw", 0), _DENIED)
    has_no_payment = has_chance(field("amount_draw", 1), _UNPAID) | (
        is_denied & ~has_chance(field("fault_draw", 0), _DENIED_WITH_AMOUNT)
    )
    is_take_back = has_chance(field("fault_draw", 1), _TAKE_BACK) & (pl.col("fate") == KEPT)
    paid = pl.when(has_no_payment).then(0).when(is_take_back).then(-_price()).otherwise(_price())
    is_withheld = pl.col("is_capitated") & has_chance(field("amount_draw", 2), _WITHHELD) & (paid > 0)
    withheld = pl.when(is_withheld).then(paid * share("service_draw", 3, 5).cast(pl.Int64) // 4).otherwise(0)
    is_bonus = has_chance(field("amount_draw", 3), _EXCLUDED) & (paid > 0)
    return (
        lines.with_columns(is_denied=is_denied, paid=paid, withheld=withheld)
        .with_columns(excluded_amount=pl.when(is_bonus).then((pl.col("paid") - pl.col("withheld")) // 50).otherwise(0))
        .with_columns(paid_amount=pl.col("paid") - pl.col("withheld"), withheld_amount="withheld")
    )


def _price() -> pl.Expr:
    """The usual payment times 0.6 to 1.4, and that for several units of many drugs and a few other services."""
    per_mille = 600 + share("amount_draw", 0, 801).cast(pl.Int64)
    units_chance = pl.when(pl.col("kind") == DRUG).then(_DRUG_UNITS).otherwise(_OTHER_UNITS)
    has_units = has_chance(field("fault_draw", 2), units_chance)
    times = pl.when(has_units).then(2 + share("fault_draw", 3, 7)).otherwise(1)
    return pl.lit(PRICES).gather("service") * per_mille * times.cast(pl.Int64) // 1000


def _with_who(lines: pl.DataFrame, everybody: Roster) -> pl.DataFrame:
    """Add the texts: who furnished the service, who billed it, what it was and where."""
    tin = (
        pl.when("is_off_list")
        .then(pl.lit(everybody.off_list_tins).gather("post"))
        .otherwise(pl.lit(everybody.tins).gather("post"))
    )
    is_blank = has_chance(field("delivery_draw", 2), _BLANK_NPI)
    has_no_code = has_chance(field("delivery_draw", 3), _BLANK_HCPCS)
    return lines.with_columns(
        npi=pl.when(~is_blank).then(pl.lit(everybody.npis).gather("post")),
        tin=pl.when(~pl.col("setting").is_in(_INSTITUTIONAL)).then(tin),
        hcpcs=pl.when(~has_no_code).then(pl.lit(CODES).gather("service")),
        setting=pl.lit(_SETTING_NAMES).gather("setting"),
    )


def _all_deliveries(lines: pl.DataFrame) -> pl.DataFrame:
    """The rows as first delivered, and behind each its cancellation, replacement or repeated delivery."""
    is_orphan = pl.col("fate") == ORPHAN
    cancellation, replacement = pl.lit(Adjustment.CANCELLATION.value), pl.lit(Adjustment.REPLACEMENT.value)
    first = lines.with_columns(
        delivery=FIRST,
        adjustment=pl.when(is_orphan).then(cancellation).otherwise(pl.lit(Adjustment.ORIGINAL.value)),
    )
    gone = first.filter(pl.col("fate").is_in([CANCELLED, REPLACED])).with_columns(
        processed_date=pl.col("processed_date") + pl.duration(days="fate_days")
    )
    rows = (
        first,
        gone.with_columns(delivery=CANCELLATION, adjustment=cancellation).pipe(_signed),
        gone.filter(pl.col("fate") == REPLACED)
        .with_columns(delivery=REPLACEMENT, adjustment=replacement)
        .pipe(_repriced),
        first.filter(has_chance(field("delivery_draw", 0), _DELIVERED_TWICE)).with_columns(delivery=REPEATED),
    )
    return pl.concat([each.select("line", "delivery", *_COLUMNS) for each in rows]).sort("line", "delivery")


def _signed(cancellations: pl.DataFrame) -> pl.DataFrame:
    """Some payers put a minus before the amounts of a cancellation; all mean the same."""
    is_signed = has_chance(field("delivery_draw", 1), _SIGNED)
    return cancellations.with_columns(pl.when(is_signed).then(-pl.col(name)).otherwise(name) for name in _AMOUNTS)


def _repriced(replacements: pl.DataFrame) -> pl.DataFrame:
    """A replacement pays 80 to 120 percent of what it replaces."""
    percent = 80 + share("delivery_draw", 1, 41).cast(pl.Int64)
    return replacements.with_columns(paid_amount=pl.col("paid_amount") * percent // 100)
