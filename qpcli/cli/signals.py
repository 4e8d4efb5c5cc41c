"""SIGINT, SIGTERM and SIGHUP as an exception in the main thread, so that everything cleans up on the way out.

Python hears of a signal only between its own steps, and a query may run for minutes. So a second thread listens too:
where the main thread has not come out in time, that thread ends the process.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 2.0
"""How long the main thread may take to come out; cancelling a query of Polars can take many times that."""

_GOODBYE = b"\0"


class Stopped(BaseException):
    """A signal asked the command to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.name = signal.Signals(number).name


@contextmanager
def signals_raise(end: Callable[[Stopped], object]) -> Iterator[None]:
    """Raise `Stopped` on the first signal and ignore later ones; a signal ignored from outside (nohup) stays so.

    Whatever else is raised after a signal becomes `Stopped` too. Where native code keeps the main thread, `end` is
    called from another one and must end the process.
    """
    listener = _Listener(end)
    heard = [number for number in HEARD if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, listener.hear) for number in heard}
    try:
        with listener.listening():
            yield
    except BaseException as error:
        if listener.first is None or isinstance(error, Stopped):
            raise
        raise Stopped(listener.first) from error
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


class _Listener:
    """Hears signals twice: as Python's handler, and through a pipe that the system writes to at once."""

    def __init__(self, end: Callable[[Stopped], object]) -> None:
        self.first: int | None = None
        self._end = end
        self._has_left = threading.Event()

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """The handler, which runs in the main thread."""
        for heard in HEARD:
            signal.signal(heard, signal.SIG_IGN)
        self.first = number
        raise Stopped(number)

    @contextmanager
    def listening(self) -> Iterator[None]:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        thread = threading.Thread(target=self._listen, args=(reader,), daemon=True)
        thread.start()
        previous = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        try:
            yield
        finally:
            self._has_left.set()
            signal.set_wakeup_fd(previous)
            os.write(writer, _GOODBYE)
            # A thread that has begun to end the process does not come back.
            thread.join()
            os.close(reader)
            os.close(writer)

    def _listen(self, reader: int) -> None:
        for byte in iter(lambda: os.read(reader, 1), _GOODBYE):
            if byte[0] in HEARD and not self._has_left.wait(GRACE_SECONDS):
                self._end(Stopped(byte[0]))
