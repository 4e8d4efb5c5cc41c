"""A report's tables as files of the format asked for, and back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

import polars as pl

from qpcli.errors import InputError
from qpcli.reports.csv import read_csv, write_csv
from qpcli.reports.manifest import Manifest
from qpcli.reports.parquet import read_parquet, write_parquet
from qpcli.reports.publishing import Writer
from qpcli.request import ReportFormat
from qpcli.tables.catalogue import OUTPUT_TABLES

CELLS_FILE = "cells/cells.parquet"
"""Where a report keeps its cells, in which there are beneficiaries."""

_WRITE = MappingProxyType({ReportFormat.PARQUET: write_parquet, ReportFormat.CSV: write_csv})
_READ = MappingProxyType({ReportFormat.PARQUET: read_parquet, ReportFormat.CSV: read_csv})
_TABLES = MappingProxyType({table.name: table for table in OUTPUT_TABLES})


def report_files(tables: Mapping[str, pl.DataFrame], format: ReportFormat) -> dict[str, Writer]:
    """What `publish` needs to write the tables, given in the calculation's units; KeyError for an unknown one."""
    return {f"{name}.{format.value}": partial(_WRITE[format], frame, _TABLES[name]) for name, frame in tables.items()}


def read_tables(folder: Path, manifest: Manifest) -> dict[str, pl.DataFrame]:
    """The tables of a finished report in the calculation's units; cells and other files are passed over.

    Raises InputError QP202 when one cannot be read; `verify` tells whether it was changed.
    """
    paths = [Path(output.file) for output in manifest.outputs]
    known = [path for path in paths if path.stem in _TABLES and path.suffix[1:] in _READ and len(path.parts) == 1]
    return {path.stem: _read(folder / path) for path in known}


def _read(path: Path) -> pl.DataFrame:
    try:
        return _READ[ReportFormat(path.suffix[1:])](path, _TABLES[path.stem])
    except (pl.exceptions.PolarsError, OSError):
        # Polars puts values into its messages: its words stay behind.
        raise InputError("QP202", f"{path} cannot be read as a qpcli report.") from None
