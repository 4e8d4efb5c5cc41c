"""How the fields of outside layouts are read: names and other names, three forms of dates, exact amounts, codes.

Blank and `~` are null. A TIN with a hyphen loses it and an NPI that a spreadsheet made `1437702123.0` loses the
end, both counted; an NPI like `1.43E+09` is a bad row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from qpcli.errors import InputError
from qpcli.inputs.blocks import TEXT, by_block, by_value, has_width, judged, mostly_repeated
from qpcli.inputs.faults import reading
from qpcli.inputs.fixed_scan import FixedFile
from qpcli.inputs.identifiers import WIDTHS, form_counts, zero_filled
from qpcli.inputs.parse import (
    NO_DATE,
    RAW,
    VALUE,
    ColumnReading,
    Count,
    ParsedColumn,
    absent,
    finished,
    output_name,
    raw,
    unreadable,
)
from qpcli.inputs.parse_text import amounts, read_text, tidy
from qpcli.inputs.parse_typed import parsed
from qpcli.inputs.sources import Source
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.schema import Column, Kind

_DATE_FORMS = (
    (r"^[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}$", "%d-%b-%Y"),
    (r"^[0-9]{8}$", "%Y%m%d"),
    (r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "%Y-%m-%d"),
)
_ISO = "%Y-%m-%d"
_ALSO_NO_DATE = date(1000, 1, 1)
_AMOUNT = r"^-?(?:[0-9]+(?:\.(?:[0-9]{1,2}0*)?)?|\.[0-9]{1,2}0*)$"
_SPREADSHEET_NPI = r"^[0-9]{10}\.0+$"
_EXPONENT = r"^[0-9.]+[eE][+-]?[0-9]+$"
_TIN_WITH_HYPHEN = r"^([0-9]{2})-([0-9]{7})$"


@dataclass(frozen=True, slots=True)
class Fields:
    """The columns of one source under their names in capitals."""

    source: Source

    def name_of(self, *names: str) -> str | None:
        """The file's name for the first of the columns that it has."""
        found = {name.upper(): name for name in self.source.schema}
        return next((found[name.upper()] for name in names if name.upper() in found), None)

    def required(self, *names: str) -> str:
        """As `name_of`; raises QP204 when the file has none of them."""
        found = self.name_of(*names)
        if found is None:
            raise InputError("QP204", f"{self.source.name}: the column {names[0]} is missing.")
        return found

    def text(self, *names: str) -> pl.Expr:
        """The field as tidied text; null where the file does not have it."""
        found = self.name_of(*names)
        return pl.lit(None, dtype=pl.String) if found is None else self._tidied(_AS_TEXT, found)

    def code(self, name: str, *names: str) -> ParsedColumn:
        """A helper column of codes in capitals, called `name` in every stage."""
        found = self.name_of(*names)
        text = pl.lit(None, dtype=pl.String) if found is None else pl.col(found).cast(pl.String)
        field = by_block(text, _codes, _CODE, pl.String())
        value = pl.col(RAW + name).alias(VALUE + name)
        return ParsedColumn(name, field.alias(RAW + name), value, pl.col(VALUE + name).alias(name))

    def column(self, column: Column, *names: str) -> ParsedColumn:
        """A column of a table; raises QP204 when the file does not have a required one."""
        name = self.required(*names) if column.is_required else self.name_of(*names)
        if name is None:
            return absent(column)
        dtype = self.source.schema[name]
        if not isinstance(dtype, pl.String):
            return parsed(column, name, dtype, date_format=None, file_name=self.source.name)
        return self.first_text(column, name)

    def first_text(self, column: Column, *names: str) -> ParsedColumn:
        """A column of a table that takes the first field, of those named, that is not blank in a row."""
        found = [name for name in map(self.name_of, names) if name is not None]
        fields = [self._tidied(column, name) for name in found] or [pl.lit(None, dtype=pl.String)]
        return finished(column, pl.coalesce(fields), self._reading(column, pl.coalesce(fields)))

    def _reading(self, column: Column, text: pl.Expr) -> ColumnReading:
        if column.kind is Kind.DATE:
            return ColumnReading(_dates(column, self._date_format(text)))
        if column.kind is Kind.MONEY:
            return _money(column)
        if column.kind is Kind.NPI:
            return _npi(column)
        return _tin(column) if column.kind is Kind.TIN else read_text(column, None)

    @property
    def _is_fixed(self) -> bool:
        """Whether the fields are cut out of fixed-width lines, which come tidied and have ISO dates."""
        return isinstance(self.source.files[0], FixedFile)

    def _tidied(self, column: Column, name: str) -> pl.Expr:
        if self._is_fixed:
            return tidy(column, pl.col(name)) if column.kind is Kind.HCPCS else pl.col(name)
        return _unmarked(tidy(column, pl.col(name).cast(pl.String)))

    def _date_format(self, text: pl.Expr) -> str:
        """The form of the first date in the file, which the others must have too."""
        if self._is_fixed:
            return _ISO
        one = pl.col("one")
        with reading(self.source.name):
            dates = self.source.scan().select(text.alias("one")).filter(one.is_not_null())
            first = dates.head(1).collect(engine="streaming")
        known = [known for form, known in _DATE_FORMS if first.filter(one.str.contains(form)).height]
        return known[0] if known else _ISO


