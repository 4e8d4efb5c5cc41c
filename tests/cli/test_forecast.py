"""`qpcli forecast`: what a person and a script see, and what a run cannot answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Call


@pytest.fixture
def spring(call: Call, place: Path) -> Path:
    """A run of the sample market as a feed of May 20 shows it."""
    assert call("sample", "--out", "spring", "--year", "2025", "--as-of", "2025-05-20", "-q").status == 0
    assert call("init", "spring", "--year", "2025").status == 0
    words = ("--config", "spring/qpcli.toml", "--out", "reports", "--keep-cells", "--fail-on", "never", "-q")
    assert call("determine", *words).status == 0
    return place / "reports"


@pytest.mark.usefixtures("spring")
def test_a_forecast_says_how_complete_the_claims_are_and_how_sure_it_is(call: Call) -> None:
    answer = call("forecast", "reports")
    assert (answer.status, answer.err) == (0, "")
    for words in ("Claims processed up to 2025-05-20 show", "80 % range", "QP or Partial QP", "An estimate, not a"):
        assert words in answer.out
    markdown = call("forecast", "reports", "--format", "markdown", "--apm-entity", "SYN03").out
    assert markdown.startswith("# Forecast of snapshot 3")
    assert "SYN04" not in markdown


@pytest.mark.usefixtures("spring")
def test_the_document_holds_what_the_page_shows(call: Call) -> None:
    told = call("forecast", "reports", "--snapshot", "1", "--json").document
    assert told["schema"] == "qpcli.forecast/1"
    assert told["target"]["number"] == 1
    assert 0.9 < told["completeness"]["share"] < 1
    for entity in told["entities"]:
        assert 0 <= entity["qp_chance"] <= entity["partial_chance"] <= 1
        for score in entity["scores"]:
            expected = score["expected"]
            assert expected is None or 0 <= expected["low"] <= expected["middle"] <= expected["high"] <= 100


@pytest.mark.usefixtures("spring")
def test_the_same_run_gives_the_same_answer(call: Call) -> None:
    assert call("forecast", "reports").out == call("forecast", "reports").out


def test_a_complete_run_and_a_run_without_cells_cannot_answer(call: Call, determine: Call) -> None:
    assert determine("--out", "complete", "--keep-cells", "-q").status == 0
    assert determine("--out", "bare", "-q").status == 0
    for run, word in (("complete", "nothing is to come"), ("bare", "keeps no cells")):
        answer = call("forecast", run)
        assert (answer.status, "error[QP220]" in answer.err, word in answer.err) == (3, True, True)
        assert answer.out == ""


@pytest.mark.usefixtures("spring")
@pytest.mark.parametrize("words", [("--snapshot", "4"), ("--apm-entity", "NOBODY")])
def test_what_the_run_does_not_have_is_a_usage_error(call: Call, words: tuple[str, str]) -> None:
    answer = call("forecast", "reports", *words)
    assert (answer.status, "error[QP101]" in answer.err) == (2, True)


def test_as_of_is_a_day_and_for_canonical_claims(call: Call) -> None:
    for words in (("--as-of", "May"), ("--as-of", "2025-05-20", "--layout", "cclf")):
        answer = call("sample", "--out", "spring", "--year", "2025", *words)
        assert (answer.status, "--as-of" in answer.err) == (2, True)
