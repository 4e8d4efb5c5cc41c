"""The law of one run: what is resolved together, what a file replaces, and what is recorded of it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from qpcli.errors import UsageError
from qpcli.regulation.describe import describe
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import data_version, resolve_law

ALL_PAYER = "all_payer_combination_option"
RULES = (
    "thresholds",
    ALL_PAYER,
    "service_bases",
    "individual_assessment",
    "exclusive_attribution",
    "supported_performance_years",
    "qp_performance_period",
    "snapshots",
    "december_list",
    "testing_window",
    "attribution_eligible_age",
    "termination",
)


@pytest.fixture
def em_file(tmp_path: Path) -> Path:
    path = tmp_path / "em.csv"
    path.write_text("hcpcs\n99213\n")
    return path


@pytest.fixture
def pfs_file(tmp_path: Path) -> Path:
    path = tmp_path / "pfs.csv"
    path.write_text("HCPCS,STATUS CODE\n99213,A\n36415,X\n")
    return path


def rules_of(law: Law) -> tuple[str, ...]:
    return tuple(entry.rule for entry in law.entries)


def test_the_law_is_as_of_the_newest_publication_when_no_day_is_given_and_never_today() -> None:
    assert resolve_law(performance_year=2026).law_as_of == date(2026, 2, 3)


def test_a_given_day_is_kept() -> None:
    assert resolve_law(performance_year=2026, law_as_of=date(2025, 1, 1)).law_as_of == date(2025, 1, 1)


def test_last_years_answer_can_be_reproduced() -> None:
    law = resolve_law(performance_year=2026, law_as_of=date(2026, 2, 2))

    assert law.thresholds.qp_payment == 75
    assert resolve_law(performance_year=2026).thresholds.qp_payment == 50


def test_the_edition_of_the_data_is_recorded() -> None:
    assert resolve_law(performance_year=2024).data_version == data_version() == "2026-11-22"


@pytest.mark.parametrize("performance_year", range(2017, 2028))
def test_every_rule_that_a_run_uses_is_recorded_with_its_authority(performance_year: int) -> None:
    law = resolve_law(performance_year=performance_year)

    rules = RULES if performance_year >= 2019 else tuple(rule for rule in RULES if rule != ALL_PAYER)
    assert rules_of(law) == (*rules, "em_services", "covered_service_exclusions")
    assert all(entry.authority and entry.citation and entry.value for entry in law.entries)


@pytest.mark.parametrize("law_as_of", [date(2016, 11, 4), date(2020, 12, 27), date(2024, 3, 9), None])
@pytest.mark.parametrize("performance_year", range(2017, 2028))
def test_no_rule_is_recorded_that_was_published_after_the_day(performance_year: int, law_as_of: date | None) -> None:
    law = resolve_law(performance_year=performance_year, law_as_of=law_as_of)

    assert all(entry.published is None or entry.published <= law.law_as_of for entry in law.entries)


def test_without_files_the_shipped_lists_are_used() -> None:
    law = resolve_law(performance_year=2024)

    assert [r.code_from for r in law.em_code_sets["default"]][:2] == ["99201", "G0402"]
    assert law.not_covered_ranges
    assert law.covered_codes is None


def test_a_list_of_em_codes_replaces_the_default_set_and_is_recorded(em_file: Path) -> None:
    law = resolve_law(performance_year=2024, em_codes=em_file)

    assert [r.code_from for r in law.em_code_sets["default"]] == ["99213"]
    assert (law.assumed("em_codes"), law.open_points["em_codes"].is_overridden) == ("file", True)
    assert rules_of(law) == (*RULES, "covered_service_exclusions")


def test_the_relative_value_file_replaces_the_ranges_and_is_recorded(pfs_file: Path) -> None:
    law = resolve_law(performance_year=2024, pfs_codes=pfs_file)

    assert (law.covered_codes, law.not_covered_ranges) == (frozenset({"99213"}), ())
    assert law.assumed("covered_service_codes") == "pfs_file"
    assert rules_of(law) == (*RULES, "em_services", "pfs_statuses")


def test_the_value_that_an_option_sets_may_be_said_beside_it(em_file: Path) -> None:
    law = resolve_law(performance_year=2024, em_codes=em_file, assumptions={"em_codes": "file"})

    assert law.assumed("em_codes") == "file"


def test_an_assumption_against_the_option_is_refused(em_file: Path, pfs_file: Path) -> None:
    with pytest.raises(UsageError) as raised:
        resolve_law(performance_year=2024, em_codes=em_file, assumptions={"em_codes": "default_list"})
    assert (raised.value.code, "--em-codes" in raised.value.message) == ("QP104", True)

    with pytest.raises(UsageError) as raised:
        resolve_law(performance_year=2024, pfs_codes=pfs_file, assumptions={"covered_service_codes": "default_ranges"})
    assert (raised.value.code, "--pfs-codes" in raised.value.message) == ("QP104", True)


def test_an_unknown_open_point_of_a_law_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        resolve_law(performance_year=2024).assumed("no_such_point")


@pytest.mark.parametrize("days", ["0", "60", "91"])
def test_run_out_ends_that_many_days_after_the_snapshot(days: str) -> None:
    law = resolve_law(performance_year=2024, assumptions={"claims_run_out_days": days})

    ends = [law.run_out_ends(snapshot) - snapshot.date for snapshot in law.snapshots]

    assert ends == [timedelta(days=int(days))] * 3


def test_with_60_days_run_out_ends_on_may_30_august_29_and_october_30() -> None:
    description = describe(resolve_law(performance_year=2024))

    assert [row.run_out_ends for row in description.snapshots] == [
        date(2024, 5, 30),
        date(2024, 8, 29),
        date(2024, 10, 30),
    ]
    assert [row.snapshot.number for row in description.snapshots] == [1, 2, 3]


def test_a_description_names_the_code_lists_with_their_source() -> None:
    em, not_covered = describe(resolve_law(performance_year=2024)).code_lists

    assert (em.name, not_covered.name) == ("em_services: default", "covered_service_exclusions")
    assert em.source is not None and em.source.rule == "em_services"
    assert not_covered.source is not None and not_covered.ranges


def test_a_description_gives_a_users_own_list_no_source(em_file: Path, pfs_file: Path) -> None:
    em, covered = describe(resolve_law(performance_year=2024, em_codes=em_file, pfs_codes=pfs_file)).code_lists

    assert em.source is None
    assert (covered.name, covered.codes, covered.ranges) == ("covered_services", {"99213"}, ())
    assert covered.source is not None and covered.source.value == "A,C,J,R,T"


def test_a_description_sets_points_without_effect_apart() -> None:
    through_2025 = describe(resolve_law(performance_year=2025))
    from_2026 = describe(resolve_law(performance_year=2026))

    assert [p.name for p in through_2025.open_points_without_effect] == ["individual_snapshots"]
    assert [p.name for p in from_2026.open_points_without_effect] == ["individual_claims", "individual_criterion_6"]
    assert len(from_2026.open_points) + 2 == len(from_2026.law.open_points)
