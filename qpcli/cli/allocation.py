"""How libraries take memory from the system, told before they are loaded."""

from __future__ import annotations

import ctypes
import os

_FRUGAL = {
    "POLARS_JOIN_SAMPLE_LIMIT": "10000",
    "POLARS_ROW_GROUP_PREFETCH_SIZE": "2",
    "_RJEM_MALLOC_CONF": f"narenas:{os.cpu_count() or 1}",
    "OPENBLAS_NUM_THREADS": "1",
}
"""Polars reads ahead and looks at ten million rows before a join unless told: 50 million lines took 0.4 GB more.

Its memory comes in four arenas per core, none of which uses what is free in another: pages went back to the system and
were asked for anew, which took a seventh of the system's time. NumPy, which others load, starts threads that nobody
asks to do anything.
"""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGEST_FROM_HEAP, _NEVER = 32 << 20, 2**31 - 1


def be_frugal() -> None:
    """Set what the user has not set; to be called before Polars is loaded."""
    for name, value in _FRUGAL.items():
        os.environ.setdefault(name, value)
    _keep_freed_blocks()


def _keep_freed_blocks() -> None:
    """Have Python's own memory stay with the process.

    Files are read in blocks of 16 MB. The GNU library gives each back to the system and asks for it anew, which took
    a tenth of the time of reading; other systems' libraries have no such setting.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_M_MMAP_THRESHOLD, _LARGEST_FROM_HEAP)
        set_option(_M_TRIM_THRESHOLD, _NEVER)
