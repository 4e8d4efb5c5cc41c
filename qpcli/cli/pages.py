"""Answers of explain and whatif: calm text for a terminal, Markdown for a report to somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from qpcli.cli import console
from qpcli.cli.tables import plain_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from qpcli.analysis.page import Page, PageTable

WIDEST = 110


class PageFormat(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    MARKDOWN = "markdown"


def show_page(page: Page, format: PageFormat) -> None:
    """Write a page to stdout."""
    if format is PageFormat.MARKDOWN:
        console.write(("\n".join(_markdown(page)) + "\n").encode())
    else:
        from rich.console import Group
        from rich.constrain import Constrain

        console.show(Constrain(Group(*_text(page)), WIDEST))


def _text(page: Page) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    yield Text(console.printable(page.title), style="bold")
    for section in page.sections:
        if section.parts:
            yield Text(f"\n{console.printable(section.title)}", style="bold")
        for part in section.parts:
            body = Text(console.printable(part)) if isinstance(part, str) else _table(part)
            yield Padding(body, (0, 0, 0, 2))


def _table(table: PageTable) -> RenderableType:
    rows = [[console.printable(cell) for cell in row] for row in table.rows]
    return plain_table(table.headers, rows, right=table.right, whole=table.whole)


def _markdown(page: Page) -> Iterator[str]:
    yield f"# {_escaped(page.title)}"
    for section in page.sections:
        if section.parts:
            yield f"\n## {_escaped(section.title)}\n"
        for position, part in enumerate(section.parts):
            if position:
                yield ""
            yield from [_escaped(part)] if isinstance(part, str) else _markdown_table(part)


def _markdown_table(table: PageTable) -> Iterator[str]:
    yield f"| {' | '.join(_escaped(header) for header in table.headers)} |"
    yield f"|{'|'.join('---:' if header in table.right else '---' for header in table.headers)}|"
    for row in table.rows:
        yield f"| {' | '.join(_escaped(cell) for cell in row)} |"


def _escaped(text: str) -> str:
    return console.printable(text).replace("|", "\\|").replace("<", "&lt;")
