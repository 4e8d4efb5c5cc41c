"""42 CFR 414.1305, 414.1425(c), 414.1435(c)(1)(i): where the logic of the law changed by performance year."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from qpcli.errors import InternalError
from qpcli.regulation.data_files import DATA
from qpcli.regulation.law import Evidence, Law, LawEntry
from qpcli.regulation.resolve import resolve_law
from qpcli.regulation.rules_in_force import load_rules_in_force
from qpcli.terms import IndividualAssessment, ServiceBasis

SEVERAL = IndividualAssessment.CLINICIANS_OF_SEVERAL_ENTITIES_FROM_2017
EVERY = IndividualAssessment.EVERY_LISTED_CLINICIAN_FROM_2026
YEARS = range(2017, 2028)


def law(performance_year: int, law_as_of: date | None = None) -> Law:
    return resolve_law(performance_year=performance_year, law_as_of=law_as_of)


def entry(resolved: Law, rule: str) -> LawEntry:
    (found,) = (entry for entry in resolved.entries if entry.rule == rule)
    return found


@pytest.mark.parametrize("performance_year", range(2017, 2026))
def test_through_2025_attribution_eligibility_is_judged_by_em_services_alone(performance_year: int) -> None:
    assert law(performance_year).bases == (ServiceBasis.EM,)


@pytest.mark.parametrize("performance_year", [2026, 2027])
def test_from_2026_em_and_covered_professional_services_stand_side_by_side(performance_year: int) -> None:
    assert law(performance_year).bases == (ServiceBasis.EM, ServiceBasis.CPS)


@pytest.mark.parametrize(("performance_year", "assessment"), [(2017, SEVERAL), (2025, SEVERAL), (2026, EVERY)])
def test_every_listed_clinician_is_assessed_individually_from_2026(
    performance_year: int, assessment: IndividualAssessment
) -> None:
    assert law(performance_year).individual_assessment is assessment


def test_the_rule_of_2025_is_not_known_the_day_before_it_was_published() -> None:
    before, on = law(2026, date(2025, 11, 4)), law(2026, date(2025, 11, 5))

    assert (before.bases, before.individual_assessment) == ((ServiceBasis.EM,), SEVERAL)
    assert (on.bases, on.individual_assessment) == ((ServiceBasis.EM, ServiceBasis.CPS), EVERY)


def test_the_rule_of_2025_changes_nothing_for_performance_year_2025() -> None:
    before, on = law(2025, date(2025, 11, 4)), law(2025, date(2025, 11, 5))

    assert (before.bases, before.individual_assessment) == (on.bases, on.individual_assessment)


@pytest.mark.parametrize(("performance_year", "is_exclusive"), [(2017, False), (2020, False), (2021, True)])
def test_prospective_attribution_is_exclusive_from_2021(performance_year: int, is_exclusive: bool) -> None:
    assert law(performance_year).has_exclusive_attribution is is_exclusive


def test_exclusive_attribution_is_not_known_the_day_before_it_was_published() -> None:
    assert not law(2021, date(2020, 12, 27)).has_exclusive_attribution
    assert law(2021, date(2020, 12, 28)).has_exclusive_attribution


def test_a_run_records_who_says_so_and_when() -> None:
    bases = entry(law(2026), "service_bases")
    assessment = entry(law(2026), "individual_assessment")
    exclusive = entry(law(2021), "exclusive_attribution")

    assert (bases.value, bases.published, bases.evidence) == ("em, cps", date(2025, 11, 5), Evidence.SECONDARY)
    assert "90 FR 49266" in bases.authority and bases.citation == "42 CFR 414.1305"
    assert (assessment.value, assessment.citation) == ("every_listed_clinician", "42 CFR 414.1425(c)(3)(ii)")
    assert (exclusive.value, exclusive.published) == ("yes", date(2020, 12, 28))
    assert "85 FR 84472" in exclusive.authority and exclusive.citation == "42 CFR 414.1435(c)(1)(i)"
    assert entry(law(2020), "exclusive_attribution").value == "no"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('value = ["em"]', 'value = ["tax"]', "tax is no ServiceBasis"),
        ('value = ["em"]', "value = []", "no basis"),
        ('value = ["em"]', 'value = ["em", "em"]', "one basis twice"),
        ('value = ["em"]', "value = [1]", "value is not a list of texts"),
        ('value = ["em"]', 'value = "em"', "value is missing or no list"),
        ('value = "every_listed_clinician"', 'value = "everyone"', "everyone is no IndividualAssessment"),
        ("value = false", 'value = "no"', "value is missing or no bool"),
        ("performance_year_from = 2017", "performance_year_from = 2018", "in 2017"),
        ("published = 2025-11-05", "published = 2016-11-04", "two values published 2016-11-04 for 2026"),
        ("[[service_bases]]", "[[bases]]", "the tables are"),
        ("[[exclusive_attribution]]\nvalue = true", "[[other]]\nvalue = true", "the tables are"),
        ('value = ["em"]', 'valeu = ["em"]', "missing or unknown: valeu, value"),
    ],
)
def test_unknown_values_missing_years_and_two_values_of_a_day_are_refused(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    folder = Path(shutil.copytree(Path(str(DATA)), tmp_path / "data"))
    file = folder / "rules_in_force.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))

    with pytest.raises(InternalError) as raised:
        load_rules_in_force(YEARS, folder)
    assert raised.value.code == "QP502"
    assert problem in raised.value.message


def test_a_rule_may_end_with_a_year_when_the_next_one_begins_the_year_after(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(Path(str(DATA)), tmp_path / "data"))
    file = folder / "rules_in_force.toml"
    text = file.read_text().replace("from = 2017", "from = 2017\nperformance_year_to = 2025", 1)
    file.write_text(text.replace("published = 2025-11-05", "published = 2016-11-04", 1))

    history = load_rules_in_force(YEARS, folder).service_bases

    assert [(entry.first_year, entry.last_year) for entry in history] == [(2017, 2025), (2026, None)]
