"""Section 9: which level applies to whom, and the weighted methodology of TINs and clinicians (42 CFR 414.1440)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.spec.test_414_1440_all_payer import all_payer
from tests.support.spec_tables import computed, counts_of, decided_by, determination, findings, npi_of, tin_of

OWN_30_ENTITY_45 = """
npi  tin  people  dollars  attributed
1    A    1       60,000   E1
1    A    99      140,000  -
2    B    1       390,000  E1
2    B    99      410,000  -
"""
"""NPI 1 alone under TIN A: 60,000 of 200,000; the entity 450,000 of 1,000,000."""

OTHERS = "180000/300000"
"""Own other payers: 180,000 of 300,000, so that the own total is 500,000."""


def submitted(level: str, subject: str, payments: str = OTHERS) -> str:
    return f"level subject payments\n{level} {subject} {payments}"


@pytest.mark.parametrize("year", [2024, 2026])
@pytest.mark.parametrize(("level", "subject"), [("tin", "A"), ("npi", "1")])
def test_the_entitys_higher_medicare_score_is_weighted_by_the_own_medicare_payments(
    level: str, subject: str, year: int
) -> None:
    outcome = computed(year=year, populations=OWN_30_ENTITY_45, other_payer=submitted(level, subject))
    row = all_payer(outcome, level=level)
    assert (row["medicare_payment_score"], row["payment_weighted_by_apm_entity_id"]) == (30.0, "E1")
    assert (row["payment_numerator"], row["payment_denominator"]) == (Decimal(270_000), Decimal(500_000))
    assert (row["payment_score"], row["payment_status"]) == (54.0, "QP")
    decided = determination(outcome, "1")
    assert decided_by(decided)[:2] == (level, "E1" if level == "tin" else None)
    assert (decided["status"], decided["score"], decided["determined_by_option"]) == ("QP", 54.0, "all_payer")
    assert determination(outcome, "2")["status"] == "PARTIAL_QP"


@pytest.mark.parametrize(("level", "subject"), [("tin", "A"), ("npi", "1")])
def test_with_all_payer_weighting_own_score_the_own_payments_count(level: str, subject: str) -> None:
    assume = {"all_payer_weighting": "own_score"}
    row = all_payer(
        computed(populations=OWN_30_ENTITY_45, other_payer=submitted(level, subject), assume=assume), level=level
    )
    assert (row["payment_score"], row["payment_weighted_by_apm_entity_id"]) == (48.0, None)


def test_an_own_score_that_is_not_lower_is_not_weighted() -> None:
    row = all_payer(computed(populations=OWN_30_ENTITY_45, other_payer=submitted("npi", "2")), level="npi")
    assert (row["medicare_payment_score"], row["payment_weighted_by_apm_entity_id"]) == (48.75, None)
    assert row["payment_numerator"] == Decimal(570_000)


def test_each_method_is_weighted_by_itself() -> None:
    populations = """
    npi  tin  people  dollars  attributed
    1    A    9       10       E1
    1    A    1       90       -
    2    B    1       900      E1
    2    B    9       10       -
    """
    row = all_payer(computed(populations=populations, other_payer=submitted("npi", "1")), level="npi")
    assert (row["payment_weighted_by_apm_entity_id"], row["patient_weighted_by_apm_entity_id"]) == ("E1", None)


def test_a_weighted_score_is_an_exact_ratio() -> None:
    populations = """
    npi  tin  people  dollars  attributed
    1    A    3       0.03     -
    2    B    1       0.01     E1
    2    B    2       0.02     -
    """
    over = {"populations": populations, "assume": {"all_payer_medicare_minimum": "score_used"}}
    row = all_payer(computed(**over, other_payer=submitted("npi", "1", "0.03/0.03")), level="npi")
    # The entity's 1/6 of the own 3 cents is half a cent: 3.5 of 6 cents.
    assert (row["payment_score"], row["payment_numerator"], row["payment_gap_to_qp"]) == (
        58.3333,
        Decimal("0.03"),
        Decimal(0),
    )
    short = all_payer(computed(**over, other_payer=submitted("npi", "1", "0.02/0.03")), level="npi")
    assert (short["payment_score"], short["payment_gap_to_qp"]) == (41.6666, Decimal("0.01"))


def test_the_medicare_minimum_is_that_of_the_score_used_or_of_the_own_score() -> None:
    own_5 = OWN_30_ENTITY_45.replace(" 60,000", " 10,000").replace("140,000", "190,000")
    populations = own_5.replace("390,000", "440,000").replace("410,000", "360,000")
    given = {"populations": populations, "other_payer": submitted("npi", "1", "300000/300000")}
    used = all_payer(computed(**given), level="npi")
    own = all_payer(computed(**given, assume={"all_payer_medicare_minimum": "own_score"}), level="npi")
    assert (used["medicare_payment_score"], used["payment_score"]) == (5.0, 78.0)
    assert (used["medicare_minimum_status"], used["status"]) == ("QP", "QP")
    assert (own["medicare_minimum_status"], own["payment_score"], own["status"]) == ("NOT_QP", 78.0, "NOT_QP")


def test_of_several_entities_the_highest_score_is_weighted() -> None:
    populations = """
    npi  tin  people  dollars  attributed
    1    A    10      100      -
    2    B    5       400      E1
    2    B    5       500      -
    3    C    5       600      E2
    3    C    5       300      -
    """
    listed = "entity tin npi\nE1 A 1\nE1 B 2\nE2 A 1\nE2 C 3"
    outcome = computed(populations=populations, listed=listed, other_payer=submitted("npi", "1"))
    row = all_payer(outcome, level="npi")
    assert (row["apm_entity_id"], row["payment_weighted_by_apm_entity_id"]) == (None, "E2")


def test_a_clinician_is_assessed_at_every_snapshot_through_2025_with_the_entities_people() -> None:
    lines = """
    bene  npi  tin  hcpcs  service  paid
    B1    1    A    93306  02-01    100
    B1    2    B    99213  02-01    50
    B2    1    A    99213  02-01    300
    """
    table = "level subject snapshot payments\nnpi 1 1 0/0"
    row = all_payer(computed(lines=lines, attributed="B1", other_payer=table), snapshot=1, level="npi")
    # B1 qualifies by a service of NPI 2: the definition asks for one by a clinician of the APM Entity.
    assert row["medicare_payment_denominator"] == Decimal(400)
    alone = {"individual_criterion_6": "own_services"}
    row = all_payer(computed(lines=lines, attributed="B1", other_payer=table, assume=alone), snapshot=1, level="npi")
    assert row["medicare_payment_denominator"] == Decimal(300)


def test_a_tin_has_the_entitys_days_of_testing_and_a_clinician_the_whole_period() -> None:
    lines = "bene service paid\nB1 02-01 100\nB1 06-01 300"
    table = "level subject payments\nnpi 1 0/0\ntin A 0/0"
    outcome = computed(lines=lines, attributed="B1", entities="entity from\nE1 05-15", other_payer=table)
    rows = {level: all_payer(outcome, level=level)["medicare_payment_denominator"] for level in ("npi", "tin")}
    assert rows == {"npi": Decimal(400), "tin": Decimal(300)}


def test_a_tins_people_are_those_of_its_apm_entity() -> None:
    lines = "bene npi tin hcpcs paid\nB1 1 A 93306 100\nB1 2 B 99213 50\nB2 1 A 99213 300"
    for year, assume in ((2024, {"individual_criterion_6": "own_services"}), (2026, {})):
        given = {"lines": lines, "attributed": "B1", "other_payer": submitted("tin", "A")}
        row = all_payer(computed(year=year, assume=assume, **given), level="tin")
        assert row["medicare_payment_denominator"] == Decimal(400)


def test_a_tins_result_is_that_of_its_clinicians_in_the_group_alone() -> None:
    listed = "tin npi\nA 1\nA 3\nB 2"
    outcome = computed(populations=OWN_30_ENTITY_45, listed=listed, other_payer=submitted("tin", "A"))
    row = all_payer(outcome, level="tin")
    assert (row["apm_entity_id"], row["tin"], row["npi"], row["clinician_count"]) == ("E1", tin_of("A"), None, 2)
    statuses = {npi: determination(outcome, npi)["status"] for npi in ("1", "2", "3")}
    assert statuses == {"1": "QP", "2": "PARTIAL_QP", "3": "QP"}


def refused(**tables: Any) -> str | None:
    row = all_payer(computed(**{"populations": OWN_30_ENTITY_45, "other_payer": submitted("tin", "A")} | tables))
    if row["not_assessed_because"]:
        assert (row["status"], row["payment_score"], row["apm_entity_id"]) == ("NO_SCORE", None, None)
    return row["not_assessed_because"]


def test_a_tin_is_refused_when_somebody_who_bills_under_it_is_not_in_the_apm_entity() -> None:
    outsider = "bene npi tin service\nB9 7 A 03-01"
    tables = {"lines": outsider, "listed": "A/1 B/2"}
    assert refused(**tables) == "not_in_one_apm_entity"
    assert refused(**tables, assume={"all_payer_tin_clinicians": "listed"}) is None
    assert refused(listed="A/1 B/2") is None
    given = {"populations": OWN_30_ENTITY_45, "other_payer": submitted("tin", "A"), **tables}
    assert counts_of(findings(**given), "all_payer_tin_refused") == [1]


def test_who_bills_under_a_tin_after_the_snapshot_does_not_refuse_it_there() -> None:
    outsider = "bene npi tin service\nB9 7 A 04-01"
    table = "level subject snapshot payments\ntin A 1 1/1\ntin A 2 1/1"
    outcome = computed(populations=OWN_30_ENTITY_45, lines=outsider, listed="A/1 B/2", other_payer=table)
    reasons = [all_payer(outcome, snapshot=k)["not_assessed_because"] for k in (1, 2)]
    assert reasons == [None, "not_in_one_apm_entity"]


def test_who_is_in_the_apm_entity_under_another_tin_is_in_it() -> None:
    assert refused(lines="bene npi tin\nB9 2 A", listed="A/1 B/2") is None


def test_a_tin_whose_clinicians_are_in_two_apm_entities_is_refused() -> None:
    split = "entity tin npi\nE1 A 1\nE2 A 2\nE1 B 2"
    both = "entity tin npi\nE1 A 1\nE2 A 1\nE1 B 2"
    assert refused(listed="entity tin npi\nE1 A 1\nE2 A 3\nE1 B 2") == "not_in_one_apm_entity"
    assert refused(listed=split) is None, "NPI 2 is in E1 as well: all of the TIN are in E1, not all are in E2"
    assert refused(listed=both) == "not_in_one_apm_entity"


def test_affiliated_practitioners_are_assessed_at_the_clinician_level_only() -> None:
    listed = "tin npi list\nA 1 affiliated\nB 2 affiliated"
    given = {"populations": OWN_30_ENTITY_45, "listed": listed}
    for level, subject in (("apm_entity", "E1"), ("tin", "A")):
        outcome = computed(**given, other_payer=submitted(level, subject))
        assert all_payer(outcome)["not_assessed_because"] == "affiliated_practitioners_only"
        found = findings(**given, other_payer=submitted(level, subject))
        assert counts_of(found, "all_payer_level_does_not_apply") == [1]
    outcome = computed(**given, other_payer=submitted("npi", "1", "240000/300000"))
    row = all_payer(outcome)
    assert (row["apm_entity_id"], row["medicare_payment_score"], row["payment_score"]) == ("E1", 30.0, 60.0)
    assert row["payment_weighted_by_apm_entity_id"] is None
    assert decided_by(determination(outcome, "1")) == ("npi", "E1", "em", "payment_amount", 3)


@pytest.mark.parametrize(("level", "subject"), [("apm_entity", "E7"), ("tin", "Z"), ("npi", "7")])
def test_a_subject_that_no_list_names_has_a_reason_and_no_score(level: str, subject: str) -> None:
    given = {"populations": OWN_30_ENTITY_45, "other_payer": submitted(level, subject)}
    assert all_payer(computed(**given), level=level)["not_assessed_because"] == "unknown_subject"
    assert counts_of(findings(**given), "all_payer_unknown_subject") == [1]


@pytest.mark.parametrize(("level", "subject"), [("apm_entity", "E1"), ("tin", "A"), ("npi", "1")])
@pytest.mark.parametrize("year", [2024, 2026])
def test_a_subject_of_an_entity_that_does_not_count_has_no_medicare_score(level: str, subject: str, year: int) -> None:
    given = {
        "year": year,
        "populations": OWN_30_ENTITY_45,
        "entities": "entity advanced\nE1 no",
        "other_payer": submitted(level, subject),
    }
    row = all_payer(computed(**given), level=level)
    assert row["not_assessed_because"] == "no_medicare_score"
    assert counts_of(findings(**given), "all_payer_no_medicare_score") == [1]


def test_from_2026_a_clinician_has_all_lines_across_all_tins() -> None:
    lines = "bene npi tin paid\nB1 1 A 100\nB2 1 C 300"
    given = {"lines": lines, "listed": "A/1", "attributed": "B1", "other_payer": submitted("npi", "1")}
    row = all_payer(computed(year=2026, **given), level="npi")
    assert row["medicare_payment_denominator"] == Decimal(400)
    assert all_payer(computed(year=2024, **given), level="npi")["medicare_payment_denominator"] == Decimal(100)


@pytest.mark.parametrize(("year", "needs_none"), [(2024, []), (2026, [1])])
def test_a_high_own_score_makes_other_payers_needless_only_where_the_medicare_option_assesses_clinicians(
    year: int, needs_none: list[int]
) -> None:
    own_60 = "npi tin people dollars attributed\n1 A 6 600 E1\n1 A 4 400 -\n2 B 3 300 E1\n2 B 17 1700 -"
    given = {"year": year, "populations": own_60, "other_payer": "level subject payments\nnpi 1 0/10\ntin A 0/10"}
    assert determination(computed(**given), "1")["status"] == "QP"
    assert determination(computed(**given), "1")["determined_by_option"] == ("medicare" if needs_none else "all_payer")
    assert counts_of(findings(**given), "all_payer_not_needed") == needs_none


def test_a_clinician_whose_apm_entity_is_a_qp_by_medicare_needs_no_other_payers() -> None:
    given = {"populations": OWN_30_ENTITY_45.replace("390,000", "890,000"), "other_payer": submitted("npi", "1")}
    assert counts_of(findings(**given), "all_payer_not_needed") == [1]


def test_levels_of_the_same_snapshot_are_shown_entity_before_tin_before_clinician() -> None:
    table = "level subject payments\nnpi 1 900/1000\ntin A 900/1000\napm_entity E1 900000/1000000"
    outcome = computed(populations=OWN_30_ENTITY_45.replace("390", "340"), other_payer=table)

    assert determination(outcome, "1")["determined_by_level"] == "apm_entity"


def test_rows_of_the_medicare_option_are_the_same_with_and_without_submissions() -> None:
    table = "level subject payments\nnpi 1 900/1000\ntin A 900/1000\napm_entity E1 1/1000000"
    for year in (2024, 2026):
        alone = computed(year=year, populations=OWN_30_ENTITY_45)
        both = computed(year=year, populations=OWN_30_ENTITY_45, other_payer=table)
        assert both.threshold_scores == alone.threshold_scores
        assert both.exclusions == alone.exclusions
        assert npi_of("1") in {row["npi"] for row in both.determinations}
