"""With all payers: the scores that other payers' submissions make of Medicare's."""

from __future__ import annotations

from typing import Any

import polars as pl

from qpcli.reports.html.content import Content
from qpcli.reports.html.elements import Html, element, joined
from qpcli.reports.html.entities import status
from qpcli.reports.html.tables import Cell, Header, table
from qpcli.reports.summary_all_payer import minimum_words, others_in_numbers, score_words
from qpcli.reports.summary_words import points
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.terms import Level, QpStatus

_HEADERS = (
    Header("APM Entity"),
    Header("Snapshot"),
    Header("Basis"),
    Header("Medicare payments %", is_number=True),
    Header("All payments %", is_number=True),
    Header("Medicare patients %", is_number=True),
    Header("All patients %", is_number=True),
    Header("Medicare minimum"),
    Header("Status"),
)


def are_submitted(content: Content) -> bool:
    """Whether anything was submitted of other payers."""
    return ALL_PAYER_SCORES.name in content.tables


def told(content: Content) -> Html:
    """Every assessed APM Entity; TINs and clinicians in numbers."""
    scores = content.tables[ALL_PAYER_SCORES.name]
    is_shown = (pl.col("level") == Level.APM_ENTITY.value) & pl.col("not_assessed_because").is_null()
    entities = scores.filter(is_shown).sort("apm_entity_id", "snapshot", "basis")
    rows = [_row(row, content) for row in entities.iter_rows(named=True)]
    shown = [table("All-payer scores of APM Entities", _HEADERS, rows)] if rows else []
    return joined([*shown, *(element("p", words) for words in others_in_numbers(scores))])


def _row(row: dict[str, Any], content: Content) -> list[Cell]:
    entity, one = row["apm_entity_id"], QpStatus(row["status"])
    name = content.names.get(entity, entity)
    return [
        Cell(entity if name == entity else f"{entity} {name}"),
        Cell(str(row["snapshot"])),
        Cell(row["basis"]),
        *(cell for prefix in ("payment", "patient") for cell in _scores(row, prefix)),
        Cell(minimum_words(row)),
        Cell(status(one), -one.rank),
    ]


def _scores(row: dict[str, Any], prefix: str) -> list[Cell]:
    medicare, score = row[f"medicare_{prefix}_score"], row[f"{prefix}_score"]
    return [
        Cell("-", "") if medicare is None else Cell(points(medicare), medicare),
        Cell(score_words(row, prefix), "" if score is None else score),
    ]
