"""The new folder of a sample: all there, or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from qpcli.errors import OutputError
from qpcli.stopping import cleared_on_stop


@contextmanager
def new_folder(out: Path, *names: str) -> Iterator[None]:
    """Make a sample's folder with folders of these names in it; when writing fails, remove what was made.

    Raises OutputError: QP302 when `out` holds something, QP301 when it cannot be written.
    """
    try:
        if out.exists() and any(out.iterdir()):
            raise OutputError("QP302", f"{out} is not empty")
        is_new = not out.exists()
        out.mkdir(exist_ok=True)
        with _removed_on_failure(out, is_new=is_new):
            for name in names:
                (out / name).mkdir()
            yield
    except OSError as error:
        raise OutputError("QP301", f"the sample cannot be written to {out}: {error.strerror or error}") from error


@contextmanager
def _removed_on_failure(out: Path, *, is_new: bool) -> Iterator[None]:
    remove = partial(_remove, out, is_new=is_new)
    try:
        with cleared_on_stop(remove):
            yield
    except BaseException:
        remove()
        raise


def _remove(out: Path, *, is_new: bool) -> None:
    for path in out.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if is_new:
        out.rmdir()
