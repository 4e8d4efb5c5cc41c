"""Private places go when their process goes: at once when it ends, with the next run when it was killed."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from qpcli import stopping
from qpcli.reports import scratch
from qpcli.reports.publishing import hold_lock, publish_file, scratch_folder
from qpcli.reports.scratch import abandoned, held, private_spill, remove_folder, temporary_folder


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_temporary_folder_is_private_and_goes_at_the_end(temporary: Path) -> None:
    with temporary_folder() as folder:
        (folder / "rows").touch()
        assert folder.parent == temporary
        assert folder.stat().st_mode & 0o777 == 0o700
        with temporary_folder() as other:
            assert folder.exists()
        assert not other.exists()
    assert not folder.exists()


def test_what_a_dead_run_left_goes_with_the_next_one(temporary: Path) -> None:
    for name in ("qpcli-scratch-dead", "other"):
        (temporary / name).mkdir()
    with scratch_folder(None):
        assert {path.name.partition("-")[0] for path in temporary.iterdir()} == {"qpcli", "other"}
        assert not (temporary / "qpcli-scratch-dead").exists()


def test_what_is_held_or_linked_or_of_another_user_is_not_abandoned(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (temporary / "file").touch()
    (temporary / "link").symlink_to(temporary / "file")
    places = [temporary / "file", temporary / "link", temporary / "absent"]
    assert abandoned(places) == [temporary / "file"]
    with held(temporary / "file"):
        assert abandoned(places) == []
    monkeypatch.setattr("os.getuid", lambda: -1)
    assert abandoned(places) == []


def test_polars_spills_into_a_temporary_folder_of_this_process(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POLARS_OOC_SPILL_DIR", raising=False)
    with private_spill():
        assert Path(os.environ["POLARS_OOC_SPILL_DIR"]).parent == temporary
        assert Path(os.environ["POLARS_OOC_SPILL_DIR"]).is_dir()
    (temporary / "large").mkdir()
    monkeypatch.setenv("POLARS_OOC_SPILL_DIR", str(temporary / "large"))
    with private_spill():
        assert Path(os.environ["POLARS_OOC_SPILL_DIR"]).parent == temporary / "large"
    monkeypatch.setenv("POLARS_OOC_SPILL_DIR", str(temporary / "absent"))
    with private_spill():
        assert os.environ["POLARS_OOC_SPILL_DIR"] == str(temporary / "absent")


def test_a_folder_goes_although_a_thread_still_writes_into_it(temporary: Path) -> None:
    folder, is_over = temporary / "busy", threading.Event()
    folder.mkdir()

    def write() -> None:
        number = 0
        while not is_over.is_set():
            try:
                (folder / str(number)).touch()
            except FileNotFoundError:
                return
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    remove_folder(folder)
    is_over.set()
    thread.join()
    assert not folder.exists()


def test_a_stop_in_the_middle_of_a_removal_does_not_stop_it(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = scratch.shutil.rmtree, iter([KeyboardInterrupt()])

    def interrupted(folder: Path, **options: bool) -> None:
        if (stop := next(calls, None)) is not None:
            raise stop
        real(folder, **options)

    monkeypatch.setattr(scratch.shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt), temporary_folder():
        pass
    assert not list(temporary.iterdir())


def test_a_stop_clears_what_runs_hold_open(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_indivisible", threading.Lock())
    with hold_lock(temporary / "out"), scratch_folder(temporary / "out") as folder, temporary_folder() as other:
        (folder / "rows").touch()
        stopping.clear_all()
        assert not folder.exists()
        assert not other.exists()


def test_nothing_is_cleared_in_the_middle_of_an_exchange(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_indivisible", threading.Lock())
    monkeypatch.setattr(stopping, "_PATIENCE_SECONDS", 0.01)
    with temporary_folder() as folder, stopping.indivisible():
        stopping.clear_all()
        assert folder.exists()
    assert temporary.exists()


def test_what_killed_runs_left_of_a_file_goes_with_the_next_one_and_what_another_writes_stays(temporary: Path) -> None:
    for name in (".part.qpcli-new-dead", ".part.qpcli-new-alive", ".other.qpcli-new-dead"):
        (temporary / name).touch()
    (temporary / ".part.qpcli-new-folder").mkdir()
    with held(temporary / ".part.qpcli-new-alive"):
        publish_file(temporary / "part", lambda path: path.write_bytes(b"new"))
    left = {".part.qpcli-new-alive", ".other.qpcli-new-dead", ".part.qpcli-new-folder", "part"}
    assert {path.name for path in temporary.iterdir()} == left


def test_a_file_that_cannot_be_written_leaves_the_old_one(temporary: Path) -> None:
    (temporary / "part").write_bytes(b"old")

    def fail(path: Path) -> int:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish_file(temporary / "part", fail)
    assert {path.name: path.read_bytes() for path in temporary.iterdir()} == {"part": b"old"}
