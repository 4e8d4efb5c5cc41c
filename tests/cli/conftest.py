"""A small sample with its configuration, and calls within the test's own process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from qpcli.cli.app import run
from qpcli.cli.session import Session
from qpcli.sample import SamplePlan, write_sample
from qpcli.sample.templates import other_payer_template
from tests.cli.calling import Answer, environment

Call = Callable[..., Answer]


@pytest.fixture(scope="session")
def written_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample of 200 people as CSV with a qpcli.toml; nobody writes to it."""
    folder = tmp_path_factory.mktemp("sample") / "sample_data"
    write_sample(SamplePlan(performance_year=2025, beneficiaries=200, format="csv"), folder)
    lines = ["year = 2025", 'claims = "claim_lines"']
    lines += [f'{name} = "{name}.csv"' for name in ("beneficiaries", "participants", "attribution", "entities")]
    (folder / "qpcli.toml").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def place(tmp_path: Path, written_sample: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of a test, with a sample of its own in `sample_data`."""
    shutil.copytree(written_sample, tmp_path / "sample_data")
    monkeypatch.chdir(tmp_path)
    for name in set(os.environ) - set(environment()):
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def call(place: Path, capfd: pytest.CaptureFixture[str]) -> Call:  # noqa: ARG001
    """Calls qpcli within this process, in the working folder of the test."""

    def answer(*arguments: str) -> Answer:
        capfd.readouterr()
        status = run(arguments, Session())
        return Answer(status, *capfd.readouterr())

    return answer


@pytest.fixture
def other_payer(place: Path) -> tuple[str, str]:
    """The option that submits the template's other payers."""
    (place / "other_payer.csv").write_text(other_payer_template())
    return ("--other-payer", "other_payer.csv")


@pytest.fixture
def determine(call: Call) -> Call:
    """Calls `determine` on the sample, with further arguments."""
    return lambda *arguments: call("determine", "--config", "sample_data/qpcli.toml", *arguments)
