"""Findings of several conversions as one conversion of all files would have said them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from qpcli.findings import Finding, finding
from qpcli.inputs.recognition import files_are

_ONLY_IF_ALWAYS = frozenset({"reductions_missing", "no_tin"})
"""What is missing in a store only when it is missing in all deliveries."""
_AMOUNT, _TOTAL, _COLUMNS, _FILES = "amount", "total", "columns", "files"
_ADDED_UP = (_AMOUNT, _TOTAL, _COLUMNS, _FILES)


def of_both(earlier: Sequence[Finding], later: Sequence[Finding]) -> tuple[Finding, ...]:
    """What two conversions found, as if the files of both had been read together."""
    both = {each.code for each in earlier} & {each.code for each in later}
    return added_up([each for each in (*earlier, *later) if each.code not in _ONLY_IF_ALWAYS - both])


def added_up(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding for those that differ in counts and amounts only, with the sums."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for each in findings:
        groups.setdefault(_kind(each), []).append(each)
    return tuple(_sum(group) for group in groups.values())


def _kind(each: Finding) -> tuple[object, ...]:
    told = tuple(sorted((name, word) for name, word in each.words.items() if name not in _ADDED_UP))
    return each.code, each.table, each.rule, each.count is None, told


def _sum(group: Sequence[Finding]) -> Finding:
    first = group[0]
    if len(group) == 1 or first.count is None:
        return first
    words: dict[str, str] = dict(first.words)
    count = sum(each.count or 0 for each in group)
    if _COLUMNS in words:
        columns = sorted({name for each in group for name in each.words[_COLUMNS].split(", ")})
        words[_COLUMNS], count = ", ".join(columns), len(columns)
    if _AMOUNT in words:
        words[_AMOUNT] = f"{sum(map(_amount, group), Decimal()):,.2f}"
    if _TOTAL in words:
        words[_TOTAL] = f"{sum(int(each.words[_TOTAL].replace(',', '')) for each in group):,}"
    if _FILES in words:
        words[_FILES] = files_are(count)
    return finding(first.code, table=first.table, rule=first.rule, count=count, **words)


def _amount(each: Finding) -> Decimal:
    return Decimal(each.words[_AMOUNT].replace(",", ""))
