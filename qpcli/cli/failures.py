"""From whatever ended a command to words on stderr and an exit status; never a traceback on the terminal."""

from __future__ import annotations

import json
import os
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import typer

from qpcli import stopping
from qpcli.cli import console
from qpcli.cli.session import LogFormat, Session
from qpcli.cli.signals import Stopped
from qpcli.errors import (
    InternalError,
    OutputError,
    QpcliError,
    ResourceError,
    UsageError,
    is_full_disk,
    is_out_of_memory,
    why,
)

CLOSED_PIPE = 141
STOPPED = 128


def settle(error: BaseException, session: Session) -> int:
    """Say what went wrong, once, and return the exit status."""
    if isinstance(error, SystemExit):
        return _status_of_exit(error)
    if isinstance(error, console.ClosedPipeError):
        return CLOSED_PIPE
    if isinstance(error, Stopped):
        _say_stopped(error, session)
        return STOPPED + error.number
    known = as_qpcli_error(error)
    say_error(known, session)
    if session.is_debugging:
        _say_debug_file(write_debug_file(error), session)
    return known.exit_status


def end_stopped(error: Stopped, session: Session) -> NoReturn:
    """End the process from any thread, whatever the others do: clear, say so, and exit."""
    try:
        stopping.clear_all()
        console.free_cursor()
        _say_stopped(error, session)
        console.abandon()
    finally:
        os._exit(STOPPED + error.number)


def when_aborted(session: Session) -> Callable[[], NoReturn]:
    """What ends a process that a library aborts; its words are made before there is no memory to make them."""
    advice = "Give the run more memory, or let it take less with --memory SIZE."
    error = ResourceError("QP401", "A library gave up; most likely memory ran out.", advice)
    words = f"error[{error.code}]: {error.message}\nhelp: {error.help}\n"
    if session.log_format is LogFormat.JSON:
        words = json.dumps({"event": "error", "code": error.code, "message": error.message, "help": error.help}) + "\n"
    last_words = words.encode()

    def end() -> NoReturn:
        try:
            stopping.clear_all()
            console.say_at_last(last_words)
        finally:
            os._exit(error.exit_status)

    return end


def as_qpcli_error(error: BaseException) -> QpcliError:
    """An error with a code; the text of a foreign exception is dropped, because it may quote a cell."""
    if isinstance(error, QpcliError):
        return error
    if isinstance(error, typer.TyperException):
        return _usage_error(error)
    if is_out_of_memory(error):
        return ResourceError("QP401", "Memory ran out.")
    if isinstance(error, OSError) and is_full_disk(error):
        return OutputError("QP301", f"{why(error)}.")
    return InternalError("QP501", f"qpcli failed in a way it does not know ({type(error).__name__}).")


def write_debug_file(error: BaseException) -> Path | None:
    """The traceback in a file that only its owner reads; None when it can be written nowhere."""
    text = "".join(traceback.format_exception(error))
    name = f"qpcli-debug-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    for folder in (Path.cwd(), Path(tempfile.gettempdir())):
        with suppress(OSError):
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            return folder / name
    return None


def _status_of_exit(error: SystemExit) -> int:
    if isinstance(error.__context__, BrokenPipeError):
        return CLOSED_PIPE
    return error.code if isinstance(error.code, int) else int(error.code is not None)


def _usage_error(error: typer.TyperException) -> UsageError:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "qpcli"
    message = " ".join(error.format_message().replace("Value error, ", "").split())
    ending = "" if message.endswith((".", "?")) else "."
    return UsageError("QP101", f"{message}{ending}", f"See `{command} --help`.")


def say_error(error: QpcliError, session: Session) -> None:
    """The error on stderr, in the form that the caller asked for."""
    if session.log_format is LogFormat.JSON:
        console.log(event="error", code=error.code, message=error.message, help=error.help)
    else:
        console.say_error(error.code, error.message, error.help)


def _say_stopped(error: Stopped, session: Session) -> None:
    if session.log_format is LogFormat.JSON:
        console.log(event="stopped", signal=error.name)
    else:
        console.say(f"stopped by {error.name}")


def _say_debug_file(path: Path | None, session: Session) -> None:
    words = "The traceback could be written nowhere."
    if path is not None:
        words = f"The traceback is in {path}; it may hold values of people, so only you can read it."
    if session.log_format is LogFormat.JSON:
        console.log(event="debug", file=str(path) if path else None)
    else:
        console.say(words)
