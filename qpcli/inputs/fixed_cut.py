"""Fields cut out of fixed-width lines and tidied: blanks around them are off, blank ones and `~` are null.

Two ways give the same: one over the bytes of a block whose lines are all whole and ASCII, one over lines of text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

LINE = "__line__"
_BLANK, _NULL_MARK = " ", "~"
Positions = Mapping[str, tuple[int, int]]
"""Column -> first and last position, 1-based and inclusive."""


@dataclass(frozen=True, slots=True)
class PlainLines:
    """ASCII bytes of lines that all have the same `width`, line end included."""

    data: bytes
    width: int

    @property
    def line_count(self) -> int:
        return len(self.data) // self.width

    def cut(self, columns: Positions) -> pl.DataFrame:
        """The columns as tidied text; needs at least one column to have rows."""
        buffer = pa.py_buffer(self.data)
        lines = pa.FixedSizeBinaryArray.from_buffers(pa.binary(self.width), self.line_count, [None, buffer])
        fields = {name: self._field(lines, first - 1, last) for name, (first, last) in columns.items()}
        frame = pl.DataFrame(pa.table({name: text for name, (text, _) in fields.items()}))
        return frame.with_columns(_nulled(frame[name]) for name, (_, may_be_null) in fields.items() if may_be_null)

    def _field(self, lines: pa.FixedSizeBinaryArray, start: int, end: int) -> tuple[pa.Array, bool]:
        """One field of all lines, and whether a value may be null; what costs least is tried first."""
        blank = _BLANK.encode()
        end = self._content_end(lines, start, end)
        text = pc.binary_slice(lines, start, end).cast(pa.binary())
        content = text.buffers()[2].to_pybytes()
        has_blank = blank in content
        text = text.view(pa.string())
        if has_blank and (blank in self._column(start + 1) or blank in self._column(end)):
            text = pc.ascii_trim(text, characters=_BLANK)
        return text.cast(pa.string_view()), has_blank or _NULL_MARK.encode() in content

    def _content_end(self, lines: pa.FixedSizeBinaryArray, start: int, end: int) -> int:
        """Where a field ends that is padded on the right: where it does in the first line, if all are blank there."""
        first = max(start + len(self.data[start:end].rstrip()), start + 1)
        if first == end:
            return end
        tail = pc.binary_slice(lines, first, end).buffers()[1].to_pybytes()
        return first if tail == _BLANK.encode() * len(tail) else end

    def _column(self, position: int) -> bytes:
        """The character at a position (1-based) of all lines."""
        return self.data[position - 1 :: self.width]


def cut_lines(lines: pl.Series, columns: Positions) -> pl.DataFrame:
    """The columns of lines of text, which may be short: what they do not reach is null."""
    fields = (
        pl.col(LINE).str.slice(first - 1, last - first + 1).str.strip_chars(_BLANK).alias(name)
        for name, (first, last) in columns.items()
    )
    frame = lines.alias(LINE).to_frame().select(fields)
    return frame.with_columns(_nulled(frame[name]) for name in columns)


def _nulled(text: pl.Series) -> pl.Series:
    is_null = (text.str.len_bytes() == 0) | (text == _NULL_MARK)
    return text.set(is_null, None) if is_null.any() else text
