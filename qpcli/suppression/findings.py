"""Findings without small counts: said in the catalogue's words, with a range in place of the number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from qpcli.findings import FINDINGS_CATALOGUE, Finding
from qpcli.suppression.cells import IN_WORDS, is_small

_NOT_SHOWN = "(not shown)"
_ALWAYS_HIDDEN = ("told", "share")
"""Lists of counts, and shares of counts that may be hidden elsewhere."""
_HIDDEN_BESIDE_A_SMALL_COUNT = ("amount", "total")


def without_small_counts(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same findings in their order."""
    return tuple(_without(finding) for finding in findings)


def _without(finding: Finding) -> Finding:
    has_small = is_small(finding.count)
    hidden = {*_ALWAYS_HIDDEN, *(_HIDDEN_BESIDE_A_SMALL_COUNT if has_small else ())} & set(finding.words)
    if not has_small and not hidden:
        return finding
    words = {name: _NOT_SHOWN if name in hidden else word for name, word in finding.words.items()}
    shown = IN_WORDS if has_small else f"{finding.count:,}" if finding.count is not None else ""
    message = FINDINGS_CATALOGUE[finding.code].words.format(
        count=shown, table=finding.table, rule=finding.rule, **words
    )
    count = None if has_small else finding.count
    return replace(finding, message=message, count=count, words=MappingProxyType(words))
