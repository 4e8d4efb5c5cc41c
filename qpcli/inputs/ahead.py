"""Work done a few pieces ahead of who takes the results, in the order of the pieces, with bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

WORKERS = 2
"""Threads per file: parsing a block takes about as long as what is then done with it."""
Piece = TypeVar("Piece")
Result = TypeVar("Result")


def ahead(pieces: Iterable[Piece], work: Callable[[Piece], Result]) -> Iterator[Result]:
    """The result of each piece in order; raises what the work on the earliest failing piece raises.

    The first result comes before any other is begun: who needs no more pays for no more.
    """
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(WORKERS)
    most_waiting = 0
    try:
        for piece in pieces:
            waiting.append(pool.submit(work, piece))
            if len(waiting) > most_waiting:
                most_waiting = WORKERS
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
