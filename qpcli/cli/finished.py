"""What the commands that question a finished run share: which run, and native libraries kept silent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from qpcli.cli.options import TERMINAL, argument, option
from qpcli.cli.pages import PageFormat
from qpcli.cli.session import Session
from qpcli.errors import UsageError

if TYPE_CHECKING:
    from qpcli.analysis.finished_run import FinishedRun

Run = Annotated[
    Path | None, argument("[RUN]", help="A report folder; default: `out` of the nearest qpcli.toml or QPCLI_OUT.")
]
Format = Annotated[
    PageFormat, option(TERMINAL, "--format", metavar="text|markdown", help="How to write it; default text.")
]


def folder_of(run: Path | None) -> Path:
    """The folder of the run; raises UsageError QP101 where none is given."""
    if run is not None:
        return run
    from qpcli.cli.gather import gather

    folder = gather({}, os.environ, None).settings.folder
    if folder is None:
        raise UsageError("QP101", "Not given: RUN.", "Name the report folder of a run.")
    return folder


def finished_run(run: Path | None, key_file: Path | None) -> FinishedRun:
    """The run, opened; raises as `folder_of`, and the errors of opening a run and of reading its key."""
    from qpcli.analysis.finished_run import open_run
    from qpcli.reports.encryption import read_key

    return open_run(folder_of(run), read_key(key_file))


@contextmanager
def opened(session: Session) -> Iterator[None]:
    """While a run is read: what native libraries would print stays unsaid."""
    from qpcli.cli.runs import natives_tamed

    with natives_tamed(session):
        yield
