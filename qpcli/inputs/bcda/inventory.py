"""A first pass over all resources: which files hold what, and which claims a later export replaces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from qpcli.errors import InputError
from qpcli.inputs.bcda.files import BcdaFile, BcdaKind, BcdaVersion, kind_of, refusal, version_of
from qpcli.inputs.bcda.resources import last_updated, text
from qpcli.inputs.faults import reading
from qpcli.inputs.json_scan import JsonFile, Resource, Row
from qpcli.inputs.opened import ROW

_COLUMNS = ("kind", "version", "resource_id", "updated")
_FILE = "file"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SMALL = (
    pl.col("kind").cast(pl.Enum([kind.value for kind in BcdaKind])),
    pl.col("version").cast(pl.Enum([version.value for version in BcdaVersion])),
    pl.col("updated").cast(pl.Int64),
)
"""The columns in few bytes: there is a row for every claim of all years."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the files hold.

    `holding`: the files of each kind. `replaced`: per file that has any, the record numbers of claims that a later
    export has again. `counts`: resources per kind.
    """

    version: BcdaVersion | None
    holding: dict[BcdaKind, tuple[BcdaFile, ...]]
    replaced: dict[BcdaFile, tuple[int, ...]]
    counts: dict[BcdaKind, int]

    @property
    def replaced_count(self) -> int:
        """How many claims a later export replaces."""
        return sum(len(numbers) for numbers in self.replaced.values())


def take_inventory(files: Sequence[BcdaFile]) -> Inventory:
    """Reads every file once; raises QP202, QP212 for v1 and AB2D, and QP216 for claims of two versions."""
    shaped = [JsonFile(file.file, _COLUMNS, _rows, file.is_document) for file in files]
    frames = [
        file.scan_with((), with_rows=True).with_columns(*_SMALL, pl.lit(place, dtype=pl.Int32).alias(_FILE))
        for place, file in enumerate(shaped)
    ]
    with reading("claims"):
        rows = pl.concat(frames).collect(engine="streaming")
    return Inventory(
        _version(rows, files),
        {kind: _holding(rows, files, kind) for kind in BcdaKind},
        _replaced(rows, files),
        {BcdaKind(words): count for words, count in rows.group_by("kind").len().iter_rows()},
    )


def _rows(resource: Resource) -> Iterator[Row]:
    kind, updated = kind_of(resource), last_updated(resource)
    microseconds = None if updated is None else str((updated - _EPOCH) // timedelta(microseconds=1))
    yield kind.value, version_of(resource), text(resource, "id") if kind is BcdaKind.CLAIM else None, microseconds


def _version(rows: pl.DataFrame, files: Sequence[BcdaFile]) -> BcdaVersion | None:
    """The one version of all claims."""
    for name, place in rows.select("version", _FILE).drop_nulls().unique().sort(_FILE).iter_rows():
        refused = refusal(files[place].file, BcdaVersion(name))
        if refused is not None:
            raise refused
    versions = rows["version"].drop_nulls().unique().sort().to_list()
    if len(versions) > 1:
        message = "The claims are of BCDA v2 and v3: each claim would count twice."
        raise InputError("QP216", message, "Give the exports of one version; export everything again in v3.")
    return BcdaVersion(versions[0]) if versions else None


def _holding(rows: pl.DataFrame, files: Sequence[BcdaFile], kind: BcdaKind) -> tuple[BcdaFile, ...]:
    """The files with a resource of the kind, or which look as if they were meant to have one."""
    places = set(rows.filter(pl.col("kind") == kind.value)[_FILE].unique())
    return tuple(file for place, file in enumerate(files) if place in places or file.kind is kind)


def _replaced(rows: pl.DataFrame, files: Sequence[BcdaFile]) -> dict[BcdaFile, tuple[int, ...]]:
    """All copies of a claim's resource but the one updated last; of equal ones the last in the files' order stands."""
    claims = rows.filter(pl.col("kind") == BcdaKind.CLAIM.value, pl.col("resource_id").is_not_null())
    in_time = claims.sort("updated", _FILE, ROW, nulls_last=False)
    stale = in_time.filter(~pl.col("resource_id").is_last_distinct()).select(_FILE, ROW).sort(_FILE, ROW)
    return {files[place[0]]: tuple(found[ROW]) for place, found in stale.group_by(_FILE, maintain_order=True)}
