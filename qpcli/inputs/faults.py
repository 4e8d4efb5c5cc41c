"""What libraries raise while a file is read, turned into input errors that quote no cell."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
import pyarrow as pa

from qpcli.errors import InputError, ResourceError

# Their own words may hold the cell they failed on, so none of them is ever shown.
_ARCHIVE_FAULTS = (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError)
_DECODER_FAULTS = (
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    pa.ArrowException,
    UnicodeError,
    NotImplementedError,
    ValueError,
)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Reads `what` (a file name, or "claims"); raises QP202 or QP214 for whatever a library raises."""
    try:
        yield
    except MemoryError as fault:
        raise ResourceError("QP401", f"Memory ran out while {what} was read.") from fault
    except _ARCHIVE_FAULTS as fault:
        raise InputError("QP214", f"{what}: the archive is truncated or damaged.") from fault
    except _DECODER_FAULTS as fault:
        raise InputError("QP202", f"{what}: the content is damaged or not in the form it claims.") from fault
    except OSError as fault:
        raise InputError("QP202", f"{what}: cannot be read ({fault.strerror or 'input error'}).") from fault
