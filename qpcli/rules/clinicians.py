"""Each clinician on one row, with the best result by each method (42 CFR 414.1425(b), 414.1435)."""

from __future__ import annotations

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.determinations import position
from qpcli.rules.numbering import Numbering
from qpcli.rules.participation import DECEMBER
from qpcli.rules.snapshots import any_of, at
from qpcli.rules.threshold_scores import rank
from qpcli.tables.clinicians import CLINICIANS, SEPARATOR
from qpcli.terms import Level, Method, QpStatus, ServiceBasis

_PREFIX = {Method.PAYMENT_AMOUNT: "payment", Method.PATIENT_COUNT: "patient"}


def clinicians(
    determined: pl.LazyFrame, clinician_results: pl.LazyFrame, listed: pl.LazyFrame, names: pl.DataFrame
) -> pl.LazyFrame:
    """One row per clinician with a determination, in the columns of CLINICIANS.

    `determined` has the columns of DETERMINATIONS, `clinician_results` one row per npi and result, `listed` those of
    `listed_where`, `names` one row per npi with a name.
    """
    rows = determined.filter("is_latest").join(names.lazy(), on="npi", how="left").join(listed, on="npi", how="left")
    for method, prefix in _PREFIX.items():
        rows = rows.join(_best(clinician_results, method, prefix), on="npi", how="left")
    return rows.select(CLINICIANS.column_names).sort(CLINICIANS.keys)


def _best(clinician_results: pl.LazyFrame, method: Method, prefix: str) -> pl.LazyFrame:
    """One row per clinician: its best result by one method."""
    of_method = clinician_results.filter(pl.col("method") == method.value).sort(nearest())
    best = of_method.unique("npi", keep="first", maintain_order=True)
    return best.select(
        "npi",
        pl.col("score").alias(f"{prefix}_score"),
        pl.col("qp_threshold").alias(f"{prefix}_qp_threshold"),
        pl.col("gap_to_qp").alias(f"{prefix}_gap_to_qp"),
        pl.col("level").alias(f"{prefix}_level"),
        pl.col("apm_entity_id").alias(f"{prefix}_apm_entity_id"),
        pl.col("basis").alias(f"{prefix}_basis"),
        pl.col("determined_at_snapshot").alias(f"{prefix}_snapshot"),
    )


def nearest() -> pl.Expr:
    """Orders the results of a clinician by one method, the best first.

    The most favourable status; of NOT_QP the newest snapshot, since only it can still be mended; then the highest
    score, which is the nearest to the bar that all share; then as in `determinations.preference`.
    """
    is_not_qp = pl.col("status") == QpStatus.NOT_QP.value
    return pl.struct(
        worse=-rank("status"),
        newest=pl.when(is_not_qp).then(-pl.col("determined_at_snapshot")).otherwise(0),
        lower=-pl.col("score"),
        snapshot="determined_at_snapshot",
        level=position("level", list(Level)),
        basis=position("basis", list(ServiceBasis)),
        entity=pl.col("apm_entity_id").fill_null(""),
    )


def listed_where(listings: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per clinician listed on one of the dates: TINs, APM Entities and their names, each as one text."""
    on_a_date = any_of([*(pl.col(at("is_listed", s)) for s in law.snapshots), pl.col(at("is_listed", DECEMBER))])
    ordered = listings.filter(on_a_date).sort("apm_entity_id", "tin")
    by_entity = ordered.group_by("npi", "apm_entity_id", maintain_order=True).agg(
        pl.col("apm_entity_name").first().fill_null(pl.col("apm_entity_id").first())
    )
    entities = by_entity.group_by("npi", maintain_order=True).agg(
        apm_entity_ids=pl.col("apm_entity_id").str.join(SEPARATOR),
        apm_entity_names=pl.col("apm_entity_name").str.join(SEPARATOR),
    )
    tins = ordered.group_by("npi").agg(tins=pl.col("tin").unique().sort().str.join(SEPARATOR))
    return entities.join(tins, on="npi")


def with_identifiers(clinician_results: pl.LazyFrame, numbering: Numbering) -> pl.LazyFrame:
    """Results of clinicians with npi and apm_entity_id beside their keys."""
    named = clinician_results.join(numbering.clinicians.lazy(), on="clinician_key")
    return named.join(numbering.entities.lazy(), on="entity_key", how="left")


def clinician_names(participants: pl.LazyFrame) -> pl.LazyFrame:
    """One row per NPI with a name; of several the first in the order of the alphabet."""
    name = pl.col("clinician_name").str.strip_chars()
    named = participants.filter(pl.col("npi").is_not_null() & (name.str.len_chars() > 0))
    return named.group_by("npi").agg(name.min()).sort("npi")
