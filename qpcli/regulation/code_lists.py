"""HCPCS code ranges and the shipped lists made of them: E/M services, what is not covered (42 CFR 414.1305)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from itertools import combinations

from qpcli.errors import InternalError
from qpcli.regulation.data_files import DATA, Row, contradiction, read_csv, read_tables
from qpcli.regulation.law import CodeRange, LawEntry

FILE = "code_lists.toml"
DEFAULT_SET = "default"
RANGE_COLUMNS = ("code_from", "code_to", "first_date", "last_date", "why")
SOURCE_KEYS = {"authority", "citation", "evidence"}
_DIGIT = re.compile(r"[0-9]")
_HCPCS = re.compile(r"(?=.*[0-9])[0-9A-Z]{5}")


@dataclass(frozen=True, slots=True)
class CodeLists:
    """The shipped code lists; `sources` says, by list, who made it and what it rests on."""

    em_code_sets: dict[str, tuple[CodeRange, ...]]
    not_covered_ranges: tuple[CodeRange, ...]
    pfs_statuses: frozenset[str]
    sources: dict[str, LawEntry]


def load_code_lists(folder: Traversable = DATA) -> CodeLists:
    """The shipped lists; QP502 when ranges of one list overlap or are none."""
    em_code_sets = _em_code_sets(folder)
    rows = read_csv(folder, "covered_service_exclusions.csv", RANGE_COLUMNS)
    not_covered = _without_overlap("covered_service_exclusions.csv", [_code_range(row) for row in rows])
    tables = read_tables(folder, FILE)
    statuses = tables["pfs_statuses"].texts("statuses") if "pfs_statuses" in tables else ()
    values = {
        "em_services": ", ".join(f"{name}: {len(ranges)} ranges" for name, ranges in em_code_sets.items()),
        "covered_service_exclusions": f"{len(not_covered)} ranges",
        "pfs_statuses": ",".join(sorted(statuses)),
    }
    return CodeLists(em_code_sets, not_covered, frozenset(statuses), _sources(tables, values))


def is_hcpcs(code: str) -> bool:
    """Five upper-case letters or digits with a digit among them."""
    return _HCPCS.fullmatch(code) is not None


def codes_of(code_range: CodeRange) -> Iterator[str]:
    """The codes from..to: letters stay where they are and the digits count up; QP502 for a range that is none."""
    problem = range_problem(code_range)
    if problem:
        raise InternalError("QP502", f"code range: {problem}")
    first, last = _number(code_range.code_from), _number(code_range.code_to)
    template = _DIGIT.sub("%s", code_range.code_from)
    width = template.count("%s")
    return (template % tuple(str(number).zfill(width)) for number in range(first, last + 1))


def range_problem(code_range: CodeRange) -> str | None:
    """What keeps codes and dates from being a range; None when they are one."""
    code_from, code_to = code_range.code_from, code_range.code_to
    if not (is_hcpcs(code_from) and is_hcpcs(code_to)):
        return "a code is not five letters and digits"
    if _shape(code_from) != _shape(code_to):
        return f"{code_from} and {code_to} are codes of different shape"
    if _number(code_to) < _number(code_from):
        return f"{code_to} comes before {code_from}"
    if code_range.last_date is not None and code_range.last_date < code_range.first_date:
        return "the last date comes before the first"
    return None


def ranges_overlap(one: CodeRange, other: CodeRange) -> bool:
    """Whether some code is in both ranges on some date."""
    return _share_a_code(one, other) and _share_a_date(one, other)


def _share_a_code(one: CodeRange, other: CodeRange) -> bool:
    if _shape(one.code_from) != _shape(other.code_from):
        return False
    highest_from = max(_number(one.code_from), _number(other.code_from))
    return highest_from <= min(_number(one.code_to), _number(other.code_to))


def _share_a_date(one: CodeRange, other: CodeRange) -> bool:
    first = max(one.first_date, other.first_date)
    return all(ends is None or first <= ends for ends in (one.last_date, other.last_date))


def _shape(code: str) -> str:
    return _DIGIT.sub("9", code)


def _number(code: str) -> int:
    return int("".join(_DIGIT.findall(code)))


def _em_code_sets(folder: Traversable) -> dict[str, tuple[CodeRange, ...]]:
    ranges: dict[str, list[CodeRange]] = {}
    for row in read_csv(folder, "em_services.csv", ("code_set", *RANGE_COLUMNS)):
        ranges.setdefault(row.text("code_set"), []).append(_code_range(row))
    if DEFAULT_SET not in ranges:
        raise contradiction("em_services.csv", f"there is no set {DEFAULT_SET}")
    return {name: _without_overlap(f"em_services.csv, set {name}", members) for name, members in ranges.items()}


def _code_range(row: Row) -> CodeRange:
    last = row.values["last_date"]
    last_date = _date(row, "last_date") if last else None
    code_range = CodeRange(
        row.text("code_from"), row.text("code_to"), _date(row, "first_date"), last_date, row.text("why")
    )
    problem = range_problem(code_range)
    if problem:
        raise contradiction(row.where, problem)
    return code_range


def _date(row: Row, key: str) -> date:
    try:
        return date.fromisoformat(row.text(key))
    except ValueError:
        raise contradiction(row.where, f"{key} is no date") from None


def _without_overlap(where: str, ranges: Sequence[CodeRange]) -> tuple[CodeRange, ...]:
    for one, other in combinations(ranges, 2):
        if ranges_overlap(one, other):
            raise contradiction(where, f"{one.code_from} and {other.code_from} begin ranges that overlap")
    return tuple(ranges)


def _sources(tables: dict[str, Row], values: dict[str, str]) -> dict[str, LawEntry]:
    if set(tables) != set(values):
        raise contradiction(FILE, f"the tables are {', '.join(values)}")
    return {name: _source(name, value, tables[name]) for name, value in values.items()}


def _source(name: str, value: str, row: Row) -> LawEntry:
    row.expect(SOURCE_KEYS, {"statuses"})
    return LawEntry(name, value, row.text("authority"), None, row.text("citation"), row.evidence())
