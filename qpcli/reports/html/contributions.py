"""What each TIN does to the scores of its APM Entity, where the run has kept its cells."""

from __future__ import annotations

from typing import Any

import polars as pl

from qpcli.reports.html.content import Content
from qpcli.reports.html.elements import Html, element
from qpcli.reports.html.entities import status
from qpcli.reports.html.tables import Cell, Header, table
from qpcli.reports.summary_words import points
from qpcli.tables.contributions import CONTRIBUTIONS
from qpcli.terms import QpStatus

MOST_TINS = 100
_METHODS = ("payment", "patient")
_HEADERS = (
    Header("APM Entity"),
    Header("TIN"),
    Header("Basis"),
    Header("Shared patients", is_number=True),
    Header("Payments % without it", is_number=True),
    Header("Change", is_number=True),
    Header("Patients % without it", is_number=True),
    Header("Change", is_number=True),
    Header("Status without it"),
)


def are_known(content: Content) -> bool:
    """Whether the run says what each TIN contributes."""
    return CONTRIBUTIONS.name in content.tables


def by_tin(content: Content) -> Html:
    """A row for each of the TINs that move a score most, at the newest snapshot."""
    found = content.tables[CONTRIBUTIONS.name].filter(pl.col("contributor_kind") == "tin")
    newest = found.filter(pl.col("snapshot") == pl.col("snapshot").max())
    if newest.is_empty():
        return element("p", "No APM Entity has a group with a TIN.")
    effect = pl.max_horizontal(pl.col(f"{method}_score_change").abs() for method in _METHODS)
    keys = ["apm_entity_id", "contributor", "basis"]
    by_effect = newest.sort(-effect.fill_null(-1), *keys)
    rows = [_row(row) for row in by_effect.head(MOST_TINS).iter_rows(named=True)]
    return table(f"The {len(rows):,} TINs that move a score most, of {newest.height:,}", _HEADERS, rows)


def _row(row: dict[str, Any]) -> list[Cell]:
    left = QpStatus(row["status_without"])
    return [
        Cell(row["apm_entity_id"]),
        Cell(row["contributor"]),
        Cell(row["basis"]),
        Cell(f"{row['shared_patient_count']:,}", row["shared_patient_count"]),
        *(cell for method in _METHODS for cell in _scores(row, method)),
        Cell(status(left), -left.rank),
    ]


def _scores(row: dict[str, Any], method: str) -> list[Cell]:
    without, change = row[f"{method}_score_without"], row[f"{method}_score_change"]
    sign = "+" if change is not None and change > 0 else ""
    return [
        Cell("-", "") if without is None else Cell(points(without), without),
        Cell("-", "") if change is None else Cell(f"{sign}{points(change)}", change),
    ]
