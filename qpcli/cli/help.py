"""What `--help` looks like: usage, what the command does, its options in groups, and examples that run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from qpcli.cli import console
from qpcli.cli.options import with_value

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

NAMES_AT_MOST = 30
"""Columns for the names of options; longer ones get a line of their own."""

WIDEST = 100
ARGUMENTS, OTHER_OPTIONS = "Arguments", "Other options"
EXAMPLES = "Examples:"
"""The line of a command's docstring under which its examples stand."""

Rows = list[tuple[str, str]]


class Command(TyperCommand):
    """A command with the help of this house."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Typer's own, once every option has its value."""
        return super().parse_args(ctx, with_value(args))

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        console.show(_narrow(_page(self, ctx, _option_groups(self, ctx))))


class Group(TyperGroup):
    """The app itself with the help of this house."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Flags that are not given are False and not None: None would load pydantic to be parsed."""
        parameters: list[Any] = super().get_params(ctx)
        for parameter in parameters:
            parameter.default = parameter.default or False
        return parameters

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        console.show(_narrow(_page(self, ctx, _command_groups(self, ctx) | _option_groups(self, ctx))))


def _page(command: TyperCommand | TyperGroup, ctx: typer.Context, groups: dict[str, Rows]) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    words, examples = split_examples(command.help or "")
    yield Text.assemble(("Usage: ", "bold"), command.get_usage(ctx).removeprefix("Usage: "))
    yield Padding(Text(_paragraphs(words)), (1, 2, 0, 2))
    width = _name_width(groups)
    for title, rows in groups.items():
        yield Text(f"\n{title}", style="bold")
        yield _table(rows, width)
    yield _examples(examples)


def _narrow(page: Iterator[RenderableType]) -> RenderableType:
    from rich.console import Group as Stack
    from rich.constrain import Constrain

    return Constrain(Stack(*page), WIDEST)


def split_examples(help: str) -> tuple[str, str]:
    """The words of a help text, and the commands under its last heading."""
    words, _, examples = help.partition(f"\n{EXAMPLES}\n")
    return words, examples


def _table(rows: Rows, width: int) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=width + 2)
    table.add_column(ratio=1)
    for name, words in rows:
        if len(name) > width:
            table.add_row(Text(f"  {name}", style="cyan", no_wrap=True, overflow="ignore"), "")
            name = ""
        table.add_row(Text(f"  {name}", style="cyan"), Text(words))
    return table


def _examples(examples: str) -> Text:
    from rich.text import Text

    text = Text("\nExamples", style="bold", no_wrap=True, overflow="ignore")
    text.append(f"\n{examples.rstrip()}", style="not bold")
    return text


def _option_groups(command: TyperCommand | TyperGroup, ctx: typer.Context) -> dict[str, Rows]:
    groups: dict[str, Rows] = {}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is None:
            continue
        name, words = record
        if parameter.param_type_name == "argument":
            groups.setdefault(ARGUMENTS, []).append((name.split()[0].strip("[]"), _plain(words)))
        else:
            groups.setdefault(getattr(parameter, "rich_help_panel", None) or OTHER_OPTIONS, []).append(
                (name, _plain(words))
            )
    return dict(sorted(groups.items(), key=lambda group: group[0] == OTHER_OPTIONS))


def _plain(words: str) -> str:
    """Without what Typer adds: the words say themselves what is needed."""
    return words.removesuffix("[required]").rstrip()


def _command_groups(group: TyperGroup, ctx: typer.Context) -> dict[str, Rows]:
    groups: dict[str, Rows] = {}
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        title = getattr(command, "rich_help_panel", None) or "Commands"
        groups.setdefault(str(title), []).append((name, _first_sentence(getattr(command, "help", ""))))
    return groups


def _first_sentence(text: str) -> str:
    return _paragraphs(text).split("\n")[0]


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _name_width(groups: dict[str, Rows]) -> int:
    names = [len(name) for rows in groups.values() for name, _ in rows]
    return max([length for length in names if length <= NAMES_AT_MOST], default=NAMES_AT_MOST)
