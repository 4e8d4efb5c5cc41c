"""Colours that can be told apart by those who see less well (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import pytest

from qpcli.reports.html.palette import DARK, LIGHT

MODES = {"light": LIGHT, "dark": DARK}
TEXTS = ("text", "muted", "accent", "qp", "partial", "not", "none", "payment", "patient")
SHAPES = ("accent", "qp", "partial", "not", "none", "payment", "patient")


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ground", ["page", "surface"])
@pytest.mark.parametrize("name", TEXTS)
def test_text_stands_out_from_its_ground(mode: str, ground: str, name: str) -> None:
    assert contrast(MODES[mode][name], MODES[mode][ground]) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_stands_out_from_the_page_and_from_what_lies_beside_it(mode: str, name: str) -> None:
    colours = MODES[mode]
    assert contrast(colours[name], colours["page"]) >= 3
    assert contrast(colours["accent"], colours["removed"]) >= 2.9
    assert contrast(colours[name], colours["line"]) >= 3


def test_both_modes_have_the_same_colours() -> None:
    assert set(LIGHT) == set(DARK)
