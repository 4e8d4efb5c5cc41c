"""Submissions of other payers read: canonical files, equal rows once, contradictions refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.canonical import TableRead, read_table
from qpcli.inputs.identifiers import WIDTHS, zero_filled
from qpcli.request import ReadOptions
from qpcli.tables.other_payer import OTHER_PAYER
from qpcli.tables.schema import Kind
from qpcli.terms import Level

_ONCE = "A payer is submitted once per subject and snapshot: keep the right row."
SUBMISSION = ("level", "subject_id", "payer", "snapshot")
"""What names a submission."""


def read_other_payer(paths: Sequence[str], options: ReadOptions) -> TableRead:
    """Reads the submissions; raises the QP2xx errors, QP203 where two rows of one submission differ."""
    read = read_table(OTHER_PAYER, paths, options)
    filled = _with_whole_tins(read.frame)
    distinct = filled.unique(maintain_order=True)
    _refuse_contradictions(filled, distinct, are_rows_numbered=len(read.files) == 1 and not read.rejects)
    return replace(read, frame=distinct, findings=(*read.findings, *_findings(read.frame, filled, distinct)))


def _with_whole_tins(frame: pl.DataFrame) -> pl.DataFrame:
    """TINs that lost their leading zeros have them again."""
    whole = zero_filled(pl.col("subject_id"), WIDTHS[Kind.TIN])
    is_tin = pl.col("level") == Level.TIN.value
    return frame.with_columns(subject_id=pl.when(is_tin).then(whole).otherwise("subject_id"))


def _refuse_contradictions(filled: pl.DataFrame, distinct: pl.DataFrame, *, are_rows_numbered: bool) -> None:
    again = distinct.filter(~pl.struct(SUBMISSION).is_first_distinct())
    if again.is_empty():
        return
    rows, have = ("row", "has") if again.height == 1 else ("rows", "have")
    words = f"{again.height:,} {rows} {have} other values than an earlier row of the same submission"
    if are_rows_numbered:
        is_again = filled.with_row_index("row", offset=1).join(again, on=filled.columns, how="semi", nulls_equal=True)
        numbers = is_again.unique(filled.columns, keep="first").sort("row")["row"].head(10).to_list()
        words += f" ({rows} {', '.join(map(str, numbers))}{', ...' if again.height > len(numbers) else ''})"
    raise InputError("QP203", f"other_payer: {words}.", _ONCE)


def _findings(read: pl.DataFrame, filled: pl.DataFrame, distinct: pl.DataFrame) -> Iterator[Finding]:
    table = OTHER_PAYER.name
    if count := read.filter(read["subject_id"] != filled["subject_id"]).height:
        yield finding("zero_filled", table=table, rule="subject_id", count=count)
    if count := filled.height - distinct.height:
        yield finding("other_payer_repeated", table=table, count=count)
