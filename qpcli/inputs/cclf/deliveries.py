"""Which deliveries are loaded, monthly ones before weekly ones, and which months have none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import PurePosixPath

import polars as pl

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.cclf.files import LAYOUT, CclfFile, DeliveredSource
from qpcli.inputs.cclf.loaded import FILE_DATE, FILE_NAME
from qpcli.inputs.cclf.names import CclfName, parse_name
from qpcli.inputs.faults import reading
from qpcli.inputs.files import InputFile
from qpcli.inputs.fixed_scan import FixedFile
from qpcli.tables.prepared_lines import DELIVERY

_CLAIMS = "5"
_BELOW_THE_DATE = 10**7
"""A delivery is its date times this, and its time."""


def loaded_files(files: Sequence[CclfFile]) -> tuple[tuple[CclfFile, ...], tuple[Finding, ...]]:
    """The files without the weekly ones that a monthly delivery has superseded, and findings about those."""
    last = _last_monthly(files)
    findings = tuple(
        finding("file_not_used", rule=file.file.name, file=file.file.name, layout=f"superseded weekly {LAYOUT}")
        for file in files
        if _is_superseded(file, last)
    )
    return tuple(file for file in files if not _is_superseded(file, last)), findings


def _last_monthly(files: Iterable[CclfFile]) -> dict[str | None, date]:
    """The date of each ACO's last monthly delivery."""
    last: dict[str | None, date] = {}
    for file in files:
        if file.name is not None and file.name.delivered_on is not None and not file.name.is_weekly:
            day = file.name.delivered_on
            last[file.name.entity_id] = max(day, last.get(file.name.entity_id, day))
    return last


def _is_superseded(file: CclfFile, last: dict[str | None, date]) -> bool:
    name = file.name
    if name is None or name.delivered_on is None or not name.is_weekly or name.entity_id not in last:
        return False
    return name.delivered_on <= last[name.entity_id]


def days_in_tables(files: Iterable[CclfFile]) -> dict[InputFile, tuple[date, ...]]:
    """The days of the deliveries in each loaded table; raises QP204 when a row does not say its delivery.

    A pass over FILE_NAME and FILE_DATE of each table.
    """
    return {
        file.file: _days(file.delivered)
        for file in files
        if file.delivered is not None and not isinstance(file.delivered.source.files[0], FixedFile)
    }


def _days(delivered: DeliveredSource) -> tuple[date, ...]:
    name = delivered.source.name
    with reading(name):
        rows = delivered.source.scan().select(delivered.delivery.alias(DELIVERY))
        found = rows.unique().collect(engine="streaming")
    text = (pl.col(DELIVERY) // _BELOW_THE_DATE).cast(pl.String).str.zfill(6)
    days = found.select(("20" + text).str.to_date("%Y%m%d", strict=False)).to_series()
    if days.null_count():
        raise InputError("QP204", f"{name}: {FILE_NAME} or {FILE_DATE} does not name the delivery of every row.")
    return tuple(days.to_list())


def delivery_gaps(files: Sequence[CclfFile], in_tables: Mapping[InputFile, tuple[date, ...]]) -> Iterator[Finding]:
    """A finding for every stretch of whole months without a monthly delivery of claims, per ACO."""
    yield from _gaps(_monthly_days(files, in_tables))


def _gaps(days_of_acos: Mapping[str | None, Collection[date]]) -> Iterator[Finding]:
    for days in days_of_acos.values():
        for first, second in pairwise(sorted(days)):
            if _month(second) - _month(first) > 1:
                yield finding("delivery_gap", first=first, second=second)


def are_stamped(names: Iterable[str]) -> bool:
    """Whether names of files tell their deliveries, as those of loaded tables do not."""
    return any(name.delivered_on is not None for name in _parsed(names))


def gaps_between(names: Iterable[str]) -> Iterator[Finding]:
    """As `delivery_gaps`, by the names of fixed-width files alone."""
    days: dict[str | None, set[date]] = {}
    for name in _parsed(names):
        if name.number == _CLAIMS and name.delivered_on is not None and not name.is_weekly:
            days.setdefault(name.entity_id, set()).add(name.delivered_on)
    yield from _gaps(days)


def _parsed(names: Iterable[str]) -> list[CclfName]:
    found = [parse_name(PurePosixPath(text).name) for text in names]
    return [name for name in found if name is not None]


def _monthly_days(
    files: Iterable[CclfFile], in_tables: Mapping[InputFile, tuple[date, ...]]
) -> dict[str | None, set[date]]:
    """The days of each ACO's monthly deliveries of claims; a loaded table does not say whose it is."""
    days: dict[str | None, set[date]] = {}
    for file in files:
        if file.number != _CLAIMS:
            continue
        if file.file in in_tables:
            days.setdefault(None, set()).update(in_tables[file.file])
        elif file.name is not None and file.name.delivered_on is not None and not file.name.is_weekly:
            days.setdefault(file.name.entity_id, set()).add(file.name.delivered_on)
    return days


def _month(day: date) -> int:
    return 12 * day.year + day.month
