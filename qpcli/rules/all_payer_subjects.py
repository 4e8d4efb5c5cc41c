"""Which TINs are assessed, and why a submitted subject is not (42 CFR 414.1440)."""

from __future__ import annotations

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.lists import OtherPayers
from qpcli.rules.numbering import NPI_FORM
from qpcli.rules.snapshots import at
from qpcli.tables.all_payer_scores import NotAssessed
from qpcli.terms import Level, ListType, Snapshot


def assessed_tins(listings: pl.LazyFrame, other_payers: OtherPayers, law: Law) -> pl.LazyFrame:
    """One row per submitted TIN and snapshot with its one APM Entity: all who reassigned to the TIN are in it."""
    found = [_assessed_tins(listings, other_payers, law, snapshot) for snapshot in law.snapshots]
    return pl.concat(found)


def _assessed_tins(listings: pl.LazyFrame, other_payers: OtherPayers, law: Law, snapshot: Snapshot) -> pl.LazyFrame:
    holding = entities_of_tins(listings, other_payers, snapshot)
    clinicians = clinicians_of_tins(listings, other_payers, law, snapshot)
    members = _in_groups(listings, snapshot).select("entity_key", "npi").unique()
    outside = holding.join(clinicians, on="tin").join(members, on=["entity_key", "npi"], how="anti")
    whole = holding.join(outside.select("tin", "entity_key").unique(), on=["tin", "entity_key"], how="anti")
    return whole.filter(pl.len().over("tin") == 1).with_columns(snapshot=pl.lit(snapshot.number, pl.Int64))


def entities_of_tins(listings: pl.LazyFrame, other_payers: OtherPayers, snapshot: Snapshot) -> pl.LazyFrame:
    """One row per submitted TIN and APM Entity that counts and has the TIN in its group."""
    is_submitted = pl.col("tin").is_in(other_payers.subjects(Level.TIN))
    has_key = pl.col("tin_key").is_not_null()
    return _in_groups(listings, snapshot).filter(is_submitted & has_key).select("tin", "tin_key", "entity_key").unique()


def clinicians_of_tins(listings: pl.LazyFrame, other_payers: OtherPayers, law: Law, snapshot: Snapshot) -> pl.LazyFrame:
    """One row per submitted TIN and NPI that is listed under it, or billed under it by the snapshot date."""
    is_submitted = pl.col("tin").is_in(other_payers.subjects(Level.TIN))
    listed = listings.filter(pl.col(at("is_member", snapshot)) & is_submitted).select("tin", "npi")
    if law.assumed("all_payer_tin_clinicians") == "listed":
        return listed.unique()
    has_form = pl.col("npi").str.contains(NPI_FORM)
    billed = other_payers.billing.lazy().filter(has_form & (pl.col("first_date") <= snapshot.date))
    return pl.concat([listed, billed.select("tin", "npi")]).unique()


def _in_groups(listings: pl.LazyFrame, snapshot: Snapshot) -> pl.LazyFrame:
    is_participation = pl.col("list_type") == ListType.PARTICIPATION.value
    return listings.filter(is_participation & pl.col(at("is_in", snapshot)))


def with_reason(rows: pl.LazyFrame, listings: pl.LazyFrame, other_payers: OtherPayers, law: Law) -> pl.LazyFrame:
    """Adds why a row (level, subject_id, snapshot) that is not `is_assessed` is not; null for the others."""
    held = [
        entities_of_tins(listings, other_payers, s).select(
            level=pl.lit(Level.TIN.value), subject_id="tin", snapshot=pl.lit(s.number, pl.Int64), is_held=pl.lit(True)
        )
        for s in law.snapshots
    ]
    keyed = rows.join(known_subjects(listings), on=["level", "subject_id"], how="left")
    keyed = keyed.join(pl.concat(held).unique(), on=["level", "subject_id", "snapshot"], how="left")
    reason = (
        pl.when("is_assessed")
        .then(None)
        .when(pl.col("has_participation").is_null())
        .then(pl.lit(NotAssessed.UNKNOWN_SUBJECT.value))
        .when((pl.col("level") != Level.NPI.value) & ~pl.col("has_participation"))
        .then(pl.lit(NotAssessed.AFFILIATED_PRACTITIONERS_ONLY.value))
        .when(pl.col("is_held").fill_null(False))
        .then(pl.lit(NotAssessed.NOT_IN_ONE_APM_ENTITY.value))
        .otherwise(pl.lit(NotAssessed.NO_MEDICARE_SCORE.value))
    )
    return keyed.with_columns(not_assessed_because=reason).drop("has_participation", "is_held")


def known_subjects(listings: pl.LazyFrame) -> pl.LazyFrame:
    """One row per subject that a list names, and whether that of an entity with a Participation List does."""
    identifiers = {Level.APM_ENTITY: "apm_entity_id", Level.TIN: "tin", Level.NPI: "npi"}
    has_participation = pl.col("has_participation_list")
    named = [
        listings.select(level=pl.lit(level.value), subject_id=name, has_participation=has_participation)
        for level, name in identifiers.items()
    ]
    return pl.concat(named).group_by("level", "subject_id").agg(pl.col("has_participation").any())
