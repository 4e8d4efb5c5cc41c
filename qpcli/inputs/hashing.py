"""Input files hashed: several at a time, or by a thread beside who reads them, where all is read first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from qpcli.inputs.faults import reading
from qpcli.inputs.files import InputFile, check_unchanged

_PIECE_BYTES = 1 << 20
_AT_ONCE = 2
"""Files hashed together where nothing else is done meanwhile."""
Hashes = Callable[[], dict[Path, str]]
"""SHA-256 of each file as it lies on disk, an archive once; waits for them, and raises QP202 or QP208."""


def hash_files(paths: Iterable[Path]) -> dict[Path, str]:
    """SHA-256 of each file as it lies on disk, an archive once; raises QP202."""
    distinct, is_over = sorted(set(paths)), Event()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        try:
            return dict(zip(distinct, threads.map(lambda path: _sha256_of(path, is_over), distinct), strict=True))
        finally:
            is_over.set()


@contextmanager
def hashing(files: Iterable[InputFile]) -> Iterator[Hashes]:
    """Hash the files from now on; whoever leaves early does not wait for the rest of them."""
    found = tuple(files)
    is_over = Event()
    with ThreadPoolExecutor(1) as thread:
        work = thread.submit(_hashes, sorted({file.path for file in found}), is_over)

        def hashes() -> dict[Path, str]:
            hashed = work.result()
            # What was hashed is what was read only if nothing has written to it meanwhile.
            check_unchanged(found)
            return hashed

        try:
            yield hashes
        finally:
            is_over.set()


def _hashes(paths: Iterable[Path], is_over: Event) -> dict[Path, str]:
    return {path: _sha256_of(path, is_over) for path in paths}


def _sha256_of(path: Path, is_over: Event) -> str:
    digest = hashlib.sha256()
    piece = bytearray(_PIECE_BYTES)
    with reading(path.name), path.open("rb", buffering=0) as stream:
        while not is_over.is_set() and (size := stream.readinto(piece)):
            digest.update(memoryview(piece)[:size])
    return digest.hexdigest()
