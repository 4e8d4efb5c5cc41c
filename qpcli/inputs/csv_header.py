"""The first line of a delimited text file: encoding, separator and column names, or why it cannot be used."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from typing import BinaryIO

from qpcli.errors import InputError

MAX_HEADER_BYTES = 1 << 20
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text file is written.

    Outside layouts are not `is_strict`: blank lines and a final Ctrl-Z are skipped, and what is not UTF-8 is Latin-1.
    """

    separator: str = ","
    has_quotes: bool = True
    encoding: str = "utf-8"
    is_strict: bool = True


@dataclass(frozen=True, slots=True)
class Header:
    """Column names in file order, and the bytes of the first block that follow them."""

    names: tuple[str, ...]
    rest: bytes


def read_header(stream: BinaryIO, name: str, dialect: Dialect) -> Header:
    """The header of a text file; raises QP202, QP205, QP206, QP210 or QP211 and quotes no content."""
    start = stream.read(MAX_HEADER_BYTES)
    check_encoding(name, start, dialect.encoding)
    line, newline, rest = start.removeprefix(codecs.BOM_UTF8).partition(b"\n")
    if not start.removeprefix(codecs.BOM_UTF8).strip():
        raise InputError("QP206", f"{name} is empty.")
    if b"\r" in line.removesuffix(b"\r"):
        raise InputError("QP202", f"{name}: lines end with a carriage return only.", "Save it with LF or CRLF ends.")
    if not newline and len(start) == MAX_HEADER_BYTES:
        raise InputError("QP202", f"{name}: the first line is longer than {MAX_HEADER_BYTES:,} bytes.")
    return Header(header_names(name, decoded(name, line, dialect.encoding), dialect), rest)


def check_encoding(name: str, start: bytes, encoding: str) -> None:
    """Raises QP210 for UTF-16 text that is read as something else, and for an unknown encoding."""
    try:
        codec = codecs.lookup(encoding).name
    except LookupError:
        raise InputError("QP210", f"The encoding {encoding} is not known.", "Give for example cp1252.") from None
    if codec.startswith(("utf-16", "utf-32")):
        raise InputError("QP210", f"{name}: {codec} is not read.", "Convert the file to UTF-8.")
    # Of the header only: rows that hold NULs are bad rows, each with its number.
    line = start.partition(b"\n")[0]
    if start.startswith(_UTF16_MARKS) or line.count(0) > len(line) // 4:
        raise InputError("QP210", f"{name} is UTF-16 or binary and not UTF-8.", "Convert the file to UTF-8.")


def decoded(name: str, data: bytes, encoding: str) -> str:
    """The text of the bytes; raises QP210 with a hint when they are not in the encoding."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise InputError("QP210", f"{name} is not {encoding} text.") from None


def header_names(name: str, line: str, dialect: Dialect) -> tuple[str, ...]:
    """Column names of a header line; raises QP202, QP205, QP206 or QP211."""
    if not line.strip():
        raise InputError("QP206", f"{name}: the first line is blank; it must be the header.")
    if line.count('"') % 2 and dialect.has_quotes:
        raise InputError("QP202", f"{name}: the header has an unclosed quote.")
    names = tuple(text.strip() for text in _fields(name, line, dialect))
    _check_separator(name, names, dialect)
    check_names(name, names)
    return names


def _fields(name: str, line: str, dialect: Dialect) -> list[str]:
    if not dialect.has_quotes:
        return line.split(dialect.separator)
    try:
        return next(csv.reader([line], delimiter=dialect.separator, strict=True))
    except csv.Error:
        raise InputError("QP202", f"{name}: the header has text after a closing quote.") from None


def _check_separator(name: str, names: tuple[str, ...], dialect: Dialect) -> None:
    for separator, words in _OTHER_SEPARATORS.items():
        if len(names) == 1 and separator != dialect.separator and separator in names[0]:
            raise InputError("QP211", f"{name} is separated by {words} and not by commas.")


def check_names(name: str, names: tuple[str, ...]) -> None:
    """Raises QP205 for two equal names, by position: a file without header would show its first row."""
    seen: dict[str, int] = {}
    for position, column in enumerate(names, start=1):
        earlier = seen.setdefault(column.casefold(), position)
        if earlier != position:
            raise InputError("QP205", f"{name}: the columns {earlier} and {position} have the same name.")
