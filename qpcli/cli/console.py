"""The only place that prints: stdout carries data, stderr carries everything else.

Writing to stdout may fail the command (exit 4, or 141 for a closed pipe); writing to stderr never does.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from qpcli.errors import OutputError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PIPE_WIDTH = 100
"""Columns of what goes into a file or a pipe where there is no terminal at all; else the terminal's width counts."""


class ClosedPipeError(Exception):
    """The reader of stdout has gone (`| head`)."""


def show(*renderables: RenderableType) -> None:
    """Data for people, on stdout."""
    with _stdout_faults():
        _print(renderables, is_stderr=False)


def say(*renderables: RenderableType) -> None:
    """Words for people, on stderr."""
    with suppress(OSError):
        _print([printable(one) if isinstance(one, str) else one for one in renderables], is_stderr=True)


def write(data: bytes) -> None:
    """Data for programs, on stdout, byte by byte as given."""
    with _stdout_faults():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def write_json(document: object) -> None:
    """One JSON document on stdout."""
    write(json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n")


def log(**entry: object) -> None:
    """One JSON object on one line of stderr."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(json.dumps(entry, ensure_ascii=False) + "\n")
            sys.stderr.flush()


def say_error(code: str, message: str, help: str) -> None:
    """`error[CODE]: message` and `help: ...`, each on a line of its own, however long."""
    from rich.text import Text

    first = Text.assemble((f"error[{code}]", "bold red"), f": {printable(message)}", overflow="ignore", no_wrap=True)
    second = Text.assemble(("help", "bold cyan"), f": {printable(help)}", overflow="ignore", no_wrap=True)
    with suppress(OSError):
        console = console_for(is_stderr=True)
        console.print(first, second, sep="\n", soft_wrap=True)


def printable(text: str) -> str:
    """The text on one line, without what could steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def console_for(*, is_stderr: bool) -> Console:
    """A Rich console on one of the two streams; plain where NO_COLOR is set or nobody could see colours."""
    from rich.console import Console

    stream = sys.stderr if is_stderr else sys.stdout
    is_terminal = is_terminal_stream(stream)
    return Console(
        file=stream if stream is not None else _nowhere(),
        highlight=False,
        emoji=False,
        markup=False,
        force_terminal=is_terminal,
        color_system="auto" if is_terminal and not os.environ.get("NO_COLOR") else None,
        width=None if is_terminal else _pipe_width(),
        legacy_windows=False,
    )


def is_terminal_stream(stream: Any) -> bool:
    """True when a person looks at the stream."""
    return stream is not None and bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def say_at_last(words: bytes) -> None:
    """Bytes on stderr without any of the comforts, for a process that has no memory left."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            os.write(sys.stderr.fileno(), words)


def free_cursor() -> None:
    """Give a terminal back the cursor that a spinner hides."""
    if is_terminal_stream(sys.stderr):
        with suppress(OSError, ValueError):
            console_for(is_stderr=True).show_cursor()


def abandon() -> None:
    """Push out what can still be pushed out; what cannot has been spoken of."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()


def prepare_streams() -> None:
    """Let no character of a name or path that the terminal cannot show stop a command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def natives_silenced() -> Iterator[None]:
    """Keep native libraries off stderr: a panic prints its text there, and the text may quote a cell."""
    try:
        ours = os.dup(2)
    except OSError:
        yield
        return
    previous, sys.stderr = sys.stderr, os.fdopen(ours, "w", encoding="utf-8", errors="backslashreplace", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(ours, 2)
        os.close(nowhere)
        sys.stderr, mine = previous, sys.stderr
        with suppress(OSError):
            mine.close()


def _print(renderables: Iterable[RenderableType], *, is_stderr: bool) -> None:
    """In a file or a pipe no line ends in blanks."""
    console = console_for(is_stderr=is_stderr)
    if console.is_terminal:
        console.print(*renderables, sep="\n")
        return
    with console.capture() as captured:
        console.print(*renderables, sep="\n")
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
    console.file.flush()


@contextmanager
def _stdout_faults() -> Iterator[None]:
    if sys.stdout is None:
        raise OutputError("QP301", "stdout is closed.")
    try:
        yield
    except BrokenPipeError as error:
        raise ClosedPipeError from error
    except OSError as error:
        raise OutputError("QP301", f"stdout cannot be written: {os.strerror(error.errno or 0)}.") from error


def _pipe_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    for terminal in (2, 0):
        with suppress(OSError):
            return os.get_terminal_size(terminal).columns or PIPE_WIDTH
    return PIPE_WIDTH


def _nowhere() -> Any:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123
