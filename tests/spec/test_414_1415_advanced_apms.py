"""42 CFR 414.1410, 414.1415: which APMs are Advanced, and an APM's own facts against the criteria of its year."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from qpcli.regulation.advanced_apm_criteria import resolve_criteria
from qpcli.regulation.apm_facts import ApmFacts
from qpcli.rules.advanced_apm import CriterionAnswer, answers
from tests.support.spec_tables import findings

FULL = ApmFacts(
    apm="a model",
    performance_year=2024,
    requires_cehrt=True,
    cehrt_percent=Decimal(75),
    pays_on_quality_measures=True,
    has_comparable_measure=True,
    has_outcome_measure=True,
    owes_payments_to_cms=True,
    risk_percent_of_revenue=Decimal(8),
)
"""An APM that meets every criterion, with nothing to spare."""


def answered(year: int = 2024, **facts: Any) -> dict[str, CriterionAnswer]:
    """The answers by criterion; facts beside those of FULL, percents as text."""
    given = {name: Decimal(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
    apm = replace(FULL, performance_year=year, **given)
    return {answer.name: answer for answer in answers(apm, resolve_criteria(year))}


def failing(year: int = 2024, **facts: Any) -> list[str]:
    return [name for name, answer in answered(year, **facts).items() if not answer.is_met]


def test_an_apm_that_meets_all_criteria_is_advanced_and_each_is_answered_with_its_paragraph() -> None:
    given = answered()
    assert all(answer.is_met for answer in given.values())
    assert [answer.citation.removeprefix("42 CFR 414.1415") for answer in given.values()] == [
        "(a)(1)(i)",
        "(b)(1)",
        "(b)(2)",
        "(b)(3)",
        "(c)(1)",
        "(c)(3)(i)(A)",
    ]


@pytest.mark.parametrize(
    ("year", "enough", "short"),
    [(2017, "50", "49.9"), (2018, "50", "49.9"), (2019, "75", "74.9"), (2024, "75", "74.9")],
)
def test_certified_ehr_technology_is_required_of_50_percent_and_from_2019_of_75(
    year: int, enough: str, short: str
) -> None:
    assert failing(year, cehrt_percent=enough) == []
    assert failing(year, cehrt_percent=short) == ["certified EHR technology"]


def test_from_2025_no_percentage_is_asked_but_the_requirement_is() -> None:
    assert failing(2025, cehrt_percent="0") == []
    assert failing(2025, requires_cehrt=False) == ["certified EHR technology"]
    assert answered(2025)["certified EHR technology"].evidence == "A"


@pytest.mark.parametrize(("year", "missing"), [(2018, []), (2019, ["certified EHR technology"])])
def test_before_2019_the_shared_savings_program_may_pay_by_the_use_instead(year: int, missing: list[str]) -> None:
    paid = {"requires_cehrt": False, "has_cehrt_penalty_or_reward": True}
    assert failing(year, is_shared_savings_program=True, **paid) == missing
    assert failing(year, is_shared_savings_program=False, **paid) == ["certified EHR technology"]


@pytest.mark.parametrize(
    ("fact", "criterion"),
    [("pays_on_quality_measures", "payment by quality"), ("has_comparable_measure", "comparable measure")],
)
def test_payment_rests_on_quality_measures_comparable_to_those_of_mips(fact: str, criterion: str) -> None:
    assert failing(**{fact: False}) == [criterion]


def test_an_outcome_measure_is_among_them_where_one_applies() -> None:
    assert failing(has_outcome_measure=False) == ["outcome measure"]
    assert failing(has_outcome_measure=False, no_outcome_measure_applies=True) == []


@pytest.mark.parametrize("consequence", ["withholds_payment", "reduces_payment_rates", "owes_payments_to_cms"])
def test_an_apm_entity_bears_risk_when_it_is_paid_less_or_owes(consequence: str) -> None:
    assert failing(owes_payments_to_cms=False) == ["financial risk"]
    assert failing(**{"owes_payments_to_cms": False, consequence: True}) == []


@pytest.mark.parametrize(
    ("revenue", "expenditures", "missing"),
    [("8", "0", []), ("7.9", "0", ["nominal amount"]), ("0", "3", []), ("7.9", "2.9", ["nominal amount"])],
)
def test_more_than_nominal_is_8_percent_of_revenue_or_3_percent_of_expenditures(
    revenue: str, expenditures: str, missing: list[str]
) -> None:
    assert failing(risk_percent_of_revenue=revenue, risk_percent_of_expenditures=expenditures) == missing


@pytest.mark.parametrize(
    ("year", "enough", "short"),
    [(2017, "2.5", "2.4"), (2018, "2.5", "2.4"), (2019, "3", "2.9"), (2020, "4", "3.9"), (2021, "5", "4.9")],
)
def test_a_medical_home_model_risks_2_5_percent_of_revenue_rising_to_5(year: int, enough: str, short: str) -> None:
    assert failing(year, is_medical_home_model=True, risk_percent_of_revenue=enough) == []
    assert failing(year, is_medical_home_model=True, risk_percent_of_revenue=short) == ["nominal amount"]


def test_only_a_medical_home_model_bears_risk_by_losing_guaranteed_payments() -> None:
    loses = {"owes_payments_to_cms": False, "loses_guaranteed_payments": True}
    assert failing(is_medical_home_model=True, **loses) == []
    assert failing(is_medical_home_model=False, **loses) == ["financial risk"]


@pytest.mark.parametrize(
    ("year", "clinicians", "missing"), [(2018, 49, []), (2018, 50, ["nominal amount"]), (2017, 50, [])]
)
def test_from_2018_a_medical_home_owned_by_50_clinicians_or_more_meets_the_general_standard(
    year: int, clinicians: int, missing: list[str]
) -> None:
    home = {"is_medical_home_model": True, "risk_percent_of_revenue": "5", "owner_clinician_count": clinicians}
    assert failing(year, **home) == missing
    assert failing(year, is_cpc_plus_round_1=True, **home) == []


@pytest.mark.parametrize("standing_in", ["is_expanded_medical_home_model", "is_full_capitation"])
def test_an_expanded_medical_home_model_or_full_capitation_bears_risk_by_itself(standing_in: str) -> None:
    nothing = {"owes_payments_to_cms": False, "risk_percent_of_revenue": "0"}
    assert failing(**nothing) == ["financial risk", "nominal amount"]
    assert failing(**{standing_in: True}, **nothing) == []


# In a determination


def warned(apm: str, *, advanced: str = "yes", year: int = 2025) -> list[str]:
    """The messages of `determine` about an entity whose apm_id is this (blanks as underscores)."""
    entities = f"""
    entity apm_id advanced
    E1     {apm}  {advanced}
    """
    found = findings(year=year, entities=entities, lines="bene paid\nB1 1")
    return [one.message for one in found if one.code == "apm_known_not_advanced"]


@pytest.mark.parametrize("apm", ["MSSP_BASIC_A", "mssp-basic-level-d", "MSSP_Track_1"])
def test_an_entity_of_a_track_known_not_to_be_advanced_is_a_finding(apm: str) -> None:
    assert len(warned(apm)) == 1
    assert "APM Entity E1" in warned(apm)[0]


@pytest.mark.parametrize("apm", ["MSSP_BASIC_E", "MSSP_ENHANCED", "MSSP_BASIC", "MY_BASIC_A", "-"])
def test_an_advanced_or_unknown_apm_is_no_finding(apm: str) -> None:
    assert warned(apm) == []


def test_an_entity_that_does_not_claim_to_be_advanced_is_no_finding() -> None:
    assert warned("MSSP_BASIC_A", advanced="no") == []


def test_a_track_is_judged_by_the_performance_year() -> None:
    assert (len(warned("MSSP_BASIC_A", year=2019)), warned("MSSP_BASIC_A", year=2018)) == (1, [])
