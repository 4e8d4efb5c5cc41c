"""Every number that the law sets stands in regulation data; rules hold none, and only the console prints."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "qpcli"
RULES = sorted(path for room in ("rules", "engines", "calculation") for path in (ROOT / room).glob("*.py"))

LAWFUL = {10, 18, 20, 25, 35, 40, 50, 60, 75, 91, *range(2017, 2031)}
"""Thresholds, the age, the tested days, run-out days and performance years."""


def numbers(path: Path) -> set[int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is int}


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_a_rule_holds_no_number_of_the_law(path: Path) -> None:
    assert not numbers(path) & LAWFUL


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_a_rule_asks_the_law_and_not_the_year(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    compared = [
        side for node in ast.walk(tree) if isinstance(node, ast.Compare) for side in (node.left, *node.comparators)
    ]
    years = [side for side in compared if isinstance(side, ast.Attribute) and side.attr.endswith("_year")]
    assert not years


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_a_rule_never_asks_what_day_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not asked & {"today", "now"}


@pytest.mark.parametrize("path", sorted((ROOT / "rules").glob("*.py")), ids=lambda path: path.name)
def test_a_rule_never_collects(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & {"collect", "collect_all"}


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_console_prints(path: Path) -> None:
    if path == ROOT / "cli" / "console.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert "print" not in called
