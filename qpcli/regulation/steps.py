"""What each step from all lines to the numerator means, and the paragraph of law it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable

from qpcli.regulation.data_files import DATA, Row, read_tables
from qpcli.regulation.law import Evidence

FILE = "steps.toml"
KEYS = {"words", "citation", "evidence", "open_points"}


@dataclass(frozen=True, slots=True)
class LawOfStep:
    """One step of the exclusions table; `open_points` are the names of the assumptions that shape it."""

    words: str
    citation: str
    evidence: Evidence
    open_points: tuple[str, ...]


def load_steps(folder: Traversable = DATA) -> dict[str, LawOfStep]:
    """Every step by its name in the exclusions table, in order; QP502 when the file contradicts itself."""
    return {name: _step(row) for name, row in read_tables(folder, FILE).items()}


def _step(row: Row) -> LawOfStep:
    row.expect(KEYS, set())
    return LawOfStep(row.text("words"), row.text("citation"), row.evidence(), row.texts("open_points"))
