"""Runs the console blocks of the README as a reader would, and writes them again with what they print.

python -m tests.support.readme
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
SECONDS = re.compile(r"^.*\d+\.\d s$\n?", re.MULTILINE)
"""A line of progress: its seconds differ from run to run."""


@dataclass(frozen=True)
class Step:
    """One command of a block and what the README says that it prints."""

    command: str
    output: str


def steps(block: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield Step(command, output)


def reader_folder(folder: Path) -> None:
    """What a reader has: the sample data in the current folder."""
    shutil.copytree(ROOT / "sample_data", folder / "sample_data")


def printed(command: str, folder: Path) -> str:
    """What a command prints in a folder: its output, then what it says beside it, without seconds."""
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {"PATH": paths, "HOME": str(folder), "COLUMNS": "100", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    script = f"set -o pipefail; {command}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        raise AssertionError(f"{command}\nexits with {done.returncode}:\n{done.stderr}")
    lines = (done.stdout + SECONDS.sub("", done.stderr)).strip("\n").splitlines()
    return "".join(line.rstrip() + "\n" for line in lines)


def written_again() -> str:
    """The README with every output as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        reader_folder(Path(folder))

        def run(block: re.Match[str]) -> str:
            shown = [f"$ {step.command}\n{printed(step.command, Path(folder))}" for step in steps(block.group())]
            return "".join(shown)

        return BLOCK.sub(run, README.read_text(encoding="utf-8"))


if __name__ == "__main__":
    README.write_text(written_again(), encoding="utf-8")
