"""What the names of CCLF files tell across conversions: weekly deliveries superseded, days that tell reductions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import PurePosixPath

import polars as pl

from qpcli.inputs.cclf.names import CclfName, parse_name


def are_superseded_across(before: Iterable[str], new: Iterable[str]) -> bool:
    """Whether a monthly file among some names supersedes a weekly one among the others."""
    earlier, later = _parsed(before), _parsed(new)
    return _supersedes(earlier, later) or _supersedes(later, earlier)


_REDUCTIONS = "B"
_BELOW_THE_DATE = 10**7
"""A delivery is its date times this, and its time."""


def days_of_reductions(names: Iterable[str]) -> frozenset[int]:
    """The days, as numbers yymmdd, of deliveries with a file of reductions; loaded tables do not tell theirs."""
    found = (name for name in _parsed(names) if name.number == _REDUCTIONS)
    return frozenset(name.delivery // _BELOW_THE_DATE for name in found if name.delivery)


def day_of(delivery: pl.Expr) -> pl.Expr:
    """The day of a delivery as a number yymmdd: the files of one delivery may differ in their time."""
    return delivery // _BELOW_THE_DATE


def _parsed(names: Iterable[str]) -> list[CclfName]:
    found = (parse_name(PurePosixPath(text).name) for text in names)
    return [name for name in found if name is not None]


def _supersedes(monthly: Iterable[CclfName], weekly: Iterable[CclfName]) -> bool:
    last: dict[str | None, date] = {}
    for name in monthly:
        if name.delivered_on is not None and not name.is_weekly:
            last[name.entity_id] = max(name.delivered_on, last.get(name.entity_id, name.delivered_on))
    return any(
        name.is_weekly and name.delivered_on is not None and name.delivered_on <= last.get(name.entity_id, date.min)
        for name in weekly
    )
