"""The oracle reproduces the worked checks of the specification (determination.md, section 12) to the digit."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from .oracle import DuplicateConflict, Result, determine
from .oracle_law import COVERED_SERVICE_EXCLUSIONS, THRESHOLDS, is_in
from .oracle_scores import gap_by_attributing_existing, gap_by_new_attributed, gap_by_shedding, score, status
from .world import Row, World

TIN = {"A": "100000001", "B": "100000002", "C": "100000003"}
NPI = {"1": "1000000001", "2": "1000000002", "3": "1000000003", "4": "1000000004"}

ELIGIBLE = {
    "birth_date": date(1950, 6, 1),
    "has_part_a": True,
    "has_part_b": True,
    "is_managed_care": False,
    "is_medicare_secondary": False,
    "is_us_resident": True,
}


def find(rows: Iterable[Row], **wanted: Any) -> Row:
    """The one row with these values."""
    (row,) = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    return row


def entity_row(result: Result, snapshot: int, basis: str = "em", entity: str = "ACO") -> Row:
    return find(result.threshold_scores, level="apm_entity", snapshot=snapshot, basis=basis, apm_entity_id=entity)


def latest(result: Result, npi: str) -> Row:
    return find(result.determinations, npi=NPI[npi], is_latest=True)


@dataclass
class Practice:
    """Builds a world in which each call of `serve` brings patients of its own."""

    year: int = 2024
    lines: list[dict[str, Any]] = field(default_factory=list)
    beneficiaries: list[dict[str, Any]] = field(default_factory=list)
    participants: list[dict[str, Any]] = field(default_factory=list)
    attribution: list[dict[str, Any]] = field(default_factory=list)

    def enlist(self, entity: str, tin: str, npi: str, since: tuple[int, int] = (1, 1), **more: Any) -> None:
        entry = {"apm_entity_id": entity, "tin": TIN[tin], "npi": NPI[npi], "start_date": date(self.year, *since)}
        self.participants.append(entry | more)

    def serve(
        self,
        entity: str,
        tin: str,
        npi: str,
        patients: tuple[int, int],
        dollars: tuple[str, str],
        day: tuple[int, int] = (2, 1),
        hcpcs: str = "99213",
    ) -> None:
        """Serve (attributed, all) new patients for (attributed, all) dollars; the first of each kind pays."""
        attributed, everybody = patients
        paid = {0: Decimal(dollars[0]), attributed: Decimal(dollars[1]) - Decimal(dollars[0])}
        for number in range(everybody):
            bene_id = f"P{len(self.beneficiaries)}"
            self.beneficiaries.append({"bene_id": bene_id} | ELIGIBLE)
            self.add_line(bene_id, tin, npi, date(self.year, *day), paid.get(number, Decimal(0)), hcpcs)
            if number < attributed:
                self.attribution.append({"apm_entity_id": entity, "bene_id": bene_id})

    def add_line(
        self, bene_id: str, tin: str, npi: str, day: date, paid: Decimal, hcpcs: str = "99213", **more: Any
    ) -> None:
        line = {"claim_id": f"C{len(self.lines)}", "line_number": 1, "bene_id": bene_id, "hcpcs": hcpcs}
        who = {"tin": TIN[tin], "npi": NPI[npi], "service_date": day, "paid_amount": paid}
        self.lines.append(line | who | more)

    def world(self, entities: list[dict[str, Any]] | None = None, **more: Any) -> World:
        rows = (self.lines, self.beneficiaries, self.participants, self.attribution)
        return World(self.year, *rows, entities=entities, **more)


# The main worked table

LINES = """
L01,B01,A,1,2024-01-10,2024-02-01,99213,professional,80.00
L02,B01,B,2,2024-02-20,2024-03-10,93306,professional,120.00
L03,B02,A,1,2024-05-05,2024-05-25,99214,professional,110.00
L04,B03,A,1,2024-03-02,2024-03-20,99213,professional,80.00
L05,B04,B,2,2024-04-15,2024-05-01,93306,professional,120.00
L06,B05,A,1,2024-02-02,2024-02-20,99213,professional,80.00
L07,B06,A,1,2024-02-03,2024-02-20,99213,professional,40.00
L08,B07,A,1,2024-02-04,2024-02-20,99213,professional,80.00
L09,B08,A,1,2024-02-05,2024-02-20,99213,professional,80.00
L10,B09,A,1,2024-02-06,2024-02-20,99213,professional,80.00
L11,B03,A,1,2024-06-20,2024-09-15,99214,professional,110.00
L12,B10,A,1,2024-08-30,2024-12-01,99213,professional,80.00
L13,B02,B,2,2024-07-07,2024-07-30,99204,professional,150.00
L14,B04,A,1,2024-07-09,2024-07-30,J1100,professional,500.00
L15,B11,A,1,2024-06-02,2024-06-20,T1015,rhc,0.00
L16,B01,A,1,2024-09-02,2024-09-20,99213,professional,80.00
L17,B03,C,1,2024-04-04,2024-04-20,99214,professional,110.00
"""

FAULTS: dict[str, dict[str, Any]] = {
    "B05": {"is_managed_care": True},
    "B06": {"is_medicare_secondary": True},
    "B07": {"has_part_a": False},
    "B09": {"is_us_resident": False},
}


def main_line(text: str, *, later: int) -> Row:
    number, bene_id, tin, npi, service, processed, hcpcs, setting, paid = text.split(",")
    days = [date.fromisoformat(day) for day in (service, processed)]
    service_date, processed_date = (day.replace(year=day.year + later) for day in days)
    return {
        "claim_id": number,
        "line_number": 1,
        "bene_id": bene_id,
        "tin": TIN[tin],
        "npi": NPI[npi],
        "service_date": service_date,
        "processed_date": processed_date,
        "hcpcs": hcpcs,
        "setting": setting,
        "paid_amount": Decimal(paid),
    }


def main_world(year: int) -> World:
    practice = Practice(year)
    practice.enlist("ACO", "A", "1")
    practice.enlist("ACO", "B", "2", since=(4, 1))
    faults = FAULTS | {"B08": {"birth_date": date(year - 17, 6, 1)}}
    beneficiaries = [{"bene_id": f"B{n:02}"} | ELIGIBLE | faults.get(f"B{n:02}", {}) for n in range(1, 12)]
    attribution = [{"apm_entity_id": "ACO", "bene_id": bene_id} for bene_id in ("B01", "B02", "B10")]
    lines = [main_line(text, later=year - 2024) for text in LINES.split()]
    return World(year, lines, beneficiaries, practice.participants, attribution)


@pytest.mark.parametrize(
    ("year", "snapshot", "basis", "payment", "patient"),
    [
        (2024, 1, "em", ("80.00", "160.00", 50.0), (1, 2, 50.0)),
        (2024, 2, "em", ("310.00", "390.00", 79.4871), (2, 3, 66.6666)),
        (2024, 3, "em", ("460.00", "650.00", 70.7692), (2, 3, 66.6666)),
        (2026, 1, "em", ("80.00", "160.00", 50.0), (1, 2, 50.0)),
        (2026, 2, "em", ("310.00", "390.00", 79.4871), (2, 3, 66.6666)),
        (2026, 3, "em", ("460.00", "650.00", 70.7692), (2, 3, 66.6666)),
        (2026, 2, "cps", ("310.00", "510.00", 60.7843), (2, 4, 50.0)),
        (2026, 3, "cps", ("460.00", "770.00", 59.7402), (2, 4, 50.0)),
    ],
)
def test_the_main_worked_table(
    year: int, snapshot: int, basis: str, payment: tuple[Any, ...], patient: tuple[Any, ...]
) -> None:
    row = entity_row(determine(main_world(year)), snapshot, basis)
    shown = [str(row[f"payment_{part}"]) for part in ("numerator", "denominator")]
    assert (*shown, row["payment_score"]) == payment
    assert tuple(row[f"patient_{part}"] for part in ("numerator", "denominator", "score")) == patient


def test_the_covered_professional_service_basis_begins_with_2026() -> None:
    assert {row["basis"] for row in determine(main_world(2024)).threshold_scores} == {"em"}
    assert {row["basis"] for row in determine(main_world(2026)).threshold_scores} == {"em", "cps"}


def test_the_steps_of_the_main_worked_table_at_snapshot_3() -> None:
    steps = [row for row in determine(main_world(2024)).exclusions if row["snapshot"] == 3]
    lines = [row["lines_remaining"] for row in steps[:5]]
    beneficiaries = [row["beneficiaries_remaining"] for row in steps[5:]]
    amounts = [int(row["amount_remaining"]) for row in steps]
    assert lines == [15, 14, 14, 14, 13]
    assert beneficiaries == [10, 9, 8, 7, 6, 5, 3, 3, 2]
    assert amounts == [1710, 1630, 1630, 1630, 1130, 1130, 1050, 1010, 930, 850, 770, 650, 650, 460]


# Edges


@pytest.mark.parametrize(("attributed", "expected"), [("4999999.99", "PARTIAL_QP"), ("5000000.00", "QP")])
def test_one_cent_under_the_payment_bar_and_at_it(attributed: str, expected: str) -> None:
    practice = Practice(2026)
    practice.enlist("ACO", "A", "1")
    practice.serve("ACO", "A", "1", (1, 10), (attributed, "10000000.00"))
    row = entity_row(determine(practice.world()), 3)
    assert row["payment_denominator"] * 100 == 1_000_000_000
    assert (row["payment_status"], row["status"]) == (expected, expected)


@pytest.mark.parametrize(
    ("attributed", "expected"), [(3499, "PARTIAL_QP"), (3500, "QP"), (2500, "PARTIAL_QP"), (2499, "NOT_QP")]
)
def test_one_patient_under_the_patient_bars_and_at_them(attributed: int, expected: str) -> None:
    bars = THRESHOLDS[2026]
    assert status(attributed, 10_000, bars.patient_qp, bars.patient_partial) == expected


@pytest.mark.parametrize(
    ("year", "expected"), [(2018, "QP"), (2024, "QP"), (2025, "PARTIAL_QP"), (2026, "QP"), (2027, "PARTIAL_QP")]
)
def test_the_same_scores_under_the_bars_of_five_years(year: int, expected: str) -> None:
    practice = Practice(year)
    practice.enlist("ACO", "A", "1")
    practice.serve("ACO", "A", "1", (36, 100), ("4800000", "10000000"))
    row = entity_row(determine(practice.world()), 3)
    assert (row["payment_score"], row["patient_score"], row["status"]) == (48.0, 36.0, expected)


def test_the_gaps() -> None:
    gaps = (gap_by_attributing_existing, gap_by_new_attributed, gap_by_shedding)
    assert [gap(3_200, 10_000, 35) for gap in gaps] == [300, 462, 858]
    assert gap_by_attributing_existing(0, 0, 35) is None


# TIN scores never add up to the entity's

SEEN = {"A": range(700), "B": range(300, 1000), "C": range(900, 1500)}


@pytest.mark.parametrize(
    ("tins", "patient"), [("ABC", (500, 1500)), ("AB", (500, 1000)), ("AC", (500, 1300)), ("BC", (200, 1200))]
)
def test_tin_scores_never_add_up(tins: str, patient: tuple[int, int]) -> None:
    practice = Practice()
    for tin, npi in zip("ABC", "123", strict=True):
        for number in SEEN[tin]:
            practice.add_line(f"P{number}", tin, npi, date(2024, 2, 1), Decimal(10))
        if tin in tins:
            practice.enlist("ACO", tin, npi)
    practice.beneficiaries += [{"bene_id": f"P{number}"} | ELIGIBLE for number in range(1500)]
    practice.attribution += [{"apm_entity_id": "ACO", "bene_id": f"P{number}"} for number in range(500)]
    row = entity_row(determine(practice.world(snapshots=(1,))), 1)
    assert (row["patient_numerator"], row["patient_denominator"]) == patient


# Sticky


def sticky_world() -> World:
    practice = Practice()
    for npi, since in (("1", (1, 1)), ("2", (6, 30)), ("3", (9, 1))):
        practice.enlist("ACO", "A", npi, since)
    practice.serve("ACO", "A", "1", (30, 100), ("52", "100"), day=(2, 1))
    practice.serve("ACO", "A", "1", (38, 100), ("46", "100"), day=(5, 1))
    practice.serve("ACO", "A", "1", (31, 100), ("37", "100"), day=(8, 1))
    return practice.world()


def test_the_best_status_sticks() -> None:
    result = determine(sticky_world())
    rows = [entity_row(result, snapshot) for snapshot in (1, 2, 3)]
    assert [(row["payment_score"], row["patient_score"]) for row in rows] == [(52, 30), (49, 34), (45, 33)]
    first = latest(result, "1")
    assert (first["status"], first["determined_at_snapshot"], first["score"], first["threshold"]) == ("QP", 1, 52, 50)


def test_a_clinician_first_listed_on_june_30_has_the_best_from_there() -> None:
    result = determine(sticky_world())
    row = latest(result, "2")
    assert (row["status"], row["determined_at_snapshot"], row["mips_consequence"]) == ("PARTIAL_QP", 2, "may_elect")
    assert [r["snapshot"] for r in result.determinations if r["npi"] == NPI["2"]] == [2, 3]


def test_a_clinician_first_listed_on_december_31_has_only_that_row() -> None:
    row = find(determine(sticky_world()).determinations, npi=NPI["3"])
    assert (row["snapshot"], row["status"], row["is_latest"]) == (4, "NOT_QP", True)
    assert (row["mips_consequence"], row["is_mips_apm_participant"]) == ("subject", True)
    assert (row["determined_by_level"], row["score"], row["apm_entity_count"]) == (None, None, 0)


# Termination


def one_entity() -> Practice:
    practice = Practice()
    practice.enlist("E1", "A", "1")
    practice.serve("E1", "A", "1", (60, 100), ("60", "100"))
    return practice


@pytest.mark.parametrize(
    ("terminated", "bears_risk", "expected"),
    [((8, 15), True, "NO_SCORE"), ((9, 10), True, "QP"), ((9, 10), False, "NO_SCORE")],
)
def test_termination(terminated: tuple[int, int], bears_risk: bool, expected: str) -> None:
    entity = {"apm_entity_id": "E1", "terminated_on": date(2024, *terminated), "bears_risk": bears_risk}
    row = latest(determine(one_entity().world([entity])), "1")
    assert row["status"] == expected
    assert row["apm_entity_count"] == (1 if expected == "QP" else 0)


TERMINATED: list[Row] = [{"apm_entity_id": "E1", "terminated_on": date(2024, 8, 15)}, {"apm_entity_id": "E2"}]


def test_a_second_entity_makes_the_clinician_qp() -> None:
    practice = one_entity()
    practice.enlist("E2", "B", "1")
    practice.serve("E2", "B", "1", (1, 100), ("52", "100"))
    row = latest(determine(practice.world(TERMINATED)), "1")
    assert (row["status"], row["determined_by_apm_entity_id"], row["score"]) == ("QP", "E2", 52)


@pytest.mark.parametrize(("own", "expected"), [("38", "NOT_QP"), ("41", "PARTIAL_QP")])
def test_own_lines_in_the_second_entity_decide_when_it_fails(own: str, expected: str) -> None:
    practice = one_entity()
    practice.enlist("E2", "B", "1")
    practice.enlist("E2", "B", "2")
    practice.serve("E2", "B", "1", (20, 100), (own, "100"))
    practice.serve("E2", "B", "2", (60, 300), (str(120 - int(own)), "300"))
    result = determine(practice.world(TERMINATED))
    entity = entity_row(result, 3, entity="E2")
    individual = find(result.threshold_scores, level="individual", npi=NPI["1"])
    assert (entity["payment_score"], entity["patient_score"]) == (30, 20)
    assert (individual["payment_score"], individual["patient_score"]) == (int(own), 20)
    assert latest(result, "1")["status"] == expected


# Several entities


@pytest.mark.parametrize(
    ("second", "expected"), [(("33000", "50000"), (49.0909, "PARTIAL_QP")), (("37000", "55000"), (50.4347, "QP"))]
)
def test_several_entities(second: tuple[str, str], expected: tuple[float, str]) -> None:
    practice = Practice()
    for entity, tin, npi in (("E1", "A", "1"), ("E2", "B", "1"), ("E2", "B", "2")):
        practice.enlist(entity, tin, npi)
    practice.serve("E1", "A", "1", (1, 10), ("21000", "60000"))
    practice.serve("E2", "B", "1", (1, 10), second)
    practice.serve("E2", "B", "2", (0, 10), ("0", "100000"))
    result = determine(practice.world())
    assert "QP" not in {entity_row(result, 3, entity=entity)["status"] for entity in ("E1", "E2")}
    row = find(result.threshold_scores, level="individual")
    assert (row["npi"], row["snapshot"], row["payment_score"], row["status"]) == (NPI["1"], 3, *expected)
    shown = latest(result, "1")
    assert (shown["determined_by_level"], shown["apm_entity_count"]) == ("individual", 2)


# Testing window


@pytest.mark.parametrize(
    ("active_from", "snapshots", "dollars"),
    [((5, 15), [3], 300), ((7, 3), [3], 200), ((7, 4), [], None)],
)
def test_an_apm_must_be_tested_for_60_days(
    active_from: tuple[int, int], snapshots: list[int], dollars: int | None
) -> None:
    practice = Practice()
    practice.enlist("ACO", "A", "1")
    for day in ((5, 14), (5, 15), (7, 3), (8, 31)):
        practice.serve("ACO", "A", "1", (1, 2), ("50", "100"), day)
    entity = {"apm_entity_id": "ACO", "active_from": date(2024, *active_from)}
    rows = determine(practice.world([entity])).threshold_scores
    assert [row["snapshot"] for row in rows] == snapshots
    assert dollars is None or rows[0]["payment_denominator"] == dollars


# Exclusive attribution


@pytest.mark.parametrize(
    ("year", "patient"),
    [(2024, (3200, 9100, 35.1648, "QP")), (2020, (3200, 10_000, 32.0, "PARTIAL_QP"))],
)
def test_exclusive_attribution(year: int, patient: tuple[Any, ...]) -> None:
    practice = Practice(year)
    practice.enlist("ACO", "A", "1")
    practice.serve("ACO", "A", "1", (3200, 10_000), ("0", "0"))
    elsewhere = {"apm_entity_id": "OTHER", "is_prospective": True}
    practice.attribution += [elsewhere | {"bene_id": f"P{number}"} for number in range(3200, 4100)]
    row = entity_row(determine(practice.world(snapshots=(1,))), 1)
    shown = ("patient_numerator", "patient_denominator", "patient_score", "status")
    assert tuple(row[name] for name in shown) == patient


def test_without_anybody_prospective_elsewhere_the_score_is_32() -> None:
    assert (score(3200, 10_000), status(3200, 10_000, 35, 25)) == (32.0, "PARTIAL_QP")


# PY 2026, eight results


def eight_results(year: int) -> Result:
    practice = Practice(year)
    practice.enlist("ACO", "A", "1")
    practice.enlist("ACO", "B", "2")
    practice.serve("ACO", "A", "1", (24, 100), ("39", "100"), hcpcs="99213")
    practice.serve("ACO", "A", "1", (38, 100), ("61.20", "100"), hcpcs="93306")
    practice.serve("ACO", "B", "2", (42, 100), ("55", "100"), hcpcs="99213")
    practice.serve("ACO", "B", "2", (16, 100), ("16.80", "100"), hcpcs="93306")
    return determine(practice.world())


def test_eight_results_of_2026() -> None:
    result = eight_results(2026)
    rows = [row for row in result.threshold_scores if row["snapshot"] == 3 and row["npi"] in (None, NPI["1"])]
    scores = {(row["level"], row["basis"]): (row["payment_score"], row["patient_score"]) for row in rows}
    assert scores == {
        ("apm_entity", "em"): (47, 33),
        ("apm_entity", "cps"): (43, 30),
        ("individual", "em"): (39, 24),
        ("individual", "cps"): (50.1, 31),
    }
    shown = latest(result, "1")
    decided = [shown[f"determined_by_{part}"] for part in ("level", "basis", "method")]
    assert (shown["status"], *decided) == ("QP", "individual", "cps", "payment_amount")


def test_the_same_entity_scores_in_2025_are_not_qp() -> None:
    row = latest(eight_results(2025), "1")
    assert (row["status"], row["score"], row["threshold"]) == ("NOT_QP", 47, 50)


# Dollars


def dollars_world(lines: list[tuple[str, dict[str, Any]]], attributed: int) -> World:
    practice = Practice()
    practice.enlist("ACO", "A", "1")
    for number, (paid, more) in enumerate(lines):
        practice.beneficiaries.append({"bene_id": f"P{number}"} | ELIGIBLE)
        practice.add_line(f"P{number}", "A", "1", date(2024, 2, 1), Decimal(paid), **more)
    practice.attribution += [{"apm_entity_id": "ACO", "bene_id": f"P{number}"} for number in range(attributed)]
    return practice.world()


def test_paid_amounts_count_and_not_allowed_charges() -> None:
    world = dollars_world([("80", {}), ("0", {}), ("80", {}), ("80", {})], attributed=2)
    assert entity_row(determine(world), 3)["payment_score"] == 33.3333


def test_what_a_cash_flow_mechanism_withheld_is_added_back() -> None:
    world = dollars_world([("0", {"withheld_amount": Decimal(90)}), ("80", {}), ("100", {})], attributed=2)
    row = entity_row(determine(world), 3)
    assert (row["payment_numerator"], row["payment_denominator"], row["payment_score"]) == (170, 270, 62.9629)


def test_a_mips_adjustment_is_removed() -> None:
    world = dollars_world([("103", {"excluded_amount": Decimal(3)})], attributed=1)
    assert entity_row(determine(world), 3)["payment_denominator"] == 100


# Affiliated Practitioner


def test_an_affiliated_practitioner_is_assessed_alone() -> None:
    practice = Practice()
    practice.enlist("ACO", "A", "1", list_type="affiliated")
    practice.enlist("ACO", "A", "2", list_type="affiliated")
    practice.serve("ACO", "A", "1", (130, 400), ("41000", "100000"))
    practice.serve("ACO", "A", "2", (0, 400), ("0", "100000"))
    result = determine(practice.world())
    row = find(result.threshold_scores, npi=NPI["1"], snapshot=3)
    assert (row["level"], row["payment_score"], row["patient_score"]) == ("affiliated_practitioner", 41, 32.5)
    assert latest(result, "1")["status"] == "PARTIAL_QP"
    assert latest(result, "1")["is_mips_apm_participant"] is False


# Rules beside the worked checks


def test_a_code_is_in_a_range_only_with_the_letters_in_the_same_places() -> None:
    day = date(2024, 1, 1)
    assert is_in("0001U", day, COVERED_SERVICE_EXCLUSIONS)
    assert not is_in("0100T", day, COVERED_SERVICE_EXCLUSIONS)
    assert not is_in("80505", day, COVERED_SERVICE_EXCLUSIONS)


def cancelled_world(processed: tuple[int, int]) -> World:
    world = dollars_world([("80", {}), ("20", {}), ("7", {})], attributed=1)
    cancellation = {"adjustment": "cancellation", "processed_date": date(2024, *processed)}
    orphan = world.claim_lines[1] | {"claim_id": "LOST"} | cancellation
    lines = [*world.claim_lines, world.claim_lines[0] | cancellation, orphan]
    return replace(world, claim_lines=lines)


@pytest.mark.parametrize(("processed", "expected"), [((5, 30), (0, 27)), ((5, 31), (80, 107))])
def test_a_cancellation_after_the_cut_off_does_not_cancel_yet(
    processed: tuple[int, int], expected: tuple[int, int]
) -> None:
    row = entity_row(determine(cancelled_world(processed)), 1)
    assert (row["payment_numerator"], row["payment_denominator"]) == expected


def test_an_equal_duplicate_counts_once_and_a_different_one_is_a_conflict() -> None:
    world = dollars_world([("80", {})], attributed=1)
    (line,) = world.claim_lines
    again = replace(world, claim_lines=[line, line | {"hcpcs": " 99213 "}])
    assert entity_row(determine(again), 3)["payment_denominator"] == 80
    with pytest.raises(DuplicateConflict):
        determine(replace(world, claim_lines=[line, line | {"paid_amount": Decimal(81)}]))


def test_dollars_below_zero_show_a_score_and_give_no_status() -> None:
    row = entity_row(determine(dollars_world([("30", {}), ("-90", {})], attributed=1)), 3)
    assert (row["payment_score"], row["payment_status"], row["payment_gap_to_qp"]) == (-50.0, "NO_SCORE", None)
    assert row["status"] == "QP"  # one of two patients