def _unmarked(text: pl.Expr) -> pl.Expr:
    """Text without the mark of a null."""
    return pl.when(text != "~").then(text)


_AS_TEXT = Column("text", Kind.TEXT, "")

_CODE = _unmarked(tidy(_AS_TEXT, TEXT)).str.to_uppercase()


def _codes(block: pl.Series) -> pl.Series | None:
    """Codes, of which there are few: as they are where each is tidy and in capitals, else each mended once."""
    values = judged(block)
    if values is not block and _mended_codes(values).equals(values):
        return block
    return by_value(block, _mended_codes)


def _mended_codes(values: pl.Series) -> pl.Series:
    return values.to_frame("text").select(_CODE).to_series()


def _dates(column: Column, date_format: str) -> pl.Expr:
    """Dates of one form; 1000-01-01 stands for none."""
    form = next(form for form, known in _DATE_FORMS if known == date_format)
    in_form = pl.when(TEXT.str.contains(form)).then(TEXT.str.to_date(date_format, strict=False))
    strict = pl.when(in_form == _ALSO_NO_DATE).then(pl.lit(NO_DATE)).otherwise(in_form)
    return by_block(raw(column), mostly_repeated(strict), strict, pl.Date())


def _money(column: Column) -> ColumnReading:
    return ColumnReading(amounts(raw(column), _AMOUNT), (unreadable(column),))


def _npi(column: Column) -> ColumnReading:
    def as_it_is(block: pl.Series) -> pl.Series | None:
        return block if has_width(block, WIDTHS[Kind.NPI]) else None

    is_spoilt = TEXT.str.contains(_SPREADSHEET_NPI).fill_null(False)
    mended = pl.when(is_spoilt).then(TEXT.str.head(WIDTHS[Kind.NPI]))
    strict = mended.when(~TEXT.str.contains(_EXPONENT)).then(TEXT)
    value = by_block(raw(column), as_it_is, strict, pl.String())
    return ColumnReading(value, (unreadable(column),), (_mended(column), *form_counts(column)))


def _tin(column: Column) -> ColumnReading:
    def as_it_is(block: pl.Series) -> pl.Series | None:
        return block if (block.str.len_bytes() <= WIDTHS[Kind.TIN]).all() else None

    read = read_text(column, None)
    without = TEXT.str.replace(_TIN_WITH_HYPHEN, "$1$2")
    value = zero_filled(by_block(raw(column), as_it_is, without, pl.String()), WIDTHS[Kind.TIN])
    mended = _mended(column)
    filled = tuple(replace(count, is_counted=count.is_counted & ~mended.is_counted) for count in read.counts)
    return ColumnReading(value, read.rules, (*filled, mended))


def _mended(column: Column) -> Count:
    """Counts values from which something was taken off."""
    is_shorter = pl.col(VALUE + column.name).str.len_bytes() < raw(column).str.len_bytes()
    return Count("mended_values", is_shorter.fill_null(False))


def literal(column: Column, constant: str | bool) -> ParsedColumn:
    """A column that has one value in every row."""
    return derived(column, pl.lit(constant))


def derived(column: Column, value: pl.Expr) -> ParsedColumn:
    """A column worked out from the raw text of other columns."""
    name = output_name(column)
    nothing = pl.lit(None).alias(RAW + column.name)
    return ParsedColumn(name, nothing, value.alias(VALUE + column.name), pl.col(VALUE + column.name).alias(name))


def flag(name: str, is_true: pl.Expr) -> ParsedColumn:
    """A helper column, such as a mark of rows, worked out from the raw text of other columns."""
    nothing = pl.lit(None).alias(RAW + name)
    return ParsedColumn(name, nothing, is_true.alias(VALUE + name), pl.col(VALUE + name).alias(name))


def code(name: str) -> pl.Expr:
    """The text of a helper column of codes."""
    return pl.col(RAW + name)


def with_absent(columns: Mapping[str, ParsedColumn]) -> tuple[ParsedColumn, ...]:
    """The columns of claim_lines in their order; those that the layout does not have hold their default."""
    return tuple(columns.get(column.name, absent(column)) for column in CLAIM_LINES.columns)
