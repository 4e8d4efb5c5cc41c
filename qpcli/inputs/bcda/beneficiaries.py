"""Patients and Coverages -> beneficiaries: one row per person and stretch of days in which no fact changes."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.bcda.coverage import FIRST_DAY, LAST_DAY, PAYER_PART, facts_of, held_in, segments_of
from qpcli.inputs.bcda.people import PART_A, PART_B, PART_C
from qpcli.inputs.codes import states_by_code
from qpcli.inputs.plan import output_names
from qpcli.regulation.law import Law
from qpcli.tables.beneficiaries import BENEFICIARIES, UNITED_STATES

_LAYOUT = "BCDA"


def beneficiaries(
    records: pl.DataFrame, crosswalk: pl.DataFrame, payer_months: pl.DataFrame, law: Law
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """One row per person and stretch of days; what no resource says is null.

    `records`: rows of RECORDS. `crosswalk`: one row per old id (bene_id, current_bene_id). `payer_months`: one row
    per current bene_id and start_date of a month with another payer first.
    """
    known = _with_person(records, crosswalk)
    people = _people(known)
    months = payer_months.join(people.select(bene_id="person"), on="bene_id", how="semi")
    facts = facts_of(known, months, law)
    has_plan_facts = not facts.filter(pl.col("part") == PART_C).is_empty()
    segments = segments_of(people, facts)
    rows = segments.select("person", "from_day", "until_day")
    for part, name in ((PART_A, "has_part_a"), (PART_B, "has_part_b"), (PAYER_PART, "is_medicare_secondary")):
        rows = rows.join(_held(segments, facts, part, name), on=["person", "from_day"])
    rows = rows.join(_managed_care(segments, facts, law, has_facts=has_plan_facts), on=["person", "from_day"])
    frame = (
        rows.join(people, on="person")
        .sort("person", "from_day")
        .with_columns(
            pl.col("is_medicare_secondary").fill_null(False),
            bene_id="person",
            start_date=pl.when(pl.col("from_day") > FIRST_DAY).then("from_day"),
            end_date=pl.when(pl.col("until_day") < LAST_DAY).then("until_day"),
        )
    )
    findings = _findings(people, facts, months, assumes_none=not has_plan_facts and _assumes_no_plans(law))
    return frame.select(output_names(BENEFICIARIES)), tuple(findings)


def _with_person(records: pl.DataFrame, crosswalk: pl.DataFrame) -> pl.DataFrame:
    """The rows with the current id of whom they are about."""
    joined = records.join(crosswalk.select("bene_id", "current_bene_id"), on="bene_id", how="left")
    return joined.with_columns(person=pl.coalesce("current_bene_id", "bene_id"))


def _people(records: pl.DataFrame) -> pl.DataFrame:
    """One row per person; of a Patient that was delivered again the newest resource counts."""
    patients = records.filter(pl.col("part").is_null()).sort("delivery", maintain_order=True)
    newest = patients.unique("bene_id", keep="last", maintain_order=True)
    facts = newest.group_by("person").agg(
        pl.col("birth_date", "death_date").min(),
        pl.col("birth_date").n_unique().alias("birth_date_count"),
        pl.col("death_date").drop_nulls().n_unique().alias("death_date_count"),
        pl.col("deceased").is_not_null().any(),
        pl.col("state").drop_nulls().last(),
    )
    everyone = records.select("person").unique()
    return everyone.join(facts, on="person", how="left").with_columns(is_us_resident=_state().is_in(UNITED_STATES))


def _state() -> pl.Expr:
    """Postal letters of a State given as letters or as an SSA code; null for anything else."""
    state = pl.col("state").str.to_uppercase()
    by_number = state.str.zfill(2).replace_strict(states_by_code("ssa"), default=None)
    return pl.coalesce(pl.when(state.str.contains("^[A-Z]{2}$")).then(state), by_number)


def _held(segments: pl.DataFrame, facts: pl.DataFrame, part: str, name: str) -> pl.DataFrame:
    """A month's own code counts before the period of the coverage."""
    value = pl.when("has_month").then("by_month").otherwise("by_period")
    return held_in(segments, facts, part).select("person", "from_day", value.alias(name))


def _managed_care(segments: pl.DataFrame, facts: pl.DataFrame, law: Law, *, has_facts: bool) -> pl.DataFrame:
    """By Part C. Where plans come as periods, who has Part A or B and no period has no plan."""
    held = _held(segments, facts, PART_C, "is_managed_care")
    if not has_facts:
        assumed = pl.lit(False if _assumes_no_plans(law) else None, dtype=pl.Boolean)
        return held.with_columns(is_managed_care=assumed)
    plans = facts.filter(pl.col("part") == PART_C)
    if plans["is_month"].all():
        return held
    covered = facts.filter(pl.col("part").is_in([PART_A, PART_B])).select("person").unique()
    without = covered.join(plans, on="person", how="anti").with_columns(has_no_plan=pl.lit(True))
    joined = held.join(without, on="person", how="left")
    no_plan = pl.when("has_no_plan").then(False)
    return joined.select("person", "from_day", pl.coalesce("is_managed_care", no_plan).alias("is_managed_care"))


def _assumes_no_plans(law: Law) -> bool:
    return law.assumed("cclf_managed_care") == "assume_false"


def _findings(
    people: pl.DataFrame, facts: pl.DataFrame, months: pl.DataFrame, *, assumes_none: bool
) -> Iterator[Finding]:
    table = BENEFICIARIES.name
    yield finding("msp_from_lines", table=table, rule="is_medicare_secondary", count=months["bene_id"].n_unique())
    if assumes_none:
        yield finding("managed_care_unknown", table=table, layout=_LAYOUT)
    if facts.filter(pl.col("part").is_in([PART_A, PART_B])).is_empty():
        yield finding("coverage_ends_unknown", table=table, layout=_LAYOUT)
    for name in ("birth_date", "death_date"):
        if count := people.filter(pl.col(f"{name}_count") > 1).height:
            yield finding("facts_disagree", table=table, rule=name, count=count)
    undated = pl.col("deceased").fill_null(False) & pl.col("death_date").is_null()
    if count := people.filter(undated).height:
        words = "people who died on a day not given, taken as alive"
        yield finding("counted_for_record", table=table, rule=words, count=count)
