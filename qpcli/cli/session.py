"""What one call of the command line knows of its caller's wishes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import typer


class LogFormat(StrEnum):
    """How steps, remarks and errors stand on stderr."""

    TEXT = "text"
    JSON = "json"


@dataclass(slots=True)
class Session:
    """Set by a command as soon as it knows; read by whoever prints and by the handler of errors."""

    is_debugging: bool = False
    is_quiet: bool = False
    is_verbose: bool = False
    log_format: LogFormat = LogFormat.TEXT


def session_of(ctx: typer.Context) -> Session:
    """The session that `main` gave to the app."""
    session = ctx.find_object(Session)
    return session if session is not None else Session()
