"""The page as a file: it needs no other, can be read by anybody, and holds nothing of anybody else's making."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import polars as pl
import pytest

from qpcli.findings import finding
from qpcli.reports.findings import findings_frame
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.tables.clinicians import CLINICIANS
from qpcli.tables.contributions import CONTRIBUTIONS
from qpcli.tables.determinations import DETERMINATIONS
from qpcli.tables.exclusions import EXCLUSIONS, STEPS
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from tests.reports.html.pages import Parsed, made, manifest
from tests.reports.world import (
    all_payer_row,
    clinician_row,
    contribution_row,
    determination_row,
    frame,
    score_row,
    short_row,
    tables,
    unscored_row,
)

HOSTILE = "</script><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"


def steps_of(entity: str = "A1", snapshot: int = 1) -> pl.DataFrame:
    rows = []
    for number, step in enumerate(STEPS, start=1):
        row = {"performance_year": 2024, "snapshot": snapshot, "apm_entity_id": entity, "basis": "em"}
        row |= {"step_number": number, "step": step, "amount_remaining": 9000, "amount_removed": 100}
        what = "lines" if number <= 5 else "beneficiaries"
        rows.append(row | {f"{what}_remaining": 50 - number, f"{what}_removed": 1})
    return frame(EXCLUSIONS, *rows)


PAGE = made({"exclusions": steps_of()})
PARSED = Parsed(PAGE)


def test_nothing_is_fetched_from_anywhere() -> None:
    references = ("src", "srcset", "data", "action", "poster", "formaction", "xlink:href")
    assert not [one for one in PARSED.elements if set(one.attributes) & set(references)]
    links = [one.attributes["href"] or "" for one in PARSED.elements if "href" in one.attributes]
    assert links
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", PAGE, re.IGNORECASE)
    policy = [one.attributes for one in PARSED.named("meta") if one.attributes.get("http-equiv")]
    assert [(one["content"] or "").split(";")[0] for one in policy] == ["default-src 'none'"]


def test_every_link_leads_to_a_place_of_the_page_and_no_id_stands_twice() -> None:
    ids = [one.attributes["id"] for one in PARSED.elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    assert {(one.attributes["href"] or "")[1:] for one in PARSED.named("a")} <= set(ids)
    told = [name for one in PARSED.elements for name in (one.attributes.get("aria-labelledby") or "").split()]
    assert set(told) <= set(ids)


def test_headings_begin_with_one_h1_and_leave_out_no_level() -> None:
    levels = [int(one.name[1]) for one in PARSED.named("h1", "h2", "h3", "h4", "h5", "h6")]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert not [one for one in PARSED.named("h1", "h2", "h3") if not one.words.strip()]


def test_every_picture_is_told_in_words() -> None:
    pictures = PARSED.named("svg")
    assert len(pictures) >= 7
    for picture in pictures:
        assert picture.attributes["role"] == "img"
        assert "figure" in picture.around
    words = [one.words for one in PARSED.named("title", "desc") if "svg" in one.around]
    assert len(words) == 2 * len(pictures)
    assert all(words)


def test_every_table_has_a_caption_headers_and_buttons_to_sort() -> None:
    assert len([one for one in PARSED.named("caption") if one.words]) == len(PARSED.named("table")) >= 6
    assert all(one.attributes.get("scope") in ("col", "row") for one in PARSED.named("th"))
    columns = [one for one in PARSED.named("th") if one.attributes.get("scope") == "col"]
    assert len([one for one in PARSED.named("button") if one.words]) == len(columns)


def test_the_language_title_and_landmarks_are_there() -> None:
    assert PARSED.named("html")[0].attributes["lang"] == "en"
    assert PARSED.named("title")[0].words == "QP status, performance year 2024"
    assert [len(PARSED.named(name)) for name in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]


@pytest.mark.parametrize("text", [HOSTILE, "=cmd", "a\x1b[31mb", "a\u202eb", "Peña \U0001f600"])
def test_whatever_a_file_holds_is_text_on_the_page(text: str) -> None:
    changed = {
        "threshold_scores": frame(THRESHOLD_SCORES, score_row(text), short_row(text, 2)),
        "clinicians": frame(
            CLINICIANS, clinician_row(clinician_name=text, tins=text, apm_entity_ids=text, apm_entity_names=text)
        ),
        "exclusions": steps_of(text, 2),
        "findings": findings_frame([finding("entity_not_advanced", table="entities", rule=text)]),
    }
    inputs = tuple(replace(record, path=f"/x/{text}") for record in manifest().inputs)
    page = made(changed, inputs=inputs)
    parsed = Parsed(page)
    assert len(parsed.named("script")) == 1
    assert not [one for one in parsed.elements if {"onerror", "src"} & set(one.attributes) or one.name == "img"]
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_the_answer_stands_first_with_what_is_missing_and_since_when() -> None:
    header = PARSED.named("header")[0].words
    assert "1 of 3 assessed APM Entities is QP at the newest snapshot. 1 of 1 clinician have QP status." in header
    cards = [one.words for one in PARSED.named("article")]
    assert ["A2" in cards[0], "A3" in cards[1], "Entity One (A1)" in cards[2]] == [True] * 3
    assert "$0.01 or 12 patients short of the QP bar" in cards[0]
    assert "QP since snapshot 1" in cards[2]


def test_what_all_payers_make_of_it_has_a_section_of_its_own() -> None:
    by_all = determination_row(determined_by_option="all_payer", determined_by_level="npi")
    refused = all_payer_row("A1", level="tin", tin="111111111", not_assessed_because="unknown_subject")
    hidden = all_payer_row("A2", payment_score=None, status="PARTIAL_QP", medicare_minimum_status="PARTIAL_QP")
    submitted = frame(ALL_PAYER_SCORES, all_payer_row("A2", 2), hidden, refused, all_payer_row(level="npi", npi="1"))
    parsed = Parsed(made({"all_payer_scores": submitted, "determinations": frame(DETERMINATIONS, by_all)}))
    header = parsed.named("header")[0].words
    assert "1 of 3 assessed APM Entities is QP at the newest snapshot by Medicare alone." in header
    assert "1 of 1 clinician have QP status, 1 of them with all payers." in header
    cards = [one.words for one in parsed.named("article")]
    assert ["With all payers: \u2713 QP" in card for card in cards] == [True, False, False]
    (section,) = [one for one in parsed.named("section") if one.attributes["id"] == "all-payers"]
    words = section.words
    assert "30.0050.00 >= 50" in words
    assert "hidden-" in words.replace(" ", ""), "the patients were not submitted"
    assert ["met for Partial QP" in words, "1 clinician: 1 QP." in words, "1 subject not assessed" in words] == [
        True
    ] * 3
    assert "With all payers" not in PAGE


def test_an_entity_that_lost_its_status_says_that_it_sticks() -> None:
    rows = frame(THRESHOLD_SCORES, score_row("A1", 1), short_row("A1", 2))
    card = Parsed(made({"threshold_scores": rows})).named("article")[0].words
    assert "Was QP at snapshot 1: who was listed then stays QP for the year." in card


def test_a_score_that_is_hidden_is_hidden_in_every_place() -> None:
    gone = dict.fromkeys(("payment_score", "patient_score", "payment_gap_to_qp", "patient_gap_to_qp"))
    gone |= dict.fromkeys(("payment_numerator", "payment_denominator", "patient_numerator", "patient_denominator"))
    figures = [name for name in EXCLUSIONS.column_names if name.endswith(("remaining", "removed"))]
    blank = steps_of().with_columns(pl.lit(None, pl.Int64).alias(name) for name in figures)
    lost = dict.fromkeys(("payment_score", "payment_gap_to_qp", "patient_score", "patient_gap_to_qp"))
    changed = {
        "threshold_scores": frame(THRESHOLD_SCORES, score_row(**gone)),
        "determinations": frame(DETERMINATIONS, determination_row(score=None)),
        "clinicians": frame(CLINICIANS, clinician_row(**lost)),
        "exclusions": blank,
    }
    page = made(changed, options={"output": {"is_shared": True}})
    assert "Figures are hidden." in page
    assert "Counts of 1 to 10 people, and what would reveal them, are hidden" in page
    assert "No clinician has a score that can be shown." in page
    assert "50.00" not in page


def test_a_run_without_any_score_is_a_page_too() -> None:
    empty = {name: table.clear() for name, table in tables().items()}
    parsed = Parsed(made(empty))
    assert "0 of 0 assessed APM Entities are QP" in parsed.named("header")[0].words
    assert "There are none." in parsed.named("main")[0].words


def test_of_many_entities_those_that_need_attention_are_shown_and_the_table_has_all() -> None:
    rows = [score_row(f"Q{n:02d}") for n in range(12)] + [short_row(f"S{n:02d}") for n in range(5)]
    parsed = Parsed(made({"threshold_scores": frame(THRESHOLD_SCORES, *rows, unscored_row("N1"))}))
    cards = [one.words for one in parsed.named("article")]
    assert [card[:3] for card in cards[:6]] == ["S00", "S01", "S02", "S03", "S04", "N1\u2013"]
    assert len(cards) == 12
    assert "Shown are the 12 of 18 APM Entities" in parsed.named("main")[0].words


def test_equal_runs_make_equal_pages() -> None:
    assert made({"exclusions": steps_of()}) == PAGE


def test_the_page_of_a_thousand_clinicians_stays_small() -> None:
    many = frame(CLINICIANS, *(clinician_row(f"{n:010d}") for n in range(1000)))
    page = made({"clinicians": many})
    assert page.count("Jane Doe") == 100
    assert len(page) < 150_000


def test_dollars_that_cancellations_give_back_are_told_as_more() -> None:
    steps = steps_of().with_columns(amount_removed=pl.lit(-12345, pl.Int64))
    page = made({"exclusions": steps})
    assert "Not cancelled: $90 (plus $123)" in page
    assert "less -" not in page


def test_contributions_by_tin_are_told_where_the_run_has_them() -> None:
    told = Parsed(made({"contributions": frame(CONTRIBUTIONS, contribution_row())}))
    assert "What each TIN contributes" in [one.words for one in told.named("h2")]
    cells = [one.words for one in told.named("td") if "table" in one.around]
    assert {"000000001", "49.90", "-0.10"} <= set(cells)
    assert "What each TIN contributes" not in [one.words for one in PARSED.named("h2")]


def test_hostile_names_of_contributors_stay_text() -> None:
    row = contribution_row() | {"apm_entity_id": HOSTILE, "contributor": HOSTILE}
    told = made({"contributions": frame(CONTRIBUTIONS, row)})
    assert HOSTILE not in told
    assert len(Parsed(told).named("script")) == len(PARSED.named("script"))
