"""The questions the published law leaves open: defaults, alternatives and what a run assumes instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from types import MappingProxyType

from qpcli.errors import UsageError
from qpcli.regulation.data_files import DATA, Row, contradiction, read_tables
from qpcli.regulation.law import OpenPoint, OpenPointKind
from qpcli.terms import IndividualAssessment

FILE = "open_points.toml"
REQUIRED_KEYS = {"question", "kind", "default", "alternatives", "reason", "citation", "evidence"}
OPTIONAL_KEYS = {"option", "layouts", "smallest", "largest", "individual_assessment"}

NOTHING: Mapping[str, str] = MappingProxyType({})


def load_open_points(folder: Traversable = DATA) -> dict[str, OpenPoint]:
    """Every open point by name, at its default; QP502 when a default is no allowed value."""
    points = {name: _open_point(name, row) for name, row in read_tables(folder, FILE).items()}
    for name, point in points.items():
        if _normalised(point, point.default) != point.default:
            raise contradiction(f"{FILE} [{name}]", "the default is not an allowed value as it is recorded")
    return points


def assume(
    points: Mapping[str, OpenPoint], assumptions: Mapping[str, str], set_by_option: Mapping[str, str] = NOTHING
) -> dict[str, OpenPoint]:
    """The points with the values of a run; `set_by_option` are the values that an option's file sets.

    UsageError: QP107 for an unknown name, QP108 for a value not allowed, QP104 where an assumption
    contradicts an option that is given.
    """
    given = {name: _assumed_value(_known(points, name), text, set_by_option) for name, text in assumptions.items()}
    values = {**given, **set_by_option}
    return {name: _with_value(point, values.get(name, point.default)) for name, point in points.items()}


def with_years(point: OpenPoint, assessments: Mapping[int, IndividualAssessment]) -> OpenPoint:
    """The point with the years in which it has an effect, given whom the law assesses one by one in each."""
    if point.individual_assessment is None:
        return point
    years = tuple(year for year, assessed in assessments.items() if assessed is point.individual_assessment)
    return replace(point, performance_years=years)


def _open_point(name: str, row: Row) -> OpenPoint:
    row.expect(REQUIRED_KEYS, OPTIONAL_KEYS)
    return OpenPoint(
        name=name,
        value=row.text("default"),
        default=row.text("default"),
        alternatives=row.texts("alternatives"),
        reason=row.text("reason"),
        question=row.text("question"),
        kind=row.member("kind", OpenPointKind),
        bounds=(row.whole_number("smallest"), row.whole_number("largest")) if row.has("smallest") else None,
        option=row.text("option") if row.has("option") else None,
        layouts=row.texts("layouts") if row.has("layouts") else (),
        individual_assessment=(
            row.member("individual_assessment", IndividualAssessment) if row.has("individual_assessment") else None
        ),
        citation=row.text("citation"),
        evidence=row.evidence(),
    )


def _known(points: Mapping[str, OpenPoint], name: str) -> OpenPoint:
    if name in points:
        return points[name]
    close = get_close_matches(name, points, n=1)
    advice = f"Did you mean {close[0]}?" if close else f"The open points are {', '.join(points)}."
    raise UsageError("QP107", f"there is no open point {name}", advice)


def _assumed_value(point: OpenPoint, text: str, set_by_option: Mapping[str, str]) -> str:
    value = _normalised(point, text)
    if value is None:
        raise UsageError("QP108", f"{point.name} cannot be {text!r}; allowed: {_allowed(point)}")
    if point.name in set_by_option and value != set_by_option[point.name]:
        raise UsageError("QP104", f"{point.option} and the assumption {point.name}={value} exclude each other")
    if point.option and point.name not in set_by_option and value != point.default:
        raise UsageError("QP108", f"{point.name} becomes {value} by {point.option} FILE only; else {point.default}")
    return value


def _allowed(point: OpenPoint) -> str:
    return ", ".join((point.default, *point.alternatives))


def _with_value(point: OpenPoint, value: str) -> OpenPoint:
    return replace(point, value=value, is_overridden=value != point.default)


def _normalised(point: OpenPoint, text: str) -> str | None:
    """The value in the one way it is recorded, so that equal assumptions are equal texts; None when not allowed."""
    stripped = text.strip()
    if point.kind is OpenPointKind.CHOICE:
        return stripped if stripped in (point.default, *point.alternatives) else None
    if point.kind is OpenPointKind.WHOLE_NUMBER:
        return _whole_number(stripped, point.bounds)
    return _codes(stripped)


def _whole_number(text: str, bounds: tuple[int, int] | None) -> str | None:
    if bounds is None or not re.fullmatch(r"[0-9]{1,9}", text):
        return None
    return str(int(text)) if bounds[0] <= int(text) <= bounds[1] else None


def _codes(text: str) -> str | None:
    codes = {code.strip().upper() for code in text.split(",")}
    return ",".join(sorted(codes)) if all(re.fullmatch(r"[A-Z0-9]{1,2}", code) for code in codes) else None
