"""Report tables as CSV: comma, LF, header, UTF-8; money with 2 decimals, scores with 4, null empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from qpcli.reports.frames import calculated_frame, report_frame, reported_schema
from qpcli.reports.private_files import create_private
from qpcli.tables.schema import Table

_ROWS_AT_ONCE = 65_536
_SCORE_DECIMALS = 4


def write_csv(frame: pl.DataFrame, table: Table, path: Path) -> int:
    """Write a frame in the calculation's units to a new file (0600); returns its rows.

    Raises InternalError QP501 when the frame is not the table's, OSError when it cannot be written.
    """
    reported = report_frame(frame, table)
    with create_private(path) as file:
        file.writelines(_parts(reported))
    return frame.height


def csv_text(frame: pl.DataFrame, table: Table) -> bytes:
    """What `write_csv` would write, for a pipe."""
    return b"".join(_parts(report_frame(frame, table)))


def read_csv(path: Path, table: Table) -> pl.DataFrame:
    """A report table in the calculation's units; Polars and OS errors pass through."""
    text = pl.read_csv(path, infer_schema=False)
    return calculated_frame(text.select(_parsed(name, dtype) for name, dtype in reported_schema(table).items()), table)


def _parts(reported: pl.DataFrame) -> Iterator[bytes]:
    """The header, then the rows in slices, so that a large table is never one string."""
    yield _text(reported.clear(), has_header=True)
    for rows in reported.iter_slices(_ROWS_AT_ONCE):
        yield _text(rows, has_header=False)


def _text(reported: pl.DataFrame, *, has_header: bool) -> bytes:
    text = reported.write_csv(
        include_header=has_header,
        line_terminator="\n",
        quote_style="necessary",
        null_value="",
        float_precision=_SCORE_DECIMALS,
        float_scientific=False,
    )
    return text.encode()


def _parsed(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Boolean():
        return column.replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
    return column.str.to_date("%Y-%m-%d") if dtype == pl.Date() else column.cast(dtype)
