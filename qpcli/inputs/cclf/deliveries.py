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
from qpcli.inputs.fixed_scan import FixedFile
from qpcli.inputs.package import DELIVERY

_CLAIMS = "5"
_SHARE_OF_TIME = 10**7
"""What a delivery has below its date."""


def loaded_files(files: Sequence[CclfFile]) -> tuple[tuple[CclfFile, ...], tuple[Finding, ...]]:
    """The files without the weekly ones that a monthly delivery has superseded, and findings about those."""
    last = _last_monthly(files)
    superseded = [file for file in files if _is_superseded(file, last)]
    findings = tuple(
        finding("file_not_used", rule=file.file.name, file=file.file.name, layout=f"superseded weekly {LAYOUT}")
        for file in superseded
    )
    return tuple(file for file in files if file not in superseded), findings


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


def check_deliveries(files: Iterable[CclfFile]) -> None:
    """Raises QP204 when rows of a loaded table do not say in which delivery they came."""
    for file in files:
        if file.delivered is not None and not isinstance(file.delivered.source.files[0], FixedFile):
            unknown = _distinct(file.delivered).filter(pl.col(DELIVERY).is_null())
            if unknown.height:
                words = f"{FILE_NAME} or {FILE_DATE} does not name the delivery of every row"
                raise InputError("QP204", f"{file.file.name}: {words}.")


def _distinct(delivered: DeliveredSource) -> pl.DataFrame:
    """One row per delivery in a loaded table."""
    with reading(delivered.source.name):
        rows = delivered.source.scan().select(delivered.delivery.alias(DELIVERY))
        return rows.unique().collect(engine="streaming")


def delivery_gaps(files: Sequence[CclfFile]) -> Iterator[Finding]:
    """A finding for every stretch of whole months without a monthly delivery of claims, per ACO."""
    yield from _gaps(_monthly_days(files))


def _gaps(days_of_acos: Mapping[str | None, Collection[date]]) -> Iterator[Finding]:
    for days in days_of_acos.values():
        ordered = sorted(days)
        for first, second in pairwise(ordered):
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


def _monthly_days(files: Iterable[CclfFile]) -> dict[str | None, set[date]]:
    """The dates of each ACO's monthly deliveries of claims; a loaded table does not say whose it is."""
    days: dict[str | None, set[date]] = {}
    for file in files:
        if file.number != _CLAIMS or file.delivered is None:
            continue
        if not isinstance(file.delivered.source.files[0], FixedFile):
            days.setdefault(None, set()).update(_days(_distinct(file.delivered)))
        elif file.name is not None and file.name.delivered_on is not None and not file.name.is_weekly:
            days.setdefault(file.name.entity_id, set()).add(file.name.delivered_on)
    return days


def _days(deliveries: pl.DataFrame) -> list[date]:
    day = (pl.col(DELIVERY) // _SHARE_OF_TIME).cast(pl.String).str.zfill(6)
    return deliveries.select(("20" + day).str.to_date("%Y%m%d", strict=False)).to_series().drop_nulls().to_list()


def _month(day: date) -> int:
    return 12 * day.year + day.month
