"""Elements of HTML and SVG as text; whatever is not made here is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_VOID = frozenset({"meta", "br", "rect", "line", "circle", "path", "polyline"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str | float | None) -> Html:
    """`element("a", "b", class_="c")`; an underscore in an attribute is a hyphen, None leaves it out.

    Children are escaped unless they are Html.
    """
    given = (
        f' {key.rstrip("_").replace("_", "-")}="{_text(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    head = f"<{name}{''.join(given)}"
    return Html(f"{head}/>" if name in _VOID else f"{head}>{joined(children)}</{name}>")


def joined(children: Iterable[str]) -> Html:
    """Several pieces as one."""
    return Html("".join(child if isinstance(child, Html) else _text(child) for child in children))


def _text(text: str) -> str:
    """Escaped, and without characters that steer or that UTF-8 does not know."""
    plain = "".join(character if character.isprintable() or character == "\n" else "\ufffd" for character in text)
    return escape(plain.encode("utf-8", "replace").decode(), quote=True)
