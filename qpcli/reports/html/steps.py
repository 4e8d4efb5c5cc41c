"""From all lines of an APM Entity's group to its numerator: what each step takes away, in people and in dollars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from qpcli.reports.html.charts import Step, waterfall
from qpcli.reports.html.content import Content, Entity
from qpcli.reports.html.elements import Html, element, joined
from qpcli.reports.html.tables import Cell, Header, table
from qpcli.reports.summary_words import dollars

MOST_ENTITIES = 6
WORDS = {
    "group_lines_in_period": "In the period",
    "processed_in_time": "Processed in time",
    "not_denied": "Not denied",
    "not_cancelled": "Not cancelled",
    "covered_professional_service": "Covered professional service",
    "has_enrollment_record": "Enrollment known",
    "is_not_managed_care": "Not in managed care",
    "is_not_medicare_secondary": "Medicare pays first",
    "has_part_a_and_b": "Part A and Part B",
    "is_at_least_18": "At least 18",
    "is_us_resident": "Lives in the US",
    "has_qualifying_service": "Has a qualifying service",
    "is_not_prospective_elsewhere": "Denominator",
    "is_attributed": "Numerator (attributed)",
}


def waterfalls(content: Content) -> Html:
    """For each APM Entity shown: two waterfalls, and the same as a table."""
    shown = content.entities[:MOST_ENTITIES]
    pieces = [piece for place, entity in enumerate(shown) for piece in _of_entity(content, entity, place)]
    if len(content.entities) > len(shown):
        words = f"Shown are {len(shown)} of {len(content.entities):,} APM Entities; the table exclusions has all."
        pieces.append(element("p", words, class_="muted"))
    return joined(pieces)


def _of_entity(content: Content, entity: Entity, place: int) -> Iterator[Html]:
    newest = entity.newest
    of_newest = (pl.col("snapshot") == newest.snapshot) & (pl.col("basis") == newest.basis)
    is_entity = pl.col("apm_entity_id") == entity.apm_entity_id
    rows = content.tables["exclusions"].filter(is_entity & of_newest).sort("step_number").rows(named=True)
    title = f"{entity.title}, snapshot {newest.snapshot}"
    yield element("h3", title)
    people = [_step(row, "beneficiaries") for row in rows if row["step_number"] > 5]
    amounts = [_step(row, "amount") for row in rows]
    yield _figure(f"people-{place}", "People", f"People of {title}, step by step", people)
    yield _figure(f"dollars-{place}", "Dollars", f"Dollars of {title}, step by step", amounts)
    yield element("details", element("summary", "The same as a table"), _table(title, rows))


def _step(row: dict[str, Any], what: str) -> Step:
    remaining, removed = row[f"{what}_remaining"], row[f"{what}_removed"]
    return Step(WORDS[row["step"]], remaining, removed, _shown(remaining, removed, is_money=what == "amount"))


def _shown(remaining: int | None, removed: int | None, *, is_money: bool) -> str:
    if remaining is None:
        return "hidden"
    # Whole dollars are enough for a picture; the table has the cents.
    words = (lambda cents: dollars(cents)[:-3]) if is_money else "{:,}".format
    change = "less" if (removed or 0) > 0 else "plus"
    return words(remaining) + (f" ({change} {words(abs(removed))})" if removed else "")


def _figure(identifier: str, what: str, title: str, steps: list[Step]) -> Html:
    told = "; ".join(f"{step.label}: {step.shown}" for step in steps)
    caption = element("figcaption", f"{what}: dark remains, pale is removed by the step.")
    return element("figure", caption, waterfall(identifier, title, f"{told}.", steps))


def _table(title: str, rows: list[dict[str, Any]]) -> Html:
    names = ("Lines", "Lines removed", "People", "People removed", "Dollars", "Dollars removed")
    headers = [Header("Step"), *(Header(name, is_number=True) for name in names)]
    return table(f"Steps of {title}", headers, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> list[Cell]:
    numbers = [
        Cell(*_plain(row[f"{what}_{how}"])) for what in ("lines", "beneficiaries") for how in ("remaining", "removed")
    ]
    amounts = [row[f"amount_{how}"] for how in ("remaining", "removed")]
    money = [Cell("" if amount is None else dollars(amount), "" if amount is None else amount) for amount in amounts]
    return [Cell(f"{row['step_number']}. {WORDS[row['step']]}", row["step_number"]), *numbers, *money]


def _plain(number: int | None) -> tuple[str, str | int]:
    return ("", "") if number is None else (f"{number:,}", number)
