"""--help answers at once and ends with examples that run as written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calling import COMMANDS, environment, qpcli

PAGES = ((), *((command,) for command in COMMANDS))
SLOW_TO_LOAD = ("polars", "pyarrow", "pydantic", "numpy")

LOADED = """
import sys
from qpcli.cli.app import run
from qpcli.cli.session import Session
status = run(sys.argv[1:], Session())
print([name for name in {slow} if name in sys.modules], file=sys.stderr)
raise SystemExit(status)
"""


def examples(page: str) -> list[str]:
    """The commands under the last heading of a help page, a continued line as one."""
    _, _, under_heading = page.partition("\nExamples\n")
    return [line.strip() for line in under_heading.replace("\\\n", " ").splitlines() if line.strip()]


@pytest.fixture
def path_with_qpcli(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which `qpcli` is the one under test."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "qpcli"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m qpcli "$@"\n')
    script.chmod(0o755)
    return f"{folder}:{environment()['PATH']}"


@pytest.mark.parametrize("command", PAGES)
def test_no_slow_library_is_loaded_for_help(command: tuple[str, ...], tmp_path: Path) -> None:
    program = LOADED.format(slow=SLOW_TO_LOAD)
    arguments = [sys.executable, "-c", program, *command, "--help"]
    done = subprocess.run(arguments, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")


@pytest.mark.parametrize("command", PAGES)
def test_help_fits_80_columns_and_ends_with_examples(command: tuple[str, ...], tmp_path: Path) -> None:
    answer = qpcli(*command, "--help", cwd=tmp_path, variables={"COLUMNS": "80"})
    assert answer.out.startswith(f"Usage: {' '.join(('qpcli', *command))}")
    assert max(len(line) for line in answer.out.partition("\nExamples\n")[0].splitlines()) <= 80
    assert examples(answer.out)


@pytest.mark.parametrize("command", PAGES)
def test_the_examples_of_help_run_as_written(
    command: tuple[str, ...], tmp_path: Path, written_sample: Path, path_with_qpcli: str
) -> None:
    shutil.copytree(written_sample, tmp_path / "sample_data")
    for example in examples(qpcli(*command, "--help", cwd=tmp_path).out):
        done = subprocess.run(
            ["bash", "-c", example],
            cwd=tmp_path,
            env=environment(PATH=path_with_qpcli),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (example, done.stderr)


def test_every_command_is_listed(tmp_path: Path) -> None:
    listed = [line.split()[0] for line in qpcli("--help", cwd=tmp_path).out.splitlines() if line.startswith("  ")]
    assert [name for name in COMMANDS if name not in listed] == []


def test_completion_is_offered(tmp_path: Path) -> None:
    variables = {"_QPCLI_COMPLETE": "complete_bash", "COMP_WORDS": "qpcli det", "COMP_CWORD": "1"}
    assert qpcli(cwd=tmp_path, variables=variables).out.split() == ["determine"]


def test_the_version_is_printed(tmp_path: Path) -> None:
    from qpcli import __version__

    assert qpcli("--version", cwd=tmp_path).out == f"qpcli {__version__}\n"
