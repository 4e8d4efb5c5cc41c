"""The page that maps faults to tests names tests that are there, all of this folder's, and every row of the rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE))
RULES = ROOT.parent / "shared" / "spec" / "faults.md"


def defined(file: Path) -> set[str]:
    return (
        set(re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)) if file.exists() else set()
    )


def test_every_test_that_the_page_names_is_there() -> None:
    assert {(file, name) for file, name in NAMED if name not in defined(ROOT / file)} == set()


def test_every_test_of_this_folder_is_on_the_page() -> None:
    own = {(f"tests/faults/{file.name}", name) for file in FOLDER.glob("test_*.py") for name in defined(file)}
    assert {(file, name) for file, name in own if not file.endswith("/test_readme.py")} - NAMED == set()


@pytest.mark.skipif(not RULES.is_file(), reason="the rules on faults are not beside the checkout")
def test_every_fault_of_the_rules_is_on_the_page() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", RULES.read_text(encoding="utf-8"), re.MULTILINE)
    listed = re.findall(r"^\| ([^|]+) \|", PAGE, re.MULTILINE)
    assert len(rows) > 25
    assert [row for row in rows if row != "fault" and not any(row.startswith(one) for one in listed)] == []
