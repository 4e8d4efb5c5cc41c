"""The processes that a command has started, and whether they are still there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")


def eventually(look: Callable[[], Found]) -> Found:
    """What is found within ten seconds, if anything."""
    ends = time.monotonic() + 10
    while not (found := look()) and time.monotonic() < ends:
        time.sleep(0.02)
    return found


def two_children(number: int) -> list[int]:
    """The processes that one has started, when both are there."""
    try:
        found = [int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return found if len(found) == 2 else []


def is_running(number: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
