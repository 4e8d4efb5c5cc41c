"""Names out of a file that a message may show: not where they may be values of people."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = re.compile(r"(?!.*\d{5})[^\W\d].{0,59}", re.DOTALL)
_OF_A_PERSON = re.compile(r"\d{9}|^[1-9][A-Z][A-Z0-9]\d[A-Z][A-Z0-9]\d[A-Z]{2}\d\d$", re.ASCII)
"""A TIN, NPI or other long number, or an MBI."""


def shown_columns(names: Iterable[str]) -> str | None:
    """The columns of one header; None when any is no name of a column, for then all may be a row of data."""
    listed = list(names)
    are_names = all(_NAME.fullmatch(name) for name in listed if name)
    return ", ".join(name or "(unnamed)" for name in listed) if are_names else None


def shown_entities(ids: Iterable[str]) -> str:
    """Ids of APM Entities; those in the form of a person's id, in a column taken for another, are only counted."""
    listed = list(ids)
    hidden = sum(1 for one in listed if _OF_A_PERSON.search(one))
    words = [one for one in listed if not _OF_A_PERSON.search(one)]
    return ", ".join([*words, f"{hidden} in the form of a person's id, not shown"] if hidden else words)
