"""Whatever the disk refuses, and whenever a run is killed: the old report or a complete new one."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qpcli.errors import OutputError
from qpcli.reports import exchange
from qpcli.reports.csv import write_csv
from qpcli.reports.formats import WORKBOOK_FILE, report_files
from qpcli.reports.private_files import create_private
from qpcli.reports.publishing import Writer, hold_lock, publish, verify
from qpcli.request import OutputOptions, ReportFormat
from qpcli.tables.determinations import DETERMINATIONS
from tests.reports.world import beside, content_of, determination_row, frame, manifest_of, tables, text_writer

NAMES = ("a.csv", "cells/part-0.csv")


def careful_writer(text: str) -> Writer:
    """A writer like those of the reports: a private file, several writes."""

    def write(path: Path) -> int:
        with create_private(path) as file:
            for part in (text, " and ", text):
                file.write(part.encode())
        return 1

    return write


def files(word: str) -> dict[str, Writer]:
    return {name: careful_writer(f"{word} {name}") for name in NAMES}


def state_of(folder: Path) -> str:
    """`old` or `new` when the folder is wholly that report, else what is wrong."""
    if not folder.exists():
        return "absent"
    if mismatches := verify(folder):
        return str(mismatches)
    words = {text.split()[0].decode() for name, text in content_of(folder).items() if name in NAMES}
    return words.pop() if len(words) == 1 else f"mixed: {words}"


class Fault:
    """Fails calls by their number, counted over every system call a run makes to write."""

    def __init__(self, first: int, *, is_lasting: bool, happens: Callable[[], None]) -> None:
        self.first, self.is_lasting, self.happens = first, is_lasting, happens
        self.calls = 0

    def count(self) -> None:
        self.calls += 1
        if self.calls == self.first or (self.is_lasting and self.calls > self.first):
            self.happens()

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.count()
            return call(*arguments, **named)

        return counted

    def in_files(self, fdopen: Callable[..., Any]) -> Callable[..., Any]:
        def opened(*arguments: Any) -> Any:
            return _FaultyFile(fdopen(*arguments, buffering=0), self)

        return opened


class _FaultyFile:
    def __init__(self, file: Any, fault: Fault) -> None:
        self._file, self._fault = file, fault

    def write(self, data: bytes) -> int:
        self._fault.count()
        return int(self._file.write(data))

    def __enter__(self) -> _FaultyFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def no_space() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def publish_with(fault: Fault, folder: Path, *, can_exchange: bool) -> None:
    with hold_lock(folder), pytest.MonkeyPatch.context() as patched:
        for name in ("mkdir", "open", "fsync", "rename", "chmod"):
            patched.setattr(os, name, fault.before(getattr(os, name)))
        patched.setattr(os, "fdopen", fault.in_files(os.fdopen))
        swap = exchange._exchange if can_exchange else lambda _one, _other: False
        patched.setattr(exchange, "_exchange", fault.before(swap))
        publish(folder, files("new"), manifest_of("new"))


@pytest.fixture(params=["exchange", "two renames", "first report"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, bool]]:
    """An output folder, with an old report or none, and whether names can be exchanged."""
    folder = tmp_path / "out"
    if request.param != "first report":
        with hold_lock(folder):
            publish(folder, files("old"), manifest_of("old"))
    yield folder, request.param != "two renames"


@pytest.mark.parametrize("is_lasting", [False, True])
def test_no_space_at_any_call_leaves_the_old_report_and_nothing_else(
    place: tuple[Path, bool], is_lasting: bool
) -> None:
    folder, can_exchange = place
    earlier = state_of(folder)
    number = 0
    while state_of(folder) == earlier:
        number += 1
        fault = Fault(number, is_lasting=is_lasting, happens=no_space)
        try:
            publish_with(fault, folder, can_exchange=can_exchange)
        except OutputError as refused:
            assert (refused.code, refused.exit_status) == ("QP301", 4)
            assert "No space left on device" in refused.message
            if not is_lasting:
                assert state_of(folder) == earlier
                assert beside(folder) <= {"out"}
        with hold_lock(folder):
            assert state_of(folder) in (earlier, "new"), f"call {number}"
            assert beside(folder) <= {"out"}
    assert state_of(folder) == "new"
    assert number > 15


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_kill_at_any_call_leaves_the_old_report_or_the_new_one(place: tuple[Path, bool]) -> None:
    folder, can_exchange = place
    earlier = state_of(folder)
    number, status = 0, -1
    while status != 0:
        number += 1
        status = _in_a_process(Fault(number, is_lasting=False, happens=kill), folder, can_exchange=can_exchange)
        if can_exchange:
            assert state_of(folder) in (earlier, "new"), f"call {number}"
        with hold_lock(folder):
            assert state_of(folder) in (earlier, "new"), f"call {number}"
            assert beside(folder) <= {"out"}
    assert state_of(folder) == "new"
    assert number > 15


def _in_a_process(fault: Fault, folder: Path, *, can_exchange: bool) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            publish_with(fault, folder, can_exchange=can_exchange)
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


@pytest.mark.parametrize("format", ReportFormat)
def test_a_disk_that_is_really_full_is_exit_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: ReportFormat
) -> None:
    with hold_lock(tmp_path / "out"):
        publish(tmp_path / "out", files("old"), manifest_of("old"))
        with monkeypatch.context() as patched, pytest.raises(OutputError) as caught:
            module = f"qpcli.reports.{format.value}.create_private"
            patched.setattr(module, lambda _path: Path("/dev/full").open("wb"))  # noqa: SIM115
            publish(
                tmp_path / "out",
                report_files(tables(), OutputOptions(format=format), manifest_of("new")(())),
                manifest_of("new"),
            )
    assert (caught.value.code, caught.value.exit_status) == ("QP301", 4)
    assert "No space left on device" in caught.value.message
    assert state_of(tmp_path / "out") == "old"
    assert beside(tmp_path / "out") == {"out"}


@pytest.mark.parametrize("format", ReportFormat)
def test_a_file_that_may_not_grow_is_exit_4_at_any_size(tmp_path: Path, format: ReportFormat) -> None:
    resource = pytest.importorskip("resource")
    many = {"determinations": frame(DETERMINATIONS, *(determination_row(str(npi)) for npi in range(3000)))}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with hold_lock(tmp_path / "whole"):
        publish(
            tmp_path / "whole",
            report_files(many, OutputOptions(format=format), manifest_of("new")(())),
            manifest_of("new"),
        )
    name = WORKBOOK_FILE if format is ReportFormat.XLSX else f"determinations.{format.value}"
    whole = (tmp_path / "whole" / name).stat().st_size
    (tmp_path / "small").mkdir()
    for size in (0, 1, whole // 4, whole // 2, whole - 1):
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
            with pytest.raises(OutputError, match="File too large"), hold_lock(tmp_path / "small" / "out"):
                publish(
                    tmp_path / "small" / "out",
                    report_files(many, OutputOptions(format=format), manifest_of("new")(())),
                    manifest_of("new"),
                )
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert beside(tmp_path / "small" / "out") == set()


def test_a_full_pipe_or_device_as_target_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qpcli.reports.csv.create_private", lambda path: path.open("wb"))
    with pytest.raises(OSError, match="No space left"):
        write_csv(frame(DETERMINATIONS, determination_row()), DETERMINATIONS, Path("/dev/full"))


def test_a_writer_that_leaves_no_file_is_exit_4(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "out"), pytest.raises(OutputError):
        publish(tmp_path / "out", {"a.csv": lambda _path: 0}, manifest_of())
    assert beside(tmp_path / "out") == set()


def test_nothing_of_a_person_stands_in_an_error(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "out"), pytest.raises(OutputError) as caught:
        files_that_clash = {"a.csv": text_writer("1999999984"), "a.csv/b.csv": text_writer("1999999984")}
        publish(tmp_path / "out", files_that_clash, manifest_of())
    assert "1999999984" not in caught.value.message


@pytest.mark.parametrize(("code", "expected"), [(errno.ENOSYS, False), (errno.EINVAL, False), (errno.EIO, OSError)])
def test_an_exchange_that_the_system_does_not_offer_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, expected: object
) -> None:
    class Library:
        @staticmethod
        def renameat2(*_arguments: object) -> int:
            ctypes.set_errno(code)
            return -1

    monkeypatch.setattr("ctypes.CDLL", lambda *_arguments, **_named: Library())
    if expected is OSError:
        with pytest.raises(OSError) as raised:
            exchange._exchange(tmp_path, tmp_path)
        assert raised.value.errno == code
    else:
        assert exchange._exchange(tmp_path, tmp_path) is False
    monkeypatch.setattr("ctypes.CDLL", lambda *_arguments, **_named: object())
    assert exchange._exchange(tmp_path, tmp_path) is False
