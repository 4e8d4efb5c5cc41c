"""Months that the claims' own files leave open take the parts that enrollment flags tell; all others stand."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

import polars as pl
import pytest

from qpcli.inputs.mssp.open_months import with_flags
from qpcli.inputs.plan import output_names
from qpcli.tables.beneficiaries import BENEFICIARIES
from tests.inputs.list_made import ANN, BEN

DATES, TRUTHS = ("birth_date", "death_date", "start_date", "end_date"), ("is_managed_care", "is_medicare_secondary")
PARTS = ("has_part_a", "has_part_b")
SCHEMA = {
    name: pl.Date() if name in DATES else pl.String() if name == "bene_id" else pl.Boolean()
    for name in output_names(BENEFICIARIES)
}
Told = tuple[date | None, date | None, bool | None, bool | None]


def span(start: date | None, end: date | None, *parts: bool | None, **facts: Any) -> dict[str, Any]:
    """A span, with both parts unless they are given."""
    known = {"bene_id": ANN, "birth_date": date(1950, 1, 1), "is_us_resident": True} | dict.fromkeys(TRUTHS, False)
    told = dict(zip(PARTS, parts or (True, True), strict=True))
    return known | {"start_date": start, "end_date": end} | told | facts


def flag(month: int, *, has_both: bool = True, bene_id: str = ANN) -> dict[str, Any]:
    last = date(2025, month, monthrange(2025, month)[1])
    both = {"has_part_a": has_both, "has_part_b": has_both}
    return {"bene_id": bene_id, "start_date": date(2025, month, 1), "end_date": last} | both


def filled(spans: list[dict[str, Any]], *flags: dict[str, Any]) -> tuple[pl.DataFrame, int]:
    of_flags = {
        "bene_id": pl.String(),
        "start_date": pl.Date(),
        "end_date": pl.Date(),
        **dict.fromkeys(PARTS, pl.Boolean()),
    }
    return with_flags(pl.DataFrame(spans, schema=SCHEMA), pl.DataFrame(list(flags), schema=of_flags))


def told(rows: pl.DataFrame) -> list[Told]:
    return rows.select("start_date", "end_date", *PARTS).rows()


JANUARY, FEBRUARY, MARCH, APRIL = (date(2025, month, 1) for month in (1, 2, 3, 4))
END_OF_JANUARY, END_OF_FEBRUARY, END_OF_MARCH = date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)


def test_an_unknown_part_is_as_the_flag_tells_in_its_month_alone() -> None:
    rows, count = filled([span(JANUARY, None, None, True)], flag(2), flag(3, has_both=False))
    assert told(rows) == [
        (JANUARY, END_OF_JANUARY, None, True),
        (FEBRUARY, END_OF_FEBRUARY, True, True),
        (MARCH, END_OF_MARCH, False, True),
        (APRIL, None, None, True),
    ]
    assert count == 2
    assert rows["is_us_resident"].to_list() == [True] * 4


def test_a_span_without_a_first_day_is_cut_too() -> None:
    rows, count = filled([span(None, END_OF_FEBRUARY, None, None)], flag(2))
    assert told(rows) == [(None, END_OF_JANUARY, None, None), (FEBRUARY, END_OF_FEBRUARY, True, True)]
    assert count == 1


def test_a_span_that_begins_or_ends_within_the_month_keeps_its_days() -> None:
    rows, count = filled([span(date(2025, 2, 10), date(2025, 2, 20), True, None)], flag(2))
    assert told(rows) == [(date(2025, 2, 10), date(2025, 2, 20), True, True)]
    assert count == 1


@pytest.mark.parametrize("has_both", [True, False])
def test_what_a_span_says_stands(has_both: bool) -> None:
    spans = [span(JANUARY, END_OF_FEBRUARY, True, False), span(MARCH, None, False, True)]
    rows, count = filled(spans, *(flag(month, has_both=has_both) for month in (1, 2, 3, 4)))
    assert told(rows) == [(JANUARY, END_OF_FEBRUARY, True, False), (MARCH, None, False, True)]
    assert count == 0


def test_a_month_after_the_last_span_is_as_the_flag_tells_and_otherwise_as_before() -> None:
    rows, count = filled(
        [span(JANUARY, END_OF_JANUARY, is_us_resident=False)], flag(1), flag(2), flag(3, has_both=False)
    )
    assert told(rows)[1:] == [(FEBRUARY, END_OF_FEBRUARY, True, True), (MARCH, END_OF_MARCH, False, False)]
    assert rows["is_us_resident"].to_list() == [False] * 3
    assert rows["birth_date"].to_list() == [date(1950, 1, 1)] * 3
    assert count == 2


def test_a_month_between_two_spans_is_filled_and_one_before_the_first_is_not() -> None:
    rows, count = filled([span(FEBRUARY, END_OF_FEBRUARY), span(APRIL, None)], flag(1), flag(3))
    assert told(rows) == [
        (FEBRUARY, END_OF_FEBRUARY, True, True),
        (MARCH, END_OF_MARCH, True, True),
        (APRIL, None, True, True),
    ]
    assert count == 1


def test_flags_of_others_tell_nothing() -> None:
    rows, count = filled([span(JANUARY, END_OF_JANUARY)], flag(2, bene_id=BEN))
    assert (told(rows), count) == ([(JANUARY, END_OF_JANUARY, True, True)], 0)


def test_of_two_flags_of_one_person_and_month_one_with_the_parts_is_enough() -> None:
    for flags in ((flag(2), flag(2, has_both=False)), (flag(2, has_both=False), flag(2))):
        rows, count = filled([span(JANUARY, None, None, None)], *flags)
        assert told(rows)[1] == (FEBRUARY, END_OF_FEBRUARY, True, True)
        assert count == 1


def test_each_person_is_filled_alone() -> None:
    spans = [span(JANUARY, None, None, None), span(JANUARY, END_OF_FEBRUARY, bene_id=BEN)]
    rows, count = filled(spans, flag(3), flag(3, bene_id=BEN))
    assert told(rows.filter(bene_id=ANN)) == [
        (JANUARY, END_OF_FEBRUARY, None, None),
        (MARCH, END_OF_MARCH, True, True),
        (APRIL, None, None, None),
    ]
    assert told(rows.filter(bene_id=BEN)) == [(JANUARY, END_OF_FEBRUARY, True, True), (MARCH, END_OF_MARCH, True, True)]
    assert count == 2


def test_without_flags_nothing_changes() -> None:
    spans = [span(JANUARY, None, None, None), span(None, None, bene_id=BEN)]
    rows, count = filled(spans)
    assert rows.equals(pl.DataFrame(spans, schema=SCHEMA).sort("bene_id", "start_date"))
    assert count == 0
