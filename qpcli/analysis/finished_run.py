"""A finished run opened again: its report as it was sealed, its law, and what it kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
from pydantic import TypeAdapter, ValidationError

from qpcli import __version__
from qpcli.errors import InputError
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law
from qpcli.reports.encryption import Encryption
from qpcli.reports.formats import read_tables
from qpcli.reports.frames import SCHEMA_VERSION
from qpcli.reports.kept_files import scan_kept
from qpcli.reports.manifest import Manifest
from qpcli.reports.verification import finished_report
from qpcli.request import KeptCells, ReadOptions


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """The result tables of a run in the calculation's units, and what it kept; `kept` is empty without cells.

    `law` knows no code lists: what they decide stands in the cells. `reading`: how the run read its inputs.
    """

    law: Law
    tables: Mapping[str, pl.DataFrame]
    kept: Mapping[str, pl.LazyFrame]
    keeps_everybody: bool = False
    run_id: str = ""
    folder: Path | None = None
    reading: ReadOptions = field(default_factory=ReadOptions)
    manifest: Manifest | None = None

    def kept_table(self, name: str) -> pl.LazyFrame:
        """A kept table; raises InputError QP220 when the run keeps no cells."""
        if name not in self.kept:
            raise InputError("QP220", "The run keeps no cells.", "Run `qpcli determine` again with --keep-cells.")
        return self.kept[name]


def open_run(folder: Path, encryption: Encryption | None = None) -> FinishedRun:
    """Open a report whose every file is as its manifest says.

    Raises InputError QP202 for what is no complete report or was changed, QP219 for one that another version has made,
    QP222 for one that is encrypted with another key.
    """
    manifest = finished_report(folder)
    if (manifest.versions.qpcli, manifest.versions.schema) != (__version__, SCHEMA_VERSION):
        raise InputError("QP219", f"{folder} was made by qpcli {manifest.versions.qpcli}; this is {__version__}.")
    law = law_of(manifest)
    return FinishedRun(
        law=law,
        tables=read_tables(folder, manifest, encryption),
        kept=scan_kept(folder, manifest, encryption),
        keeps_everybody=_option(manifest, "output").get("kept_cells") == KeptCells.ALL,
        run_id=manifest.run_id,
        folder=folder,
        reading=_reading(manifest),
        manifest=manifest,
    )


def law_of(manifest: Manifest) -> Law:
    """The law that a run used, without its code lists; raises InputError QP219 for other regulation data."""
    law = resolve_law(performance_year=manifest.performance_year, law_as_of=manifest.law_as_of)
    if law.data_version != manifest.law_data_version:
        raise InputError("QP219", f"The run used regulation data of {manifest.law_data_version}.")
    recorded = {point.name: point for point in manifest.open_points}
    points = {
        name: replace(point, value=recorded[name].value, is_overridden=recorded[name].is_overridden)
        for name, point in law.open_points.items()
    }
    last = manifest.options["last_snapshot"]
    assert isinstance(last, int)
    return without_code_lists(replace(law, snapshots=law.snapshots[:last], open_points=points))


def without_code_lists(law: Law) -> Law:
    """The law without lists of codes, which only claim lines need and which take their time to expand."""
    return replace(law, em_code_sets=_NoCodes(), not_covered_ranges=(), covered_codes=None)


class _NoCodes(dict[str, tuple[()]]):
    """A set of no codes under every name."""

    def __missing__(self, name: str) -> tuple[()]:
        return ()


def _option(manifest: Manifest, name: str) -> Mapping[str, object]:
    value = manifest.options.get(name)
    return value if isinstance(value, dict) else {}


def _reading(manifest: Manifest) -> ReadOptions:
    try:
        read = _READING.validate_python(_option(manifest, "reading"))
    except ValidationError:
        raise InputError("QP219", "The manifest does not say how the run read its inputs.") from None
    return replace(read, rejects_folder=None)


_READING = TypeAdapter(ReadOptions)
