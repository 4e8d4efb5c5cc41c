"""Native libraries abort the process, crash or hang where memory runs out: words and an exit status even then."""

from __future__ import annotations

import ctypes
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from qpcli.errors import ResourceError

_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_int)

_LEAST_ADDRESS_SPACE = 4 << 30
"""What libraries and their threads may reserve without using it; under less Polars crashes, or waits for ever."""


def refuse_small_address_space() -> None:
    """Raises ResourceError QP401 under a limit (`ulimit -v`) that nothing can run in."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY and limit < _LEAST_ADDRESS_SPACE:
        raise ResourceError(
            "QP401",
            f"Address space is limited to {limit / (1 << 30):.1f} GB (ulimit -v); the libraries reserve up to 4 GB.",
            "Lift that limit; --memory, or a memory limit of a container, is kept by tallying in shards.",
        )


@contextmanager
def aborts_heard(end: Callable[[], object]) -> Iterator[None]:
    """Call `end`, which must end the process, in the thread that aborts.

    Python's own handlers never come to run there: they wait for the aborting call to return.
    """
    set_handler = ctypes.CDLL(None).signal
    set_handler.restype, set_handler.argtypes = ctypes.c_void_p, (ctypes.c_int, ctypes.c_void_p)
    handler = _HANDLER(lambda _number: end())
    previous = set_handler(signal.SIGABRT, ctypes.cast(handler, ctypes.c_void_p))
    try:
        yield
    finally:
        set_handler(signal.SIGABRT, previous)
