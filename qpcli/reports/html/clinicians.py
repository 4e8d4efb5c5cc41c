"""The clinicians: how many have each status, and who is near the bar."""

from __future__ import annotations

from typing import Any

import polars as pl

from qpcli.reports.html.charts import Part, distances, parts_of_whole
from qpcli.reports.html.content import KINDS, Content
from qpcli.reports.html.elements import Html, element, joined
from qpcli.reports.html.entities import status
from qpcli.reports.html.tables import Cell, Header, table
from qpcli.reports.summary_rows import clinicians_by_status
from qpcli.reports.summary_words import STATUS_WORDS, dollars, points
from qpcli.terms import QpStatus

MOST_CLINICIANS = 100
_HEADERS = (
    Header("Clinician"),
    Header("NPI"),
    Header("TINs"),
    Header("APM Entities"),
    Header("Status"),
    Header("Payments %", is_number=True),
    Header("Patients %", is_number=True),
    Header("Dollars missing", is_number=True),
    Header("Patients missing", is_number=True),
    Header("Points to the bar", is_number=True),
)


def by_status(content: Content) -> Html:
    """How many clinicians have each status at their newest determination."""
    counts = clinicians_by_status(content.tables["determinations"]).by_status
    parts = [Part(KINDS[one], STATUS_WORDS[one], count) for one, count in counts.items()]
    told = ", ".join(f"{part.label} {part.count:,}" for part in parts)
    return element("figure", parts_of_whole("clinicians", "Clinicians by status", f"{told}.", parts))


def near_the_bar(content: Content) -> Html:
    """How far clinicians are from the bar, and a row for each of those nearest to it."""
    measured = with_distance(content.tables["clinicians"])
    known = measured.filter(pl.col("points").is_not_null())
    if known.is_empty():
        return element("p", "No clinician has a score that can be shown.")
    below = known.filter(pl.col("points") < 0).height
    told = f"{below:,} below the bar, {known.height - below:,} at it or above."
    chart = distances(
        "distances", "Clinicians by their distance to the QP bar", told, known.get_column("points").to_list()
    )
    caption = element(
        "figcaption", "Clinicians by points to the QP bar, by the better method of each; bins of 5 points."
    )
    nearest = known.with_columns(size=pl.col("points").abs()).sort("size", "npi").head(MOST_CLINICIANS)
    title = f"The {nearest.height:,} clinicians nearest the QP bar, of {measured.height:,}"
    return joined(
        [
            element("figure", caption, chart),
            table(title, _HEADERS, [_row(row) for row in nearest.iter_rows(named=True)]),
        ]
    )


def with_distance(clinicians: pl.DataFrame) -> pl.DataFrame:
    """Clinicians with `points`: score less bar of the better method, in ten-thousandths; null without a score."""
    above = [pl.col(f"{prefix}_score") - pl.col(f"{prefix}_qp_threshold") * 10_000 for prefix in ("payment", "patient")]
    return clinicians.with_columns(points=pl.max_horizontal(above))


def _row(row: dict[str, Any]) -> list[Cell]:
    one = QpStatus(row["status"])
    scores = [
        Cell("-", "") if row[name] is None else Cell(points(row[name]), row[name])
        for name in ("payment_score", "patient_score")
    ]
    dollar_gap, patient_gap = row["payment_gap_to_qp"], row["patient_gap_to_qp"]
    sign = "+" if row["points"] >= 0 else ""
    return [
        Cell(row["clinician_name"] or "(no name)"),
        Cell(row["npi"]),
        Cell(row["tins"] or ""),
        Cell(row["apm_entity_ids"] or ""),
        Cell(status(one), -one.rank),
        *scores,
        Cell("-", "") if dollar_gap is None else Cell(dollars(dollar_gap), dollar_gap),
        Cell("-", "") if patient_gap is None else Cell(f"{patient_gap:,}", patient_gap),
        Cell(f"{sign}{points(row['points'])}", row["points"]),
    ]
