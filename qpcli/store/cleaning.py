"""What runs leave that holds patient data, or nobody needs any more, taken away; never a file of somebody else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from secrets import token_hex

from qpcli.errors import InputError, OutputError, why
from qpcli.inputs.reject_files import reject_files
from qpcli.reports.destinations import refuse_foreign, refuse_unwritable, settled
from qpcli.reports.kept_files import FOLDER, is_kept
from qpcli.reports.leftovers import Siblings, remove_sealed
from qpcli.reports.manifest import Manifest, manifest_json, read_manifest
from qpcli.reports.private_files import sync
from qpcli.reports.publishing import Writer, hold_lock, publish_sealed
from qpcli.reports.scratch import sweep_temporary
from qpcli.reports.seals import REPORT, Seal
from qpcli.store.record import STORE


@dataclass(frozen=True, slots=True)
class Removed:
    """One file or folder that is gone, and what it was."""

    what: str
    path: Path


def clean(folder: Path, *, is_all: bool) -> tuple[Removed, ...]:
    """Remove cells, rejected rows, leftovers and the lock of a report or a prepared store.

    With `is_all` the report or store goes too, when it is wholly ours. Temporary folders of killed runs of this
    user go in any case. Raises InputError QP201 when there is nothing of that name, OutputError QP301 when
    something cannot be removed, QP302 for what is not ours, LockedError QP303 while a run holds the folder.
    """
    with _removing(folder):
        place = settled(folder)
        refuse_unwritable(place)
        seal = _seal_of(Siblings(place))
        siblings = Siblings(place, seal)
        found = siblings.found()
        if not found and not place.exists():
            raise InputError("QP201", f"{folder} does not exist, and no run has left anything beside it.")
        with hold_lock(place, seal=seal):
            removed = [Removed("leftover", path) for path in found if path != siblings.lock and not path.exists()]
            try:
                removed += _clean_held(siblings, is_all=is_all)
            finally:
                # Whoever waits for a lock that has lost its name takes the next one of that name.
                siblings.lock.unlink()
        removed += [Removed("lock", siblings.lock)] if siblings.lock in found else []
        return (*removed, *(Removed("temporary folder", path) for path in sweep_temporary()))


def _seal_of(siblings: Siblings) -> Seal:
    """The seal of what stands in the folder, or was moved aside and waits for its way back."""
    places = [siblings.place, *siblings.found()]
    return next((seal for place in places for seal in (REPORT, STORE) if seal.files_of(place) is not None), REPORT)


def _clean_held(siblings: Siblings, *, is_all: bool) -> Iterator[Removed]:
    """What is removed of the folder itself and of its run, one after another."""
    place, seal = siblings.place, siblings.seal
    manifest = read_manifest(place)
    for folder in (place, *_rejects_folder(manifest)):
        yield from _remove_rejects(folder)
    if is_all:
        yield from _remove_all(siblings)
    elif manifest is not None and seal is REPORT:
        yield from _remove_cells(place, manifest)


def _rejects_folder(manifest: Manifest | None) -> Iterator[Path]:
    """Where the run wrote rejected rows."""
    reading = manifest.options.get("reading") if manifest is not None else None
    folder = reading.get("rejects_folder") if isinstance(reading, dict) else None
    if isinstance(folder, str) and Path(folder).is_absolute():
        yield Path(folder)


def _remove_rejects(folder: Path) -> Iterator[Removed]:
    for path in reject_files(folder) if folder.is_dir() else ():
        path.unlink()
        yield Removed("rejected rows", path)


def _remove_cells(place: Path, manifest: Manifest) -> Iterator[Removed]:
    """Put a report without its cells in the place of the one with them, so that it stays whole at any moment."""
    kept = tuple(output for output in manifest.outputs if not is_kept(output.file))
    if kept == manifest.outputs:
        return
    gone = tuple(output.file for output in manifest.outputs if is_kept(output.file))
    without = replace(manifest, outputs=kept, removed=(*manifest.removed, *gone))
    files: dict[str, Writer] = {output.file: partial(_hand_on, place / output.file, output.rows) for output in kept}
    # The hashes stay those of the run: what was changed since is still told by `verify`.
    publish_sealed(place, files, lambda _written: manifest_json(without), REPORT)
    yield Removed("cells", place / FOLDER)


def _hand_on(old: Path, rows: int, new: Path) -> int:
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)
    return rows


def _remove_all(siblings: Siblings) -> Iterator[Removed]:
    """Remove the whole report or store; it leaves its place first, so that it is never there in half."""
    place, seal = siblings.place, siblings.seal
    refuse_foreign(place, seal)
    if seal.files_of(place) is None:
        return
    gone = siblings.new(token_hex(8))
    os.rename(place, gone)  # noqa: PTH104 - one os function per step, so that tests can fail each
    sync(place.parent)
    remove_sealed(gone, seal)
    yield Removed(seal.what, place)


@contextmanager
def _removing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise OutputError("QP301", f"Not everything of {folder} can be removed: {why(fault)}.") from fault
