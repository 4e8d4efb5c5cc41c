"""Pages made of small tables, and what a parser finds in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import polars as pl

from qpcli.reports.html.content import Content
from qpcli.reports.html.page import page
from qpcli.reports.manifest import InputRecord, Manifest
from tests.reports.world import manifest_of, tables

VOID = frozenset({"meta", "br", "rect", "line", "circle", "path", "polyline"})


def manifest(**columns: object) -> Manifest:
    inputs = (InputRecord("claim_lines", "/somewhere/claims.csv", 10, "ab" * 32, 5),)
    return replace(manifest_of(inputs=inputs)(()), **columns)  # type: ignore[arg-type]


def made(changed: Mapping[str, pl.DataFrame] | None = None, **columns: object) -> str:
    """The page of the small world, some tables of it changed."""
    return page(Content(manifest(**columns), {**tables(), **(changed or {})})).decode()


@dataclass(frozen=True)
class Found:
    """An element in its place: its name, attributes, the text in it and the names of the elements around it."""

    name: str
    attributes: Mapping[str, str | None]
    around: tuple[str, ...]
    text: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return "".join(self.text)


class Parsed(HTMLParser):
    """Every element of a page; an element that is not closed where it should be is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Found] = []
        self._open: list[Found] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"{tag} has an attribute twice"
        found = Found(tag, dict(attrs), tuple(one.name for one in self._open))
        self.elements.append(found)
        if tag not in VOID:
            self._open.append(found)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.text.append(data)

    def named(self, *names: str) -> list[Found]:
        return [one for one in self.elements if one.name in names]
