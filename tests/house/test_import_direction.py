"""Data flow one way: what a room may import, fixed."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "qpcli"

BASE = {"terms", "errors", "findings"}
ALLOWED = {
    "terms": set(),
    "errors": set(),
    "findings": set(),
    "regulation": {"terms", "errors"},
    "tables": {"terms"},
    "request": {"findings", "terms"},
    "stopping": set(),
    "watch": set(),
    "parallel": set(),
    "inputs": BASE | {"regulation", "tables", "request", "stopping"},
    "rules": BASE | {"regulation", "tables"},
    "balance": set(),
    "reports": BASE | {"balance", "regulation", "tables", "request", "stopping"},
    "sample": BASE | {"regulation", "tables", "stopping"},
    "engines": BASE | {"inputs", "regulation", "tables", "rules", "parallel"},
    "calculation": BASE | {"regulation", "tables", "rules", "engines"},
    "store": BASE | {"regulation", "tables", "request", "inputs", "memory", "parallel", "rules", "reports"},
    "keeping": BASE | {"regulation", "tables", "rules", "engines", "calculation"},
    "analysis": BASE
    | {"__version__", "calculation", "engines", "inputs", "regulation", "reports", "request", "rules", "tables"},
    "memory": {"errors", "inputs"},
    "line_reading": BASE | {"engines", "inputs", "memory", "regulation", "reports", "request", "store", "watch"},
    "preparation": BASE
    | {"calculation", "inputs", "line_reading", "regulation", "reports", "request", "store", "tables", "watch"},
    "conversion": BASE | {"regulation", "inputs", "reports", "request", "store", "watch"},
    "loading": BASE
    | {"calculation", "inputs", "preparation", "provenance", "regulation", "reports", "request", "watch"},
    "tallying": {"calculation", "engines", "memory", "request", "store"},
    "tallies": BASE | {"__version__", "calculation", "engines", "inputs", "loading", "reports", "request", "watch"},
    "remarks": BASE | {"regulation", "rules", "tables", "calculation"},
    "suppression": {"findings", "tables", "terms"},
    "report": {"errors", "reports", "request"},
    "sizes": {"loading", "regulation", "reports", "request", "terms"},
    "worth": BASE
    | {"balance", "engines", "inputs", "line_reading", "provenance", "regulation", "remarks", "reports", "request"}
    | {"rules", "tables", "watch"},
    "provenance": BASE | {"inputs", "reports", "request"},
}
"""Rooms and single modules below the run; `run`, `configuration` and `cli` stand above them all."""

MODULES = sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return {name.split(".")[1] for name in names if name.startswith("qpcli.")} - {"__version__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_the_rooms_below_it(path: Path) -> None:
    if room(path) in ALLOWED:
        assert imported_rooms(path) <= ALLOWED[room(path)] | {room(path)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_command_line_knows_the_command_line(path: Path) -> None:
    if room(path) not in {"cli", "__main__"}:
        assert "cli" not in imported_rooms(path)


@pytest.mark.parametrize("path", [p for p in MODULES if room(p) == "cli"], ids=lambda p: p.name)
def test_the_command_line_never_imports_polars(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    imported |= {n.module.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    assert "polars" not in imported
