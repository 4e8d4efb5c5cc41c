"""Report tables as CSV: comma, LF, header, UTF-8; money with 2 decimals, scores with 4, null empty."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from qpcli.reports.frames import calculated_frame, report_frame, reported_schema
from qpcli.reports.private_files import create_private
from qpcli.tables.schema import Table

_ROWS_AT_ONCE = 65_536
_SCORE_DECIMALS = 4
_GUARD = "'"
_CALCULATED = r"^[=+\-@\t\r']"


def write_csv(frame: pl.DataFrame, table: Table, path: Path, *, for_excel: bool = False) -> int:
    """Write a frame in the calculation's units to a new file (0600); returns its rows.

    `for_excel`: with a byte order mark, CRLF, and an apostrophe before text that a spreadsheet would calculate.
    Raises InternalError QP501 when the frame is not the table's, OSError when it cannot be written.
    """
    reported = report_frame(frame, table)
    with create_private(path) as file:
        file.writelines(_parts(reported, for_excel=for_excel))
    return frame.height


def csv_text(frame: pl.DataFrame, table: Table, *, for_excel: bool = False) -> bytes:
    """What `write_csv` would write, for a pipe."""
    return b"".join(_parts(report_frame(frame, table), for_excel=for_excel))


def read_csv(path: Path, table: Table) -> pl.DataFrame:
    """A report table in the calculation's units, of either form; Polars and OS errors pass through."""
    text = pl.read_csv(path, infer_schema=False)
    with path.open("rb") as file:
        if file.read(len(BOM_UTF8)) == BOM_UTF8:
            text = text.with_columns(pl.all().str.strip_prefix(_GUARD))
    return calculated_frame(text.select(_parsed(name, dtype) for name, dtype in reported_schema(table).items()), table)


def _parts(reported: pl.DataFrame, *, for_excel: bool) -> Iterator[bytes]:
    """The header, then the rows in slices, so that a large table is never one string."""
    if for_excel:
        yield BOM_UTF8
        reported = reported.with_columns(_guarded(pl.col(pl.String)))
    yield _text(reported.clear(), has_header=True, for_excel=for_excel)
    for rows in reported.iter_slices(_ROWS_AT_ONCE):
        yield _text(rows, has_header=False, for_excel=for_excel)


def _guarded(text: pl.Expr) -> pl.Expr:
    """Text that a spreadsheet would take for a formula, or that begins like guarded text, behind an apostrophe."""
    return pl.when(text.str.contains(_CALCULATED)).then(pl.lit(_GUARD) + text).otherwise(text).name.keep()


def _text(reported: pl.DataFrame, *, has_header: bool, for_excel: bool) -> bytes:
    text = reported.write_csv(
        include_header=has_header,
        line_terminator="\r\n" if for_excel else "\n",
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
