"""CCLF8: what each delivery says of a person becomes coverage spans."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qpcli.errors import InputError
from qpcli.inputs.cclf.beneficiaries import RECORDS, beneficiaries, read_records
from qpcli.inputs.cclf.crosswalk import crosswalk, read_links
from qpcli.inputs.plan import output_names
from qpcli.request import ReadOptions
from qpcli.tables.beneficiaries import BENEFICIARIES
from tests.inputs.cclf_made import (
    AUGUST,
    HANDMADE,
    JULY,
    NOVEMBER,
    cut,
    delivered,
    law_of,
    needs_handmade,
    opened_as,
    said,
)
from tests.inputs.made import CANARY

BEGAN = date(2012, 3, 1)
PERSON = {
    "BENE_MBI_ID": "P1",
    "BENE_FIPS_STATE_CD": "36",
    "BENE_DOB": "1941-01-17",
    "BENE_DEATH_DT": "",
    "BENE_1ST_NAME": CANARY,
    "BENE_LINE_1_ADR": CANARY,
    "BENE_ENTLMT_BUYIN_IND": "3",
    "BENE_PART_A_ENRLMT_BGN_DT": "2012-03-01",
    "BENE_PART_B_ENRLMT_BGN_DT": "2012-03-01",
    "GEO_USPS_STATE_CD": "NY",
}
RECORD: dict[str, Any] = {
    "delivery": JULY,
    "bene_id": "P1",
    "birth_date": date(1941, 1, 17),
    "death_date": None,
    "buy_in": "3",
    "part_a_begin": BEGAN,
    "part_b_begin": BEGAN,
    "state": "NY",
}
SCHEMA = {"delivery": pl.Int64, "bene_id": pl.String, "birth_date": pl.Date, "death_date": pl.Date,
          "buy_in": pl.String, "part_a_begin": pl.Date, "part_b_begin": pl.Date, "state": pl.String}  # fmt: skip


def record(delivery: int = JULY, **changes: Any) -> dict[str, Any]:
    return RECORD | {"delivery": delivery} | changes


def spans(
    *records: dict[str, Any],
    links: dict[str, str] | None = None,
    months: tuple[tuple[str, date], ...] = (),
    **assumptions: str,
) -> pl.DataFrame:
    """The beneficiaries of the records, which are the same in any order and with copies."""
    mapped = pl.DataFrame(
        list((links or {}).items()), schema={"bene_id": pl.String, "current_bene_id": pl.String}, orient="row"
    )
    payers = pl.DataFrame(months, schema={"bene_id": pl.String, "start_date": pl.Date}, orient="row")
    law = law_of(**assumptions)
    frame = pl.DataFrame(records, schema=SCHEMA)
    found, findings = beneficiaries(frame, mapped, payers, law)
    again, _ = beneficiaries(pl.concat([frame.reverse(), frame]), mapped, payers, law)
    assert_frame_equal(found, again)
    assert found.columns == output_names(BENEFICIARIES)
    people = len({person for person, _ in months})
    assert said(findings) == {("msp_from_lines", "is_medicare_secondary"): people}
    return found


def parts(found: pl.DataFrame) -> list[tuple[Any, ...]]:
    return found.select("start_date", "end_date", "has_part_a", "has_part_b").rows()


def test_constant_facts_are_one_span_from_the_begin_date_on() -> None:
    found = spans(record(), record(AUGUST), record(NOVEMBER))
    assert found.rows() == [("P1", date(1941, 1, 17), None, BEGAN, None, True, True, False, False, True)]


def test_a_code_holds_until_the_next_delivery() -> None:
    found = spans(record(), record(NOVEMBER, buy_in="1"))
    assert parts(found) == [(BEGAN, date(2025, 10, 31), True, True), (date(2025, 11, 1), None, True, False)]


def test_of_two_deliveries_in_a_month_the_later_counts() -> None:
    later = 250728 * 10**7
    assert parts(spans(record(buy_in="0"), record(later))) == [(BEGAN, None, True, True)]
    assert parts(spans(record(), record(JULY + 1, buy_in="1")))[0][3] is False


def test_each_part_reaches_back_to_its_own_begin_date() -> None:
    found = spans(record(part_b_begin=date(2020, 1, 1)))
    assert parts(found) == [(BEGAN, date(2019, 12, 31), True, False), (date(2020, 1, 1), None, True, True)]
    found = spans(record(part_a_begin=date(2020, 1, 1)))
    assert parts(found) == [(BEGAN, date(2019, 12, 31), False, True), (date(2020, 1, 1), None, True, True)]


def test_only_the_first_record_reaches_back() -> None:
    found = spans(record(buy_in="1", part_b_begin=None), record(NOVEMBER, part_b_begin=date(2025, 9, 1)))
    assert parts(found) == [(BEGAN, date(2025, 10, 31), True, False), (date(2025, 11, 1), None, True, True)]


def test_a_part_that_the_first_record_does_not_grant_was_not_there_before() -> None:
    assert parts(spans(record(buy_in="2", part_a_begin=None))) == [(BEGAN, None, False, True)]
    assert parts(spans(record(buy_in="2"))) == [(BEGAN, None, False, True)]


def test_without_a_begin_date_a_part_is_unknown_before_the_first_delivery() -> None:
    month = date(2025, 7, 1)
    found = spans(record(part_a_begin=None, part_b_begin=None))
    assert parts(found) == [(None, date(2025, 6, 30), None, None), (month, None, True, True)]
    found = spans(record(part_b_begin=None))
    assert parts(found) == [
        (None, date(2012, 2, 29), False, None),
        (BEGAN, date(2025, 6, 30), True, None),
        (month, None, True, True),
    ]


def test_a_begin_date_after_the_delivery_changes_nothing() -> None:
    late = date(2026, 1, 1)
    assert parts(spans(record(part_a_begin=late, part_b_begin=late))) == [(date(2025, 7, 1), None, True, True)]


def test_a_person_without_any_part_has_none_from_the_delivery_on() -> None:
    found = spans(record(buy_in="0", part_a_begin=None, part_b_begin=None))
    assert parts(found) == [(date(2025, 7, 1), None, False, False)]


@pytest.mark.parametrize(
    ("code", "part_a", "part_b"),
    [("0", False, False), ("1", True, False), ("2", False, True), ("3", True, True), ("A", True, False),
     ("B", False, True), ("C", True, True), ("X", None, None), (None, None, None)],
)  # fmt: skip
def test_parts_by_the_buy_in_code(code: str | None, part_a: bool | None, part_b: bool | None) -> None:
    assert parts(spans(record(buy_in=code)))[-1] == (BEGAN, None, part_a, part_b)


def test_who_is_missing_later_keeps_coverage_or_loses_it() -> None:
    stays = record(bene_id="P2")
    others = [stays | {"delivery": delivery} for delivery in (JULY, AUGUST, NOVEMBER)]
    found = spans(record(), record(NOVEMBER), *others)
    assert found.height == 2
    found = spans(record(), record(NOVEMBER), *others, cclf_missing_person="end_at_last_seen")
    person = found.filter(bene_id="P1")
    assert parts(person) == [(BEGAN, date(2025, 7, 31), True, True), (date(2025, 11, 1), None, True, True)]
    assert parts(found.filter(bene_id="P2")) == [(BEGAN, None, True, True)]
    found = spans(record(), *others, cclf_missing_person="end_at_last_seen")
    assert parts(found.filter(bene_id="P1")) == [(BEGAN, date(2025, 7, 31), True, True)]


def test_managed_care_is_assumed_away_or_unknown() -> None:
    assert spans(record())["is_managed_care"].to_list() == [False]
    assert spans(record(), cclf_managed_care="unknown")["is_managed_care"].to_list() == [None]


@pytest.mark.parametrize(("state", "is_resident"), [("PR", True), ("ON", False), ("ZZ", False), (None, None)])
def test_residence_by_the_state(state: str | None, is_resident: bool | None) -> None:
    assert spans(record(state=state))["is_us_resident"].to_list() == [is_resident]


def test_residence_changes_with_the_delivery() -> None:
    found = spans(record(), record(NOVEMBER, state="ON"))
    assert found.select("end_date", "is_us_resident").rows() == [(date(2025, 10, 31), True), (None, False)]


def test_the_months_with_another_payer_are_cut_out() -> None:
    found = spans(record(), months=(("P1", date(2025, 1, 1)), ("P1", date(2025, 2, 1)), ("P1", date(2025, 12, 1))))
    assert found.select("start_date", "end_date", "is_medicare_secondary").rows() == [
        (BEGAN, date(2024, 12, 31), False),
        (date(2025, 1, 1), date(2025, 2, 28), True),
        (date(2025, 3, 1), date(2025, 11, 30), False),
        (date(2025, 12, 1), date(2025, 12, 31), True),
        (date(2026, 1, 1), None, False),
    ]


def test_months_with_another_payer_outside_coverage_or_of_others_add_nothing() -> None:
    months = (("P1", date(2012, 2, 1)), ("P2", date(2025, 1, 1)))
    found = spans(record(), months=months)
    assert found.select("bene_id", "start_date", "end_date", "is_medicare_secondary").rows() == [
        ("P1", BEGAN, None, False)
    ]


def test_a_part_that_begins_within_a_month_with_another_payer() -> None:
    found = spans(
        record(part_a_begin=None, buy_in="2", part_b_begin=date(2025, 1, 15)), months=(("P1", date(2025, 1, 1)),)
    )
    assert found.select("start_date", "end_date", "is_medicare_secondary").rows() == [
        (date(2025, 1, 15), date(2025, 1, 31), True),
        (date(2025, 2, 1), None, False),
    ]


def test_records_under_former_ids_are_the_same_person() -> None:
    found = spans(record(bene_id="OLD", buy_in="1"), record(NOVEMBER), links={"OLD": "P1"})
    assert found["bene_id"].to_list() == ["P1", "P1"]
    assert parts(found)[1] == (date(2025, 11, 1), None, True, True)


def test_in_one_delivery_the_record_under_the_current_id_counts() -> None:
    found = spans(record(bene_id="OLD", buy_in="1"), record(), links={"OLD": "P1"})
    assert parts(found) == [(BEGAN, None, True, True)]


def test_a_delivery_without_a_date_is_of_the_first_month_with_one() -> None:
    assert parts(spans(record(0, buy_in="0"), record())) == [(BEGAN, None, True, True)]
    found = spans(record(0), record(NOVEMBER, buy_in="1"), record(bene_id="P2"))
    assert parts(found.filter(bene_id="P1"))[0] == (BEGAN, date(2025, 10, 31), True, True)
    assert parts(spans(record(0))) == [(BEGAN, None, True, True)]


def test_dates_of_birth_and_death_are_the_latest_that_were_given() -> None:
    died = date(2025, 8, 2)
    found = spans(
        record(death_date=date(2025, 7, 1)),
        record(AUGUST, birth_date=date(1941, 1, 18), death_date=died),
        record(NOVEMBER, birth_date=None),
    )
    assert found.select("birth_date", "death_date").rows() == [(date(1941, 1, 18), died)]


def test_without_records_nobody_is_covered() -> None:
    assert spans().height == 0
    assert spans(months=(("P1", date(2025, 1, 1)),)).height == 0


def facts_on(day: date, records: list[dict[str, Any]], ends_when_missing: bool) -> tuple[Any, ...] | None:
    """The plain way: what the records of one person say of a day; None where they say nothing."""

    def month(of: dict[str, Any]) -> date:
        text = f"{of['delivery'] // 10**7:06}"
        return date(2000 + int(text[:2]), int(text[2:4]), 1)

    newest = {month(of): of for of in sorted(records, key=lambda of: of["delivery"])}
    first = newest[min(newest)]
    held = {"a": "13AC", "b": "23BC"}
    grants = {part: first["buy_in"] in held[part] for part in "ab"}
    begins = {part: first[f"part_{part}_begin"] for part in "ab"}
    if day < month(first):
        is_open = any(grants[part] and begins[part] is None for part in "ab")
        if not is_open and not any(begin and begin <= day for begin in begins.values()):
            return None
        return tuple(
            (None if begins[part] is None else begins[part] <= day) if grants[part] else False for part in "ab"
        )
    seen = max(start for start in newest if start <= day)
    if ends_when_missing and day.replace(day=1) != seen and next_delivery(seen) not in (None, *newest):
        return None
    return tuple(newest[seen]["buy_in"] in held[part] for part in "ab")


def next_delivery(month: date) -> date | None:
    return min(
        (other for other in (date(2025, 5, 1), date(2025, 7, 1), date(2025, 9, 1)) if other > month), default=None
    )


@pytest.mark.parametrize("missing", ["keep_open", "end_at_last_seen"])
def test_spans_say_of_each_day_what_the_records_say(missing: str) -> None:
    chance = random.Random(20251)
    days = [date(2025, 1, 15) + timedelta(days=15 * step) for step in range(20)]
    begins = [None, BEGAN, date(2025, 3, 1), date(2025, 6, 15), date(2025, 8, 1)]
    deliveries = [250512 * 10**7, 250714 * 10**7, 250720 * 10**7, 250910 * 10**7]
    everybody = [record(delivery, bene_id="EVER") for delivery in deliveries]
    for _ in range(60):
        records = [
            record(delivery, buy_in=chance.choice("0123ABC"), part_a_begin=chance.choice(begins),
                   part_b_begin=chance.choice(begins))
            for delivery in chance.sample(deliveries, chance.randint(1, 4))
        ]  # fmt: skip
        found = spans(*records, *everybody, cclf_missing_person=missing).filter(bene_id="P1")
        for day in days:
            covering = found.filter(
                (pl.col("start_date") <= day).fill_null(True) & (pl.col("end_date") >= day).fill_null(True)
            )
            expected = facts_on(day, records, missing == "end_at_last_seen")
            assert covering.select("has_part_a", "has_part_b").rows() == ([] if expected is None else [expected])


def test_names_and_addresses_are_not_kept(tmp_path: Path) -> None:
    read = read_records([delivered(tmp_path / "8.csv", JULY, PERSON)], ReadOptions())
    assert sorted(read.frame.columns) == sorted(RECORDS.column_names)
    row = {name: read.frame[name].item() for name in SCHEMA}
    assert row == RECORD


def test_marks_for_no_date_are_null_and_a_missing_state_is_that_of_the_fips_code(tmp_path: Path) -> None:
    rows = [
        PERSON | {"BENE_DEATH_DT": "1000-01-01", "GEO_USPS_STATE_CD": "~"},
        PERSON | {"BENE_DEATH_DT": "9999-12-31", "GEO_USPS_STATE_CD": " ", "BENE_FIPS_STATE_CD": "6"},
        PERSON | {"BENE_PART_A_ENRLMT_BGN_DT": "0001-01-01", "GEO_USPS_STATE_CD": "", "BENE_FIPS_STATE_CD": "99"},
        PERSON | {"GEO_USPS_STATE_CD": "pr"},
    ]
    frame = read_records([delivered(tmp_path / "8.csv", JULY, *rows)], ReadOptions()).frame
    assert frame["death_date"].to_list() == [None] * 4
    assert frame["state"].to_list() == ["NY", "CA", None, "PR"]
    assert frame["part_a_begin"].to_list() == [BEGAN, BEGAN, None, BEGAN]


@pytest.mark.parametrize(
    ("change", "rule"),
    [({"BENE_MBI_ID": ""}, "bene_id_blank"), ({"BENE_DOB": "1941-02-30"}, "birth_date_unreadable"),
     ({"BENE_PART_B_ENRLMT_BGN_DT": "soon"}, "part_b_begin_unreadable")],
)  # fmt: skip
def test_a_record_that_cannot_be_read_is_a_bad_row(tmp_path: Path, change: dict[str, str], rule: str) -> None:
    source = delivered(tmp_path / "8.csv", JULY, PERSON, PERSON | {"BENE_MBI_ID": CANARY} | change)
    with pytest.raises(InputError) as caught:
        read_records([source], ReadOptions())
    assert (caught.value.code, CANARY in caught.value.message) == ("QP203", False)
    assert "row 2" in caught.value.message
    assert said(read_records([source], ReadOptions(max_rejects=1)).findings)["rejected_rows", rule] == 1


def test_typed_parquet_columns_in_lower_case(tmp_path: Path) -> None:
    text = pl.DataFrame([{name.lower(): value or None for name, value in PERSON.items()}])
    typed = text.with_columns(
        pl.col("bene_dob", "bene_part_a_enrlmt_bgn_dt").str.to_date(),
        pl.col("bene_entlmt_buyin_ind", "bene_fips_state_cd").cast(pl.Int64),
    ).with_columns(geo_usps_state_cd=pl.lit(None, pl.String))
    typed.write_parquet(tmp_path / "8.parquet")
    read = read_records([opened_as(tmp_path / "8.parquet", JULY)], ReadOptions())
    assert {name: read.frame[name].item() for name in SCHEMA} == RECORD


def test_without_the_buy_in_column_the_file_is_refused(tmp_path: Path) -> None:
    person = {name: value for name, value in PERSON.items() if name != "BENE_ENTLMT_BUYIN_IND"}
    with pytest.raises(InputError) as caught:
        read_records([delivered(tmp_path / "8.csv", JULY, person)], ReadOptions())
    assert caught.value.code == "QP204"


@needs_handmade
def test_the_hand_made_people() -> None:
    read = read_records(cut(HANDMADE, "8"), ReadOptions())
    assert read.frame.height == 16
    links, _ = crosswalk(read_links(cut(HANDMADE, "9"), ReadOptions()).frame)
    payers = pl.DataFrame({"bene_id": ["1S00Q00QP09"], "start_date": [date(2025, 8, 1)]})
    found, _ = beneficiaries(read.frame, links, payers, law_of())
    person = {name.removeprefix("1S00Q00"): rows for (name,), rows in found.group_by("bene_id", maintain_order=True)}
    assert sorted(person) == [f"QP{number:02}" for number in range(1, 10)]
    for name in ("QP01", "QP02", "QP03", "QP04", "QP08"):
        assert parts(person[name]) == [(BEGAN, None, True, True)]
    assert parts(person["QP05"]) == [(BEGAN, None, False, True)]
    assert parts(person["QP07"]) == [(BEGAN, None, True, True)]
    assert person["QP08"]["death_date"].to_list() == [date(2025, 8, 2)]
    assert found["is_us_resident"].all()
    states = read.frame.filter(bene_id="1S00Q00QP07").sort("delivery")["state"].to_list()
    assert states == ["NY", "PR"]
    assert person["QP09"].select("start_date", "end_date", "is_medicare_secondary").rows() == [
        (date(2023, 7, 1), date(2025, 7, 31), False),
        (date(2025, 8, 1), date(2025, 8, 31), True),
        (date(2025, 9, 1), None, False),
    ]


@needs_handmade
def test_the_hand_made_people_in_a_zip_as_well_change_nothing() -> None:
    once = read_records(cut(HANDMADE, "8"), ReadOptions()).frame
    twice = read_records(cut(HANDMADE, "8") + cut(HANDMADE.parent / "zip", "8"), ReadOptions()).frame
    assert (once.height, twice.height) == (16, 24)
    nobody = pl.DataFrame(schema={"bene_id": pl.String, "start_date": pl.Date})
    links = pl.DataFrame(schema={"bene_id": pl.String, "current_bene_id": pl.String})
    found = [beneficiaries(records, links, nobody, law_of())[0] for records in (once, twice)]
    assert_frame_equal(*found)


@needs_handmade
def test_cms_own_test_delivery() -> None:
    archive = HANDMADE.parents[1] / "bcda_cclf" / "archives" / "T.BCD.A0001.ZCY18.D181120.T1000000"
    read = read_records(cut(archive, "8"), ReadOptions())
    links, findings = crosswalk(read_links(cut(archive, "9"), ReadOptions()).frame)
    assert (links.height, findings) == (3, ())
    nobody = pl.DataFrame(schema={"bene_id": pl.String, "start_date": pl.Date})
    found, _ = beneficiaries(read.frame, links, nobody, law_of())
    assert (read.frame.height, found["bene_id"].n_unique()) == (7, 3)
    person = found.filter(bene_id="1A69B98CD30")
    assert parts(person) == [
        (date(2016, 8, 1), date(2017, 10, 31), True, False), (date(2017, 11, 1), None, True, True)
    ]  # fmt: skip
