"""What the regulation data say of the incentive, the fee schedule, MIPS and Advanced APMs, by year and publication."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from qpcli.errors import InternalError, UsageError
from qpcli.regulation.advanced_apm_criteria import resolve_criteria
from qpcli.regulation.advanced_apms import Standing, apms_of, known_apm, load_advanced_apms, normalised
from qpcli.regulation.data_files import DATA
from qpcli.regulation.incentive import resolve_incentive
from qpcli.regulation.mips import load_mips
from qpcli.terms import Level

PERCENTS = dict.fromkeys(range(2019, 2025), "5") | {2025: "3.5", 2026: "1.88", 2027: "0", 2028: "3.1", 2029: "0"}


def copied(folder: Path) -> Path:
    """The regulation data in a folder of the test."""
    for file in Path(str(DATA)).iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def changed(folder: Path, name: str, before: str, after: str) -> None:
    text = (folder / name).read_text()
    assert before in text
    (folder / name).write_text(text.replace(before, after, 1))


@pytest.mark.parametrize("year", PERCENTS)
def test_the_lump_sum_of_each_payment_year(year: int) -> None:
    assert resolve_incentive(year).lump_sum_percent == PERCENTS[year]


@pytest.mark.parametrize(
    ("year", "day_before", "percent"), [(2025, "2022-12-28", "0"), (2026, "2024-03-08", "0"), (2028, "2026-02-02", "0")]
)
def test_before_an_act_its_year_had_no_lump_sum(year: int, day_before: str, percent: str) -> None:
    assert resolve_incentive(year, date.fromisoformat(day_before)).lump_sum_percent == percent
    assert resolve_incentive(year).lump_sum_percent != percent


def test_a_year_without_a_lump_sum_names_the_act_and_the_years_with_one() -> None:
    incentive = resolve_incentive(2027)
    assert (incentive.has_lump_sum, incentive.lump_sum.value) == (False, "none")
    assert "Pub. L. 114-10" in incentive.lump_sum.authority
    assert [words.split(" (")[0] for words in incentive.years_with_lump_sum] == ["2019 to 2024", "2025", "2026", "2028"]


def test_the_base_period_is_the_year_before_processed_by_march_31() -> None:
    period = resolve_incentive(2028).base_period
    assert (period.first_day, period.last_day) == (date(2027, 1, 1), date(2027, 12, 31))
    assert (period.processed_by, period.year) == (date(2028, 3, 31), 2027)


@pytest.mark.parametrize("year", [2018, 2030])
def test_a_payment_year_that_is_not_covered_is_an_error_that_names_the_years(year: int) -> None:
    with pytest.raises(UsageError, match="2019-2029") as error:
        resolve_incentive(year)
    assert error.value.code == "QP105"


def test_the_conversion_factors_of_2026_are_the_published_ones() -> None:
    schedule = resolve_incentive(2026).fee_schedule
    assert schedule.factors is not None
    assert (schedule.factors.qualifying, schedule.factors.other) == (Decimal("33.5675"), Decimal("33.4009"))
    assert schedule.ratio == Fraction(335675, 334009)


def test_where_no_factor_is_published_the_statutory_updates_add_up_from_2026_on() -> None:
    assert resolve_incentive(2025).fee_schedule.ratio == 1
    assert resolve_incentive(2026, date(2025, 11, 4)).fee_schedule.ratio == Fraction(10075, 10025)
    assert resolve_incentive(2028).fee_schedule.ratio == Fraction(10075, 10025) ** 3
    assert resolve_incentive(2028).fee_schedule.factors is None


def test_the_entity_elects_for_entity_results_and_the_clinician_for_the_own_ones() -> None:
    mips = load_mips()
    assert mips.election(Level.APM_ENTITY).elects.startswith("the APM Entity")
    assert mips.election(Level.INDIVIDUAL) is mips.election(Level.AFFILIATED_PRACTITIONER)
    assert mips.election(Level.INDIVIDUAL).elects == "the clinician elects"


def test_the_scoring_weights_of_payment_year_2019() -> None:
    weights = load_mips().weights_of(2019)
    numbers = [(w.quality, w.cost, w.improvement_activities, w.advancing_care_information) for w in weights]
    assert numbers == [(60, 0, 15, 25), (50, 0, 20, 30), (0, 0, 25, 75)]
    assert load_mips().weights_of(2020) == ()


@pytest.mark.parametrize(
    ("year", "cehrt", "medical_home", "limit"),
    [
        (2017, "50", "2.5", 0),
        (2018, "50", "2.5", 50),
        (2019, "75", "3", 50),
        (2020, "75", "4", 50),
        (2021, "75", "5", 50),
        (2024, "75", "5", 50),
        (2025, "0", "5", 50),
    ],
)
def test_the_numbers_of_the_criteria_by_year(year: int, cehrt: str, medical_home: str, limit: int) -> None:
    criteria = resolve_criteria(year)
    assert criteria.cehrt_percent.value == Decimal(cehrt)
    assert criteria.medical_home_percent.value == Decimal(medical_home)
    assert criteria.medical_home_clinician_limit.value == limit
    assert (criteria.revenue_percent.value, criteria.expenditure_percent.value) == (8, 3)


def test_the_criteria_as_they_were_known_on_a_day() -> None:
    assert resolve_criteria(2019, date(2018, 11, 22)).cehrt_percent.value == 50
    with pytest.raises(UsageError, match="2017-2027"):
        resolve_criteria(2028)


def test_the_advanced_apms_named_for_2017() -> None:
    named = {apm.name for apm in apms_of(2017) if apm.standing is Standing.ADVANCED}
    assert named == {
        "Comprehensive ESRD Care, LDO",
        "Comprehensive ESRD Care, non-LDO two-sided risk",
        "Comprehensive Primary Care Plus",
        "Medicare Shared Savings Program, Track 2",
        "Medicare Shared Savings Program, Track 3",
        "Next Generation ACO",
        "Oncology Care Model, two-sided risk",
        "Comprehensive Care for Joint Replacement, CEHRT track",
    }


@pytest.mark.parametrize("level", "ABCD")
def test_basic_levels_a_to_d_are_not_advanced_and_level_e_and_enhanced_are(level: str) -> None:
    apms = apms_of(2025)
    standings = [known_apm(apms, f"MSSP BASIC Level {name}") for name in (level, "E")]
    assert [apm and apm.standing for apm in standings] == [Standing.NOT_ADVANCED, Standing.ADVANCED]
    enhanced = known_apm(apms, "Shared Savings Program ENHANCED track")
    assert enhanced is not None
    assert enhanced.standing is Standing.ADVANCED


def test_a_name_is_known_only_when_it_is_written_in_full() -> None:
    apms = apms_of(2025)
    assert known_apm(apms, " mssp_Basic-a ") is known_apm(apms, "MSSP BASIC A")
    assert [known_apm(apms, name) for name in ("BASIC A", "MSSP BASIC", "MSSP", "", "MSSP BASIC AB")] == [None] * 5


def test_track_1_and_track_1_plus_are_two_tracks() -> None:
    apms = apms_of(2018)
    one, plus = known_apm(apms, "MSSP Track 1"), known_apm(apms, "MSSP Track 1+")
    assert one is not None
    assert plus is not None
    assert (one.standing, plus.standing) == (Standing.NOT_ADVANCED, Standing.ADVANCED)
    assert normalised("Track 1+") == "track 1+"


def test_every_row_says_where_it_comes_from() -> None:
    assert all(apm.source and apm.names for apm in load_advanced_apms())


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("incentive.toml", "hundredths_of_percent = 500", "hundredths_of_percent = 10001"),
        ("incentive.toml", 'processed_by = "03-31"', 'processed_by = "03-32"'),
        ("incentive.toml", "[[base_period]]", "[[period]]"),
        ("incentive.toml", "payment_year_to = 2024", "payment_year_to = 2023"),
        ("fee_schedule.toml", 'other = "33.4009"', 'other = "0"'),
        ("fee_schedule.toml", 'other = "33.4009"', 'other = "x"'),
        ("fee_schedule.toml", "[[conversion_factors]]", "[[factors]]"),
    ],
)
def test_incentive_data_that_cannot_be_right_are_refused(tmp_path: Path, name: str, before: str, after: str) -> None:
    changed(copied(tmp_path), name, before, after)
    with pytest.raises(InternalError) as error:
        resolve_incentive(2026, folder=tmp_path)
    assert error.value.code == "QP502"


@pytest.mark.parametrize(
    ("before", "after"),
    [("quality = 60", "quality = 61"), ('levels = ["apm_entity"]', "levels = []"), ("[[weights]]", "[[weight]]")],
)
def test_mips_data_that_cannot_be_right_are_refused(tmp_path: Path, before: str, after: str) -> None:
    changed(copied(tmp_path), "mips.toml", before, after)
    with pytest.raises(InternalError):
        load_mips(tmp_path)


@pytest.mark.parametrize(
    ("before", "after"),
    [("CEC LDO|", "NGACO|"), (",2017,2017,advanced", ",17,2017,advanced"), (",advanced,", ",maybe,")],
)
def test_a_list_of_apms_that_cannot_be_right_is_refused(tmp_path: Path, before: str, after: str) -> None:
    changed(copied(tmp_path), "advanced_apms.csv", before, after)
    with pytest.raises(InternalError):
        load_advanced_apms(tmp_path)


def test_criteria_that_lack_a_table_are_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    changed(folder, "advanced_apm_criteria.toml", "[[medical_home_clinician_limit]]", "[[medical_home]]")
    with pytest.raises(InternalError) as raised:
        resolve_criteria(2025, folder=folder)
    assert raised.value.code == "QP502"
