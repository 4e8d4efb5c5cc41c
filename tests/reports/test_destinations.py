"""Where a report may go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from qpcli.errors import OutputError, QpcliError, UsageError
from qpcli.reports.publishing import check_file, check_writable, hold_lock, publish
from tests.reports.world import content_of, manifest_of, text_writer


def refusal(folder: Path, *inputs: Path) -> QpcliError:
    with pytest.raises(QpcliError) as caught:
        check_writable(folder, inputs)
    return caught.value


def a_report(folder: Path) -> Path:
    with hold_lock(folder):
        publish(folder, {"a.csv": text_writer("a"), "cells/part-0.csv": text_writer("c")}, manifest_of())
    return folder


def test_an_absent_folder_an_empty_one_and_an_earlier_report_are_fine(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    check_writable(tmp_path / "absent", ())
    check_writable(tmp_path / "empty", ())
    check_writable(a_report(tmp_path / "report"), ())


def test_nothing_is_written_by_the_check(tmp_path: Path) -> None:
    check_writable(tmp_path / "out", ())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db"])
def test_what_a_file_manager_leaves_does_no_harm(tmp_path: Path, name: str) -> None:
    (a_report(tmp_path / "out") / name).touch()
    check_writable(tmp_path / "out", ())


def test_a_missing_parent_a_file_and_a_file_as_parent_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "no" / "out", tmp_path / "file", tmp_path / "file" / "out"):
        refused = refusal(folder)
        assert (refused.code, refused.exit_status) == ("QP301", 4)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("protected", ["", "out"])
def test_a_read_only_folder_or_parent_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protected: str
) -> None:
    (tmp_path / "out").mkdir()
    read_only = tmp_path / protected
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != read_only or not mode & os.W_OK)
    refused = refusal(tmp_path / "out")
    assert (refused.code, refused.exit_status) == ("QP301", 4)
    assert "read-only" in refused.message


def test_a_mount_point_is_refused_with_a_folder_to_name_instead() -> None:
    refused = refusal(Path("/proc"))
    assert refused.code == "QP301"
    assert refused.help == "Name a folder inside it, such as /proc/report."


def test_a_folder_with_anything_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.doc").write_text("mine")
    refused = refusal(tmp_path / "out")
    assert isinstance(refused, OutputError)
    assert (refused.code, refused.exit_status) == ("QP302", 4)


@pytest.mark.parametrize("name", ["notes.txt", "cells/notes.txt"])
def test_a_file_of_the_user_s_beside_a_report_is_refused_and_named(tmp_path: Path, name: str) -> None:
    (a_report(tmp_path / "out") / name).write_text("mine")
    refused = refusal(tmp_path / "out")
    assert refused.code == "QP302"
    assert name in refused.message


def test_a_link_of_the_user_s_to_a_folder_is_a_file_of_the_user_s(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (a_report(tmp_path / "out") / "link").symlink_to(tmp_path / "elsewhere")
    assert refusal(tmp_path / "out").code == "QP302"


def test_a_manifest_of_another_program_makes_no_report(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text('{"name": "a browser extension", "manifest_version": 3}')
    assert refusal(tmp_path / "out").code == "QP302"


def test_a_folder_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_report(tmp_path / "out")

    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    refused = refusal(tmp_path / "out")
    assert (refused.code, refused.exit_status) == ("QP301", 4)


def test_a_folder_whose_names_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_report(tmp_path / "out")

    def denied(path: str) -> Iterator[os.DirEntry[str]]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", denied)
    refused = refusal(tmp_path / "out")
    assert (refused.code, refused.exit_status) == ("QP301", 4)


def is_input_refused(folder: Path, given: Path) -> bool:
    before = content_of(folder.parent) if folder.parent.exists() else {}
    refused = refusal(folder, given)
    assert isinstance(refused, UsageError)
    assert refused.exit_status == 2
    return refused.code == "QP109" and (content_of(folder.parent) if folder.parent.exists() else {}) == before


def test_an_output_folder_that_is_contains_or_lies_in_an_input_is_refused(tmp_path: Path) -> None:
    claims = tmp_path / "data" / "claims"
    claims.mkdir(parents=True)
    (claims / "a.csv").write_text("x")
    assert is_input_refused(claims, claims)
    assert is_input_refused(claims, claims / "a.csv")
    assert is_input_refused(tmp_path / "data", claims / "a.csv")
    assert is_input_refused(claims / "out", claims)
    check_writable(tmp_path / "data" / "out", (claims, claims / "a.csv"))


def test_the_same_holds_through_links_on_either_side(tmp_path: Path) -> None:
    out = a_report(tmp_path / "out")
    (tmp_path / "link-to-out").symlink_to(out)
    (tmp_path / "link-to-file").symlink_to(out / "a.csv")
    assert is_input_refused(out, tmp_path / "link-to-file")
    assert is_input_refused(tmp_path / "link-to-out", out / "a.csv")
    assert is_input_refused(out, tmp_path / "link-to-out" / "a.csv")


def test_an_input_that_is_a_link_standing_in_the_output_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("x")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "claims.csv").symlink_to(tmp_path / "claims.csv")
    assert is_input_refused(tmp_path / "out", tmp_path / "out" / "claims.csv")


def test_a_relative_name_of_the_same_folder_is_seen_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "claims.csv").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert is_input_refused(Path(), Path("claims.csv"))


def test_a_file_goes_neither_into_an_absent_folder_nor_onto_a_folder_nor_onto_an_input(tmp_path: Path) -> None:
    (tmp_path / "input").touch()
    for place, error in (("absent/part", OutputError), ("", OutputError), ("input", UsageError)):
        with pytest.raises(error):
            check_file(tmp_path / place, [tmp_path / "input"])
    check_file(tmp_path / "part", [tmp_path / "input"])
