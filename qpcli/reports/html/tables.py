"""Tables that can be sorted by each column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qpcli.reports.html.elements import Html, element, joined


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: what is shown, and what it is sorted by where that is another thing; an empty `order` comes last."""

    shown: str
    order: str | float | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """A column: its name, and whether it holds numbers."""

    name: str
    is_number: bool = False


def table(caption: str, headers: Sequence[Header], rows: Iterable[Sequence[Cell]]) -> Html:
    """A table with a caption; the first cell of a row is its header."""
    head = [
        element("th", element("button", header.name, type="button"), scope="col", class_=_class(header))
        for header in headers
    ]
    body = [element("tr", *_cells(row, headers)) for row in rows]
    whole = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *head)),
        element("tbody", *body),
    )
    return element("div", whole, class_="scroll", tabindex="0", role="region", aria_label=caption)


def _cells(row: Sequence[Cell], headers: Sequence[Header]) -> Iterable[Html]:
    for place, (cell, header) in enumerate(zip(row, headers, strict=True)):
        name, scope = ("th", "row") if place == 0 else ("td", None)
        order = None if cell.order is None else str(cell.order)
        yield element(name, joined([cell.shown]), scope=scope, class_=_class(header), data_sort=order)


def _class(header: Header) -> str | None:
    return "number" if header.is_number else None
