"""SIGINT, SIGTERM and SIGHUP as an exception in the main thread, so that everything cleans up on the way out."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asked the command to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.name = signal.Signals(number).name


@contextmanager
def signals_raise() -> Iterator[None]:
    """Raise `Stopped` on the first signal and ignore later ones; a signal ignored from outside (nohup) stays so."""
    heard = [number for number in HEARD if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, _stop) for number in heard}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _stop(number: int, _frame: FrameType | None) -> None:
    for heard in HEARD:
        signal.signal(heard, signal.SIG_IGN)
    raise Stopped(number)
