"""How a run is watched: a spinner for a person, lines for a log, JSON lines for a machine."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qpcli.cli import console
from qpcli.cli.session import LogFormat, Session
from qpcli.watch import SilentWatcher, Watcher

if TYPE_CHECKING:
    from rich.progress import Progress

STEP_WIDTH = 44


class LineWatcher:
    """One line per finished step."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        console.say(finished_line(name, time.perf_counter() - started))

    def note(self, message: str) -> None:
        console.say(message)


class JsonWatcher:
    """One JSON object per finished step or remark."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        console.log(event="step", step=name, seconds=round(time.perf_counter() - started, 3))

    def note(self, message: str) -> None:
        console.log(event="note", message=message)


class TerminalWatcher:
    """A spinner for the step that runs; finished steps stay above it where a person wants to know."""

    def __init__(self, progress: Progress, *, keeps_steps: bool) -> None:
        self._progress = progress
        self._keeps_steps = keeps_steps

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        task = self._progress.add_task(name, total=None)
        try:
            yield
        finally:
            self._progress.remove_task(task)
        if self._keeps_steps:
            self._progress.console.print(finished_line(name, time.perf_counter() - started), style="dim")

    def note(self, message: str) -> None:
        self._progress.console.print(console.printable(message))


@contextmanager
def watching(session: Session) -> Iterator[Watcher]:
    """The watcher that suits the caller, for as long as the run lasts."""
    if session.is_quiet:
        yield SilentWatcher()
    elif session.log_format is LogFormat.JSON:
        yield JsonWatcher()
    elif console.is_terminal_stream(sys.stderr):
        with _spinner() as progress:
            yield TerminalWatcher(progress, keeps_steps=session.is_verbose)
    else:
        yield LineWatcher()


def finished_line(name: str, seconds: float) -> str:
    """`read claim_lines ......... 1.2 s`, without the dots."""
    return f"{name:<{STEP_WIDTH}} {seconds:>6.1f} s"


def _spinner() -> Progress:
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn("dots", style="cyan"), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=console.console_for(is_stderr=True), transient=True)
