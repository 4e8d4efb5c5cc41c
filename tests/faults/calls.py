"""Calling qpcli within this process on inputs that may be damaged, and what must hold whatever they are."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TextIO

from qpcli.cli.app import run
from qpcli.cli.session import Session
from qpcli.errors import ERRORS
from qpcli.reports.verification import Problem, verify
from tests.cli.calling import Answer
from tests.faults.worlds import PERSONAL, World

SETTLED = (0, 1, 2, 3, 4, 6)
"""Exit statuses of a command that knows what happened to it."""
REPORT = "report"
_REPORTS: dict[tuple[object, ...], Mapping[str, bytes]] = {}


def call(*arguments: str) -> Answer:
    """A command, with everything that it or a native library writes to either stream."""
    with ExitStack() as stack:
        out, err = (stack.enter_context(_caught(name, number)) for name, number in (("stdout", 1), ("stderr", 2)))
        status = run(arguments, Session())
        sys.stdout.flush()
        sys.stderr.flush()
        return Answer(status, _text(out), _text(err))


@contextmanager
def _caught(name: str, number: int) -> Iterator[TextIO]:
    """A stream of this process, by its name and by its number, written into a file instead."""
    ours, before = os.dup(number), getattr(sys, name)
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace") as file:
        os.dup2(file.fileno(), number)
        setattr(sys, name, file)
        try:
            yield file
        finally:
            setattr(sys, name, before)
            os.dup2(ours, number)
            os.close(ours)


def _text(file: TextIO) -> str:
    file.seek(0)
    return file.read()


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with the inputs of a world, and a standing report of them beside the folder for temporary files."""

    folder: Path

    @property
    def report(self) -> Path:
        return self.folder / REPORT

    @property
    def temporary(self) -> Path:
        return self.folder / "temporary"

    def left(self) -> dict[str, str]:
        """SHA-256 of every file of the report."""
        files = sorted(path for path in self.report.rglob("*") if path.is_file())
        return {path.relative_to(self.report).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


@contextmanager
def placed(world: World, folder: Path) -> Iterator[Place]:
    """The world in a folder that is the working folder meanwhile, with a standing report of it."""
    place = Place(folder)
    place.temporary.mkdir(parents=True)
    place.report.mkdir()
    before, temporary = Path.cwd(), tempfile.tempdir
    os.chdir(folder)
    tempfile.tempdir = str(place.temporary)
    try:
        world.write(folder)
        for name, content in _report_of(world).items():
            (place.report / name).write_bytes(content)
        yield place
    finally:
        os.chdir(before)
        tempfile.tempdir = temporary


def _report_of(world: World) -> Mapping[str, bytes]:
    """The report of the sound world in the working folder; made once for each world."""
    key = (world.arguments, *sorted(world.files.items()))
    if key not in _REPORTS:
        answer = determined(world.arguments)
        assert answer.status == 0, answer.err
        _REPORTS[key] = {path.name: path.read_bytes() for path in Path(REPORT).iterdir()}
    return _REPORTS[key]


def determined(arguments: Sequence[str]) -> Answer:
    """A run with one shard, because the inputs are tiny."""
    return call("determine", *arguments, "--out", REPORT, "--force", "--shards", "1", "--format", "csv")


def checked(arguments: Sequence[str]) -> Answer:
    return call("check", *arguments)


def assert_settled(answer: Answer, told: Sequence[str] = PERSONAL) -> None:
    """The answer has a status of the table, its error a code of the catalogue, and nothing tells a value."""
    words = answer.out + answer.err
    assert answer.status in SETTLED, (answer.status, answer.err)
    assert "Traceback" not in words
    assert "panicked" not in words
    codes = re.findall(r"^error\[(\w+)\]: ", answer.err, re.MULTILINE)
    assert len(codes) == 1 if answer.status > 1 else len(codes) <= 1, answer.err
    assert set(codes) <= set(ERRORS) - {"QP501", "QP502"}
    assert [value for value in told if value in words] == [], words


def assert_report_stands(place: Place, before: dict[str, str], answer: Answer) -> None:
    """A run that failed leaves the report as it was, one that ended a whole new one; neither leaves anything else."""
    if answer.status > 1:
        assert place.left() == before
    assert [one for one in verify(place.report) if one.problem is not Problem.CHANGED_INPUT] == []
    assert list(place.temporary.iterdir()) == []
    hidden = [path.name for path in place.folder.iterdir() if path.name.startswith(".")]
    assert [name for name in hidden if not name.endswith(".qpcli.lock")] == []
