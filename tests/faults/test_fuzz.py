"""Two hundred cases of damage, the same ones each time; `make fuzz` tries thousands of new ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.fuzz import TARGETS, fuzz

CASES = -(-200 // len(TARGETS))


@pytest.mark.parametrize(("layout", "name"), TARGETS, ids=[f"{layout}-{name}" for layout, name in TARGETS])
def test_any_damage_is_settled_and_leaves_no_wrong_report(tmp_path: Path, layout: str, name: str) -> None:
    tried = fuzz(layout, name, tmp_path / "place", cases=CASES, is_fixed=True)
    assert tried.statuses.total() >= CASES
