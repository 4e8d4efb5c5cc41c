"""One sample of the default size for all tests of this room."""

from __future__ import annotations

import pytest

from qpcli.sample import SamplePlan
from tests.sample.made import Sample, made

YEAR = 2025


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return made(tmp_path_factory.mktemp("sample") / "out", SamplePlan(performance_year=YEAR))
