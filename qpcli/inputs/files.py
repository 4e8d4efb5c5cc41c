"""Paths as typed (file, folder or glob) turned into the files and archive members to read."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from qpcli.errors import InputError
from qpcli.inputs.faults import reading

SUFFIXES = (".csv", ".txt", ".tsv", ".rif", ".parquet", ".pq", ".gz", ".zip")
"""What is taken from a folder or an archive; a file that is named is taken whatever its suffix."""
DELIVERED_SUFFIXES = (*SUFFIXES, ".ndjson", ".json", ".xlsx")
"""What is taken where outside layouts are read."""
_CMS_NAME = re.compile(r"[PT][.#]|ZC[0-9AB]W?(?:[YR]\d\d)?$")
"""Names of CMS's deliveries, which have no suffix."""

Wanted = Callable[[str], bool]
"""Whether a file found in a folder or archive is data by its name."""


class FileForm(StrEnum):
    """How a file's content is stored, judged by its first bytes."""

    PARQUET = "parquet"
    WORKBOOK = "workbook"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FileState:
    """What the file system says of a file; equal before and after reading when nothing wrote to it."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file, or one member of a zip archive; `state` is that of the file on disk."""

    path: Path
    member: str | None
    form: FileForm
    is_gzip: bool
    state: FileState

    @property
    def name(self) -> str:
        """Name for messages: the file's, with the archive member's."""
        return self.path.name if self.member is None else f"{self.path.name}/{self.member}"

    @property
    def is_plain(self) -> bool:
        """Whether a library may open the path itself."""
        return self.member is None and not self.is_gzip


def state_of(path: Path) -> FileState:
    """Size, modification time and inode of a file."""
    with reading(path.name):
        found = path.stat()
    return FileState(found.st_size, found.st_mtime_ns, found.st_ino)


def is_wanted(name: str) -> bool:
    """A canonical or research file by its suffix."""
    return not name.startswith((".", "__MACOSX")) and name.lower().endswith(SUFFIXES)


def is_delivered(name: str) -> bool:
    """A file of any layout, by its suffix or by CMS's way of naming."""
    is_visible = not name.startswith((".", "__MACOSX"))
    return is_visible and (name.lower().endswith(DELIVERED_SUFFIXES) or _CMS_NAME.match(name) is not None)


def paths_of(typed: Sequence[str], wanted: Wanted = is_wanted) -> tuple[Path, ...]:
    """Every file that the typed paths name, each once, sorted; raises QP201 when one names nothing."""
    found: set[Path] = set()
    for text in typed:
        found.update(_expanded(text, wanted))
    return tuple(sorted(found))


def _expanded(typed: str, wanted: Wanted) -> Iterable[Path]:
    try:
        literal = Path(typed).expanduser()
        is_file = literal.is_file()
    except (OSError, RuntimeError):
        # A name longer than the system has them, a folder without rights, the home of nobody.
        raise InputError("QP201", "A path that was given is no path that can be looked up here.") from None
    if is_file:
        return [literal]
    if literal.is_dir():
        return _required(_files_in(literal, wanted), f"The folder {literal.name or typed} holds no data file.")
    if literal.exists():
        raise InputError("QP201", f"{literal.name} is neither a file nor a folder.")
    # A glob may be absolute, which Path.glob does not take.
    matches = map(Path, glob.glob(str(literal), recursive=True)) if glob.has_magic(typed) else ()  # noqa: PTH207
    files = [file for match in matches for file in ([match] if match.is_file() else _files_in(match, wanted))]
    return _required(files, f"Nothing found at {typed}.")


def _required(files: Iterable[Path], message: str) -> list[Path]:
    found = list(files)
    if not found:
        raise InputError("QP201", message)
    return found


def _files_in(folder: Path, wanted: Wanted) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in names if wanted(name))


def check_unchanged(files: Iterable[InputFile]) -> None:
    """Raises QP208 when a file is not as it was when it was found."""
    for path, state in {file.path: file.state for file in files}.items():
        if not path.exists() or state_of(path) != state:
            raise InputError("QP208", f"{path.name} changed while it was read.")
