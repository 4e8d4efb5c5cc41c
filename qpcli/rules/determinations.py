"""What a clinician is at each snapshot: the best status so far (42 CFR 414.1425(b), 414.1455(b)(2))."""

from __future__ import annotations

import polars as pl

from qpcli.regulation.law import Law
from qpcli.rules.listings import members
from qpcli.rules.numbering import Numbering
from qpcli.rules.participation import DECEMBER
from qpcli.rules.snapshots import any_of, at, is_third
from qpcli.rules.threshold_scores import rank
from qpcli.tables.determinations import DETERMINATIONS
from qpcli.terms import Level, ListType, Method, MipsConsequence, QpOption, QpStatus, ServiceBasis, Snapshot


def results(scores: pl.LazyFrame, *keys: str) -> pl.LazyFrame:
    """One row per score and method that gave a status, with the bar it met or, for NOT_QP, the Partial QP bar."""
    prefixes = {Method.PAYMENT_AMOUNT: "payment", Method.PATIENT_COUNT: "patient"}
    by_method = [_result(scores, method, prefix, keys) for method, prefix in prefixes.items()]
    return pl.concat(by_method).filter(pl.col("status") != QpStatus.NO_SCORE.value)


def _result(scores: pl.LazyFrame, method: Method, prefix: str, keys: tuple[str, ...]) -> pl.LazyFrame:
    is_qp = pl.col(f"{prefix}_status") == QpStatus.QP.value
    bar = pl.when(is_qp).then(f"{prefix}_qp_threshold").otherwise(f"{prefix}_partial_threshold")
    return scores.select(
        "level",
        "entity_key",
        "clinician_key",
        "basis",
        *keys,
        determined_at_snapshot="snapshot",
        method=pl.lit(method.value),
        status=pl.col(f"{prefix}_status"),
        score=pl.col(f"{prefix}_score"),
        threshold=bar,
        qp_threshold=pl.col(f"{prefix}_qp_threshold"),
        gap_to_qp=pl.col(f"{prefix}_gap_to_qp"),
    )


