"""Private places that live as long as a process holds them, and what is left of those that nobody holds any more."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from qpcli.stopping import cleared_on_stop

_PREFIX = "qpcli-scratch-"
_SPILL = "POLARS_OOC_SPILL_DIR"


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Mark a file or folder as in use, until this is left or the process dies; OSError when it cannot be opened."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        # Some file systems have no locks: what is left there stays until somebody removes it.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def abandoned(paths: Iterable[Path]) -> list[Path]:
    """Those of this user's files and folders that no process holds; links are none."""
    return [path for path in paths if _is_abandoned(path)]


@contextmanager
def temporary_folder(base: str | None = None) -> Iterator[Path]:
    """A private folder (0700) in `base` or where the system keeps temporary files, removed at the end.

    Removes those that killed runs of this user have left there; OSError when none can be made.
    """
    sweep_temporary(base)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    try:
        with held(folder), cleared_on_stop(lambda: remove_folder(folder)):
            yield folder
    finally:
        with suppress(OSError):
            remove_folder(folder)


@contextmanager
def private_spill() -> Iterator[None]:
    """Have Polars put what does not fit into memory, rows of claims, into a temporary folder of this process.

    To be called before Polars is loaded. POLARS_OOC_SPILL_DIR says in which folder that one is made.
    """
    base = os.environ.get(_SPILL)
    with ExitStack() as stack:
        # Without room for temporary files there is none to spill either.
        with suppress(OSError):
            os.environ[_SPILL] = str(stack.enter_context(temporary_folder(base)))
        yield


def sweep_temporary(base: str | None = None) -> list[Path]:
    """Remove the temporary folders that killed runs of this user have left; returns them."""
    removed = []
    for folder in abandoned(sorted(Path(base or tempfile.gettempdir()).glob(f"{_PREFIX}*"))):
        with suppress(OSError):
            remove_folder(folder)
            removed.append(folder)
    return removed


def remove_folder(folder: Path) -> None:
    """Remove a folder, whatever happens meanwhile; OSError when it cannot be removed."""
    try:
        _remove(folder)
    except OSError:
        raise
    except BaseException:
        # A signal is heard once, and it came here.
        _remove(folder)
        raise


def _remove(folder: Path) -> None:
    """Under another name first: a thread that nobody waits for may still write into it by the old one."""
    gone = folder.with_name(f"{folder.name}-gone")
    with suppress(OSError):
        folder.rename(gone)
    for left in (gone, folder):
        if left.exists():
            shutil.rmtree(left)


def _is_abandoned(path: Path) -> bool:
    try:
        if path.is_symlink() or path.lstat().st_uid != os.getuid():
            return False
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
