"""One run at a time per report folder."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from qpcli.errors import LockedError, OutputError
from qpcli.reports.manifest import MANIFEST_NAME, manifest_json, read_manifest
from qpcli.reports.publishing import hold_lock
from tests.reports.world import beside, manifest_of

HOLDS_THE_LOCK = """
import sys
from pathlib import Path
from qpcli.reports.publishing import hold_lock
with hold_lock(Path(sys.argv[1])):
    sys.stdout.write("held")
    sys.stdout.flush()
    sys.stdin.read()
"""


def another_run(folder: Path) -> subprocess.Popen[bytes]:
    """A process that holds the lock until its stdin is closed."""
    command = [sys.executable, "-c", HOLDS_THE_LOCK, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    assert process.stdout.read(4) == b"held"
    return process


def test_a_second_run_is_turned_away_at_once_with_exit_75(tmp_path: Path) -> None:
    with another_run(tmp_path / "out") as other:
        with pytest.raises(LockedError) as caught, hold_lock(tmp_path / "out"):
            pass
        other.communicate()
    assert (caught.value.code, caught.value.exit_status) == ("QP303", 75)


def test_a_link_to_the_folder_has_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "out")
    with hold_lock(tmp_path / "out"), pytest.raises(LockedError), hold_lock(tmp_path / "link"):
        pass


def test_a_second_run_that_waits_gets_the_lock_when_the_first_ends(tmp_path: Path) -> None:
    with another_run(tmp_path / "out") as other:
        assert other.stdin is not None
        threading.Timer(0.2, other.stdin.close).start()
        with hold_lock(tmp_path / "out", wait_seconds=60):
            pass


def test_a_second_run_that_waits_in_vain_is_turned_away(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "out"), pytest.raises(LockedError), hold_lock(tmp_path / "out", wait_seconds=0.1):
        pass


def test_a_killed_run_frees_the_lock(tmp_path: Path) -> None:
    with another_run(tmp_path / "out") as other:
        with pytest.raises(LockedError), hold_lock(tmp_path / "out"):
            pass
        os.kill(other.pid, signal.SIGKILL)
        assert other.wait() == -signal.SIGKILL
        with hold_lock(tmp_path / "out"), pytest.raises(LockedError), hold_lock(tmp_path / "out"):
            pass
    assert (tmp_path / ".out.qpcli.lock").exists()


def test_the_lock_lies_beside_the_folder_and_is_private(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "out"):
        assert not (tmp_path / "out").exists()
    assert (tmp_path / ".out.qpcli.lock").stat().st_mode & 0o777 == 0o600


def test_an_error_inside_frees_the_lock_and_passes_through(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold_lock(tmp_path / "out"):
        raise ZeroDivisionError
    with hold_lock(tmp_path / "out"):
        pass


def test_a_lock_that_cannot_be_made_is_exit_4(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught, hold_lock(tmp_path / "absent" / "out"):
        pass
    assert caught.value.code == "QP301"
    assert not (tmp_path / "absent").exists()


def test_a_file_system_without_kernel_locks_is_exit_4_and_not_a_lock_that_outlives_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_offered(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr("fcntl.flock", not_offered)
    with pytest.raises(OutputError), hold_lock(tmp_path / "out"):
        pass


def test_leftovers_of_this_folder_are_swept_and_nothing_else(tmp_path: Path) -> None:
    for name in (".out.qpcli-new-1a", ".out.qpcli-old-1a", ".other.qpcli-new-1a", "out.qpcli-new-1a"):
        (tmp_path / name / "cells").mkdir(parents=True)
        (tmp_path / name / "cells" / "a.parquet").touch()
    (tmp_path / "keep").mkdir()
    (tmp_path / ".out.qpcli-new-link").symlink_to(tmp_path / "keep")
    with hold_lock(tmp_path / "out"):
        assert beside(tmp_path / "out") == {".other.qpcli-new-1a", "out.qpcli-new-1a", "keep", ".out.qpcli-new-link"}


def test_a_second_run_sweeps_nothing_while_the_first_holds_the_lock(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "out"):
        (tmp_path / ".out.qpcli-new-1a").mkdir()
        with pytest.raises(LockedError), hold_lock(tmp_path / "out"):
            pass
        assert (tmp_path / ".out.qpcli-new-1a").exists()


def test_a_report_moved_aside_by_a_run_that_was_killed_comes_back(tmp_path: Path) -> None:
    aside = tmp_path / ".out.qpcli-old-1a"
    aside.mkdir()
    (aside / MANIFEST_NAME).write_bytes(manifest_json(manifest_of("the old one")(())))
    (tmp_path / ".out.qpcli-new-1a").mkdir()
    with hold_lock(tmp_path / "out"):
        manifest = read_manifest(tmp_path / "out")
    assert manifest is not None
    assert manifest.run_id == "the old one"
    assert beside(tmp_path / "out") == {"out"}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that takes no new files: /proc")
def test_a_folder_in_which_no_lock_can_be_made_is_not_called_locked() -> None:
    with pytest.raises(OutputError) as raised, hold_lock(Path("/proc/qpcli")):
        pass
    assert raised.value.code == "QP301"
