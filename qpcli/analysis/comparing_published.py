"""A run beside what CMS has published: statuses as the letters are read, scores to two decimals.

The service gives one answer per clinician and load of data, and does not say of which snapshot: the user does.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qpcli.analysis.comparing_runs import first_cause, in_columns
from qpcli.analysis.finished_run import FinishedRun
from qpcli.errors import UsageError
from qpcli.inputs.qpp_eligibility import Published
from qpcli.regulation.law import Law
from qpcli.tables.clinicians import SEPARATOR
from qpcli.tables.differences import Cause, Subject
from qpcli.terms import Level, QpStatus

_LETTERS = {"Y": QpStatus.QP.value, "P": QpStatus.PARTIAL_QP.value}
_NEITHER = "N"
_SCORES = ("payment_score", "patient_score")
_LEVELS = {"me": Level.APM_ENTITY, "mi": Level.INDIVIDUAL}
_PERCENT_OF_SHARE = 100
_TEN_THOUSANDTHS = 10_000
_HUNDREDTH = 100
_WIDE = pl.Decimal(38, 10)


@dataclass(frozen=True, slots=True)
class PublishedComparison:
    """The differences, in the columns of DIFFERENCES; the run is the first side.

    `omitted`: one row per clinician of the run for whom CMS names no APM participation: npi. `not_compared`:
    clinicians whose letter was not read. `agreeing`: clinicians whose status is the same. `unit`: of CMS's scores.
    """

    differences: pl.DataFrame
    omitted: pl.DataFrame
    clinician_count: int
    agreeing: int
    not_compared: int
    unit: str


def compare_published(run: FinishedRun, published: Published, snapshot: int, law: Law) -> PublishedComparison:
    """What differs at a snapshot; raises UsageError QP101 for one that the run has not computed.

    `law`: the run's, with the assumptions on the service's answers (open points api_status and api_unit).
    """
    if snapshot not in [one.number for one in run.law.snapshots]:
        raise UsageError("QP101", f"The run has not computed snapshot {snapshot}.")
    unit = _unit(published.answers, law)
    answers = _answers(published.answers, unit)
    statuses = _statuses(run, answers, snapshot, law)
    scores = _score_differences(run, answers, snapshot)
    differing = statuses.filter("differs").with_columns(subject=pl.lit(Subject.DETERMINATION.value))
    return PublishedComparison(
        differences=in_columns([scores, _explained(differing, scores).drop("differs", "is_read", "is_omitted")]),
        omitted=statuses.filter("is_omitted").select("npi").sort("npi"),
        clinician_count=answers["npi"].n_unique(),
        agreeing=statuses.filter(pl.col("is_read") & ~pl.col("differs")).height,
        not_compared=statuses.filter(~pl.col("is_read")).height,
        unit=unit,
    )


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(_WIDE, strict=False)


def _unit(answers: pl.DataFrame, law: Law) -> str:
    """`share` or `percent`: as assumed, else by the size of the largest score."""
    assumed = law.assumed("api_unit")
    if assumed != "by_size":
        return assumed
    names = [f"{score}_{level}" for score in _SCORES for level in _LEVELS]
    largest = answers.select(pl.max_horizontal(_number(name).max() for name in names)).item()
    return "percent" if largest is not None and largest > 1 else "share"


def _answers(answers: pl.DataFrame, unit: str) -> pl.DataFrame:
    """Scores in ten-thousandths of a percent; a filler is none."""
    factor = _PERCENT_OF_SHARE if unit == "share" else 1
    scores = []
    for name in (f"{score}_{level}" for score in _SCORES for level in _LEVELS):
        percent = _number(name) * factor
        credible = pl.when(percent.is_between(0, 100)).then(percent)
        scores.append((credible * _TEN_THOUSANDTHS).round().cast(pl.Int64).alias(name))
    return answers.with_columns(*scores)


def _statuses(run: FinishedRun, answers: pl.DataFrame, snapshot: int, law: Law) -> pl.DataFrame:
    """One row per clinician that CMS has answered about, with both statuses."""
    has_apm = (pl.col("apm_id").is_not_null() | pl.col("apm_entity_name").is_not_null()).any()
    told = answers.group_by("npi").agg(letter=pl.col("qp_status").first(), has_apm=has_apm)
    at_snapshot = pl.col("snapshot") == snapshot
    ours = run.tables["determinations"].filter(at_snapshot).select("npi", "snapshot", status_first="status")
    both = told.join(ours, on="npi", how="left").with_columns(snapshot=pl.lit(snapshot, pl.Int64))
    is_listed = pl.col("status_first").is_not_null()
    neither = pl.col("status_first").is_in([QpStatus.NOT_QP.value, QpStatus.NO_SCORE.value]) | ~is_listed
    read = pl.col("letter").replace_strict(_LETTERS, default=None, return_dtype=pl.String)
    is_read = pl.col("letter").is_in([*_LETTERS, _NEITHER]) & pl.lit(law.assumed("api_status") != "as_they_stand")
    agrees = pl.when(pl.col("letter") == _NEITHER).then(neither).otherwise(read == pl.col("status_first"))
    is_better = pl.col("status_first").is_in([QpStatus.QP.value, QpStatus.PARTIAL_QP.value]).fill_null(False)
    return both.select(
        "npi",
        "snapshot",
        "status_first",
        status_second=pl.coalesce(read, "letter"),
        is_read=is_read.fill_null(False),
        differs=is_read.fill_null(False) & ~agrees.fill_null(False),
        is_omitted=is_better & ~pl.col("has_apm"),
        cause=first_cause([(is_listed != pl.col("has_apm"), Cause.ROSTER)]),
    )


def _explained(statuses: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Statuses that differ: by the list, else as the clinician's scores do, else by rule when those agree."""
    by_npi = scores.group_by("npi").agg(score_cause=pl.col("cause").first())
    is_unexplained = pl.col("cause") == Cause.UNEXPLAINED.value
    told = pl.col("score_cause").fill_null(Cause.UNEXPLAINED.value)
    joined = statuses.join(by_npi.filter(pl.col("npi").is_not_null()), on="npi", how="left")
    return joined.with_columns(cause=pl.when(is_unexplained).then(told).otherwise("cause")).drop("score_cause")


