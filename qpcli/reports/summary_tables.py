"""How the tables of a summary look."""

from __future__ import annotations

from rich.table import Table

from qpcli.terms import QpStatus

STATUS_STYLES = {QpStatus.QP: "green", QpStatus.PARTIAL_QP: "yellow", QpStatus.NOT_QP: "red"}


def plain_table(*, has_header: bool = True) -> Table:
    """A table without lines."""
    return Table(box=None, show_header=has_header, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
