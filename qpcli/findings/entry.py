"""A kind of finding: how bad it is, its words and its remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """error: wrong until mended; warning: may mislead; info: counted for the record."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """A kind of finding; `words` has braces that a run fills in with counts, never with a person's value."""

    code: str
    severity: Severity
    words: str
    remedy: str
