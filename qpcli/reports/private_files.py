"""Files and folders only their owner may read, from the moment they exist; hashes and syncs of them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

_FILE_MODE = 0o600
_FOLDER_MODE = 0o700


def create_private(path: Path) -> BinaryIO:
    """A new file (0600) open for writing; FileExistsError when something is there, OSError when it cannot be."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, _FILE_MODE), "wb")


def create_private_folder(path: Path) -> None:
    """A new folder (0700); FileExistsError when something is there, OSError when it cannot be."""
    os.mkdir(path, _FOLDER_MODE)  # noqa: PTH102 - one os function per step, so that tests can fail each


def make_private(path: Path) -> None:
    """Take the rights of group and others from a file that another library created."""
    path.chmod(_FILE_MODE)


def sync(path: Path) -> None:
    """Have the disk confirm a file's bytes or a folder's names; OSError when it does not."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """SHA-256 of the file's bytes as they lie on disk, in hex; OSError when it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
