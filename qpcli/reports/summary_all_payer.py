"""The All-Payer Combination Option in a summary: scores of APM Entities; TINs and clinicians are counted, not named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from qpcli.reports.summary_rows import StatusCounts, counted_statuses
from qpcli.reports.summary_tables import STATUS_STYLES, plain_table
from qpcli.reports.summary_words import HIDDEN, STATUS_WORDS, counted, points, printable
from qpcli.terms import Level, QpStatus

_MOST_ROWS = 20
_MINIMUM_WORDS = {QpStatus.QP: "met for QP", QpStatus.PARTIAL_QP: "met for Partial QP"}
_SUBJECT = ["level", "apm_entity_id", "tin", "npi"]
_SUBJECTS = {Level.TIN: "TIN", Level.NPI: "clinician"}


def all_payer_part(scores: pl.DataFrame, *, has_bases: bool) -> Iterator[RenderableType]:
    """Every assessed APM Entity, the newest snapshots first where they are many; then the other levels in numbers."""
    assessed = scores.filter(pl.col("not_assessed_because").is_null())
    entities = assessed.filter(pl.col("level") == Level.APM_ENTITY.value)
    entities = entities.sort("snapshot", "apm_entity_id", "basis", descending=[True, False, True])
    if entities.height:
        yield _table(entities.head(_MOST_ROWS), has_bases=has_bases)
    if entities.height > _MOST_ROWS:
        yield Text(f"... and {entities.height - _MOST_ROWS:,} more rows in the table all_payer_scores.")
    yield from (Text(words) for words in others_in_numbers(scores))


def others_in_numbers(scores: pl.DataFrame) -> Iterator[str]:
    """TINs and clinicians by status, and how many subjects were not assessed."""
    is_refused = pl.col("not_assessed_because").is_not_null()
    for level, word in _SUBJECTS.items():
        of_level = scores.filter(~is_refused & (pl.col("level") == level.value))
        if of_level.height:
            yield f"{_of_subjects(best_of_level(of_level), word)}."
    refused = scores.filter(is_refused)
    if refused.height:
        subjects = refused.n_unique(_SUBJECT)
        yield f"{counted(subjects, 'subject')} not assessed at some snapshot; the findings say why."


def best_of_level(rows: pl.DataFrame) -> StatusCounts:
    """Subjects of one level by their most favourable all-payer status."""
    ranks = {status.value: status.rank for status in QpStatus}
    by_favour = rows.sort(pl.col("status").replace_strict(ranks, return_dtype=pl.Int64))
    return counted_statuses(by_favour.unique(_SUBJECT, keep="last").get_column("status"))


def _of_subjects(counts: StatusCounts, word: str) -> str:
    told = ", ".join(f"{count:,} {STATUS_WORDS[status]}" for status, count in counts.by_status.items() if count)
    return f"{counted(counts.total, word)}: {told}"


def _table(rows: pl.DataFrame, *, has_bases: bool) -> Table:
    table = plain_table()
    table.add_column("Entity", overflow="fold")
    table.add_column("Snapshot", justify="right", no_wrap=True)
    if has_bases:
        table.add_column("Basis", no_wrap=True)
    table.add_column("All payments %", justify="right", no_wrap=True)
    table.add_column("All patients %", justify="right", no_wrap=True)
    table.add_column("Medicare minimum", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    for row in rows.iter_rows(named=True):
        table.add_row(*_cells(row, has_bases=has_bases))
    return table


def _cells(row: Mapping[str, Any], *, has_bases: bool) -> Iterator[Text]:
    status = QpStatus(row["status"])
    yield Text(printable(row["apm_entity_id"]))
    yield Text(str(row["snapshot"]))
    if has_bases:
        yield Text(row["basis"])
    for prefix in ("payment", "patient"):
        yield Text(score_words(row, prefix))
    yield Text(minimum_words(row))
    yield Text(STATUS_WORDS[status], style=STATUS_STYLES.get(status, ""))


def minimum_words(row: Mapping[str, Any]) -> str:
    """For what the Medicare minimum is met."""
    return _MINIMUM_WORDS.get(QpStatus(row["medicare_minimum_status"]), "missed")


def score_words(row: Mapping[str, Any], prefix: str) -> str:
    """The score alone against its bar: a truncated score reaches a whole percent where the exact one does."""
    score, bar = row[f"{prefix}_score"], row[f"{prefix}_qp_threshold"]
    if score is None:
        return "-" if row[f"{prefix}_status"] == QpStatus.NO_SCORE.value else HIDDEN
    return f"{points(score)} {'>=' if score >= bar * 10_000 else ' <'} {bar}"
