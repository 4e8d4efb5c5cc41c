"""A finished folder against its own seal: re-hashed, nothing trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from qpcli.errors import InputError
from qpcli.reports.destinations import files_in, settled
from qpcli.reports.manifest import Manifest, OutputRecord, read_manifest
from qpcli.reports.private_files import sha256_of
from qpcli.reports.records import is_changed
from qpcli.reports.seals import REPORT, Seal


class Problem(StrEnum):
    """How a file differs from what the folder says of itself."""

    MISSING_OUTPUT = "missing output"
    CHANGED_OUTPUT = "changed output"
    UNKNOWN_FILE = "unknown file"
    CHANGED_INPUT = "changed input"
    CHANGED_RECORD = "changed record"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One file that is not as the folder says of itself; outputs are named relative to the folder."""

    problem: Problem
    file: str


def is_up_to_date(folder: Path, run_id: str) -> Manifest | None:
    """The manifest of the report in the folder when it is this run's and every output is there, intact, else None."""
    place = settled(folder)
    try:
        manifest = read_manifest(place)
        if manifest is None or manifest.run_id != run_id or manifest.removed:
            return None
        return None if _output_mismatches(place, manifest.outputs) else manifest
    except OSError:
        # What cannot be read is not known to be intact; the run that follows reports why.
        return None


def finished_report(folder: Path) -> Manifest:
    """The manifest of a complete report whose outputs are as they were written; raises InputError QP202."""
    place = settled(folder)
    with _reading(folder):
        manifest = read_manifest(place)
        changed = () if manifest is None else _output_mismatches(place, manifest.outputs)
    if manifest is None:
        raise InputError("QP202", f"{folder} holds no manifest that this version reads: it is no complete report.")
    if changed:
        message = f"The report in {folder} is not as it was written: {changed[0].problem.value} {changed[0].file}."
        raise InputError("QP202", message, "Determine again; `qpcli verify` names every difference.")
    return manifest


def verify(folder: Path) -> tuple[Mismatch, ...]:
    """Every file that is not as the manifest says: outputs, then inputs that are still where they were.

    A manifest that was changed is the one mismatch then: it vouches for nothing. Raises InputError QP202 when the
    folder holds no complete report or a file cannot be read.
    """
    place = settled(folder)
    changed = changed_record(folder, REPORT)
    if changed:
        return changed
    with _reading(folder):
        manifest = read_manifest(place)
    if manifest is None:
        raise InputError("QP202", f"{folder} holds no manifest that this version reads: it is no complete report.")
    return compare(folder, REPORT, manifest.outputs, {record.path: record.sha256 for record in manifest.inputs})


def changed_record(folder: Path, seal: Seal) -> tuple[Mismatch, ...]:
    """The folder's own record, where it is no longer as it was written; raises InputError QP202 as `verify`."""
    record = settled(folder) / seal.name
    with _reading(folder):
        return (
            (Mismatch(Problem.CHANGED_RECORD, seal.name),)
            if record.is_file() and is_changed(record.read_bytes())
            else ()
        )


def compare(
    folder: Path, seal: Seal, outputs: Iterable[OutputRecord], inputs: Mapping[str, str]
) -> tuple[Mismatch, ...]:
    """Every file that is not as the seal says; `inputs`: SHA-256 by path. Raises InputError QP202 as `verify`."""
    place = settled(folder)
    with _reading(folder):
        unknown = sorted(files_in(place) - (seal.files_of(place) or set()))
        return (
            *_output_mismatches(place, outputs),
            *(Mismatch(Problem.UNKNOWN_FILE, file) for file in unknown),
            *_input_mismatches(inputs),
        )


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise InputError("QP202", f"{fault.filename or folder} cannot be read: {fault.strerror}.") from fault


def _output_mismatches(place: Path, outputs: Iterable[OutputRecord]) -> tuple[Mismatch, ...]:
    problems = ((_output_problem(place, output), output.file) for output in outputs)
    return tuple(Mismatch(problem, file) for problem, file in problems if problem is not None)


def _output_problem(place: Path, output: OutputRecord) -> Problem | None:
    try:
        return None if sha256_of(place / output.file) == output.sha256 else Problem.CHANGED_OUTPUT
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return Problem.MISSING_OUTPUT


def _input_mismatches(inputs: Mapping[str, str]) -> tuple[Mismatch, ...]:
    return tuple(
        Mismatch(Problem.CHANGED_INPUT, path)
        for path, sha256 in inputs.items()
        if Path(path).is_file() and sha256_of(Path(path)) != sha256
    )
