"""Which professional lines are denied, by the claim's and the line's code, and what each code left out would add.

A line is denied when its claim is not paid or its own code is not an allowed one (open point allowed_line_codes).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from qpcli.inputs.blocks import TEXT, by_block
from qpcli.inputs.codes import claim_denial_codes, line_processing_codes
from qpcli.inputs.fields import derived, flag
from qpcli.inputs.marks import LEFT_OUT_LINE_CODE, UNKNOWN_CLAIM_CODE, UNKNOWN_LINE_CODE
from qpcli.inputs.parse import ParsedColumn, value
from qpcli.regulation.law import Law
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.terms import Adjustment


def denial_columns(
    law: Law, *, claim_code: pl.Expr, line_code: pl.Expr, is_left_out: pl.Expr
) -> tuple[ParsedColumn, tuple[ParsedColumn, ...]]:
    """`is_denied`, and the helper columns that marks.py counts; the codes are tidied text in capitals."""
    is_paid, is_allowed = _is_paid(claim_code), line_code.is_in(allowed_line_codes(law)).fill_null(False)
    marks = (
        flag(UNKNOWN_CLAIM_CODE, _is_unknown(claim_code, list(claim_denial_codes())) & ~is_left_out),
        flag(UNKNOWN_LINE_CODE, _is_unknown(line_code, list(line_processing_codes())) & ~is_allowed & ~is_left_out),
        _left_out(pl.when(is_paid & ~is_allowed & ~is_left_out).then(_place(line_code, law))),
    )
    return derived(CLAIM_LINES.column("is_denied"), ~(is_paid & is_allowed)), marks


def allowed_line_codes(law: Law) -> list[str]:
    """The codes of lines that Medicare allowed."""
    return [code.strip().upper() for code in law.assumed("allowed_line_codes").split(",")]


def _is_paid(claim_code: pl.Expr) -> pl.Expr:
    return claim_code.is_in([code for code, is_paid in claim_denial_codes().items() if is_paid]).fill_null(False)


def _is_unknown(code: pl.Expr, known: list[str]) -> pl.Expr:
    """Whether no list has the code; a blank one is unknown too."""
    return ~code.is_in(known).fill_null(False)


def _left_out(place: pl.Expr) -> ParsedColumn:
    """Cancellations add nothing: they take back what another row gave."""
    mark = flag(LEFT_OUT_LINE_CODE, place)
    is_cancellation = value(CLAIM_LINES.column("adjustment")) == Adjustment.CANCELLATION.value
    return replace(mark, final=pl.when(~is_cancellation).then(mark.final).alias(mark.name))


def _place(line_code: pl.Expr, law: Law) -> pl.Expr:
    """The code by its place in the list of codes: what is summed by code is summed by small numbers."""
    allowed = allowed_line_codes(law)
    places = {code: place for place, code in enumerate(line_processing_codes())}

    def none(block: pl.Series) -> pl.Series | None:
        if not block.is_in(allowed).all():
            return None
        return pl.Series(block.name, [None], dtype=pl.UInt8).new_from_index(0, block.len())

    return by_block(line_code, none, TEXT.replace_strict(places, default=None, return_dtype=pl.UInt8), pl.UInt8())
