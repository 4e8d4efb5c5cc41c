"""Whether an APM is an Advanced APM: its facts against each criterion of the year (42 CFR 414.1415)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from qpcli.regulation.advanced_apm_criteria import AdvancedApmCriteria
from qpcli.regulation.apm_facts import ApmFacts
from qpcli.regulation.histories import DatedValue
from qpcli.regulation.law import Evidence


@dataclass(frozen=True, slots=True)
class CriterionAnswer:
    """One criterion: what it asks, what the APM's facts give, and whether that is enough.

    `evidence` is that of the number asked, REGULATION where the criterion has none.
    """

    name: str
    is_met: bool
    asked: str
    given: str
    citation: str
    evidence: Evidence = Evidence.REGULATION


def answers(facts: ApmFacts, criteria: AdvancedApmCriteria) -> tuple[CriterionAnswer, ...]:
    """Every criterion in the order of the regulation; an APM is Advanced when all are met."""
    return (
        _certified_ehr(facts, criteria),
        CriterionAnswer(
            "payment by quality",
            facts.pays_on_quality_measures,
            "quality measure performance is a factor of payment",
            _yes_or_no(facts.pays_on_quality_measures),
            "42 CFR 414.1415(b)(1)",
        ),
        CriterionAnswer(
            "comparable measure",
            facts.has_comparable_measure,
            "a measure that is evidence-based, reliable, valid, and used in MIPS or alike",
            _yes_or_no(facts.has_comparable_measure),
            "42 CFR 414.1415(b)(2)",
        ),
        _outcome_measure(facts),
        _financial_risk(facts, criteria),
        _nominal_amount(facts, criteria),
    )


def _certified_ehr(facts: ApmFacts, criteria: AdvancedApmCriteria) -> CriterionAnswer:
    """414.1415(a): required of enough clinicians, or in the Shared Savings Program paid by its use."""
    asked, percent = criteria.cehrt_percent, criteria.cehrt_percent.value
    by_penalty = criteria.cehrt_by_penalty.value
    is_paid_by_use = by_penalty and facts.is_shared_savings_program and facts.has_cehrt_penalty_or_reward
    words = f"requires its use of {_percent(percent)} of clinicians" if percent else "requires its use"
    if by_penalty:
        words += ", or (Shared Savings Program) a penalty or reward by its use"
    given = f"required of {_percent(facts.cehrt_percent)} of clinicians" if facts.requires_cehrt else "not required"
    return CriterionAnswer(
        "certified EHR technology",
        is_paid_by_use or (facts.requires_cehrt and facts.cehrt_percent >= percent),
        words,
        "a penalty or reward by its use" if is_paid_by_use else given,
        asked.citation,
        asked.evidence,
    )


def _outcome_measure(facts: ApmFacts) -> CriterionAnswer:
    """414.1415(b)(3): at least one, unless none was available or applicable."""
    given = _yes_or_no(facts.has_outcome_measure)
    return CriterionAnswer(
        "outcome measure",
        facts.has_outcome_measure or facts.no_outcome_measure_applies,
        "at least one outcome measure, where one applies",
        "none applies" if facts.no_outcome_measure_applies and not facts.has_outcome_measure else given,
        "42 CFR 414.1415(b)(3)",
    )


def _financial_risk(facts: ApmFacts, criteria: AdvancedApmCriteria) -> CriterionAnswer:
    """414.1415(c)(1), (2), (6): what happens when expenditures or performance are not as expected."""
    stands_in = _stands_for_risk(facts)
    if stands_in is not None:
        return CriterionAnswer("financial risk", True, "bears risk", stands_in[0], stands_in[1])
    consequences = {
        "withholds payment": facts.withholds_payment,
        "reduces payment rates": facts.reduces_payment_rates,
        "owes payments to CMS": facts.owes_payments_to_cms,
    }
    citation = "42 CFR 414.1415(c)(1)"
    if _has_medical_home_standard(facts, criteria):
        consequences["loses guaranteed payments"] = facts.loses_guaranteed_payments
        citation = "42 CFR 414.1415(c)(2)"
    found = [words for words, is_so in consequences.items() if is_so]
    return CriterionAnswer(
        "financial risk", bool(found), f"one of: {', '.join(consequences)}", ", ".join(found) or "none", citation
    )


def _nominal_amount(facts: ApmFacts, criteria: AdvancedApmCriteria) -> CriterionAnswer:
    """414.1415(c)(3), (4): the least amount at risk, of revenue or of expenditures."""
    stands_in = _stands_for_risk(facts)
    if stands_in is not None:
        return CriterionAnswer("nominal amount", True, "more than a nominal amount", stands_in[0], stands_in[1])
    if _has_medical_home_standard(facts, criteria):
        return _amount_answer(facts, criteria.medical_home_percent, None)
    return _amount_answer(facts, criteria.revenue_percent, criteria.expenditure_percent)


def _amount_answer(
    facts: ApmFacts, revenue: DatedValue[Decimal], expenditures: DatedValue[Decimal] | None
) -> CriterionAnswer:
    is_met = facts.risk_percent_of_revenue >= revenue.value
    asked, given = f"{_percent(revenue.value)} of revenue", f"{_percent(facts.risk_percent_of_revenue)} of revenue"
    if expenditures is not None:
        is_met |= facts.risk_percent_of_expenditures >= expenditures.value
        asked += f" or {_percent(expenditures.value)} of expenditures"
        given += f", {_percent(facts.risk_percent_of_expenditures)} of expenditures"
    return CriterionAnswer("nominal amount", is_met, f"at least {asked}", given, revenue.citation, revenue.evidence)


def _stands_for_risk(facts: ApmFacts) -> tuple[str, str] | None:
    """What meets the whole of 414.1415(c) by itself, with its paragraph."""
    if facts.is_expanded_medical_home_model:
        return "expanded Medical Home Model", "42 CFR 414.1415(c), section 1115A(c) of the Act"
    return ("full capitation", "42 CFR 414.1415(c)(6)") if facts.is_full_capitation else None


def _has_medical_home_standard(facts: ApmFacts, criteria: AdvancedApmCriteria) -> bool:
    """414.1415(c)(2), (4), (7): a Medical Home Model whose owner is not too large."""
    limit = criteria.medical_home_clinician_limit.value
    is_small = not limit or facts.owner_clinician_count < limit or facts.is_cpc_plus_round_1
    return facts.is_medical_home_model and is_small


def _percent(value: Decimal) -> str:
    return f"{value.normalize():f} %"


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
