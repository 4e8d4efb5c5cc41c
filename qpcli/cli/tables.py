"""Tables for people, all of one look: a bold header, no frames, words that wrap."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def plain_table(
    headers: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    *,
    right: Collection[str] = (),
    whole: Collection[str] = (),
    spaced: bool = False,
) -> Table:
    """A table; `right` names the columns that hold numbers; these, the first and those of `whole` never wrap."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", border_style="dim")
    table.leading = int(spaced)
    for position, header in enumerate(headers):
        is_number = header in right
        table.add_column(
            header,
            justify="right" if is_number else "left",
            no_wrap=position == 0 or is_number or header in whole,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*row)
    return table