def _score_differences(run: FinishedRun, answers: pl.DataFrame, snapshot: int) -> pl.DataFrame:
    """One row per clinician and level whose published score is not the run's to two decimals."""
    compared = [_level(run, answers, snapshot, letters) for letters in _LEVELS]
    return pl.concat(compared).with_columns(subject=pl.lit(Subject.THRESHOLD_SCORE.value))


def _level(run: FinishedRun, answers: pl.DataFrame, snapshot: int, letters: str) -> pl.DataFrame:
    level = _LEVELS[letters]
    told = answers.select("npi", *(pl.col(f"{name}_{letters}").alias(f"{name}_second") for name in _SCORES)).unique()
    told = told.filter(pl.any_horizontal(pl.col(f"{name}_second").is_not_null() for name in _SCORES))
    # Two APMs with other scores: which of them ours is nobody tells.
    told = told.unique("npi", keep="none")
    ours = _own_scores(run, level)
    now = ours.filter(pl.col("snapshot") == snapshot)
    differing = told.join(now, on="npi").filter(pl.any_horizontal(_differs(name) for name in _SCORES))
    elsewhere = told.join(ours.filter(pl.col("snapshot") != snapshot), on="npi")
    fitting = elsewhere.filter(pl.all_horizontal(~_differs(name) for name in _SCORES)).select("npi").unique()
    is_of_other_snapshot = pl.col("npi").is_in(fitting["npi"].implode())
    return differing.with_columns(cause=first_cause([(is_of_other_snapshot, Cause.TIMING_RUN_OUT)]))


def _own_scores(run: FinishedRun, level: Level) -> pl.DataFrame:
    """One row per clinician with one score of the level at a snapshot: the better of its bases."""
    scores = run.tables["threshold_scores"].filter(pl.col("level") == level.value)
    kept: list[str | pl.Expr] = ["snapshot", "apm_entity_id", "basis"]
    kept += [pl.col(name).alias(f"{name}_first") for name in _SCORES]
    status = pl.col("status").alias("status_first")
    if level is Level.INDIVIDUAL:
        named = scores.select("npi", "level", status, *kept)
    else:
        entities = pl.col("apm_entity_ids").str.split(SEPARATOR).alias("apm_entity_id")
        listed = run.tables["clinicians"].select("npi", entities).filter(pl.col("apm_entity_id").list.len() == 1)
        named = listed.explode("apm_entity_id").join(scores.select("level", status, *kept), on="apm_entity_id")
    better = named.sort("payment_score_first", "patient_score_first", "basis", descending=[True, True, False])
    columns = ["npi", "level", "status_first", "snapshot", "apm_entity_id", "basis", "payment_score_first"]
    return better.unique(["npi", "snapshot"], keep="first", maintain_order=True).select(*columns, "patient_score_first")


def _differs(name: str) -> pl.Expr:
    """Whether both are told and differ in the second decimal; ours is truncated, CMS may round."""
    distance = (pl.col(f"{name}_first") - pl.col(f"{name}_second")).abs()
    return (distance >= _HUNDREDTH).fill_null(False)
