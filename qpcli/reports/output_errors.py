"""What the system refuses while outputs are written, in our own words and with the place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qpcli.errors import OutputError, is_full_disk, why


@contextmanager
def as_output_error(place: Path) -> Iterator[None]:
    """Raise OutputError QP301 for an OSError."""
    try:
        yield
    except OSError as fault:
        raise OutputError("QP301", f"The output {place} cannot be written: {why(fault)}.") from fault


@contextmanager
def naming_full_disk(folder: Path) -> Iterator[None]:
    """Raise OutputError QP301 where the disk takes no more while claims are prepared; other errors pass through."""
    try:
        yield
    except OSError as fault:
        if not is_full_disk(fault):
            raise
        raise OutputError("QP301", f"Claims cannot be prepared in {folder}: {why(fault)}.") from fault
