"""TINs and NPIs ranked by what leaving each out does to the scores of its APM Entity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from pydantic import JsonValue

from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.page import Page, PageTable, Section
from qpcli.analysis.whatif_answer import ATTRIBUTION_STAYS
from qpcli.errors import InputError, UsageError
from qpcli.regulation.law import Law
from qpcli.reports.as_json import as_json
from qpcli.reports.summary_words import STATUS_WORDS, points
from qpcli.terms import Level, Method, QpStatus

JSON_VERSION = "qpcli.rank/1"
_PREFIX = {Method.PAYMENT_AMOUNT: "payment", Method.PATIENT_COUNT: "patient"}
_OF_THE_ENTITY = ["performance_year", "snapshot", "apm_entity_id", "basis"]
_WORDS = {Method.PAYMENT_AMOUNT: "payments", Method.PATIENT_COUNT: "patients"}


@dataclass(frozen=True, slots=True)
class Ranked:
    """The contributors of one entity at its newest snapshot, the best to leave out first.

    `method` and `basis`: the result nearest to QP, by whose change they are ranked; `score` in ten-thousandths.
    """

    apm_entity_id: str
    snapshot: int
    basis: str
    method: Method
    score: int
    bar: int
    rows: pl.DataFrame


def ranked(run: FinishedRun, kind: str, apm_entity_id: str | None) -> tuple[Ranked, ...]:
    """Every entity with a score, or one; raises InputError QP220 without kept cells, UsageError QP101 unless known."""
    if "contributions" not in run.tables:
        raise InputError("QP220", "The run keeps no cells.", "Run `qpcli determine` again with --keep-cells.")
    scores = run.tables["threshold_scores"].filter(pl.col("level") == Level.APM_ENTITY.value)
    if apm_entity_id is not None:
        scores = scores.filter(pl.col("apm_entity_id") == apm_entity_id)
        if scores.is_empty():
            raise UsageError("QP101", "--apm-entity names no APM Entity with a score in this run.")
    newest = scores.filter(pl.col("snapshot") == pl.col("snapshot").max().over("apm_entity_id"))
    of_kind = run.tables["contributions"].filter(pl.col("contributor_kind") == kind)
    nearest = [nearest_result(newest.filter(pl.col("apm_entity_id") == one), run.law) for one in _ids(newest)]
    return tuple(_ranked(near, of_kind) for near in nearest if near is not None)


def _ids(scores: pl.DataFrame) -> list[str]:
    return scores.get_column("apm_entity_id").unique().sort().to_list()


def nearest_result(rows: pl.DataFrame, law: Law) -> Ranked | None:
    """The basis and method whose score lies highest against its QP bar; None where there is no score."""
    results = [
        Ranked(row["apm_entity_id"], row["snapshot"], row["basis"], method, score, bar, rows.clear())
        for row in rows.iter_rows(named=True)
        for method, prefix in _PREFIX.items()
        if (score := row[f"{prefix}_score"]) is not None and (bar := law.thresholds.bar(method, QpStatus.QP))
    ]
    return max(results, key=lambda one: one.score - one.bar * 10_000, default=None)


def _ranked(near: Ranked, contributions: pl.DataFrame) -> Ranked:
    here = contributions.filter(
        (pl.col("apm_entity_id") == near.apm_entity_id)
        & (pl.col("snapshot") == near.snapshot)
        & (pl.col("basis") == near.basis)
    )
    change = f"{_PREFIX[near.method]}_score_change"
    rows = here.sort(pl.col(change), "contributor", descending=[True, False], nulls_last=True)
    return Ranked(near.apm_entity_id, near.snapshot, near.basis, near.method, near.score, near.bar, rows)


def rank_document(run: FinishedRun, kind: str, found: tuple[Ranked, ...]) -> dict[str, JsonValue]:
    """The ranking as one JSON object; amounts in cents, scores in ten-thousandths of a percent."""
    return {
        "schema": JSON_VERSION,
        "run_id": run.run_id,
        "performance_year": run.law.performance_year,
        "units": {"amounts": "cents", "scores": "ten-thousandths of a percent"},
        "kind": kind,
        "entities": [
            {
                "apm_entity_id": one.apm_entity_id,
                "snapshot": one.snapshot,
                "basis": one.basis,
                "ranked_by": one.method.value,
                "score": one.score,
                "qp_threshold": one.bar,
                "contributors": [as_json(row) for row in one.rows.drop(_OF_THE_ENTITY).iter_rows(named=True)],
            }
            for one in found
        ],
    }


def rank_page(run: FinishedRun, kind: str, found: tuple[Ranked, ...], most: int) -> Page:
    """The ranking for people: those to leave out first, and the last ones, whom the score rests on."""
    title = f"{kind.upper()}s by what leaving one out does: performance year {run.law.performance_year}"
    note = Section("Read this first", (ATTRIBUTION_STAYS,))
    return Page(title, (note, *(_section(one, kind, most) for one in found)))


def _section(one: Ranked, kind: str, most: int) -> Section:
    title = (
        f"{one.apm_entity_id}: {points(one.score)} % of {_WORDS[one.method]}, QP from {one.bar} % "
        f"(snapshot {one.snapshot}, {one.basis})"
    )
    return Section(title, tuple(_parts(one, kind, most)))


def _parts(one: Ranked, kind: str, most: int) -> Iterator[str | PageTable]:
    count = one.rows.height
    shown = one.rows if count <= most else pl.concat([one.rows.head(most - most // 2), one.rows.tail(most // 2)])
    headers = (
        kind.upper(),
        "Own pay %",
        "Own patients",
        "Shared",
        "Pay % without",
        "Patient % without",
        "Status",
    )
    rows = tuple(_row(row) for row in shown.iter_rows(named=True))
    yield PageTable(headers, rows, right=headers[1:6], whole=("Status",))
    if count > most:
        ends = f"The first {most - most // 2} and the last {most // 2} of {count:,}"
        yield f"{ends}, by the change in {_WORDS[one.method]}."


def _row(row: dict[str, int | str | None]) -> tuple[str, ...]:
    numerator, denominator = row["own_payment_numerator"], row["own_payment_denominator"]
    assert isinstance(numerator, int)
    assert isinstance(denominator, int)
    own = "-" if denominator <= 0 else points(numerator * 1_000_000 // denominator)
    return (
        str(row["contributor"]),
        own,
        f"{row['own_patient_numerator']:,} / {row['own_patient_denominator']:,}",
        f"{row['shared_patient_count']:,}",
        _with_change(row["payment_score_without"], row["payment_score_change"]),
        _with_change(row["patient_score_without"], row["patient_score_change"]),
        STATUS_WORDS[QpStatus(str(row["status_without"]))],
    )


def _with_change(score: int | str | None, change: int | str | None) -> str:
    """`46.22 (+3.03)`; a dash without a score."""
    if not isinstance(score, int):
        return "-"
    if not isinstance(change, int):
        return points(score)
    return f"{points(score)} ({'+' if change >= 0 else ''}{points(change)})"
