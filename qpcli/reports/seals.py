"""The file that is written last: where it stands, a folder is complete, and it names all the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qpcli.reports.manifest import MANIFEST_NAME, read_manifest


@dataclass(frozen=True, slots=True)
class Seal:
    """A kind of folder that is written whole: reports have one, prepared stores another.

    `files_of` gives every file of a complete folder, the seal among them; None where there is no such seal.
    """

    name: str
    what: str
    files_of: Callable[[Path], set[str] | None]


def _report_files(folder: Path) -> set[str] | None:
    manifest = read_manifest(folder)
    return None if manifest is None else {MANIFEST_NAME, *(output.file for output in manifest.outputs)}


REPORT = Seal(MANIFEST_NAME, "report", _report_files)
