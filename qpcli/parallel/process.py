"""A process that works for another: told a job on stdin, it answers each piece that follows there on stdout.

It belongs to the process that started it, whose end closes its stdin; signals of the terminal are for that one.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any


def main() -> None:
    """Answer until the other side closes its end; what is read was written by this program."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with os.fdopen(os.dup(1), "wb") as answers, suppress(EOFError, BrokenPipeError):
        import_module(sys.argv[1])
        job: Callable[[Any], object] = pickle.load(sys.stdin.buffer)
        while True:
            pickle.dump(_answer(job, pickle.load(sys.stdin.buffer)), answers)
            answers.flush()


def _answer(job: Callable[[Any], object], piece: object) -> object:
    """None for whatever goes wrong: an error's words might quote a value, and the other side finds its own."""
    try:
        return job(piece)
    except Exception:
        return None


if __name__ == "__main__":
    main()
