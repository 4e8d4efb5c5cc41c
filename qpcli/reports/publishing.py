"""The one door for report folders: refused early, locked, written whole, put in place in one step.

Beside a folder NAME lie `.NAME.qpcli.lock`, while a run writes `.NAME.qpcli-new-*`, and where names
cannot be exchanged for a moment `.NAME.qpcli-old-*`; the next run clears what a killed one left.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from qpcli.errors import LockedError, OutputError
from qpcli.reports.destinations import check_writable, refuse_foreign, refuse_unwritable, settled
from qpcli.reports.exchange import put_in_place, take_back
from qpcli.reports.leftovers import Siblings, remove_report
from qpcli.reports.manifest import MANIFEST_NAME, Manifest, OutputRecord, manifest_json
from qpcli.reports.private_files import create_private, create_private_folder, make_private, sha256_of, sync
from qpcli.reports.verification import Mismatch, Problem, is_up_to_date, verify

__all__ = [
    "ManifestOf",
    "Mismatch",
    "Problem",
    "Writer",
    "check_writable",
    "hold_lock",
    "is_up_to_date",
    "publish",
    "verify",
]

Writer = Callable[[Path], int]
"""Writes one new file at the path given and returns its row count."""

ManifestOf = Callable[[tuple[OutputRecord, ...]], Manifest]
"""The manifest, once the outputs and their hashes are known."""


@contextmanager
def hold_lock(folder: Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the folder's kernel lock, freed by the system even after a kill; clear earlier leftovers.

    Raises LockedError QP303 when another run still holds it after the wait, OutputError QP301
    when the lock cannot be made or a leftover cannot be removed.
    """
    siblings = Siblings(settled(folder))
    # The lock would make the folders above it.
    refuse_unwritable(siblings.place)
    # A soft lock would outlive a killed run: where the kernel offers none, that is an error.
    lock = FileLock(siblings.lock, mode=0o600, fallback_to_soft=False)
    with _as_output_error(siblings.place):
        # The lock takes a file it cannot make for one that another holds: let the system say which.
        siblings.lock.touch(mode=0o600)
        try:
            lock.acquire(timeout=max(wait_seconds, 0.0))
        except Timeout:
            raise LockedError("QP303", f"Another run holds the lock of {folder}.") from None
    try:
        with _as_output_error(siblings.place):
            siblings.clear()
        yield
    finally:
        lock.release()


def publish(folder: Path, files: Mapping[str, Writer], manifest_of: ManifestOf) -> Manifest:
    """Write a whole report beside the folder, then put it there in one step; the caller holds the lock.

    `files` maps names relative to the folder (`cells/part-0.parquet` makes a folder) to writers.
    Whatever fails, the earlier report stays as it was and nothing is left behind. Raises OutputError
    QP301 when the disk refuses, QP302 when files that are not a report's have appeared in the folder.
    """
    siblings = Siblings(settled(folder))
    with _as_output_error(siblings.place):
        try:
            manifest, old = _publish(siblings, files, manifest_of)
        except BaseException:
            with suppress(OSError):
                siblings.clear()
            raise
    if old is not None:
        # The new report is in place: what cannot be removed now is left to the next run.
        with suppress(OSError):
            remove_report(old)
    return manifest


def _publish(siblings: Siblings, files: Mapping[str, Writer], manifest_of: ManifestOf) -> tuple[Manifest, Path | None]:
    """The manifest written, and where the earlier report lies now."""
    token = secrets.token_hex(8)
    new = siblings.new(token)
    manifest = _write_report(new, files, manifest_of)
    # Hours may have passed since the folder was checked.
    refuse_foreign(siblings.place)
    return manifest, _put_in_place_for_good(new, siblings.place, siblings.old(token))


def _write_report(new: Path, files: Mapping[str, Writer], manifest_of: ManifestOf) -> Manifest:
    """All files, then the manifest, each confirmed by the disk: a manifest means a complete report."""
    create_private_folder(new)
    for inner in sorted({Path(name).parent for name in files} - {Path()}):
        create_private_folder(new / inner)
    manifest = manifest_of(tuple(_write_file(new, name, files[name]) for name in sorted(files)))
    with create_private(new / MANIFEST_NAME) as file:
        file.write(manifest_json(manifest))
    sync(new / MANIFEST_NAME)
    for folder in sorted({(new / name).parent for name in files} | {new}, reverse=True):
        sync(folder)
    return manifest


def _write_file(new: Path, name: str, writer: Writer) -> OutputRecord:
    path = new / name
    rows = writer(path)
    make_private(path)
    sync(path)
    return OutputRecord(name, rows, sha256_of(path))


def _put_in_place_for_good(new: Path, place: Path, aside: Path) -> Path | None:
    """Put the report in place and have the disk confirm it; when it does not, the old one comes back."""
    old = put_in_place(new, place, aside)
    try:
        sync(place.parent)
    except BaseException:
        take_back(new, place, old)
        raise
    return old


@contextmanager
def _as_output_error(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        why = os.strerror(fault.errno) if fault.errno else type(fault).__name__
        raise OutputError("QP301", f"The report folder {place} cannot be written: {why}.") from fault
