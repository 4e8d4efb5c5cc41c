"""`qpcli schema`: the data dictionary of every input and output table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from qpcli.cli import console
from qpcli.cli.options import TERMINAL, argument, option
from qpcli.errors import UsageError
from qpcli.tables.catalogue import ALL_TABLES
from qpcli.tables.schema import Column, Kind, Table

if TYPE_CHECKING:
    from rich.console import RenderableType

JSON_VERSION = "qpcli.schema/1"
TYPES = {
    Kind.TIN: "text, 9 digits",
    Kind.NPI: "text, 10 digits",
    Kind.HCPCS: "text, 5 characters",
    Kind.STATE: "text, 2 letters",
    Kind.MONEY: "decimal, 2 places",
    Kind.SCORE: "number, 4 places",
    Kind.CHOICE: "text",
}


class SchemaFormat(StrEnum):
    """How the dictionary is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def schema(
    table: Annotated[str | None, argument("TABLE", help="One table, such as claim_lines; default: all.")] = None,
    format: Annotated[
        SchemaFormat, option(TERMINAL, "--format", metavar="text|markdown|json", help="How to write it; default text.")
    ] = SchemaFormat.TEXT,
) -> int:
    """Show the columns of the input and output tables: type, unit, meaning, and what may be left out.

    A column that is not needed shows what stands in for it. Inputs may also use the other names given; names are
    compared without case, and blanks and underscores are the same.

    Examples:
      qpcli schema claim_lines
      qpcli schema --format markdown > dictionary.md
      qpcli schema determinations --format json
    """
    chosen = ALL_TABLES if table is None else (_table_of(table),)
    if format is SchemaFormat.JSON:
        console.write_json({"schema": JSON_VERSION, "tables": [_document(one) for one in chosen]})
    elif format is SchemaFormat.MARKDOWN:
        console.write("\n".join(line for one in chosen for line in _markdown(one)).encode())
    else:
        console.show(*[part for one in chosen for part in _text(one)])
    return 0


def _table_of(name: str) -> Table:
    from qpcli.configuration import suggestion

    for table in ALL_TABLES:
        if table.name == name.lower():
            return table
    raise UsageError("QP101", "There is no table of that name.", suggestion(name, [table.name for table in ALL_TABLES]))


def _document(table: Table) -> dict[str, object]:
    return {
        "name": table.name,
        "direction": "output" if table.is_output else "input",
        "grain": table.grain,
        "keys": list(table.keys),
        "columns": [_column_document(column) for column in table.columns],
    }


def _column_document(column: Column) -> dict[str, object]:
    return {
        "name": column.name,
        "kind": column.kind.value,
        "type": type_words(column),
        "unit": column.unit or None,
        "meaning": column.meaning,
        "is_required": column.is_required,
        "may_be_blank": column.may_be_blank,
        "default": column.default,
        "null_means": column.null_means or None,
        "choices": list(column.choices),
        "aliases": list(column.aliases),
    }


def _markdown(table: Table) -> Iterable[str]:
    yield f"## {table.name}\n\n{table.grain}\n"
    if table.keys:
        yield f"Keys: {', '.join(table.keys)}.\n"
    headers, rows = grid(table)
    yield _markdown_row(headers)
    yield _markdown_row(["---"] * len(headers))
    yield from (_markdown_row([f"`{name}`", *rest]) for name, *rest in rows)
    yield ""


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _text(table: Table) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    yield Text.assemble((table.name, "bold"), ("  output" if table.is_output else "  input", "dim"))
    yield Text(table.grain)
    if table.keys:
        yield Text(f"Keys: {', '.join(table.keys)}.")
    for column in table.columns:
        needed = "" if table.is_output else f"; needed: {needed_words(column)}"
        yield Text.assemble("\n  ", (column.name, "cyan"), (f"  {type_words(column)}{needed}", "dim"))
        yield Padding(Text(words(column)), (0, 0, 0, 4))
    yield Text()


def grid(table: Table) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Headers and one row per column; only inputs say what is needed."""
    if table.is_output:
        return ("column", "type", "meaning"), [(one.name, type_words(one), words(one)) for one in table.columns]
    rows = [(one.name, type_words(one), needed_words(one), words(one)) for one in table.columns]
    return ("column", "type", "needed", "meaning"), rows


def type_words(column: Column) -> str:
    """The type as a person would say it, with the unit."""
    name = TYPES.get(column.kind, column.kind.value)
    return f"{name} ({column.unit})" if column.unit else name


def needed_words(column: Column) -> str:
    """Whether the column must be there, and what stands in when it is not."""
    if column.is_required:
        return "yes"
    return "no" if column.default is None else f"no: {str(column.default).lower()}"


def words(column: Column) -> str:
    """The meaning, then choices, null and other names."""
    parts = [column.meaning]
    if column.choices:
        parts.append(f"One of {', '.join(column.choices)}.")
    if column.null_means:
        parts.append(f"Blank: {column.null_means}.")
    if column.aliases:
        parts.append(f"Also: {', '.join(column.aliases)}.")
    return " ".join(parts)
