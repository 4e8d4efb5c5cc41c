"""Pieces worked on at once, their results in the order of the pieces."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def in_order(
    pieces: Iterable[Piece], work: Callable[[Piece], Result], *, at_once: int
) -> Generator[Result, None, None]:
    """The result of each piece, some worked on at once and one waiting; when one fails, none is begun after it."""
    begun: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(at_once) as threads:
        try:
            for piece in pieces:
                if len(begun) > at_once:
                    yield begun.popleft().result()
                begun.append(threads.submit(work, piece))
            while begun:
                yield begun.popleft().result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
