"""The tables that a run keeps for later questions, as files of its folder `cells/`; patient data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import polars as pl

from qpcli.errors import InputError
from qpcli.reports.encryption import Encryption, matching, polars_reading, polars_writing
from qpcli.reports.manifest import Manifest
from qpcli.reports.private_files import create_private
from qpcli.reports.publishing import Writer

FOLDER = "cells"
"""Where a report keeps what holds beneficiaries."""

_ROWS_PER_GROUP = 524_288


def is_kept(file: str) -> bool:
    """Whether an output of a report, named relative to its folder, is a kept table."""
    return file.startswith(f"{FOLDER}/")


def kept_files(tables: Mapping[str, pl.DataFrame], encryption: Encryption | None = None) -> dict[str, Writer]:
    """What `publish` needs to write the tables, as they are inside the calculation."""
    write = partial(_write, encryption)
    return {f"{FOLDER}/{name}.parquet": partial(write, frame) for name, frame in tables.items()}


def _write(encryption: Encryption | None, frame: pl.DataFrame, path: Path) -> int:
    form = {"row_group_size": _ROWS_PER_GROUP, **polars_writing(encryption)}
    with create_private(path) as file:
        frame.write_parquet(file, compression="zstd", compression_level=3, **form)
    return frame.height


def scan_kept(folder: Path, manifest: Manifest, encryption: Encryption | None = None) -> dict[str, pl.LazyFrame]:
    """The kept tables of a report by name; none when it keeps none.

    Raises InputError QP202 when one cannot be read, QP222 without its key.
    """
    key = polars_reading(matching(manifest.key_fingerprint, encryption, f"The report {folder}"))
    paths = [folder / output.file for output in manifest.outputs if is_kept(output.file)]
    try:
        return {path.stem: pl.scan_parquet(path, **key) for path in paths}
    except (pl.exceptions.PolarsError, OSError):
        # Polars puts values into its messages: its words stay behind.
        raise InputError("QP202", f"The kept cells in {folder} cannot be read.") from None
