"""apms lists what is known of APMs, and answers criterion by criterion."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from qpcli.regulation.apm_facts import ApmFacts, template
from tests.cli.conftest import Call

FAILING = 'apm = "a model"\nperformance_year = 2024\n'


def test_the_list_of_a_year_says_what_is_advanced_and_where_that_comes_from(call: Call) -> None:
    answer = call("apms", "--year", "2017")
    assert (answer.status, answer.err) == (0, "")
    advanced, _, others = answer.out.partition("Not Advanced")
    assert "Next Generation ACO: 2017, as `NGACO`" in advanced
    assert "Track 1: from 2017" in others
    assert "qpp.cms.gov" in advanced


def test_the_list_as_json_holds_every_year_or_one(call: Call) -> None:
    document = call("apms", "--json").document
    assert (document["schema"], document["performance_year"]) == ("qpcli.apms/1", None)
    of_2017 = call("apms", "--json", "--year", "2017").document["apms"]
    assert 0 < len(of_2017) < len(document["apms"])
    assert {"apm", "track", "standing", "source", "evidence"} <= set(of_2017[0])


def test_the_template_holds_every_fact_and_passes_its_own_check(call: Call, place: Path) -> None:
    answer = call("apms", "template")
    assert tomllib.loads(answer.out).keys() == {field.name for field in fields(ApmFacts)}
    (place / "apm.toml").write_text(answer.out)
    checked = call("apms", "check", "apm.toml")
    assert (checked.status, checked.out.count("NOT MET"), checked.out.count("met     ")) == (0, 0, 6)


def test_a_criterion_that_is_not_met_is_exit_1_and_named_with_its_paragraph(call: Call, place: Path) -> None:
    (place / "apm.toml").write_text(template().replace("owes_payments_to_cms = true", "owes_payments_to_cms = false"))
    answer = call("apms", "check", "apm.toml")
    assert answer.status == 1
    assert "is not an Advanced APM in performance year 2025" in answer.out
    assert answer.out.count("NOT MET") == 1
    document = call("apms", "check", "apm.toml", "--json").document
    assert (document["schema"], document["is_advanced"]) == ("qpcli.apms-check/1", False)
    (missed,) = [one for one in document["criteria"] if not one["is_met"]]
    assert (missed["name"], missed["citation"]) == ("financial risk", "42 CFR 414.1415(c)(1)")


def test_facts_are_held_against_the_law_of_a_day(call: Call, place: Path) -> None:
    text = template().replace("performance_year = 2025", "performance_year = 2019")
    (place / "apm.toml").write_text(text.replace("cehrt_percent = 75 ", "cehrt_percent = 50 "))
    assert call("apms", "check", "apm.toml").status == 1
    assert call("apms", "check", "apm.toml", "--law-as-of", "2018-11-22").status == 0


def test_facts_left_out_count_as_false(call: Call, place: Path) -> None:
    (place / "apm.toml").write_text(FAILING)
    assert call("apms", "check", "apm.toml").out.count("NOT MET") == 6


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "missing or unknown: apm, performance_year"),
        (FAILING + "requires_chert = true\n", "missing or unknown: requires_chert"),
        (FAILING + "cehrt_percent = 100.1\n", "cehrt_percent is not a percentage"),
        (FAILING + 'cehrt_percent = "75"\n', "cehrt_percent is not a percentage"),
        (FAILING + "cehrt_percent = nan\n", "cehrt_percent is not a percentage"),
        (FAILING + "requires_cehrt = 1\n", "requires_cehrt is not true or false"),
        (FAILING + "owner_clinician_count = -1\n", "owner_clinician_count is not a whole number"),
        ("apm = \n", "it is not valid TOML"),
    ],
)
def test_a_file_of_facts_that_cannot_be_used_is_exit_3(call: Call, place: Path, text: str, told: str) -> None:
    (place / "apm.toml").write_text(text)
    answer = call("apms", "check", "apm.toml")
    assert (answer.status, answer.out) == (3, "")
    assert answer.err.startswith(f"error[QP221]: apm.toml: {told}")


def test_a_file_that_is_not_there_is_exit_3(call: Call) -> None:
    assert call("apms", "check", "absent.toml").err.startswith("error[QP221]: absent.toml: it cannot be read")


@pytest.mark.parametrize(
    "arguments", [("check",), ("template", "apm.toml"), ("judge",), ("template", "--year", "2025")]
)
def test_arguments_that_make_no_sense_are_exit_2(call: Call, arguments: tuple[str, ...]) -> None:
    assert call("apms", *arguments).status == 2


@pytest.mark.parametrize("year", ["2016", "2028"])
def test_a_year_that_is_not_covered_is_exit_2(call: Call, place: Path, year: str) -> None:
    (place / "apm.toml").write_text(FAILING.replace("2024", year))
    assert call("apms", "--year", year).err.startswith("error[QP105]")
    assert call("apms", "check", "apm.toml").err.startswith("error[QP105]")


def test_determine_warns_of_a_track_known_not_to_be_advanced(determine: Call, place: Path) -> None:
    entities = place / "sample_data" / "entities.csv"
    entities.write_text(entities.read_text().replace("SYN-PRIMARY-CARE", "MSSP BASIC Level B"))
    toml = place / "sample_data" / "qpcli.toml"
    toml.write_text(toml.read_text() + 'entities = "entities.csv"\n' * ("entities =" not in toml.read_text()))
    found = [one for one in determine("--json").document["findings"] if one["code"] == "apm_known_not_advanced"]
    assert [(one["severity"], one["rule"]) for one in found] == [("warning", "SYN05"), ("warning", "SYN06")]
