"""How the parts of a FHIR resource are picked: explicit paths, strict about the form, silent about what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import cast

from qpcli.inputs.json_scan import Resource, ShapeError

MBI = "http://hl7.org/fhir/sid/us-mbi"
_EXTENSION_VALUES = (
    ("valueCoding", "code"),
    ("valueIdentifier", "value"),
)
_PLAIN_VALUES = ("valueString", "valueCode", "valueDate")


def text(resource: Resource, name: str) -> str | None:
    """A field that is text or a number; raises ShapeError for anything else."""
    found = resource.get(name)
    if found is None or isinstance(found, str):
        return found
    raise ShapeError


def child(resource: Resource, name: str) -> Resource:
    """A part of a resource, empty where it has none; raises ShapeError when it is no object."""
    found = resource.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ShapeError
    return found


def children(resource: Resource, name: str) -> list[Resource]:
    """The parts of a resource, none where it has none; raises ShapeError when they are no objects."""
    found = resource.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ShapeError
    return found


def texts(resource: Resource, name: str) -> list[str]:
    """A list of text or numbers; raises ShapeError for anything else."""
    found = resource.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ShapeError
    return cast("list[str]", found)


def tail(url: str | None) -> str:
    """The last part of a URL, by which CMS's code systems and variables are known."""
    return "" if url is None else url.rsplit("/", 1)[-1]


def code_of(concept: Resource, system: str) -> str | None:
    """The code that a concept has in the system of that name (the last part of its URL)."""
    for coding in children(concept, "coding"):
        if tail(text(coding, "system")) == system:
            return text(coding, "code")
    return None


def codes(concept: Resource) -> list[str]:
    """All codes of a concept, without the URL where they are one."""
    return [tail(text(coding, "code")) for coding in children(concept, "coding")]


def extensions(resource: Resource) -> dict[str, str]:
    """The coded and named values of a resource's extensions by the last part of their URL; the first counts."""
    found: dict[str, str] = {}
    for extension in children(resource, "extension"):
        value = _value(extension)
        if value is not None:
            found.setdefault(tail(text(extension, "url")), value)
    return found


def _value(extension: Resource) -> str | None:
    for name, part in _EXTENSION_VALUES:
        if name in extension:
            return text(child(extension, name), part)
    return next((text(extension, name) for name in _PLAIN_VALUES if name in extension), None)


def by_category(parts: Iterable[Resource]) -> dict[str, Resource]:
    """Adjudications or supporting information by each code of their category; the first counts."""
    found: dict[str, Resource] = {}
    for part in parts:
        for code in codes(child(part, "category")):
            found.setdefault(code, part)
    return found


def first_code(concept: Resource) -> str | None:
    """The first code of a concept."""
    return next((text(coding, "code") for coding in children(concept, "coding")), None)


def day(resource: Resource, name: str) -> str | None:
    """A date, of a date with a time as well."""
    found = text(resource, name)
    return None if found is None else found.partition("T")[0]


def identifier(resource: Resource, system: str) -> str | None:
    """The value of a resource's identifier of a system (the last part of its URL)."""
    found = (one for one in children(resource, "identifier") if tail(text(one, "system")) == system)
    return next((text(one, "value") for one in found), None)


def identifier_of_type(resource: Resource, code: str) -> str | None:
    """The value of a resource's identifier of a type."""
    found = (one for one in children(resource, "identifier") if code in codes(child(one, "type")))
    return next((text(one, "value") for one in found), None)


def person(reference: Resource) -> str | None:
    """Whom a reference names: `Patient/ID` without the server, else the MBI that it gives."""
    place = text(reference, "reference")
    if place is not None:
        return "/".join(place.split("/")[-2:])
    by_number = child(reference, "identifier")
    return text(by_number, "value") if text(by_number, "system") == MBI else None


def patient_name(patient: Resource) -> str | None:
    """How references name a Patient."""
    number = text(patient, "id")
    return None if number is None else f"Patient/{number}"


def last_updated(resource: Resource) -> datetime | None:
    """When the server last changed the resource, in UTC; None when it does not say."""
    found = text(child(resource, "meta"), "lastUpdated")
    try:
        when = datetime.fromisoformat(found or "")
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def delivery(resource: Resource) -> str:
    """`last_updated` as a number that grows with time: yymmdd * 10**7 + hhmmsst, t tenths of a second; 0 for none."""
    when = last_updated(resource)
    return "0" if when is None else f"{when:%y%m%d%H%M%S}{when.microsecond // 100_000}"
