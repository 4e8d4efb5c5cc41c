"""Who is in an APM Entity group, and which APM Entities count (42 CFR 414.1425(a)-(c), (d))."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.snapshots import any_of, at, each
from qpcli.tables.entities import ENTITIES
from qpcli.terms import ListType, Snapshot

DECEMBER = 4


def on_list(day: date) -> pl.Expr:
    """True when a list entry is in force on a day; open ends are null."""
    starts = pl.col("start_date").is_null() | (pl.col("start_date") <= day)
    ends = pl.col("end_date").is_null() | (pl.col("end_date") >= day)
    return starts & ends


def in_calendar_year(year: int) -> pl.Expr:
    """True when a list entry is in force on any day of the performance year."""
    starts = pl.col("start_date").is_null() | (pl.col("start_date") <= date(year, 12, 31))
    ends = pl.col("end_date").is_null() | (pl.col("end_date") >= date(year, 1, 1))
    return starts & ends


def has_participation_list(participants: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per APM Entity with a Participation List entry in the year (414.1425(a), (b)(2))."""
    is_participation = pl.col("list_type") == ListType.PARTICIPATION.value
    in_year = participants.filter(is_participation & in_calendar_year(law.performance_year))
    return in_year.select("apm_entity_id").unique().with_columns(has_participation_list=pl.lit(True))


def list_entries(participants: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per APM Entity, list, TIN and NPI, with the list dates on which it is listed.

    Affiliated Practitioner entries of an entity that has a Participation List are marked
    `is_ignored`; every rule looks only at the others.
    """
    participation_lists = has_participation_list(participants, law)
    listed = each(law, "is_listed", lambda snapshot: on_list(snapshot.date).any())
    december = on_list(law.december_list_date).any().alias(at("is_listed", DECEMBER))
    is_affiliated = pl.col("list_type") == ListType.AFFILIATED.value
    return (
        participants.group_by("apm_entity_id", "list_type", "tin", "npi")
        .agg(*listed, december, entry_count=pl.len())
        .join(participation_lists, on="apm_entity_id", how="left")
        .with_columns(pl.col("has_participation_list").fill_null(False))
        .with_columns(is_ignored=is_affiliated & pl.col("has_participation_list"))
        .with_columns(each(law, "is_member", lambda snapshot: is_member(law, snapshot)))
    )


def with_billing_npis(participants: pl.LazyFrame, lines: pl.LazyFrame) -> pl.LazyFrame:
    """List entries of a TIN alone (npi null) as one entry per NPI with a claim line under it; the others as they are.

    For lists that name no NPIs: the group is then every NPI that bills under its TINs.
    """
    billing = lines.filter(pl.col("npi").is_not_null()).select("tin", billing_npi="npi").unique()
    of_tins = participants.filter(pl.col("npi").is_null()).join(billing, on="tin")
    named = of_tins.with_columns(npi="billing_npi").drop("billing_npi")
    return pl.concat([participants.filter(pl.col("npi").is_not_null()), named])


def is_member(law: Law, snapshot: Snapshot) -> pl.Expr:
    """In the group at a snapshot: on the list on any date so far, or on the date itself (group_membership)."""
    if law.assumed("group_membership") == "on_snapshot_date":
        return pl.col(at("is_listed", snapshot))
    return any_of([pl.col(at("is_listed", earlier)) for earlier in law.snapshots if earlier <= snapshot])


def entities_assumed_advanced(participants: pl.LazyFrame) -> pl.LazyFrame:
    """One row per APM Entity of the lists, every fact at its default: no entities file was given.

    The APM is the one that all entries of the entity name, where they agree.
    """
    one_apm = pl.when(pl.col("apm_id").min() == pl.col("apm_id").max()).then(pl.col("apm_id").max())
    facts = {
        column.name: pl.lit(column.default, dtype=_DTYPES[column.kind.value])
        for column in ENTITIES.columns
        if column.name not in ("apm_entity_id", "apm_id")
    }
    return participants.group_by("apm_entity_id").agg(one_apm.alias("apm_id")).with_columns(**facts)


_DTYPES: dict[str, pl.DataType] = {"text": pl.String(), "date": pl.Date(), "boolean": pl.Boolean()}


def apm_entities(entities: pl.LazyFrame, participants: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per APM Entity: its kind, how long it was tested, whether it counts at each snapshot."""
    tested = each(law, "tested_day_count", lambda snapshot: tested_day_count(law, snapshot))
    is_tested = each(
        law, "is_tested", lambda snapshot: pl.col(at("tested_day_count", snapshot)) >= law.minimum_testing_days
    )
    is_advanced_and_tested = each(
        law, "is_advanced_and_tested", lambda snapshot: pl.col("is_advanced") & pl.col(at("is_tested", snapshot))
    )
    counts = each(
        law,
        "counts",
        lambda snapshot: pl.col(at("is_advanced_and_tested", snapshot)) & ~pl.col("is_terminated"),
    )
    return (
        entities.join(has_participation_list(participants, law), on="apm_entity_id", how="left")
        .with_columns(pl.col("has_participation_list").fill_null(False), is_terminated=is_terminated(law))
        .with_columns(tested)
        .with_columns(is_tested)
        .with_columns(is_advanced_and_tested)
        .with_columns(counts)
    )


def tested_day_count(law: Law, snapshot: Snapshot) -> pl.Expr:
    """Days of the period, both ends counted, on which the APM was actively tested (414.1425(c)(7))."""
    begins = pl.max_horizontal(pl.col("active_from"), pl.lit(law.period.first_day))
    ends = pl.min_horizontal(pl.col("active_to"), pl.lit(snapshot.date))
    return ((ends - begins).dt.total_days() + 1).clip(lower_bound=0)


def is_terminated(law: Law) -> pl.Expr:
    """Left or removed before the deadline, or at any time without bearing risk (414.1425(c)(5)-(6), (d)(3)-(4))."""
    left = pl.col("terminated_on").is_not_null()
    return left & ((pl.col("terminated_on") < law.termination_deadline) | ~pl.col("bears_risk"))


def em_set_names(entities: pl.DataFrame, default: str) -> tuple[str, ...]:
    """The sets of attribution codes that entities use, the default first (414.1305, second sentence)."""
    named = entities.get_column("em_code_set").drop_nulls().unique().sort().to_list()
    return (default, *[name for name in named if name != default])


def em_set(names: tuple[str, ...], default: str) -> pl.Expr:
    """The position of an entity's set of attribution codes among the sets in use."""
    positions = {name: position for position, name in enumerate(names)}
    return pl.col("em_code_set").fill_null(default).replace_strict(positions, return_dtype=pl.UInt32).alias("em_set")


def window_days(entities: pl.DataFrame, law: Law) -> tuple[int, ...]:
    """Days of the period, from Jan 1, on which some entity's testing starts or the day after it ended."""
    first_day = law.period.first_day
    starts = entities.get_column("active_from").drop_nulls().to_list()
    ends = [day + timedelta(days=1) for day in entities.get_column("active_to").drop_nulls().to_list()]
    days = {(day - first_day).days for day in (*starts, *ends)}
    return tuple(sorted(day for day in days if 0 < day <= (law.period.last_day - first_day).days))
