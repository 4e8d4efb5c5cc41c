"""42 CFR 414.1305: covered professional services, and the E/M services among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpcli.regulation.resolve import resolve_law
from tests.support.spec_tables import computed, computed_under, payment, score


def table_of(codes: str, *, day: str = "02-01", setting: str = "professional", extra: str = "") -> str:
    """One line per code, worth 1, 2, 4, ... cents, so that a sum of cents says which lines it holds."""
    worth = [f"B{i} {code} {day} {setting} {2**i / 100:.2f}" for i, code in enumerate(codes.split())]
    return "\n".join(["bene hcpcs service setting paid", *worth, extra])


def those_in(cents: int, codes: str) -> str:
    return " ".join(code for i, code in enumerate(codes.split()) if cents & 2**i)


def that_count(codes: str, *, year: int = 2026, day: str = "02-01", setting: str = "professional") -> str:
    """The codes that are covered professional services: each alone makes its person eligible on the CPS basis."""
    outcome = computed(year=year, lines=table_of(codes, day=day, setting=setting))
    return those_in(int(payment(score(outcome, basis="cps"))[1] * 100), codes)


def that_qualify(codes: str, *, year: int = 2024, day: str = "02-01") -> str:
    """The codes that are E/M services: each alone makes its person eligible on the E/M basis."""
    outcome = computed(year=year, lines=table_of(codes, day=day))
    return those_in(int(payment(score(outcome))[1] * 100), codes)


# Paid under or based on the Physician Fee Schedule


def test_services_in_professional_and_cah_method_ii_settings_are_covered() -> None:
    assert that_count("99213 93306", setting="professional") == "99213 93306"
    assert that_count("99213 93306", setting="cah_method_ii") == "99213 93306"
    assert that_count("99213 93306", setting="other") == ""


def test_anesthesia_is_covered() -> None:
    assert that_count("00100 01999") == "00100 01999"


@pytest.mark.parametrize(
    ("codes", "covered"),
    [
        ("80047 80499 80500 80503 80506 80507 84999 85002", "80500 80503 80506"),
        ("36414 36415 36416 36417", "36414 36417"),
        ("85059 85060 85061 85096 85097 85098", "85060 85097"),
        ("86076 86077 86079 86080 86484 86485 86580 86581 87999 88000", "86077 86079 86485 86580 88000"),
        ("0001U 0999U 0002M 0099M 0001T 0001F", "0001T 0001F"),
        ("G0027 G0102 G0103 G0104 G0439 G0499 G0659", "G0102 G0104 G0439"),
    ],
)
def test_clinical_laboratory_services_are_not_covered_and_their_neighbours_are(codes: str, covered: str) -> None:
    assert that_count(codes) == covered


def test_drugs_and_biologicals_are_not_covered() -> None:
    codes = "J0000 J1100 J9999 90281 90399 90460 90475 90476 90759 90760 Q0090 Q0091 Q0092 Q0093 Q9999"
    assert that_count(codes) == "90460 90475 90760 Q0091 Q0092"


def test_equipment_prosthetics_orthotics_and_supplies_are_not_covered() -> None:
    assert that_count("E0100 K0001 L0100 A4253 B4150 V2020 V5364 V2019 V5365 99213") == "V2019 V5365 99213"


def test_ambulance_and_facility_services_are_not_covered() -> None:
    assert that_count("A0428 C9600 G0463 G0462 G0466 G0470 G0511 G0513 99213") == "G0462 G0513 99213"


def test_a_blank_hcpcs_is_no_service() -> None:
    lines = """
    bene hcpcs paid
    B1   99213 1
    B1   -     2
    """
    assert payment(score(computed(lines=lines))) == (0, 1)


def test_a_service_that_is_not_covered_leaves_no_dollars_beside_covered_ones() -> None:
    lines = """
    bene hcpcs paid
    B1   99213 1
    B1   J1100 500
    B1   93306 4
    """
    assert payment(score(computed(lines=lines))) == (0, 5)


def test_exclusions_are_dated() -> None:
    codes = "M0201 G2023 U0001 99213"
    lines = table_of(codes, extra="\n".join(f"B{i} 99213 02-01 professional 0" for i in range(4)))
    counted = {year: computed(year=year, lines=lines) for year in (2019, 2020)}
    cents = {year: int(payment(score(outcome))[1] * 100) for year, outcome in counted.items()}
    assert {year: those_in(amount, codes) for year, amount in cents.items()} == {2019: codes, 2020: "99213"}


def test_a_physician_fee_schedule_file_replaces_the_ranges_and_statuses_a_c_j_r_and_t_count(tmp_path: Path) -> None:
    codes = "99213 00100 93306 99499 J1100 80053 Q3014 G0027 99000"
    statuses = "A J C R T X E I B"
    file = tmp_path / "pfs.csv"
    rows = [f"{code},{status}" for code, status in zip(codes.split(), statuses.split(), strict=True)]
    file.write_text("\n".join(["HCPCS,STATUS CODE", *rows]))
    law = resolve_law(performance_year=2026, pfs_codes=file)
    row = score(computed_under(law, year=2026, lines=table_of(codes + " 99214")), basis="cps")
    assert those_in(int(payment(row)[1] * 100), codes + " 99214") == "99213 00100 93306 99499 J1100"


# E/M services, by date of service


def test_em_services_are_the_cpt_section_and_visits_of_the_same_kind() -> None:
    codes = "99199 99201 99204 99213 99499 99500 G0402 G0403 G0437 G0438 G0439 G0440 G0506 G0507 93306"
    assert that_qualify(codes) == "99201 99204 99213 99499 G0402 G0438 G0439 G0506"


@pytest.mark.parametrize(
    ("codes", "first_year"), [("G2212", 2021), ("G0316 G0317 G0318", 2023), ("G0556 G0557 G0558", 2025)]
)
def test_a_code_is_an_em_service_from_its_first_year_on(codes: str, first_year: int) -> None:
    assert that_qualify(codes, year=first_year - 1, day="08-31") == ""
    assert that_qualify(codes, year=first_year, day="01-01") == codes


def test_em_codes_may_come_from_a_file_and_change_within_the_year(tmp_path: Path) -> None:
    file = tmp_path / "em.csv"
    file.write_text(
        "code_from,first_date,last_date\n93306,,\n93307,2024-05-15,\n93308,,2024-05-15\n93309,2024-08-31,\n"
    )
    covered = tmp_path / "pfs.csv"
    covered.write_text("HCPCS,STATUS CODE\n" + "".join(f"{code},A\n" for code in range(93306, 93310)))
    law = resolve_law(performance_year=2024, em_codes=file, pfs_codes=covered)
    lines = """
    bene hcpcs service paid
    B1   93306 02-01   1
    B2   99213 02-01   2       # not on this list
    B3   93307 05-14   4
    B4   93307 05-15   8
    B5   93308 05-15   16
    B6   93308 05-16   32
    B7   93309 08-30   64
    B8   93309 08-31   128
    """
    assert payment(score(computed_under(law, lines=lines))) == (0, 1 + 8 + 16 + 128)


# An APM that does not attribute on E/M may have its own code list

OWN_CODES = {
    "lines": """
    bene npi hcpcs paid
    B1   1   99213 1
    B2   1   96413 2
    B3   2   99213 4
    B4   2   96413 8
    """,
    "listed": """
    entity npi
    E1     1
    E2     2
    """,
    "entities": """
    entity codes
    E1     -
    E2     infusions
    """,
    "code_sets": {"infusions": ("96413",)},
}


def test_an_apm_may_attribute_on_a_code_list_of_its_own() -> None:
    outcome = computed(**OWN_CODES)
    assert [payment(score(outcome, entity=entity)) for entity in ("E1", "E2")] == [(0, 1), (0, 8)]


def test_a_code_list_of_its_own_does_not_change_the_covered_professional_service_basis() -> None:
    outcome = computed(year=2026, **OWN_CODES)
    assert [payment(score(outcome, entity=entity, basis="cps")) for entity in ("E1", "E2")] == [(0, 3), (0, 12)]