def results_of_clinicians(scores: pl.LazyFrame, listings: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per clinician and result: the results of the entity groups it was in, and its own."""
    all_results = results(scores)
    is_entity = pl.col("level") == Level.APM_ENTITY.value
    through = all_results.filter(is_entity).drop("clinician_key")
    through = through.join(_members(listings, law), on=["entity_key", "determined_at_snapshot"])
    own = all_results.filter(~is_entity)
    found = pl.concat([through.select(sorted(RESULT)), own.select(sorted(RESULT))])
    return found.with_columns(option=pl.lit(QpOption.MEDICARE.value))


def all_payer_results(all_payer_scores: pl.LazyFrame, listings: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per clinician and all-payer result that makes a QP or Partial QP: it can only improve (414.1440)."""
    own_and_shared = improving(results(all_payer_scores, "tin_key"))
    shared = own_and_shared.drop("clinician_key")
    of_entities = shared.filter(pl.col("level") == Level.APM_ENTITY.value)
    of_entities = of_entities.join(_members(listings, law), on=["entity_key", "determined_at_snapshot"])
    of_tins = shared.filter(pl.col("level") == Level.TIN.value)
    pairs = _members(listings.filter(pl.col("tin_key").is_not_null()), law, "tin_key")
    of_tins = of_tins.join(pairs, on=["entity_key", "tin_key", "determined_at_snapshot"])
    own = own_and_shared.filter(pl.col("level") == Level.NPI.value)
    found = pl.concat([frame.select(sorted(RESULT)) for frame in (of_entities, of_tins, own)])
    return found.with_columns(option=pl.lit(QpOption.ALL_PAYER.value))


def improving(all_payer_results: pl.LazyFrame) -> pl.LazyFrame:
    """The results that count beside those of the Medicare Option: they make a QP or Partial QP."""
    return all_payer_results.filter(pl.col("status").is_in([QpStatus.QP.value, QpStatus.PARTIAL_QP.value]))


RESULT = (
    "level",
    "entity_key",
    "clinician_key",
    "basis",
    "determined_at_snapshot",
    "method",
    "status",
    "score",
    "threshold",
    "qp_threshold",
    "gap_to_qp",
)


def _members(listings: pl.LazyFrame, law: Law, *more: str) -> pl.LazyFrame:
    found = pl.concat([members(listings, snapshot, *more) for snapshot in law.snapshots])
    return found.rename({"snapshot": "determined_at_snapshot"})


def preference() -> pl.Expr:
    """Orders the results of a clinician, the one that decides first.

    The most favourable status; of QP and Partial QP the earliest snapshot, of NOT_QP the newest; then the Medicare
    Option before the All-Payer Combination Option; then entity before individual before affiliated practitioner, E/M
    before CPS, payment before patient, lowest APM Entity id.
    """
    is_not_qp = pl.col("status") == QpStatus.NOT_QP.value
    snapshot = pl.when(is_not_qp).then(-pl.col("determined_at_snapshot")).otherwise("determined_at_snapshot")
    return pl.struct(
        worse=-rank("status"),
        snapshot=snapshot,
        option=position("option", list(QpOption)),
        level=position("level", list(Level)),
        basis=position("basis", list(ServiceBasis)),
        method=position("method", list(Method)),
        entity=pl.col("entity_key").fill_null(0),
    )


def position(column: str, values: list[str]) -> pl.Expr:
    """Place of a value in an order."""
    order = {str(value): i for i, value in enumerate(values)}
    return pl.col(column).replace_strict(order, return_dtype=pl.Int8)


def best_so_far(in_preference: pl.LazyFrame, snapshot: Snapshot) -> pl.LazyFrame:
    """One row per clinician: the result that decides among those up to a snapshot. Best status sticks.

    `in_preference`: the results of clinicians sorted by `preference`.
    """
    so_far = in_preference.filter(pl.col("determined_at_snapshot") <= snapshot.number)
    deciding = so_far.unique("clinician_key", keep="first", maintain_order=True)
    return deciding.with_columns(snapshot=pl.lit(snapshot.number, pl.Int64))


def determinations(
    clinician_results: pl.LazyFrame, listings: pl.LazyFrame, numbering: Numbering, law: Law
) -> pl.LazyFrame:
    """One row per clinician and snapshot from the first at which it is listed, in the columns of DETERMINATIONS."""
    in_preference = clinician_results.sort(preference())
    best = pl.concat([best_so_far(in_preference, snapshot) for snapshot in law.snapshots])
    listed = pl.concat([listed_so_far(listings, law, snapshot) for snapshot in law.snapshots])
    rows = listed.join(best, on=["clinician_key", "snapshot"], how="left")
    rows = rows.with_columns(pl.col("status").fill_null(QpStatus.NO_SCORE.value))
    if is_third(law, law.snapshots[-1]):
        rows = pl.concat([rows, first_listed_after_the_period(listings, law)], how="diagonal")
    return _in_columns(rows, numbering, law)


def listed_so_far(listings: pl.LazyFrame, law: Law, snapshot: Snapshot) -> pl.LazyFrame:
    """One row per clinician on a list on one of the dates so far, with its entities that count."""
    was_listed = any_of([pl.col(at("is_listed", s)) for s in law.snapshots if s <= snapshot])
    counting = pl.col("entity_key").filter(pl.col(at("counts", snapshot)))
    grouped = listings.filter(was_listed).group_by("clinician_key")
    return grouped.agg(
        snapshot=pl.lit(snapshot.number, pl.Int64).first(),
        apm_entity_count=counting.n_unique().cast(pl.Int64),
        is_on_mips_apm_list=_is_on_mips_apm_list().any(),
    )


def first_listed_after_the_period(listings: pl.LazyFrame, law: Law) -> pl.LazyFrame:
    """One row per clinician first listed after Aug 31 and on the Dec 31 list: no QP through it (414.1425(b))."""
    was_listed = any_of([pl.col(at("is_listed", s)) for s in law.snapshots])
    in_december = pl.col(at("is_listed", DECEMBER))
    grouped = listings.group_by("clinician_key").agg(
        was_listed=was_listed.any(),
        in_december=in_december.any(),
        is_on_mips_apm_list=(in_december & _is_on_mips_apm_list()).any(),
    )
    return grouped.filter(~pl.col("was_listed") & pl.col("in_december")).select(
        "clinician_key",
        "is_on_mips_apm_list",
        snapshot=pl.lit(DECEMBER, pl.Int64),
        apm_entity_count=pl.lit(0, pl.Int64),
        status=pl.lit(QpStatus.NOT_QP.value),
    )


def _is_on_mips_apm_list() -> pl.Expr:
    return (pl.col("list_type") == ListType.PARTICIPATION.value) & pl.col("is_mips_apm")


def mips_consequence() -> pl.Expr:
    """QPs are excluded from MIPS, Partial QPs may elect it, others are subject to it (414.1310(b))."""
    consequences = {
        QpStatus.QP.value: MipsConsequence.EXCLUDED.value,
        QpStatus.PARTIAL_QP.value: MipsConsequence.MAY_ELECT.value,
    }
    return pl.col("status").replace_strict(consequences, default=MipsConsequence.SUBJECT.value, return_dtype=pl.String)


def _in_columns(rows: pl.LazyFrame, numbering: Numbering, law: Law) -> pl.LazyFrame:
    named = rows.join(numbering.entities.lazy(), on="entity_key", how="left").join(
        numbering.clinicians.lazy(), on="clinician_key"
    )
    newest = pl.col("snapshot").max().over("npi")
    return named.select(
        pl.lit(law.performance_year, pl.Int64).alias("performance_year"),
        "npi",
        "snapshot",
        (pl.col("snapshot") == newest).alias("is_latest"),
        "status",
        pl.col("level").alias("determined_by_level"),
        pl.col("apm_entity_id").alias("determined_by_apm_entity_id"),
        pl.col("basis").alias("determined_by_basis"),
        pl.col("method").alias("determined_by_method"),
        "determined_at_snapshot",
        "score",
        "threshold",
        "apm_entity_count",
        mips_consequence().alias("mips_consequence"),
        (pl.col("is_on_mips_apm_list") & (pl.col("status") != QpStatus.QP.value)).alias("is_mips_apm_participant"),
        pl.col("option").alias("determined_by_option"),
    ).sort(DETERMINATIONS.keys)
