"""Gzip and zip read as streams, nothing extracted; what is unsafe is refused (QP214)."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from qpcli.errors import InputError
from qpcli.inputs.faults import reading
from qpcli.inputs.files import FileForm, InputFile, Wanted, is_wanted, paths_of, state_of

MAX_RATIO = 200
"""Unpacked to packed size above which an archive is taken for a bomb; claims pack 5 to 20 times."""
MAX_UNPACKED_BYTES = 256 << 30
RATIO_MATTERS_FROM_BYTES = 1 << 20
_SAS_SUFFIXES = (".sas7bdat", ".xpt")
_PARQUET, _GZIP, _ZIP = b"PAR1", b"\x1f\x8b", b"PK\x03\x04"
_WORKBOOK_MEMBER = "xl/workbook.xml"


class _Guarded:
    """A stream that counts what it unpacks and stops at an absurd ratio or size."""

    def __init__(self, stream: BinaryIO, *, packed_bytes: int, name: str) -> None:
        self._stream = stream
        self._packed_bytes = packed_bytes
        self._name = name
        self._unpacked_bytes = 0

    def read(self, size: int = -1) -> bytes:
        return self._counted(self._stream.read(size))

    def readline(self, size: int = -1) -> bytes:
        return self._counted(self._stream.readline(size))

    def _counted(self, data: bytes) -> bytes:
        self._unpacked_bytes += len(data)
        check_ratio(self._name, packed_bytes=self._packed_bytes, unpacked_bytes=self._unpacked_bytes)
        return data


def check_ratio(name: str, *, packed_bytes: int, unpacked_bytes: int) -> None:
    """Raises QP214 when an archive unpacks to more than is credible."""
    is_absurd = unpacked_bytes > RATIO_MATTERS_FROM_BYTES and unpacked_bytes > MAX_RATIO * packed_bytes
    if is_absurd or unpacked_bytes > MAX_UNPACKED_BYTES:
        raise InputError("QP214", f"{name}: the archive unpacks to an absurd size.")


@contextmanager
def opened(file: InputFile) -> Iterator[BinaryIO]:
    """The unpacked bytes of a file or member, as a stream to read once."""
    with ExitStack() as stack:
        stream: BinaryIO = stack.enter_context(file.path.open("rb"))
        packed_bytes = file.state.size
        if file.member is not None:
            archive = stack.enter_context(zipfile.ZipFile(stream))
            packed_bytes = archive.getinfo(file.member).compress_size
            stream = cast(BinaryIO, stack.enter_context(archive.open(file.member)))
        if file.is_gzip:
            stream = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=stream)))
        yield stream if file.is_plain else cast(BinaryIO, _Guarded(stream, packed_bytes=packed_bytes, name=file.name))


def find_files(typed: Sequence[str], wanted: Wanted = is_wanted) -> tuple[InputFile, ...]:
    """Files and archive members that the typed paths name, sorted; raises QP201, QP202 or QP214."""
    return tuple(file for path in paths_of(typed, wanted) for file in _contents(path, wanted))


def _contents(path: Path, wanted: Wanted) -> Iterator[InputFile]:
    if path.suffix.lower() in _SAS_SUFFIXES:
        raise InputError("QP212", f"{path.name} is a SAS file.", "Export it to CSV or Parquet first.")
    with reading(path.name):
        with path.open("rb") as stream:
            start = stream.read(4)
        if start == _ZIP and not _is_workbook(path):
            yield from _members(path, wanted)
        else:
            yield _identified(path, None)


def _is_workbook(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return _WORKBOOK_MEMBER in archive.namelist()


def _members(path: Path, wanted: Wanted) -> Iterator[InputFile]:
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    for entry in entries:
        _check_entry(path.name, entry)
    members = [entry.filename for entry in entries if wanted(PurePosixPath(entry.filename).name)]
    if not members:
        raise InputError("QP201", f"{path.name}: the archive holds no data file.")
    for member in sorted(members):
        if not member.startswith("__MACOSX/"):
            yield _identified(path, member)


def _check_entry(archive: str, entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 1:
        raise InputError("QP214", f"{archive}: the archive is encrypted.")
    if name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in PurePosixPath(name).parts:
        raise InputError("QP214", f"{archive}: the archive names a place outside itself.")
    check_ratio(archive, packed_bytes=entry.compress_size, unpacked_bytes=entry.file_size)


def _identified(path: Path, member: str | None) -> InputFile:
    """The file with its form, judged by its first bytes and never by its name."""
    file = InputFile(path, member, FileForm.TEXT, is_gzip=False, state=state_of(path))
    start = _first_bytes(file)
    if start.startswith(_GZIP):
        file = InputFile(path, member, FileForm.TEXT, is_gzip=True, state=file.state)
        start = _first_bytes(file)
    is_workbook = start == _ZIP and not file.is_gzip and (member or path.name).lower().endswith(".xlsx")
    if is_workbook or (start == _ZIP and member is None):
        return InputFile(path, member, FileForm.WORKBOOK, is_gzip=False, state=file.state)
    if start.startswith((_ZIP, _GZIP)):
        raise InputError("QP214", f"{file.name}: an archive inside an archive is not read.")
    form = FileForm.PARQUET if start == _PARQUET else FileForm.TEXT
    return InputFile(path, member, form, is_gzip=file.is_gzip, state=file.state)


def _first_bytes(file: InputFile) -> bytes:
    with reading(file.name), opened(file) as stream:
        return stream.read(4)
