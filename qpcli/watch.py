"""How a run tells what it is doing, without knowing who listens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Watcher(Protocol):
    """Hears of each step of a run; a terminal, a log, or nobody."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """Enclose one step of the run."""

    def note(self, message: str) -> None:
        """Hear a remark; it never holds a person's value."""


class SilentWatcher:
    """Nobody listens."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:  # noqa: ARG002
        yield

    def note(self, message: str) -> None:
        pass


class Stopwatch:
    """Passes everything on to another watcher and keeps the seconds of each step."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        with self._watcher.step(name):
            yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - started, 3)

    def note(self, message: str) -> None:
        self._watcher.note(message)
