"""A report is put in place whole."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from qpcli.errors import InternalError, OutputError
from qpcli.reports import exchange
from qpcli.reports.manifest import MANIFEST_NAME, Manifest, OutputRecord, read_manifest
from qpcli.reports.publishing import Writer, hold_lock, publish
from tests.reports.world import beside, content_of, manifest_of, text_writer

FILES: dict[str, Writer] = {"a.csv": text_writer("new a"), "cells/part-0.csv": text_writer("new cells")}


def published(folder: Path, files: dict[str, Writer] = FILES, run_id: str = "new") -> Manifest:
    with hold_lock(folder):
        return publish(folder, files, manifest_of(run_id))


def without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that cannot exchange two names."""
    monkeypatch.setattr(exchange, "_exchange", lambda _one, _other: False)


def test_a_first_report_appears_with_its_manifest(tmp_path: Path) -> None:
    manifest = published(tmp_path / "out")
    assert set(content_of(tmp_path / "out")) == {"a.csv", "cells/part-0.csv", MANIFEST_NAME}
    assert read_manifest(tmp_path / "out") == manifest
    assert beside(tmp_path / "out") == {"out"}


def test_outputs_are_recorded_with_rows_and_hash(tmp_path: Path) -> None:
    expected = OutputRecord("a.csv", 1, hashlib.sha256(b"hello").hexdigest())
    assert published(tmp_path / "out", {"a.csv": text_writer("hello")}).outputs == (expected,)


def test_folders_are_0700_and_files_0600_whatever_the_umask_and_the_writer(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        published(tmp_path / "out")
    finally:
        os.umask(before)
    found = [tmp_path / "out", *(tmp_path / "out").rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in found if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in found if path.is_file()} == {0o600}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    published(tmp_path / "out")
    assert (tmp_path / "out" / MANIFEST_NAME).exists()


@pytest.mark.parametrize("can_exchange", [True, False])
def test_an_earlier_report_is_replaced_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:
        without_exchange(monkeypatch)
    published(tmp_path / "out", {"a.csv": text_writer("old a"), "b.csv": text_writer("old b")}, "old")
    published(tmp_path / "out")
    assert set(content_of(tmp_path / "out")) == {"a.csv", "cells/part-0.csv", MANIFEST_NAME}
    assert (tmp_path / "out" / "a.csv").read_text() == "new a"
    assert beside(tmp_path / "out") == {"out"}


def test_a_reader_of_the_folder_never_finds_it_missing_or_mixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(tmp_path / "out", {"a.csv": text_writer("old a")}, "old")
    seen = []
    rename, real_exchange = os.rename, exchange._exchange

    def watched(*names: Path) -> None:
        # What has been moved aside may be renamed on its way out: only the folder itself has readers.
        if tmp_path / "out" in map(Path, names):
            seen.append("rename")
        rename(*names)

    monkeypatch.setattr(os, "rename", watched)
    monkeypatch.setattr(exchange, "_exchange", lambda *names: (seen.append("exchange"), real_exchange(*names))[1])
    published(tmp_path / "out")
    assert seen == ["exchange"]


def test_a_link_to_a_folder_stays_a_link_and_the_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    published(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / MANIFEST_NAME).exists()


def test_the_manifest_is_written_after_every_output(tmp_path: Path) -> None:
    seen: list[bool] = []

    def last(path: Path) -> int:
        seen.append((path.parent / MANIFEST_NAME).exists())
        return text_writer("z")(path)

    published(tmp_path / "out", {"z.csv": last})
    assert seen == [False]


def test_what_a_user_put_into_the_folder_while_the_run_worked_is_not_removed(tmp_path: Path) -> None:
    published(tmp_path / "out", run_id="old")

    def meanwhile(path: Path) -> int:
        (tmp_path / "out" / "notes.txt").write_text("mine")
        return text_writer("new")(path)

    with pytest.raises(OutputError) as caught:
        published(tmp_path / "out", {"a.csv": meanwhile})
    assert caught.value.code == "QP302"
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "out" / "a.csv").read_text() == "new a"
    assert beside(tmp_path / "out") == {"out"}


@pytest.mark.parametrize("fault", [InternalError("QP501", "a fault"), KeyboardInterrupt(), MemoryError()])
def test_a_writer_that_fails_otherwise_leaves_the_old_report_and_nothing_else(
    tmp_path: Path, fault: BaseException
) -> None:
    published(tmp_path / "out", run_id="old")
    before = content_of(tmp_path / "out")

    def fails(path: Path) -> int:
        path.write_text("half")
        raise fault

    with pytest.raises(type(fault)):
        published(tmp_path / "out", {"a.csv": fails})
    assert content_of(tmp_path / "out") == before
    assert beside(tmp_path / "out") == {"out"}


def test_an_old_report_that_cannot_be_removed_is_left_to_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(tmp_path / "out", run_id="old")
    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", _cannot)
        published(tmp_path / "out")
        assert len(beside(tmp_path / "out")) == 2
    with hold_lock(tmp_path / "out"):
        assert beside(tmp_path / "out") == {"out"}


def _cannot(_folder: Path, **_options: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_the_disk_confirms_every_file_then_every_folder_before_the_report_is_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed: list[int] = []
    when_renamed: list[int] = []
    fsync, rename = os.fsync, os.rename
    monkeypatch.setattr(os, "fsync", lambda number: (confirmed.append(os.fstat(number).st_ino), fsync(number))[1])
    monkeypatch.setattr(os, "rename", lambda *names: (when_renamed.append(len(confirmed)), rename(*names))[1])
    published(tmp_path / "out")
    out = tmp_path / "out"
    names = ("a.csv", "cells/part-0.csv", MANIFEST_NAME, "cells", "", "..")
    assert confirmed == [(out / name).stat().st_ino for name in names]
    assert when_renamed == [5]
