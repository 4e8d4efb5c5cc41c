"""An answer for people, apart from how it is shown: sections of sentences and tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageTable:
    """Rows of text under headers; `right` names the columns that hold numbers, `whole` others that never wrap."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one title, in order."""

    title: str
    parts: tuple[str | PageTable, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One answer; sections without parts are left out by whoever shows it."""

    title: str
    sections: tuple[Section, ...]
