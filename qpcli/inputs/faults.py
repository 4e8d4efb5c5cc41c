"""What libraries raise while a file is read, turned into input errors that quote no cell."""

from __future__ import annotations

import gzip
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from qpcli.errors import InputError, QpcliError, ResourceError, is_out_of_memory

# Their own words may hold the cell they failed on, so none of them is ever shown.
_ARCHIVE_FAULTS = (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError)
_DECODER_FAULTS = (
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    UnicodeError,
    NotImplementedError,
    ValueError,
)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Reads `what` (a file name, or "claims"); raises QP202, QP214 or QP401 for whatever a library raises."""
    try:
        yield
    except (MemoryError, OSError, *_ARCHIVE_FAULTS) as fault:
        raise _told(what, fault) from fault
    except _decoder_faults() as fault:
        raise _told(what, fault) from fault


def _decoder_faults() -> tuple[type[BaseException], ...]:
    """PyArrow's among them where something has loaded it, which takes a tenth of a second and not everybody needs."""
    arrow = sys.modules.get("pyarrow")
    return _DECODER_FAULTS if arrow is None else (*_DECODER_FAULTS, arrow.ArrowException)


def _told(what: str, fault: BaseException) -> QpcliError:
    if is_out_of_memory(fault):
        return ResourceError("QP401", f"Memory ran out while {what} was read.")
    if isinstance(fault, _ARCHIVE_FAULTS):
        return InputError("QP214", f"{what}: the archive is truncated or damaged.")
    if isinstance(fault, _decoder_faults()):
        return InputError("QP202", f"{what}: the content is damaged or not in the form it claims.")
    return InputError("QP202", f"{what}: cannot be read ({getattr(fault, 'strerror', None) or 'input error'}).")
