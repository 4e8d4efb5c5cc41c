"""The colours of the page in both modes; a test holds their contrasts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "page": "#ffffff",
        "surface": "#f4f6f8",
        "line": "#c9d1d9",
        "text": "#1b2128",
        "muted": "#525c67",
        "accent": "#0b57a4",
        "qp": "#126b3d",
        "partial": "#7d4f00",
        "not": "#a3261b",
        "none": "#525c67",
        "payment": "#0b57a4",
        "patient": "#7a3ea8",
        "removed": "#aab4be",
    }
)
DARK: Mapping[str, str] = MappingProxyType(
    {
        "page": "#10151b",
        "surface": "#1a222b",
        "line": "#3a4654",
        "text": "#e8edf2",
        "muted": "#a7b2bd",
        "accent": "#7cbcff",
        "qp": "#5fd08f",
        "partial": "#e8bb55",
        "not": "#ff9a8f",
        "none": "#a7b2bd",
        "payment": "#7cbcff",
        "patient": "#cfa2f5",
        "removed": "#566473",
    }
)


def variables(colours: Mapping[str, str]) -> str:
    """The colours as CSS custom properties."""
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())
