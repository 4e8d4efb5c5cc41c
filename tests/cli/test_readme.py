"""The README is true: every console block runs as written and prints what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.readme import BLOCK, README, ROOT, printed, reader_folder, steps

TEXT = README.read_text(encoding="utf-8")


def test_every_command_of_the_readme_prints_what_the_readme_says(tmp_path: Path) -> None:
    reader_folder(tmp_path)
    told = [step for block in BLOCK.findall(TEXT) for step in steps(block)]
    assert len(told) >= 7
    for step in told:
        assert printed(step.command, tmp_path) == step.output, step.command


def test_the_crontab_line_works_as_cron_would_run_it(tmp_path: Path) -> None:
    (line,) = re.findall(r"^```crontab\n(.*)\n```$", TEXT, re.MULTILINE)
    schedule, command = line.split("  ", 1)
    assert len(schedule.split()) == 5
    reader_folder(tmp_path)
    (tmp_path / "sample_data").rename(tmp_path / "aco")
    program = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    environment = {"HOME": str(tmp_path), "PATH": program, "SHELL": "/bin/sh"}
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd="/", env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "aco" / "reports" / "manifest.json").exists()
    assert (tmp_path / "aco" / "qpcli.log").read_text().splitlines()[0].startswith("{")


@pytest.mark.parametrize("target", re.findall(r"\bmake ([a-z]+)", TEXT))
def test_every_make_target_of_the_readme_exists(target: str) -> None:
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("link", re.findall(r"\]\(([A-Za-z][\w./-]*)\)", TEXT))
def test_every_link_of_the_readme_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).exists()
