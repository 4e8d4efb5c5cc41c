"""A finished report against its own manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from qpcli.errors import InputError
from qpcli.reports.manifest import MANIFEST_NAME, InputRecord
from qpcli.reports.publishing import Mismatch, Problem, hold_lock, is_up_to_date, publish, verify
from tests.reports.world import manifest_of, text_writer

RUN_ID = "0123456789abcdef"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A report of two files whose one input stands beside it."""
    claims = tmp_path / "claims.csv"
    claims.write_text("claims")
    record = InputRecord("claim_lines", str(claims), 6, hashlib.sha256(b"claims").hexdigest(), 1)
    gone = InputRecord("participants", str(tmp_path / "gone.csv"), 6, "00", 1)
    with hold_lock(tmp_path / "out"):
        files = {"a.csv": text_writer("a"), "cells/part-0.csv": text_writer("c")}
        publish(tmp_path / "out", files, manifest_of(RUN_ID, (record, gone)))
    return tmp_path / "out"


def test_an_intact_report_has_no_mismatch_and_is_up_to_date(report: Path) -> None:
    assert verify(report) == ()
    manifest = is_up_to_date(report, RUN_ID)
    assert manifest is not None
    assert manifest.exit_code == 0


def test_another_run_id_is_not_up_to_date(report: Path) -> None:
    assert is_up_to_date(report, "fedcba9876543210") is None


def test_a_changed_and_a_missing_output_are_named(report: Path) -> None:
    (report / "a.csv").write_text("b")
    (report / "cells" / "part-0.csv").unlink()
    assert verify(report) == (
        Mismatch(Problem.CHANGED_OUTPUT, "a.csv"),
        Mismatch(Problem.MISSING_OUTPUT, "cells/part-0.csv"),
    )
    assert is_up_to_date(report, RUN_ID) is None


def test_an_edited_manifest_is_found_and_never_up_to_date(report: Path) -> None:
    record = report / MANIFEST_NAME
    record.write_text(record.read_text().replace('"exit_code": 0', '"exit_code": 1'))
    assert verify(report) == (Mismatch(Problem.CHANGED_RECORD, MANIFEST_NAME),)
    assert is_up_to_date(report, RUN_ID) is None


def test_a_file_that_the_manifest_does_not_know_is_named_and_does_no_harm(report: Path) -> None:
    (report / "notes.txt").write_text("mine")
    assert verify(report) == (Mismatch(Problem.UNKNOWN_FILE, "notes.txt"),)
    assert is_up_to_date(report, RUN_ID) is not None


def test_a_changed_input_is_named_and_one_that_is_gone_is_not(report: Path) -> None:
    (report.parent / "claims.csv").write_text("other")
    assert verify(report) == (Mismatch(Problem.CHANGED_INPUT, str(report.parent / "claims.csv")),)


def test_a_folder_without_a_manifest_is_no_report(report: Path) -> None:
    (report / MANIFEST_NAME).unlink()
    assert is_up_to_date(report, RUN_ID) is None
    with pytest.raises(InputError) as caught:
        verify(report)
    assert caught.value.code == "QP202"


def test_an_absent_folder_is_not_up_to_date(tmp_path: Path) -> None:
    assert is_up_to_date(tmp_path / "out", RUN_ID) is None


def test_a_report_that_cannot_be_read_is_not_up_to_date_and_not_verified(
    report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("qpcli.reports.verification.sha256_of", denied)
    assert is_up_to_date(report, RUN_ID) is None
    with pytest.raises(InputError, match=r"a\.csv cannot be read: Permission denied"):
        verify(report)
