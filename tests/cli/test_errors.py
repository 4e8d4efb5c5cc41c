"""Errors are two lines with a stable code; never a traceback, never a value of a person."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from qpcli.errors import ERRORS
from tests.cli.calling import qpcli
from tests.cli.conftest import Call

CANARY = "1S00E00CANARY"
STYLE = re.compile(r"error\[(QP\d{3})\]: .+\nhelp: .+\n")


class PanicException(BaseException):
    """As Polars raises it: not an Exception."""


def break_run(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr("qpcli.run.determine", broken)


def test_an_error_is_a_code_with_words_and_help(determine: Call) -> None:
    answer = determine("--claims", "nowhere")
    found = STYLE.fullmatch(answer.err)
    assert found is not None
    assert found[1] in ERRORS


def test_a_long_error_stays_on_one_line(place: Path) -> None:
    answer = qpcli("determine", "--config", "x" * 200 + ".toml", cwd=place, variables={"COLUMNS": "40"})
    assert STYLE.fullmatch(answer.err) is not None


def test_usage_errors_have_the_same_style(call: Call) -> None:
    answer = call("determine", "--yaer", "2025")
    assert STYLE.fullmatch(answer.err) is not None
    assert answer.err.startswith("error[QP101]: No such option: --yaer (Possible options: ")
    assert answer.err.endswith("help: See `qpcli determine --help`.\n")


@pytest.mark.parametrize(
    "error", [ValueError(CANARY), PanicException(CANARY), KeyError(CANARY), RecursionError(CANARY)]
)
def test_an_unknown_failure_exits_5_without_its_text(
    determine: Call, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    break_run(monkeypatch, error)
    answer = determine()
    assert (answer.status, answer.out) == (5, "")
    assert answer.err.startswith(f"error[QP501]: qpcli failed in a way it does not know ({type(error).__name__}).")
    assert CANARY not in answer.err


def test_without_debug_no_file_is_left(determine: Call, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    break_run(monkeypatch, ValueError(CANARY))
    determine()
    assert list(place.glob("qpcli-debug-*")) == []


def test_debug_writes_the_traceback_where_only_its_owner_reads(
    determine: Call, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_run(monkeypatch, ValueError(CANARY))
    answer = determine("--debug")
    (file,) = place.glob("qpcli-debug-*.txt")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"Thetracebackisin{file}" in "".join(answer.err.split())
    assert CANARY in file.read_text()
    assert CANARY not in answer.err


def test_debug_falls_back_to_the_folder_for_temporary_files(
    determine: Call, place: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(other))
    monkeypatch.setattr("pathlib.Path.cwd", lambda: place / "gone")
    break_run(monkeypatch, ValueError())
    assert str(other) in determine("--debug").err.replace("\n", "")


def test_what_native_libraries_print_stays_off_stderr(determine: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def panics(*_: object) -> None:
        os.write(2, CANARY.encode())
        raise PanicException(CANARY)

    monkeypatch.setattr("qpcli.run.determine", panics)
    answer = determine()
    assert (answer.status, CANARY in answer.err) == (5, False)


def test_a_full_disk_anywhere_exits_4(determine: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    break_run(monkeypatch, OSError(28, "No space left on device", CANARY))
    answer = determine()
    assert (answer.status, answer.err.splitlines()[0]) == (4, "error[QP301]: No space left on device.")


def test_rust_backtraces_are_off_before_polars_is_loaded() -> None:
    program = (
        "import os, sys\n"
        "from qpcli.cli import app\n"
        "app.run = lambda *_: print('RUST_BACKTRACE' in os.environ, 'polars' in sys.modules)\n"
        "app.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"RUST_BACKTRACE": "1"}, capture_output=True, text=True, check=False
    )
    assert done.stdout == "False False\n"


def test_bad_rows_are_told_without_their_values(determine: Call, place: Path) -> None:
    beneficiaries = place / "sample_data" / "beneficiaries.csv"
    beneficiaries.write_text(beneficiaries.read_text() + f"{CANARY},{CANARY}\n")
    answer = determine("--debug")
    assert answer.status == 3
    assert CANARY not in answer.out + answer.err
