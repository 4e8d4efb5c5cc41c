"""`qpcli report`: a finished run as one page or workbook."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Call


@pytest.fixture
def run(determine: Call, place: Path) -> Path:
    assert determine("--out", "run").status == 0
    return place / "run"


def test_the_page_lies_beside_the_run_and_only_its_owner_may_read_it(call: Call, run: Path) -> None:
    answer = call("report", "run")
    page = run.with_name("run.html")
    assert (answer.status, answer.out, answer.err) == (0, "", f"{page} is written.\n")
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert page.stat().st_mode & 0o777 == 0o600
    assert call("verify", "run").status == 0


def test_the_page_goes_through_a_pipe_and_is_the_same_each_time(call: Call, run: Path) -> None:
    call("report", "run")
    assert call("report", "run", "--out", "-").out == run.with_name("run.html").read_text()


@pytest.mark.parametrize("format", ["parquet", "csv", "xlsx"])
def test_the_page_is_of_what_the_run_holds_in_whatever_format(
    call: Call, determine: Call, run: Path, format: str
) -> None:
    determine("--out", "other", "--format", format)
    one, other = (call("report", name, "--out", "-").out for name in (run.name, "other"))
    ids = [text.partition("; run ")[2][:16] for text in (one, other)]
    assert other.replace(ids[1], ids[0]) == one
    assert "Juniper Valley ACO (synthetic) (SYN04)" in one


def test_a_workbook_of_a_run_is_that_of_determine(call: Call, run: Path) -> None:
    answer = call("report", "run", "--format", "xlsx", "--json")
    book = run.with_name("run.xlsx")
    assert answer.document == {"schema": "qpcli.report/1", "file": str(book)}
    assert book.stat().st_mode & 0o777 == 0o600
    assert "clinicians" in load_workbook(book).sheetnames
    assert {path.name for path in run.parent.iterdir() if "qpcli" not in path.name} == {
        "sample_data",
        "run",
        "run.xlsx",
    }


def test_a_shared_run_gives_a_page_without_small_cells(call: Call, determine: Call) -> None:
    determine("--share", "--out", "shared")
    page = call("report", "shared", "--out", "-").out
    assert "Counts of 1 to 10 people, and what would reveal them, are hidden in this report." in page


def test_a_page_inside_the_run_is_refused(call: Call, run: Path) -> None:
    answer = call("report", "run", "--out", "run/page.html")
    assert (answer.status, "QP109" in answer.err) == (2, True)
    assert not (run / "page.html").exists()


def test_a_page_of_an_encrypted_run_is_said_to_be_plain(call: Call, determine: Call, place: Path) -> None:
    (place / "key").touch(0o600)
    (place / "key").write_text("00" * 32)
    assert determine("--out", "closed", "--encrypt-key-file", "key").status == 0
    answer = call("report", "closed", "--encrypt-key-file", "key")
    words = f"{place / 'closed.html'} is written, and is not encrypted."
    assert (answer.status, " ".join(answer.err.split())) == (0, words)
    assert (place / "closed.html").stat().st_mode & 0o777 == 0o600


def test_the_key_is_not_written_over(call: Call, determine: Call, place: Path) -> None:
    key = place / "key"
    key.touch(0o600)
    key.write_text("00" * 32)
    assert determine("--out", "closed", "--encrypt-key-file", "key").status == 0
    answer = call("report", "closed", "--encrypt-key-file", "key", "--out", "key")
    assert (answer.status, "QP109" in answer.err, key.read_text()) == (2, True, "00" * 32)


def test_a_run_that_was_changed_or_is_none_is_refused(call: Call, run: Path, place: Path) -> None:
    with (run / "exclusions.parquet").open("ab") as file:
        file.write(b"x")
    assert (call("report", "run").status, call("report", "nowhere").status) == (3, 3)
    assert not (place / "run.html").exists()


def test_where_nothing_can_be_written_an_older_page_stays(call: Call, run: Path, place: Path) -> None:
    (place / "old.html").write_text("old")
    (run / "manifest.json").write_text("{}")
    assert call("report", "run", "--out", "old.html").status == 3
    assert (place / "old.html").read_text() == "old"
    assert call("report", "run", "--out", "no/folder/page.html").status == 4


@pytest.mark.parametrize("options", [("--format", "xlsx"), ("--json",)])
def test_stdout_takes_the_page_and_nothing_else(call: Call, run: Path, options: tuple[str, ...]) -> None:  # noqa: ARG001
    answer = call("report", "run", "--out", "-", *options)
    assert (answer.status, "QP104" in answer.err) == (2, True)
