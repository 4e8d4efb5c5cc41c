"""The one door for report folders: refused early, locked, written whole, put in place in one step.

Beside a folder NAME lie `.NAME.qpcli.lock`, while a run writes `.NAME.qpcli-new-*`, and where names
cannot be exchanged for a moment `.NAME.qpcli-old-*`; the next run clears what a killed one left.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from qpcli.errors import LockedError, OutputError
from qpcli.reports.destinations import (
    check_writable,
    refuse_foreign,
    refuse_inputs,
    refuse_unwritable,
    settled,
)
from qpcli.reports.exchange import put_in_place, take_back
from qpcli.reports.leftovers import Siblings, remove_sealed
from qpcli.reports.manifest import Manifest, OutputRecord, manifest_json
from qpcli.reports.output_errors import as_output_error, naming_full_disk
from qpcli.reports.private_files import create_private, create_private_folder, make_private, sha256_of, sync
from qpcli.reports.scratch import abandoned, held, remove_folder, temporary_folder
from qpcli.reports.seals import REPORT, Seal
from qpcli.reports.verification import Mismatch, Problem, is_up_to_date, verify
from qpcli.stopping import cleared_on_stop, indivisible

__all__ = [
    "ManifestOf",
    "Mismatch",
    "Problem",
    "SealOf",
    "Writer",
    "check_file",
    "check_writable",
    "hold_lock",
    "is_up_to_date",
    "publish",
    "publish_file",
    "publish_sealed",
    "scratch_folder",
    "verify",
]

Writer = Callable[[Path], int]
"""Writes one new file at the path given and returns its row count."""

ManifestOf = Callable[[tuple[OutputRecord, ...]], Manifest]
"""The manifest, once the outputs and their hashes are known."""

SealOf = Callable[[tuple[OutputRecord, ...]], bytes]
"""The bytes of the seal, once the outputs and their hashes are known."""


@contextmanager
def hold_lock(folder: Path, wait_seconds: float = 0.0, seal: Seal = REPORT) -> Iterator[None]:
    """Hold the folder's kernel lock, freed by the system even after a kill; clear earlier leftovers.

    Raises LockedError QP303 when another run still holds it after the wait, OutputError QP301
    when the lock cannot be made or a leftover cannot be removed.
    """
    siblings = Siblings(settled(folder), seal)
    # The lock would make the folders above it.
    refuse_unwritable(siblings.place)
    # A soft lock would outlive a killed run: where the kernel offers none, that is an error.
    lock = FileLock(siblings.lock, mode=0o600, fallback_to_soft=False)
    with as_output_error(siblings.place):
        # The lock takes a file it cannot make for one that another holds: let the system say which.
        siblings.lock.touch(mode=0o600)
        try:
            lock.acquire(timeout=max(wait_seconds, 0.0))
        except Timeout:
            raise LockedError("QP303", f"Another run holds the lock of {folder}.") from None
    try:
        with as_output_error(siblings.place):
            siblings.clear()
        with cleared_on_stop(siblings.clear):
            yield
    except BaseException:
        # A signal may have come between a folder and the step that would have removed it.
        with suppress(OSError):
            siblings.clear()
        raise
    finally:
        lock.release()


def publish(folder: Path, files: Mapping[str, Writer], manifest_of: ManifestOf) -> Manifest:
    """Write a whole report beside the folder, then put it there in one step; the caller holds the lock.

    As `publish_sealed`; returns the manifest written.
    """
    manifests: list[Manifest] = []

    def seal_of(outputs: tuple[OutputRecord, ...]) -> bytes:
        manifests.append(manifest_of(outputs))
        return manifest_json(manifests[-1])

    publish_sealed(folder, files, seal_of, REPORT)
    return manifests[-1]


def publish_sealed(folder: Path, files: Mapping[str, Writer], seal_of: SealOf, seal: Seal) -> None:
    """Write files in their order and the seal last beside the folder, then put all there in one step.

    `files` maps names relative to the folder (`cells/part-0.parquet` makes a folder) to writers.
    Whatever fails, what stood there stays as it was and nothing is left behind. Raises OutputError
    QP301 when the disk refuses, QP302 when files of another kind have appeared in the folder.
    """
    siblings = Siblings(settled(folder), seal)
    with as_output_error(siblings.place):
        try:
            old = _publish(siblings, files, seal_of)
        except BaseException:
            with suppress(OSError):
                siblings.clear()
            raise
    if old is not None:
        # The new folder is in place: what cannot be removed now is left to the next run.
        with suppress(OSError):
            remove_sealed(old, seal)


def _publish(siblings: Siblings, files: Mapping[str, Writer], seal_of: SealOf) -> Path | None:
    """Where the earlier folder lies now."""
    token = secrets.token_hex(8)
    new = siblings.new(token)
    _write_sealed(new, files, seal_of, siblings.seal)
    # Hours may have passed since the folder was checked.
    refuse_foreign(siblings.place, siblings.seal)
    with indivisible():
        return _put_in_place_for_good(new, siblings.place, siblings.old(token))


def _write_sealed(new: Path, files: Mapping[str, Writer], seal_of: SealOf, seal: Seal) -> None:
    """All files, then the seal, each confirmed by the disk."""
    create_private_folder(new)
    for inner in sorted({inner for name in files for inner in Path(name).parents} - {Path()}):
        create_private_folder(new / inner)
    outputs = [_write_file(new, name, writer) for name, writer in files.items()]
    with create_private(new / seal.name) as file:
        file.write(seal_of(tuple(sorted(outputs, key=lambda output: output.file))))
    sync(new / seal.name)
    for folder in sorted({(new / name).parent for name in files} | {new}, reverse=True):
        sync(folder)


def check_file(file: Path, inputs: Iterable[Path]) -> None:
    """Refuse a file that must not or cannot be written: raises UsageError QP109, OutputError QP301."""
    place = settled(file.parent) / file.name
    if not place.parent.is_dir():
        raise OutputError("QP301", f"The folder {place.parent} does not exist.")
    if place.is_dir():
        raise OutputError("QP301", f"The output {place} is a folder and not a file.")
    refuse_inputs(place, inputs)


def publish_file(file: Path, writer: Writer) -> None:
    """Write one file beside its place, then put it there in one step (0600); what stood there stays on failure.

    What killed runs have left of the same file is removed. Raises OutputError QP301.
    """
    place = settled(file.parent) / file.name
    prefix = f".{place.name}.qpcli-new-"
    new = place.parent / f"{prefix}{secrets.token_hex(8)}"
    remove_new = partial(new.unlink, missing_ok=True)
    with as_output_error(place):
        beside = [path for path in place.parent.iterdir() if path.name.startswith(prefix) and path.is_file()]
        for left in abandoned(beside):
            left.unlink(missing_ok=True)
        try:
            with cleared_on_stop(remove_new):
                _write_and_replace(new, place, writer)
        except BaseException:
            remove_new()
            raise


def _write_and_replace(new: Path, place: Path, writer: Writer) -> None:
    create_private(new).close()
    with held(new):
        writer(new)
        make_private(new)
        sync(new)
        os.replace(new, place)  # noqa: PTH105 - one os function per step, so that tests can fail each
    sync(place.parent)


@contextmanager
def scratch_folder(folder: Path | None) -> Iterator[Path]:
    """A private folder (0700) that is removed at the end.

    It lies beside the folder of the reports, whose lock the caller holds: a killed run's is cleared by the next
    one, and the error says so when the disk is full (QP301). Without a folder it lies where the system keeps temporary
    files.
    """
    if folder is None:
        with temporary_folder() as place:
            yield place
        return
    place = Siblings(settled(folder)).scratch(secrets.token_hex(8))
    with as_output_error(place):
        create_private_folder(place)
    try:
        with naming_full_disk(place.parent):
            yield place
    finally:
        with suppress(OSError):
            remove_folder(place)


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
