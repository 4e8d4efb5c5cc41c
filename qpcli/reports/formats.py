"""A report's tables as files of the format asked for, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import polars as pl

from qpcli.errors import InputError, UsageError
from qpcli.reports.csv import read_csv, write_csv
from qpcli.reports.encryption import Encryption, matching
from qpcli.reports.manifest import Manifest
from qpcli.reports.parquet import read_parquet, write_parquet
from qpcli.reports.publishing import Writer
from qpcli.reports.xlsx import write_workbook
from qpcli.reports.xlsx_reading import read_workbook
from qpcli.request import OutputOptions, ReportFormat
from qpcli.tables.catalogue import OUTPUT_TABLES, WORTH_TABLES

Content = TypeVar("Content")

WORKBOOK_FILE = "report.xlsx"
"""The one file of a report that is a workbook."""

_ENDINGS = tuple(f".{each.value}" for each in (ReportFormat.PARQUET, ReportFormat.CSV))
_TABLES = MappingProxyType({table.name: table for table in (*OUTPUT_TABLES, *WORTH_TABLES)})


def report_files(
    tables: Mapping[str, pl.DataFrame],
    output: OutputOptions,
    manifest: Manifest,
    encryption: Encryption | None = None,
) -> dict[str, Writer]:
    """What `publish` needs to write the tables, given in the calculation's units; KeyError for an unknown one.

    A workbook also says what `manifest` knows of the run; its outputs may still be missing. Raises UsageError QP104
    where anything but Parquet is to be encrypted.
    """
    if encryption is not None and output.format is not ReportFormat.PARQUET:
        raise UsageError("QP104", "Only Parquet is encrypted.", "Write Parquet, or give no --encrypt-key-file.")
    if output.format is ReportFormat.XLSX:
        return {WORKBOOK_FILE: partial(write_workbook, tables, manifest)}
    write = (
        partial(write_csv, for_excel=output.is_excel_csv)
        if output.format is ReportFormat.CSV
        else partial(write_parquet, encryption=encryption)
    )
    return {f"{name}.{output.format.value}": partial(write, frame, _TABLES[name]) for name, frame in tables.items()}


def read_tables(folder: Path, manifest: Manifest, encryption: Encryption | None = None) -> dict[str, pl.DataFrame]:
    """The tables of a finished report in the calculation's units; cells and other files are passed over.

    Raises InputError QP202 when one cannot be read, QP222 without its key; `verify` tells whether it was changed.
    """
    key = matching(manifest.key_fingerprint, encryption, f"The report {folder}")
    paths = [Path(output.file) for output in manifest.outputs]
    if Path(WORKBOOK_FILE) in paths:
        return _reading(folder / WORKBOOK_FILE, read_workbook)
    known = [path for path in paths if path.stem in _TABLES and path.suffix in _ENDINGS and len(path.parts) == 1]
    return {path.stem: _read(folder / path, key) for path in known}


def _read(path: Path, encryption: Encryption | None) -> pl.DataFrame:
    table = _TABLES[path.stem]
    if path.suffix == ".csv":
        return _reading(path, lambda file: read_csv(file, table))
    return _reading(path, lambda file: read_parquet(file, table, encryption=encryption))


def _reading(path: Path, read: Callable[[Path], Content]) -> Content:
    try:
        return read(path)
    except (pl.exceptions.PolarsError, OSError):
        # Polars puts values into its messages: its words stay behind.
        raise InputError("QP202", f"{path} cannot be read as a qpcli report.") from None
