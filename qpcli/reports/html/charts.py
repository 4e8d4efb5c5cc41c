"""Charts as inline SVG: pure functions of numbers and words, each with a title and a description in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from qpcli.reports.html.elements import Html, element
from qpcli.reports.summary_words import points

WHOLE = 1_000_000
"""A score of 100 %, in ten-thousandths of a percent."""


@dataclass(frozen=True, slots=True)
class Bars:
    """The QP and Partial QP thresholds of one method, in percent."""

    qp: int
    partial: int


@dataclass(frozen=True, slots=True)
class Line:
    """Scores of one method by snapshot; `kind` is `payment` or `patient`, a score None where there is none."""

    kind: str
    label: str
    scores: tuple[int | None, ...]
    bars: Bars


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall: what remains, what it removes, and both in words; None where it is hidden."""

    label: str
    remaining: int | None
    removed: int | None
    shown: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole; `kind` is a status class."""

    kind: str
    label: str
    count: int


def svg(identifier: str, title: str, description: str, width: int, height: int, *shapes: str) -> Html:
    """A picture with its title and description."""
    return element(
        "svg",
        element("title", title, id=f"{identifier}-title"),
        element("desc", description, id=f"{identifier}-desc"),
        *shapes,
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_labelledby=f"{identifier}-title {identifier}-desc",
    )


def text(x: float, y: float, words: str, *, anchor: str = "start", class_: str | None = None) -> Html:
    return element("text", words, x=_n(x), y=_n(y), text_anchor=anchor, class_=class_)


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def bullet(identifier: str, title: str, description: str, lines: Sequence[Line]) -> Html:
    """The newest score of each method on a track from 0 to 100 %, ticks at the bars."""
    left, width, row = 78, 240, 40
    shapes: list[str] = []
    for place, line in enumerate(lines):
        y = 22 + place * row
        score = line.scores[-1]
        length = 0 if score is None else max(0, min(score, WHOLE)) / WHOLE * width
        shapes.append(text(0, y + 11, line.label))
        shapes.append(element("rect", x=left, y=y, width=width, height=14, rx=3, class_="track"))
        if length:
            shapes.append(element("rect", x=left, y=y, width=_n(length), height=14, rx=3, class_=line.kind))
        if score is not None:
            shapes.append(text(left + width + 52, y + 12, points(score), anchor="end"))
        shapes += _ticks(left, width, y, line.bars)
    return svg(identifier, title, description, left + width + 54, 22 + len(lines) * row - 14, *shapes)


def _ticks(left: int, width: int, y: int, bars: Bars) -> Iterator[Html]:
    for percent, class_ in ((bars.partial, "tick-partial"), (bars.qp, "tick")):
        x = _n(left + width * percent / 100)
        yield element("line", x1=x, x2=x, y1=y - 4, y2=y + 18, class_=class_)
    yield text(left + width * bars.qp / 100, y - 6, f"QP {bars.qp}", anchor="middle", class_="quiet")


def across_snapshots(identifier: str, title: str, description: str, line: Line, snapshots: Sequence[int]) -> Html:
    """The scores of one method over the snapshots, the bars as dashed lines."""
    left, top, width, height = 36, 14, 250, 130
    xs = [left + 24 + (width - 70) * place / max(1, len(snapshots) - 1) for place in range(len(snapshots))]
    shapes: list[str] = []
    for percent in (0, 50, 100):
        y = top + height * (1 - percent / 100)
        shapes.append(element("line", x1=left, x2=left + width, y1=_n(y), y2=_n(y), class_="axis"))
        shapes.append(text(left - 6, y + 4, str(percent), anchor="end", class_="quiet"))
    for name, percent, class_ in (("Partial", line.bars.partial, "bar-line-partial"), ("QP", line.bars.qp, "bar-line")):
        y = top + height * (1 - percent / 100)
        shapes.append(element("line", x1=left, x2=left + width, y1=_n(y), y2=_n(y), class_=class_))
        shapes.append(text(left + width + 5, y + 4, f"{name} {percent}", class_="quiet"))
    shapes += _curve(line, xs, top, height)
    shapes += [
        text(x, top + height + 18, f"Snapshot {s}" if s == snapshots[0] else str(s), anchor="middle", class_="quiet")
        for x, s in zip(xs, snapshots, strict=True)
    ]
    return svg(identifier, title, description, left + width + 70, top + height + 24, *shapes)


def _curve(line: Line, xs: Sequence[float], top: int, height: int) -> Iterator[Html]:
    known = [
        (x, top + height * (1 - max(0, min(score, WHOLE)) / WHOLE))
        for x, score in zip(xs, line.scores, strict=True)
        if score is not None
    ]
    if len(known) > 1:
        yield element("polyline", points=" ".join(f"{_n(x)},{_n(y)}" for x, y in known), class_=line.kind)
    for x, y in known:
        yield element("circle", cx=_n(x), cy=_n(y), r=4, class_=line.kind)


def waterfall(identifier: str, title: str, description: str, steps: Sequence[Step]) -> Html:
    """What each step leaves (full) and removes (pale), from the first to the last."""
    left, width, row = 204, 310, 24
    most = max([(s.remaining or 0) + max(0, s.removed or 0) for s in steps], default=0) or 1
    shapes: list[str] = []
    for place, step in enumerate(steps):
        y = 4 + place * row
        remaining = max(0, step.remaining or 0) / most * width
        removed = max(0, step.removed or 0) / most * width
        shapes.append(text(left - 8, y + 13, step.label, anchor="end"))
        shapes.append(element("rect", x=left, y=y, width=_n(remaining), height=16, class_="remaining"))
        if removed:
            shapes.append(element("rect", x=_n(left + remaining), y=y, width=_n(removed), height=16, class_="removed"))
        shapes.append(text(left + remaining + removed + 6, y + 13, step.shown, class_="quiet"))
    return svg(identifier, title, description, left + width + 246, 8 + len(steps) * row, *shapes)


def parts_of_whole(identifier: str, title: str, description: str, parts: Sequence[Part]) -> Html:
    """One bar cut into its parts, each named below it."""
    width = 640
    whole = sum(part.count for part in parts) or 1
    shapes: list[str] = []
    x, named_at = 0.0, 0.0
    for part in parts:
        length = part.count / whole * width
        shapes.append(
            element("rect", x=_n(x), y=0, width=_n(max(0.0, length - 2)), height=26, class_=f"fill-{part.kind}")
        )
        x += length
        shapes.append(element("rect", x=_n(named_at), y=40, width=12, height=12, class_=f"fill-{part.kind}"))
        shapes.append(text(named_at + 18, 51, f"{part.label}: {part.count:,}"))
        named_at += 160
    return svg(identifier, title, description, width, 60, *shapes)


def distances(identifier: str, title: str, description: str, above: Sequence[int]) -> Html:
    """How many have which distance to the bar: bins of 5 points, those below and above in different colours.

    `above` in ten-thousandths of a point; what is farther than 50 points stands in the outermost bins.
    """
    bins = [0] * 20
    for point in above:
        bins[max(0, min(19, point // 50_000 + 10))] += 1
    width, height, left, top = 600, 140, 36, 12
    most = max([*bins, 1])
    bar = width / len(bins)
    shapes: list[str] = [text(left - 6, top + 5, f"{most:,}", anchor="end", class_="quiet")]
    for place, count in enumerate(bins):
        tall = ceil(count / most * height)
        kind = "fill-not" if place < 10 else "fill-qp"
        if count:
            shapes.append(
                element(
                    "rect",
                    x=_n(left + place * bar + 1),
                    y=top + height - tall,
                    width=_n(bar - 2),
                    height=tall,
                    class_=kind,
                )
            )
    shapes.append(element("line", x1=left, x2=left + width, y1=top + height, y2=top + height, class_="axis"))
    middle = left + width / 2
    shapes.append(element("line", x1=_n(middle), x2=_n(middle), y1=top - 8, y2=top + height + 6, class_="bar-line"))
    for place, words in ((0, "-50"), (5, "-25"), (10, "QP bar"), (15, "+25"), (20, "+50 points")):
        shapes.append(text(left + place * bar, top + height + 20, words, anchor="middle", class_="quiet"))
    return svg(identifier, title, description, left + width + 40, top + height + 28, *shapes)
