"""A new folder takes the place of an old one in a single step, and gives it back."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
# Kernels, file systems and sandboxes without the call answer with one of these.
_NOT_OFFERED = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM})


def put_in_place(new: Path, place: Path, aside: Path) -> Path | None:
    """Put `new` at `place`; returns where the old folder lies now, None when there was none.

    One step where the system can exchange two names; else the old folder first moves to `aside`.
    What fails or is cut off in between leaves it there, and `Siblings.clear` brings it back.
    """
    if not place.exists() or not any(place.iterdir()):
        _rename(new, place)
        return None
    if _exchange(new, place):
        return new
    _rename(place, aside)
    _rename(new, place)
    return aside


def take_back(new: Path, place: Path, old: Path | None) -> None:
    """Undo `put_in_place`, given what it returned."""
    if old == new:
        _exchange(new, place)
        return
    _rename(place, new)
    if old is not None:
        _rename(old, place)


def _rename(source: Path, target: Path) -> None:
    os.rename(source, target)  # noqa: PTH104 - one os function per step, so that tests can fail each


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names atomically; False where that is not offered, OSError when it fails."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_OFFERED:
        return False
    raise OSError(code, os.strerror(code), str(one))
