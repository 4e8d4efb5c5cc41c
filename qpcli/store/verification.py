"""A prepared store, or a report, against what it says of itself."""

from __future__ import annotations

from pathlib import Path

from qpcli.errors import InputError
from qpcli.inputs.layouts import STORE_NAME
from qpcli.reports import verification
from qpcli.reports.verification import Mismatch
from qpcli.store.record import STORE, read_record


def verify(folder: Path) -> tuple[Mismatch, ...]:
    """Every file that is not as the folder says, its own and the inputs or sources that are still where they were.

    Raises InputError QP202 when the folder is no complete report or store, or a file cannot be read.
    """
    if not (folder / STORE_NAME).is_file():
        return verification.verify(folder)
    changed = verification.changed_record(folder, STORE)
    if changed:
        return changed
    record = read_record(folder)
    if record is None:
        raise InputError("QP202", f"{folder} holds no {STORE_NAME} that this version reads: it is no complete store.")
    return verification.compare(folder, STORE, record.outputs, {each.path: each.sha256 for each in record.sources})
