"""Where the published law is open: a named default, named alternatives, and a reason an analyst understands."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from qpcli.errors import InternalError, UsageError
from qpcli.regulation.data_files import DATA
from qpcli.regulation.law import Evidence, OpenPoint, OpenPointKind
from qpcli.regulation.open_points import load_open_points
from qpcli.regulation.resolve import resolve_law

DEFAULTS = {
    "claims_run_out_days": ("60", "any whole number of days from 0 to 366"),
    "group_membership": ("any_snapshot_so_far", "on_snapshot_date"),
    "denied_lines": ("never_count", "count"),
    "covered_service_codes": ("default_ranges", "pfs_file"),
    "em_codes": ("default_list", "file"),
    "rhc_fqhc_satisfies_em": ("no", "yes"),
    "enrollment_months": ("every_month", "any_month", "snapshot_month"),
    "age_reached_by": ("snapshot_date", "period_start", "period_end"),
    "attribution_list_date": ("snapshot_date", "latest"),
    "individual_claims": ("listed_tins", "all_tins"),
    "individual_criterion_6": ("entity", "own_services"),
    "individual_snapshots": ("all", "third"),
    "all_payer_weighting": ("higher_entity_score", "own_score"),
    "all_payer_medicare_minimum": ("score_used", "own_score"),
    "all_payer_tin_clinicians": ("listed_or_billing", "listed"),
    "status_scope": ("all_tins_of_the_npi",),
    "allowed_line_codes": ("A,R,S", "any comma-separated list of codes, such as A,R,S,O"),
    "msp_from_lines": ("any_code", "group_health_only"),
    "rif_fee_for_service_hmo_codes": ("0,4", "any comma-separated list of codes, such as 0,4"),
    "run_out_date": ("processed", "loaded"),
    "rendering_npi": ("claim", "pecos"),
    "sequestration": ("not_added_back", "added_back"),
    "institutional_settings": ("bill_type_and_revenue_center",),
    "institutional_npi": ("attending", "operating", "other"),
    "cclf_coverage_months": ("until_next_delivery",),
    "cclf_missing_person": ("keep_open", "end_at_last_seen"),
    "cclf_managed_care": ("assume_false", "unknown"),
    "assignment_list": ("second_quarter", "third_quarter"),
    "assignment_enrollment_flags": ("fill_open_months", "not_used"),
    "reach_preferred": ("exclude", "include"),
    "bar_latest": ("later_replaces_from_its_month",),
    "cmds_end": ("operational", "alignment"),
    "v3_rendering": ("same_sequence", "nobody"),
    "incentive_rounding": ("half_up", "down"),
    "incentive_tin_shares": ("base_amounts", "equal_parts"),
    "api_status": ("y_qp_p_partial_n_neither", "as_they_stand"),
    "api_unit": ("by_size", "share", "percent"),
}


def points(performance_year: int = 2024, law_as_of: date | None = None, **assumptions: str) -> dict[str, OpenPoint]:
    law = resolve_law(performance_year=performance_year, law_as_of=law_as_of, assumptions=assumptions)
    return dict(law.open_points)


def refused(**assumptions: str) -> UsageError:
    with pytest.raises(UsageError) as raised:
        points(**assumptions)
    return raised.value


def test_every_open_point_has_its_default_and_its_alternatives() -> None:
    assert {name: (point.default, *point.alternatives) for name, point in points().items()} == DEFAULTS


def test_without_assumptions_every_value_is_the_default() -> None:
    assert all(point.value == point.default and not point.is_overridden for point in points().values())


def test_every_point_asks_a_question_and_gives_a_reason_and_a_citation() -> None:
    for point in points().values():
        assert point.question.endswith("?")
        assert point.reason.endswith(".")
        assert point.citation


def test_only_the_run_out_rests_on_a_secondary_source_and_all_else_is_an_assumption() -> None:
    marks = {name: point.evidence for name, point in points().items()}

    assert marks.pop("claims_run_out_days") is Evidence.SECONDARY
    assert set(marks.values()) == {Evidence.ASSUMPTION}


def test_a_scope_limited_to_a_tin_is_named_as_proposed_and_offered_by_no_value() -> None:
    scope = points()["status_scope"]

    assert scope.alternatives == ()
    assert "proposed for performance year 2027" in scope.reason
    assert refused(status_scope="one_tin").code == "QP108"


CHOICES = [
    (name, value)
    for name, (_, *alternatives) in DEFAULTS.items()
    if name not in ("covered_service_codes", "em_codes")
    for value in alternatives
    if " " not in value
]


@pytest.mark.parametrize(("name", "value"), CHOICES)
def test_each_alternative_can_be_assumed(name: str, value: str) -> None:
    assumed = points(**{name: value})[name]

    assert (assumed.value, assumed.is_overridden) == (value, True)


def test_an_assumption_changes_its_own_point_only() -> None:
    changed = points(denied_lines="count")

    assert [name for name, point in changed.items() if point.is_overridden] == ["denied_lines"]


def test_the_default_may_be_given_and_overrides_nothing() -> None:
    assumed = points(denied_lines=" never_count ", em_codes="default_list")

    assert not assumed["denied_lines"].is_overridden
    assert not assumed["em_codes"].is_overridden


@pytest.mark.parametrize(("text", "value"), [("0", "0"), ("366", "366"), ("091", "91"), (" 60 ", "60")])
def test_the_run_out_is_a_whole_number_of_days_from_0_to_366(text: str, value: str) -> None:
    assert points(claims_run_out_days=text)["claims_run_out_days"].value == value


@pytest.mark.parametrize("text", ["367", "-1", "60.0", "sixty", "", "1e2", "²", "9999999999"])
def test_another_run_out_is_refused(text: str) -> None:
    error = refused(claims_run_out_days=text)

    assert error.code == "QP108"
    assert "from 0 to 366" in error.message


@pytest.mark.parametrize(
    ("text", "value"), [("A,R,S,O", "A,O,R,S"), ("s, r ,A", "A,R,S"), ("A,A", "A"), ("00,12", "00,12")]
)
def test_a_list_of_codes_is_recorded_in_one_way_however_it_is_written(text: str, value: str) -> None:
    assert points(allowed_line_codes=text)["allowed_line_codes"].value == value


@pytest.mark.parametrize("text", ["", "A,,R", "ABC", "A;R", "*"])
def test_a_list_with_anything_but_codes_is_refused(text: str) -> None:
    assert refused(rif_fee_for_service_hmo_codes=text).code == "QP108"


def test_a_bad_value_is_refused_with_the_values_allowed() -> None:
    error = refused(enrollment_months="most_months")

    assert error.code == "QP108"
    assert "every_month, any_month, snapshot_month" in error.message


def test_an_unknown_name_is_refused_with_the_one_that_comes_close() -> None:
    error = refused(enrolment_months="any_month")

    assert error.code == "QP107"
    assert error.help == "Did you mean enrollment_months?"


def test_a_name_close_to_none_is_refused_with_all_names() -> None:
    error = refused(zzz="1")

    assert error.code == "QP107"
    assert "claims_run_out_days" in error.help


def test_a_point_without_effect_in_the_year_may_be_given() -> None:
    assumed = points(2026, individual_claims="all_tins")["individual_claims"]

    assert assumed.value == "all_tins"
    assert not assumed.has_effect_in(2026)


@pytest.mark.parametrize("name", ["individual_claims", "individual_criterion_6"])
def test_how_clinicians_of_several_entities_are_assessed_matters_through_2025(name: str) -> None:
    point = points()[name]

    assert point.performance_years == tuple(range(2017, 2026))
    assert point.has_effect_in(2025) and not point.has_effect_in(2026)


def test_at_which_snapshots_every_clinician_is_assessed_matters_from_2026() -> None:
    point = points()["individual_snapshots"]

    assert point.has_effect_in(2026) and not point.has_effect_in(2025)


def test_before_the_rule_of_2025_was_published_the_older_points_still_mattered_in_2026() -> None:
    before = points(2026, date(2025, 11, 4))

    assert before["individual_claims"].has_effect_in(2026)
    assert not before["individual_snapshots"].has_effect_in(2026)


def test_other_points_matter_in_every_year() -> None:
    assert all(points()["denied_lines"].has_effect_in(year) for year in range(2017, 2028))


def test_points_of_a_layout_name_it() -> None:
    layouts = {name: point.layouts for name, point in points().items() if point.layouts}

    assert layouts == {
        "allowed_line_codes": ("cclf", "rif", "bcda"),
        "msp_from_lines": ("cclf", "rif", "bcda"),
        "rif_fee_for_service_hmo_codes": ("rif", "bcda"),
        "run_out_date": ("cclf", "bcda"),
        "rendering_npi": ("cclf",),
        "sequestration": ("cclf",),
        "institutional_settings": ("cclf", "rif"),
        "institutional_npi": ("cclf",),
        "cclf_coverage_months": ("cclf",),
        "cclf_missing_person": ("cclf",),
        "cclf_managed_care": ("cclf", "bcda"),
        "assignment_list": ("mssp",),
        "assignment_enrollment_flags": ("mssp",),
        "reach_preferred": ("reach",),
        "bar_latest": ("reach",),
        "cmds_end": ("cmds",),
        "v3_rendering": ("bcda",),
        "api_status": ("qpp_eligibility",),
        "api_unit": ("qpp_eligibility",),
    }


@pytest.mark.parametrize(
    ("name", "value", "option"),
    [("em_codes", "file", "--em-codes"), ("covered_service_codes", "pfs_file", "--pfs-codes")],
)
def test_a_list_is_replaced_by_the_option_that_gives_the_file_and_not_by_words(
    name: str, value: str, option: str
) -> None:
    error = refused(**{name: value})

    assert error.code == "QP108"
    assert option in error.message


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('default = "60"', 'default = "700"', "the default is not an allowed value"),
        ('default = "60"', 'default = "060"', "the default is not an allowed value"),
        ('default = "A,R,S"', 'default = "S,R,A"', "the default is not an allowed value"),
        ('kind = "whole_number"', 'kind = "number"', "number is no OpenPointKind"),
        ("smallest = 0\nlargest = 366\n", "", "the default is not an allowed value"),
        ("smallest = 0\n", "smallest = 0.5\n", "smallest is missing or no int"),
        ('evidence = "S"', 'evidence = "CMS"', "CMS is no Evidence"),
        ('individual_assessment = "every_listed_clinician"', 'individual_assessment = "all"', "all is no Individual"),
        ('layouts = ["mssp"]', "layouts = [5]", "layouts is not a list of texts"),
        ("reason = ", "because = ", "missing or unknown: because, reason"),
    ],
)
def test_points_whose_default_is_not_allowed_or_whose_kind_is_unknown_are_refused(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    folder = Path(shutil.copytree(Path(str(DATA)), tmp_path / "data"))
    file = folder / "open_points.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))

    with pytest.raises(InternalError) as raised:
        load_open_points(folder)
    assert raised.value.code == "QP502"
    assert problem in raised.value.message


def test_the_kinds_of_value_are_choices_one_number_and_lists_of_codes() -> None:
    kinds = {name: point.kind for name, point in points().items() if point.kind is not OpenPointKind.CHOICE}

    assert kinds == {
        "claims_run_out_days": OpenPointKind.WHOLE_NUMBER,
        "allowed_line_codes": OpenPointKind.CODES,
        "rif_fee_for_service_hmo_codes": OpenPointKind.CODES,
    }
