"""The page that maps the sentences of the rules to tests names tests that are there, and all of them."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent
NAMED = set(re.findall(r"`(test_[a-z0-9_]+)`", (FOLDER / "README.md").read_text(encoding="utf-8")))
FILES = [file for file in FOLDER.glob("test_*.py") if not file.name.startswith(("test_regulation_", "test_readme"))]
DEFINED = {name for file in FILES for name in re.findall(r"^def (test_[a-z0-9_]+)", file.read_text(), re.MULTILINE)}


def test_every_test_that_the_page_names_is_there() -> None:
    assert set() == NAMED - DEFINED


def test_every_test_of_the_rules_is_on_the_page() -> None:
    assert set() == DEFINED - NAMED
