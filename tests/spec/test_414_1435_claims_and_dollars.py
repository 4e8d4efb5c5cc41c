"""42 CFR 414.1435(a)(3), (b) with 414.1450(b): which lines are denied or paid, and what a line is worth."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.spec_tables import computed, individual, patients, payment, score

# Medicare paid amounts


def test_paid_amounts_are_added_up_to_the_cent() -> None:
    lines = """
    bene paid
    B1   80.25
    B1   19.76
    B2   0.01
    """
    row = score(computed(lines=lines, attributed="B2"))
    assert payment(row) == (Decimal("0.01"), Decimal("100.02"))


def test_a_negative_original_is_a_take_back_and_stays_negative() -> None:
    lines = """
    bene paid
    B1   80
    B1   -30
    """
    row = score(computed(lines=lines))
    assert (payment(row), patients(row)) == ((0, 50), (0, 1))


def test_a_line_paid_nothing_counts_its_patient_and_no_dollars() -> None:
    row = score(computed(lines="bene paid\nB1 0\nB2 80", attributed="B1"))
    assert (payment(row), patients(row)) == ((0, 80), (1, 2))


# net = paid + withheld - excluded


def test_what_a_cash_flow_mechanism_withheld_is_added_back() -> None:
    lines = """
    bene paid withheld
    B1   0    90
    B1   80   -
    B2   100  0
    """
    row = score(computed(lines=lines, attributed="B1"))
    assert (payment(row), row["payment_score"]) == ((170, 270), 62.9629)


def test_mips_adjustments_and_bonuses_inside_the_paid_amount_are_removed() -> None:
    lines = """
    bene paid excluded
    B1   103  3
    B1   97   -3       # a negative MIPS adjustment had lowered what was paid
    """
    assert payment(score(computed(lines=lines)))[1] == 200


def test_a_line_is_worth_paid_and_withheld_less_excluded() -> None:
    assert payment(score(computed(lines="bene paid withheld excluded\nB1 100.10 20.20 3.03")))[1] == Decimal("117.27")


# Denied rows never count

DENIED = """
bene denied paid
B1   no     1
B2   yes    2
B3   -      4
"""


def test_denied_rows_never_count() -> None:
    row = score(computed(lines=DENIED))
    assert (payment(row), patients(row)) == ((0, 5), (0, 2))


def test_with_denied_lines_count_they_do() -> None:
    row = score(computed(lines=DENIED, assume={"denied_lines": "count"}))
    assert (payment(row), patients(row)) == ((0, 7), (0, 3))


# Payments that are no service of a clinician to a beneficiary


def test_a_supplemental_payment_counts_only_when_attributable_to_a_clinician() -> None:
    lines = """
    bene npi paid
    B1   1   1
    B1   -   2
    """
    assert payment(score(computed(lines=lines, listed="A/1")))[1] == 1


def test_payments_in_other_settings_never_count() -> None:
    lines = """
    bene setting      paid
    B1   professional 1
    B1   other        2
    B2   other        4
    """
    row = score(computed(lines=lines))
    assert (payment(row), patients(row)) == ((0, 1), (0, 1))


# RHC and FQHC services: no dollars, a service in the patient count method


def test_rhc_and_fqhc_services_have_no_dollars() -> None:
    lines = """
    bene setting      hcpcs paid
    B1   professional 99213 1
    B1   rhc          99213 2
    B1   fqhc         -     4
    """
    assert payment(score(computed(lines=lines))) == (0, 1)


def test_every_rhc_or_fqhc_line_is_a_service_in_the_patient_count_method_whatever_its_hcpcs() -> None:
    """Clinicians 2 to 4 give nothing else; the E/M service of clinician 1 makes the people eligible."""
    lines = """
    bene npi setting      hcpcs
    B2   1   professional 99213
    B3   1   professional 99213
    B4   1   professional 99213
    B2   2   rhc          T1015
    B3   3   fqhc         -
    B4   4   fqhc         J1100
    """
    listed = """
    entity npi
    E1     1
    E1     2
    E1     3
    E1     4
    E2     2
    E2     3
    E2     4
    """
    outcome = computed(lines=lines, listed=listed, attributed="B2")
    assert [patients(individual(outcome, npi)) for npi in ("2", "3", "4")] == [(1, 1), (0, 1), (0, 1)]
    assert [payment(individual(outcome, npi)) for npi in ("2", "3", "4")] == [(0, 0)] * 3


ONLY_RURAL = """
bene setting      hcpcs paid
B1   rhc          99213 1       # an E/M code on a line that is not covered
B2   fqhc         99214 2
B3   professional 99213 4
"""


@pytest.mark.parametrize("basis", ["em", "cps"])
def test_rhc_and_fqhc_services_are_no_qualifying_services_on_either_basis(basis: str) -> None:
    row = score(computed(year=2026, lines=ONLY_RURAL), basis=basis)
    assert (payment(row), patients(row)) == ((0, 4), (0, 1))


@pytest.mark.parametrize("basis", ["em", "cps"])
def test_with_rhc_fqhc_satisfies_em_they_are(basis: str) -> None:
    row = score(computed(year=2026, lines=ONLY_RURAL, assume={"rhc_fqhc_satisfies_em": "yes"}), basis=basis)
    assert (payment(row), patients(row)) == ((0, 4), (0, 3))


def test_with_rhc_fqhc_satisfies_em_other_services_still_do_not() -> None:
    lines = """
    bene setting      hcpcs paid
    B1   professional 93306 1
    B2   professional 93306 2
    B2   rhc          T1015 4
    """
    row = score(computed(lines=lines, assume={"rhc_fqhc_satisfies_em": "yes"}))
    assert (payment(row), patients(row)) == ((0, 2), (0, 1))


def test_an_em_code_satisfies_criterion_6_only_on_a_covered_line() -> None:
    lines = """
    bene setting       hcpcs paid
    B1   professional  99213 1
    B2   cah_method_ii 99213 2
    B3   other         99213 4
    B3   professional  93306 8
    """
    row = score(computed(lines=lines))
    assert (payment(row), patients(row)) == ((0, 3), (0, 2))


# Lines without a TIN


def test_an_institutional_line_without_a_tin_belongs_to_a_group_when_the_npi_is_in_it() -> None:
    lines = """
    bene tin npi setting       paid
    B1   A   1   professional  1
    B1   -   1   cah_method_ii 2
    B1   -   2   cah_method_ii 4      # an NPI that nobody lists
    B1   C   1   cah_method_ii 8      # a TIN that nobody lists
    B2   A   1   professional  0
    B2   -   1   rhc           16
    """
    assert payment(score(computed(lines=lines, listed="A/1"))) == (0, 3)


def test_rhc_and_fqhc_lines_without_a_tin_count_their_patients() -> None:
    lines = """
    bene tin npi setting      hcpcs
    B1   A   1   professional 99213
    B2   B   2   professional 99213
    B3   B   2   professional 99213
    B2   -   1   rhc          T1015
    B3   -   1   fqhc         G0466
    """
    listed = """
    entity tin npi
    E1     A   1
    E1     B   2
    E2     A   1
    E2     B   2
    """
    assert patients(individual(computed(lines=lines, listed=listed), "1")) == (0, 3)


BLANK_TIN = """
bene tin setting      paid
B1   A   professional 1
B1   -   professional 2
"""


def test_a_professional_line_without_a_tin_belongs_to_no_group() -> None:
    assert payment(score(computed(lines=BLANK_TIN))) == (0, 1)


def test_a_professional_line_without_a_tin_is_still_the_clinicians_from_2026_on() -> None:
    outcome = computed(year=2026, lines=BLANK_TIN)
    assert (payment(score(outcome)), payment(individual(outcome))) == ((0, 1), (0, 3))
