"""`qpcli sample --layout` writes what was asked for and says what comes next."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.cli.calling import qpcli

SMALL = ("sample", "--out", "trial", "--year", "2025", "--beneficiaries", "20")


@pytest.mark.parametrize("layout", ["cclf", "rif"])
def test_the_configuration_beside_the_files_names_all_of_them(layout: str, tmp_path: Path) -> None:
    answer = qpcli(*SMALL, "--layout", layout, cwd=tmp_path)
    assert (answer.status, answer.out) == (0, "")
    assert answer.err.splitlines()[-1] == f"Next: qpcli determine --config {Path('trial') / 'qpcli.toml'}"
    settings = tomllib.loads((tmp_path / "trial" / "qpcli.toml").read_text())
    assert settings.pop("year") == 2025
    assert {"claims", "participants", "attribution", "entities"} <= settings.keys()
    assert all((tmp_path / "trial" / name).exists() for name in settings.values())


def test_without_the_option_the_sample_is_canonical(tmp_path: Path) -> None:
    assert qpcli(*SMALL, "--layout", "canonical", cwd=tmp_path).status == 0
    names = {path.name for path in (tmp_path / "trial").iterdir()}
    assert names == {
        "claim_lines",
        *(f"{name}.csv" for name in ("beneficiaries", "participants", "attribution", "entities")),
    }


def test_rows_are_counted(tmp_path: Path) -> None:
    document = qpcli(*SMALL, "--layout", "cclf", "--json", cwd=tmp_path).document
    assert document["claim_line_count"] > 0
    assert document["entity_count"] == 13


@pytest.mark.parametrize("layout", ["cclf", "rif"])
def test_only_canonical_tables_have_a_format(layout: str, tmp_path: Path) -> None:
    answer = qpcli(*SMALL, "--layout", layout, "--format", "parquet", cwd=tmp_path)
    assert (answer.status, answer.err.splitlines()[0].partition(":")[0]) == (2, "error[QP101]")
    assert not (tmp_path / "trial").exists()
