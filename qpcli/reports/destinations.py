"""Where a report may go: refusals before anything is computed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from qpcli.errors import OutputError, UsageError, why
from qpcli.reports.seals import REPORT, Seal

# What file managers leave in every folder they show.
_NOBODYS_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})

_Identity = tuple[int, int]


def settled(folder: Path) -> Path:
    """The folder itself, links followed: two names of one folder share a lock."""
    return Path(os.path.realpath(folder))


def check_writable(folder: Path, inputs: Iterable[Path], seal: Seal = REPORT) -> None:
    """Refuse a folder that a report cannot or must not take the place of; nothing is written.

    Raises UsageError QP109 when the folder is, contains or lies in an input, also by a link;
    OutputError QP301 when it cannot be made there, QP302 when it holds anything but a report.
    """
    place = settled(folder)
    try:
        refuse_inputs(place, inputs)
        refuse_unwritable(place)
        refuse_foreign(place, seal)
    except OSError as fault:
        raise OutputError("QP301", f"The output folder {place} cannot be used: {why(fault)}.") from fault


def refuse_foreign(place: Path, seal: Seal = REPORT) -> None:
    """Raises OutputError QP302 when a folder is neither absent, empty nor wholly an earlier one of the kind."""
    found = files_in(place)
    if not found:
        return
    own = seal.files_of(place)
    if own is None:
        raise OutputError("QP302", f"The output folder {place} is not empty and holds no intact qpcli {seal.what}.")
    strange = sorted(found - own)
    if strange:
        more = f" and {len(strange) - 1} more" if strange[1:] else ""
        raise OutputError(
            "QP302",
            f"The output folder {place} holds {strange[0]}{more} beside the {seal.what}; a new one would remove it.",
        )


def files_in(place: Path) -> set[str]:
    """Every file and link below the folder, by its name relative to it."""
    found = set()
    for folder, inner, files in os.walk(place, onerror=_raise_unless_absent):
        links = [name for name in inner if Path(folder, name).is_symlink()]
        found |= {
            Path(folder, name).relative_to(place).as_posix() for name in (*files, *links) if name not in _NOBODYS_FILES
        }
    return found


def _raise_unless_absent(fault: OSError) -> None:
    if not isinstance(fault, FileNotFoundError):
        raise fault


def refuse_unwritable(place: Path) -> None:
    """Raises OutputError QP301 when no folder can be put at the place."""
    if not place.parent.is_dir():
        raise OutputError("QP301", f"The folder {place.parent}, in which the report should stand, does not exist.")
    if place.exists() and not place.is_dir():
        raise OutputError("QP301", f"The output {place} is a file and not a folder.")
    if place.is_mount():
        raise OutputError(
            "QP301",
            f"The output folder {place} is a mount point, which cannot be replaced.",
            f"Name a folder inside it, such as {place / 'report'}.",
        )
    for folder in (place.parent, place):
        if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise OutputError("QP301", f"The folder {folder} is read-only.")


def refuse_inputs(place: Path, inputs: Iterable[Path]) -> None:
    """Raises UsageError QP109 when a place is, contains or lies in an input, also by a link."""
    for given in inputs:
        # An input may be a link that stands in the folder, or one that points into it.
        for path in {settled(given), settled(given.parent) / given.name}:
            if _identity(path) in _identities(place) or _identity(place) in _identities(path):
                raise UsageError("QP109", f"The output {place} is, contains or lies in the input {given}.")


def _identities(path: Path) -> set[_Identity]:
    """The path and every folder above it, as the file system knows them, whatever their names."""
    return {identity for step in (path, *path.parents) if (identity := _identity(step)) is not None}


def _identity(path: Path) -> _Identity | None:
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_dev, status.st_ino
