"""Charts show the numbers they are given, at the place where they belong."""

from __future__ import annotations

import re

import pytest

from qpcli.reports.html.charts import (
    Bars,
    Line,
    Part,
    Step,
    across_snapshots,
    bullet,
    distances,
    parts_of_whole,
    waterfall,
)
from qpcli.reports.html.elements import Html, element
from tests.reports.html.pages import Found, Parsed

LINE = Line("payment", "Payments", (250_000, None, 750_000), Bars(75, 50))


def shapes(picture: Html, name: str, class_: str) -> list[Found]:
    return [one for one in Parsed(picture).named(name) if one.attributes.get("class") == class_]


def number(found: Found, name: str) -> float:
    return float(found.attributes[name] or "")


def test_a_bullet_of_the_score_at_the_bar_ends_at_its_tick() -> None:
    picture = bullet("b", "t", "d", [LINE])
    (bar,), (tick,) = shapes(picture, "rect", "payment"), shapes(picture, "line", "tick")
    assert number(bar, "x") + number(bar, "width") == number(tick, "x1")


@pytest.mark.parametrize(("score", "share"), [(0, 0), (500_000, 0.5), (1_000_000, 1), (1_500_000, 1), (-200_000, 0)])
def test_a_bullet_stays_on_its_track(score: int, share: float) -> None:
    picture = bullet("b", "t", "d", [Line("payment", "Payments", (score,), Bars(75, 50))])
    (track,) = shapes(picture, "rect", "track")
    assert sum(number(one, "width") for one in shapes(picture, "rect", "payment")) == share * number(track, "width")


def test_a_snapshot_without_a_score_has_no_point() -> None:
    picture = across_snapshots("a", "t", "d", LINE, [1, 2, 3])
    points = shapes(picture, "circle", "payment")
    assert len(points) == 2
    (bar,) = shapes(picture, "line", "bar-line")
    assert number(points[1], "cy") == number(bar, "y1")


def test_a_single_snapshot_is_a_point_without_a_line() -> None:
    picture = across_snapshots("a", "t", "d", Line("patient", "Patients", (1,), Bars(50, 35)), [1])
    assert (len(shapes(picture, "circle", "patient")), shapes(picture, "polyline", "patient")) == (1, [])


def test_what_a_step_removes_begins_where_the_rest_ends() -> None:
    picture = waterfall(
        "w", "t", "d", [Step("a", 30, 10, "30 (less 10)"), Step("b", 20, 10, "20"), Step("c", None, None, "hidden")]
    )
    remaining, removed = shapes(picture, "rect", "remaining"), shapes(picture, "rect", "removed")
    assert [number(one, "width") for one in remaining] == [232.5, 155, 0]
    assert number(removed[0], "x") == number(remaining[0], "x") + number(remaining[0], "width")
    assert len(removed) == 2


def test_dollars_below_zero_are_no_bar() -> None:
    picture = waterfall("w", "t", "d", [Step("a", -5, 10, "-5")])
    assert number(shapes(picture, "rect", "remaining")[0], "width") == 0


def test_parts_share_the_whole() -> None:
    picture = parts_of_whole("p", "t", "d", [Part("qp", "QP", 3), Part("not", "Not QP", 1)])
    bars = [one for one in Parsed(picture).named("rect") if one.attributes["height"] == "26"]
    assert [number(one, "width") + 2 for one in bars] == [480, 160]


@pytest.mark.parametrize(
    ("point", "kind"), [(-1, "fill-not"), (0, "fill-qp"), (-900_000, "fill-not"), (900_000, "fill-qp")]
)
def test_the_bar_itself_is_met(point: int, kind: str) -> None:
    assert len(shapes(distances("h", "t", "d", [point]), "rect", kind)) == 1


def test_nobody_at_all_is_an_empty_chart() -> None:
    assert not Parsed(distances("h", "t", "d", [])).named("rect")
    assert Parsed(waterfall("w", "t", "d", [])).named("svg")
    assert Parsed(parts_of_whole("p", "t", "d", [])).named("svg")


def test_an_element_escapes_its_text_and_its_attributes() -> None:
    assert element("p", "<b>", title='"x"', class_=None) == '<p title="&quot;x&quot;">&lt;b&gt;</p>'
    assert element("p", element("b", "x")) == "<p><b>x</b></p>"


def test_no_text_becomes_what_utf_8_does_not_know() -> None:
    assert re.fullmatch(r"<p>a.b</p>", element("p", "a\udcffb"))
