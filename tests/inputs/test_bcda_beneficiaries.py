"""Patients and Coverages -> beneficiaries: what each says of which days, and what nobody says."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qpcli.inputs.plan import output_names
from qpcli.regulation.law import Law
from qpcli.tables.beneficiaries import BENEFICIARIES
from tests.inputs.bcda_made import (
    BULK,
    JANUARY,
    MARCH,
    V2,
    V3,
    Read,
    as_line,
    coverage,
    law_of,
    mbi,
    ndjson,
    needs_samples,
    patient,
    read_bcda,
    v2_claim,
)

ME = "1S00E00AA10"
FACTS = ["has_part_a", "has_part_b", "is_managed_care", "is_medicare_secondary", "is_us_resident"]


def export(tmp_path: Path, *resources: dict[str, Any] | str) -> Read:
    claims = ndjson(tmp_path / "eob.ndjson", v2_claim())
    return read_bcda(claims, ndjson(tmp_path / "people.ndjson", *resources))


def on(frame: pl.DataFrame, day: date, bene_id: str = ME) -> tuple[Any, ...]:
    """A, B, managed care, secondary, resident: on a day."""
    starts, ends = pl.col("start_date").fill_null(date.min), pl.col("end_date").fill_null(date.max)
    found = frame.filter(pl.col("bene_id") == bene_id, starts <= day, ends >= day)
    assert found.height == 1
    return found.select(FACTS).row(0)


def test_one_row_per_stretch_of_days_without_gaps_or_overlaps(tmp_path: Path) -> None:
    read = export(
        tmp_path,
        patient(),
        coverage("A", start="2010-05-01"),
        coverage("B", start="2012-01-01", end="2025-06-30"),
        coverage("C", year=2025, codes="000011110000"),
    )
    frame, _ = read.people({ME: date(2025, 3, 1)})
    assert frame.columns == output_names(BENEFICIARIES)
    assert frame["start_date"][0] is None
    assert frame["end_date"][-1] is None
    after = frame["end_date"][:-1] + timedelta(days=1)
    assert after.to_list() == frame["start_date"][1:].to_list()


def test_periods_of_parts(tmp_path: Path) -> None:
    read = export(
        tmp_path, patient(), coverage("A", start="2010-05-01"), coverage("B", start="2012-01-01", end="2025-06-30")
    )
    frame, _ = read.people()
    assert [
        on(frame, day)[:2] for day in (date(2010, 4, 30), date(2010, 5, 1), date(2025, 6, 30), date(2025, 7, 1))
    ] == [
        (False, False),
        (True, False),
        (True, True),
        (True, False),
    ]


@pytest.mark.parametrize(
    ("code", "parts"),
    [("0", (False, False)), ("1", (True, False)), ("2", (False, True)), ("3", (True, True)), ("C", (True, True))],
)
def test_buy_in_codes_of_months(tmp_path: Path, code: str, parts: tuple[bool, bool]) -> None:
    months = {"year": 2025, "codes": "." * 4 + code}
    frame, _ = export(tmp_path, patient(), coverage("A", **months), coverage("B", **months)).people()
    assert on(frame, date(2025, 5, 31))[:2] == parts
    assert on(frame, date(2025, 4, 30))[:2] == (None, None)
    assert on(frame, date(2025, 6, 1))[:2] == (None, None)


def test_an_unknown_code_is_unknown(tmp_path: Path) -> None:
    frame, _ = export(tmp_path, patient(), coverage("A", year=2025, codes="Z", start="2010-01-01")).people()
    assert on(frame, date(2025, 1, 1))[0] is None
    assert on(frame, date(2025, 2, 1))[0] is True


def test_a_months_code_counts_before_the_period(tmp_path: Path) -> None:
    frame, _ = export(tmp_path, patient(), coverage("B", year=2025, codes="30", start="2010-01-01")).people()
    assert [on(frame, date(2025, month, 1))[1] for month in (1, 2, 3)] == [True, False, True]


def test_a_year_is_kept_when_a_later_export_has_the_next(tmp_path: Path) -> None:
    read = export(
        tmp_path,
        patient(),
        coverage("A", year=2026, codes="3" * 3, updated=MARCH),
        coverage("A", year=2025, codes="3" * 12, updated=JANUARY),
    )
    frame, _ = read.people()
    assert [on(frame, day)[0] for day in (date(2025, 1, 1), date(2026, 3, 31), date(2026, 4, 1))] == [True, True, None]


def test_the_newest_codes_of_a_year_count(tmp_path: Path) -> None:
    newer, older = (
        coverage("A", year=2025, codes="10", updated=MARCH),
        coverage("A", year=2025, codes="111", updated=JANUARY),
    )
    frame, _ = export(tmp_path, patient(), newer, older).people()
    assert [on(frame, date(2025, month, 1))[0] for month in (1, 2, 3)] == [True, False, None]


def test_the_newest_period_of_a_coverage_counts(tmp_path: Path) -> None:
    ended = coverage("A", start="2010-01-01", end="2025-02-28", status="cancelled", updated=MARCH)
    frame, _ = export(tmp_path, patient(), ended, coverage("A", start="2010-01-01", updated=JANUARY)).people()
    assert [on(frame, date(2025, month, 1))[0] for month in (2, 3)] == [True, False]


def test_a_coverage_cancelled_on_a_day_not_given_is_unknown(tmp_path: Path) -> None:
    frame, _ = export(tmp_path, patient(), coverage("A", start="2010-01-01", status="cancelled")).people()
    assert on(frame, date(2025, 1, 1))[0] is None
    assert on(frame, date(2009, 12, 31))[0] is False


@pytest.mark.parametrize(("code", "managed"), [("0", False), ("4", False), ("1", True), ("C", True)])
def test_hmo_codes_of_months(tmp_path: Path, code: str, managed: bool) -> None:
    frame, said = export(tmp_path, patient(), coverage("C", year=2025, codes=code)).people()
    assert on(frame, date(2025, 1, 31))[2] is managed
    assert on(frame, date(2025, 2, 1))[2] is None
    assert "managed_care_unknown" not in said


def test_which_hmo_codes_are_fee_for_service_is_an_open_point(tmp_path: Path) -> None:
    read = export(tmp_path, patient(), coverage("C", year=2025, codes="4"))
    frame, _ = read.people(law=law_of(rif_fee_for_service_hmo_codes="0"))
    assert on(frame, date(2025, 1, 1))[2] is True


def test_where_plans_are_periods_who_has_none_is_in_none(tmp_path: Path) -> None:
    read = export(
        tmp_path,
        patient(),
        coverage("A", start="2010-01-01"),
        patient(mbi("B"), id="2"),
        coverage("C", id="2", start="2025-03-01"),
        patient(mbi("C"), id="3"),
    )
    frame, said = read.people()
    assert on(frame, date(2025, 1, 1))[2] is False
    assert [on(frame, date(2025, month, 1), "B")[2] for month in (2, 3)] == [False, True]
    assert on(frame, date(2025, 1, 1), "C")[2] is None
    assert "managed_care_unknown" not in said


@pytest.mark.parametrize(
    ("law", "managed"), [(law_of(), False), (law_of(cclf_managed_care="unknown"), None)], ids=["assumed", "unknown"]
)
def test_without_any_plan_facts_nobody_is_taken_as_enrolled(tmp_path: Path, law: Law, managed: bool | None) -> None:
    read = export(tmp_path, patient(), coverage("A", start="2010-01-01"), coverage("C"))
    frame, said = read.people(law=law)
    assert on(frame, date(2025, 1, 1))[2] is managed
    assert ("managed_care_unknown" in said) is (managed is False)


def test_months_with_another_payer_first(tmp_path: Path) -> None:
    frame, said = export(tmp_path, patient()).people({ME: date(2025, 2, 1), "somebody else": date(2025, 1, 1)})
    days = (date(2025, 1, 31), date(2025, 2, 1), date(2025, 2, 28), date(2025, 3, 1))
    assert [on(frame, day)[3] for day in days] == [False, True, True, False]
    assert said["msp_from_lines"] == 1
    assert frame["bene_id"].unique().to_list() == [ME]


def test_a_patient_without_coverage_is_a_person_of_whom_nothing_is_known(tmp_path: Path) -> None:
    frame, said = export(tmp_path, {**patient(), "address": [], "birthDate": None}).people()
    assert frame.rows() == [(ME, None, None, None, None, None, None, False, False, None)]
    assert "coverage_ends_unknown" in said


@pytest.mark.parametrize(("state", "resident"), [("MA", True), ("22", True), ("pr", True), ("AE", False), ("00", None)])
def test_the_state_is_letters_or_a_code_of_the_ssa(tmp_path: Path, state: str, resident: bool | None) -> None:
    frame, _ = export(tmp_path, patient(address=[{}, {"state": state}])).people()
    assert on(frame, date(2025, 1, 1))[4] is resident


def test_dates_of_birth_and_death(tmp_path: Path) -> None:
    read = export(
        tmp_path,
        patient(deceasedDateTime="2025-02-03T11:00:00-05:00"),
        patient(mbi("B"), id="2", deceasedBoolean=True),
        patient(mbi("C"), id="3", deceasedBoolean=False),
    )
    frame, said = read.people()
    assert frame.select("bene_id", "birth_date", "death_date").rows() == [
        (ME, date(1942, 1, 17), date(2025, 2, 3)),
        ("B", date(1942, 1, 17), None),
        ("C", date(1942, 1, 17), None),
    ]
    assert said["counted_for_record"] == 1


def test_a_correction_of_a_patient_counts(tmp_path: Path) -> None:
    newer, older = patient(birthDate="1950-02-02", updated=MARCH), patient(birthDate="1940-01-01", updated=JANUARY)
    frame, said = export(tmp_path, newer, older).people()
    assert frame["birth_date"].to_list() == [date(1950, 2, 2)]
    assert "facts_disagree" not in said


def test_two_patients_with_one_mbi_are_one_person(tmp_path: Path) -> None:
    read = export(
        tmp_path,
        patient(birthDate="1950-02-02"),
        patient(id="2", birthDate="1940-01-01"),
        coverage("A", start="2010-01-01"),
        coverage("B", id="2", start="2012-01-01"),
    )
    frame, said = read.people()
    assert on(frame, date(2025, 1, 1))[:2] == (True, True)
    assert frame["birth_date"].unique().to_list() == [date(1940, 1, 1)]
    assert said["facts_disagree"] == 1


def test_an_unreadable_date_is_a_bad_row(tmp_path: Path) -> None:
    claims = ndjson(tmp_path / "eob.ndjson", v2_claim())
    people = ndjson(tmp_path / "p.ndjson", patient(), patient(id="2", birthDate="1942"))
    read = read_bcda(claims, people, max_rejects=1)
    assert read.package.records is not None
    (rejects,) = read.package.records.rejects
    assert (rejects.counts[0].rule, rejects.counts[0].rows) == ("birth_date_unreadable", (2,))


@needs_samples
def test_cmss_own_coverages_of_v2(tmp_path: Path) -> None:
    claims = ndjson(tmp_path / "eob.ndjson", v2_claim())
    people = ndjson(tmp_path / "p.ndjson", as_line(V2 / "patientRead.json"))
    frame, _ = read_bcda(claims, people, str(V2 / "coverageSearchByPatientId.json")).people()
    facts = [on(frame, day, "3456789")[:3] for day in (date(2018, 10, 1), date(2018, 11, 1), date(2020, 4, 1))]
    assert facts == [(True, True, True), (True, True, False), (True, False, None)]


@needs_samples
def test_cmss_own_coverages_of_v3(tmp_path: Path) -> None:
    claims = ndjson(tmp_path / "eob.ndjson", v2_claim())
    names = ("Patient", "Coverage-FFS", "Coverage-FFS-PartB", "Coverage-PartC", "Coverage-Dual")
    people = ndjson(tmp_path / "p.ndjson", *(as_line(V3 / f"{name}.json") for name in names))
    frame, _ = read_bcda(claims, people).people()
    assert on(frame, date(2018, 4, 10), "ABB2BB0BB22") == (False, False, False, False, True)
    assert on(frame, date(2018, 4, 11), "ABB2BB0BB22") == (True, True, True, False, True)
    assert frame["death_date"].unique().to_list() == [date(2024, 3, 11)]


@needs_samples
def test_cmss_own_patients_of_a_bulk_export(tmp_path: Path) -> None:
    claims = ndjson(tmp_path / "eob.ndjson", v2_claim())
    frame, said = read_bcda(claims, str(BULK / "bcda_site_Patient.first12.ndjson")).people()
    assert frame.height == 12
    assert frame["bene_id"].str.starts_with("1S00E00AA").all()
    assert frame["is_us_resident"].all()
    assert said.keys() == {"msp_from_lines", "managed_care_unknown", "coverage_ends_unknown"}
