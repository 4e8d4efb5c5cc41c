"""What is still to be removed when a run ends where no exception can unwind it: in native code, or by an abort."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_PATIENCE_SECONDS = 1.0
_ROUNDS = 3
"""A thread that nobody waits for may put a file into a folder while it is being removed."""

_clearings: list[Callable[[], object]] = []
_indivisible = threading.Lock()


@contextmanager
def cleared_on_stop(clear: Callable[[], object]) -> Iterator[None]:
    """While this is open, `clear_all` calls `clear`, perhaps more than once and from another thread."""
    _clearings.append(clear)
    try:
        yield
    finally:
        _clearings.remove(clear)


@contextmanager
def indivisible() -> Iterator[None]:
    """Enclose steps in whose middle nothing may be cleared; once something is, nobody begins them."""
    with _indivisible:
        yield


def clear_all() -> None:
    """Remove what open runs would, and stop them from putting anything in place; the process must end right after.

    Where indivisible steps do not end in time everything stays, and the next run clears it.
    """
    if not _indivisible.acquire(timeout=_PATIENCE_SECONDS):
        return
    for clear in [*reversed(_clearings)] * _ROUNDS:
        with suppress(Exception):
            clear()
