"""Which files are CCLF, and which of them each one is: by name, by column names, or by record length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from qpcli.findings import Finding, finding
from qpcli.inputs.archives import opened
from qpcli.inputs.cclf.loaded import delivery_column, open_loaded
from qpcli.inputs.cclf.names import CclfName, cclf_name
from qpcli.inputs.cclf.positions import NEEDED_LENGTHS, record_columns
from qpcli.inputs.cclf.record_lengths import check_age, line_lengths, number_of_lines, record_length
from qpcli.inputs.faults import reading
from qpcli.inputs.files import FileForm, InputFile
from qpcli.inputs.fixed_blocks import FixedRecord
from qpcli.inputs.fixed_scan import DELIVERY, FixedFile
from qpcli.inputs.sources import Source

LAYOUT = "CCLF"
COUNTS_FILE = "0"
_START_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class DeliveredSource:
    """Files of one kind and the expression of the delivery of a row: Int64, larger is later.

    The expression is over columns of the source and stands for yymmdd * 10**7 + hhmmsst.
    """

    source: Source
    delivery: pl.Expr


@dataclass(frozen=True, slots=True)
class CclfFile:
    """A file that is CCLF: which one, how that was seen, and how it is read.

    `delivered` is None for files that are not used and for CCLF0. `line_length` is the most frequent length of a
    fixed-width file's first lines, 0 for others and for an empty file.
    """

    file: InputFile
    name: CclfName | None
    number: str
    why: str
    delivered: DeliveredSource | None = None
    line_length: int = 0

    @property
    def source(self) -> Source | None:
        return self.delivered.source if self.delivered is not None else None

    @property
    def is_used(self) -> bool:
        """Whether the file holds anything for a QP score."""
        return self.number == COUNTS_FILE or self.number in NEEDED_LENGTHS


def look_at(file: InputFile) -> CclfFile | None:
    """The file as CCLF, None when it is none; raises QP202, QP204, QP212, QP214 or QP216."""
    if file.form is FileForm.WORKBOOK:
        return None
    name = cclf_name(file)
    start = b"" if file.form is FileForm.PARQUET else _start(file)
    loaded = open_loaded(file, start)
    if loaded is not None:
        number, table = loaded
        source = Source((table,), table.columns)
        return CclfFile(file, name, number, "by columns", DeliveredSource(source, delivery_column(source, name)))
    if file.form is FileForm.PARQUET:
        return None
    return _fixed(file, name, line_lengths(start)) if name is not None else _by_length(file, start)


def _start(file: InputFile) -> bytes:
    with reading(file.name), opened(file) as stream:
        return stream.read(_START_BYTES)


def _by_length(file: InputFile, start: bytes) -> CclfFile | None:
    number = number_of_lines(start)
    if number is None:
        return None
    lengths = line_lengths(start)
    return _fixed(file, None, lengths, why=f"by record length {lengths[0]}", number=number)


def _fixed(
    file: InputFile,
    name: CclfName | None,
    lengths: Sequence[int],
    *,
    why: str = "by name",
    number: str | None = None,
) -> CclfFile:
    number = number or (name.number if name is not None else COUNTS_FILE)
    if number not in NEEDED_LENGTHS:
        return CclfFile(file, name, number, why)
    check_age(file.name, number, lengths)
    length = record_length(file.name, number, lengths)
    columns = {column: (first, last) for column, (first, last) in record_columns(number).items() if last <= length}
    record = FixedRecord(columns, length, NEEDED_LENGTHS[number])
    fixed = FixedFile(file, record, name.delivery if name is not None else 0)
    delivered = DeliveredSource(Source((fixed,), fixed.columns), pl.col(DELIVERY))
    return CclfFile(file, name, number, why, delivered, lengths[0] if lengths else 0)


def delivered_sources(files: Iterable[CclfFile], number: str) -> list[DeliveredSource]:
    """The sources of one kind of file, files of equal columns together."""
    found = [file.delivered for file in files if file.number == number and file.delivered is not None]
    return [_together([first, *others]) for _, (first, *others) in groupby(sorted(found, key=_shape), key=_shape)]


def _shape(delivered: DeliveredSource) -> tuple[str, str, str]:
    first = delivered.source.files[0]
    return type(first).__name__, repr(list(delivered.source.schema.items())), str(delivered.delivery)


def _together(delivered: Sequence[DeliveredSource]) -> DeliveredSource:
    files = tuple(file for one in delivered for file in one.source.files)
    return DeliveredSource(Source(files, delivered[0].source.schema), delivered[0].delivery)


def not_used(files: Iterable[CclfFile]) -> tuple[Finding, ...]:
    """Findings about the files that hold nothing for a QP score."""
    return tuple(
        finding("file_not_used", rule=file.file.name, file=file.file.name, layout=f"{LAYOUT}{file.number}")
        for file in files
        if not file.is_used
    )
