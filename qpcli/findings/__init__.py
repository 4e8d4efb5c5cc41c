"""What a run counted or doubts: findings of the one catalogue, with severity, words and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from qpcli.findings.catalogue import FINDINGS_CATALOGUE
from qpcli.findings.entry import FindingEntry, Severity

__all__ = ["FINDINGS_CATALOGUE", "Finding", "FindingEntry", "Severity", "finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a run.

    `words` are those that the message was made with; a finding read back from a report has none.
    """

    code: str
    message: str
    table: str | None = None
    rule: str | None = None
    count: int | None = None
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    @property
    def severity(self) -> Severity:
        return FINDINGS_CATALOGUE[self.code].severity


def finding(
    code: str, *, table: str | None = None, rule: str | None = None, count: int | None = None, **words: object
) -> Finding:
    """A finding of the catalogue with its words filled in; KeyError for an unknown code or a missing word."""
    entry = FINDINGS_CATALOGUE[code]
    shown = f"{count:,}" if count is not None else ""
    message = entry.words.format(count=shown, table=table, rule=rule, **words)
    return Finding(code, message, table, rule, count, {name: str(word) for name, word in words.items()})
