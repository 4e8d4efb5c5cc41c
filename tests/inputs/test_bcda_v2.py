"""BCDA v2 claims: where each fact of a line stands, what is left out, and which export counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qpcli.errors import InputError
from tests.inputs.bcda_made import (
    JANUARY,
    MARCH,
    NPI,
    V2,
    as_line,
    law_of,
    ndjson,
    needs_samples,
    read_bcda,
    v2_claim,
    v2_item,
    v3_claim,
)


def the_line(tmp_path: Path, *items: dict[str, Any], **claim: Any) -> dict[str, Any]:
    return read_bcda(ndjson(tmp_path / "eob.ndjson", v2_claim(*items, **claim))).lines.row(0, named=True)


def test_every_fact_has_its_place(tmp_path: Path) -> None:
    line = the_line(tmp_path, v2_item(line=3, line_bene_prmry_pyr_cd="a"))
    expected = {
        "claim_id": "CONTROL1",
        "claim_version": "carrier-9001",
        "line_number": 3,
        "bene_id": "Patient/-10",
        "npi": NPI,
        "tin": "012345678",
        "hcpcs": "99213",
        "service_date": date(2025, 1, 15),
        "processed_date": date(2025, 2, 6),
        "paid_cents": 3750,
        "setting": "professional",
        "adjustment": "original",
        "is_denied": False,
        "payer": "A",
        "delivery": 2501201500000,
    }
    assert {name: line[name] for name in expected} == expected


def test_the_claim_id_is_the_claims_own_number_without_a_control_number(tmp_path: Path) -> None:
    claim = v2_claim()
    claim["extension"] = claim["extension"][1:]
    assert read_bcda(ndjson(tmp_path / "eob.ndjson", claim)).lines["claim_id"].to_list() == ["9001"]


def test_a_date_may_stand_alone_or_have_a_time(tmp_path: Path) -> None:
    alone, timed = v2_item(), v2_item(line=2)
    alone["servicedDate"] = alone.pop("servicedPeriod")["start"]
    timed["servicedPeriod"]["start"] = "2025-01-16T00:00:00-05:00"
    lines = read_bcda(ndjson(tmp_path / "eob.ndjson", v2_claim(alone, timed))).lines
    assert lines["service_date"].to_list() == [date(2025, 1, 15), date(2025, 1, 16)]


@pytest.mark.parametrize(
    ("written", "cents"),
    [("37.5", 3750), ("37.50", 3750), ("0.1", 10), ("0", 0), ("-12.34", -1234), ("1234567.89", 123456789)],
)
def test_amounts_are_exact_to_the_cent(tmp_path: Path, written: str, cents: int) -> None:
    assert the_line(tmp_path, v2_item(paid=written))["paid_cents"] == cents


@pytest.mark.parametrize("written", ["1e2", "37.505", "1E+2", '"1,000.00"'])
def test_an_amount_in_another_form_is_a_bad_row(tmp_path: Path, written: str) -> None:
    path = ndjson(tmp_path / "eob.ndjson", v2_claim(), v2_claim(v2_item(paid=written), id="carrier-2"))
    with pytest.raises(InputError) as raised:
        read_bcda(path)
    assert raised.value.code == "QP203"
    assert "1 row has an unreadable paid_amount (row 2)" in raised.value.message


def test_a_line_without_a_paid_amount_is_0_and_counted(tmp_path: Path) -> None:
    read = read_bcda(ndjson(tmp_path / "eob.ndjson", v2_claim(v2_item(paid=None), v2_item(line=2))))
    assert read.lines["paid_cents"].to_list() == [0, 3750]
    assert read.findings()["counted_for_record", "lines without a paid amount, taken as 0.00"] == 1


def test_only_a_performing_clinician_that_the_line_names_renders_it(tmp_path: Path) -> None:
    referring, nobody, both = v2_item(team=(1,)), v2_item(line=2, team=()), v2_item(line=3, team=(1, 2))
    lines = read_bcda(ndjson(tmp_path / "eob.ndjson", v2_claim(referring, nobody, both))).lines
    assert lines["npi"].to_list() == [None, None, NPI]


def test_two_performing_clinicians_on_a_line_are_nobody_and_counted(tmp_path: Path) -> None:
    claim = v2_claim(v2_item(team=(1, 2)))
    claim["careTeam"][0]["role"]["coding"][0]["code"] = "performing"
    read = read_bcda(ndjson(tmp_path / "eob.ndjson", claim))
    assert read.lines["npi"].to_list() == [None]
    words = "lines with several possible rendering clinicians, taken as nobody's"
    assert read.findings()["counted_for_record", words] == 1


def test_ten_zeros_are_no_npi(tmp_path: Path) -> None:
    claim = v2_claim()
    claim["careTeam"][1]["provider"]["identifier"]["value"] = "0000000000"
    read = read_bcda(ndjson(tmp_path / "eob.ndjson", claim))
    assert read.lines["npi"].to_list() == [None]
    assert ("odd_form", "npi") not in read.findings()


@pytest.mark.parametrize(
    ("written", "tin"), [("15", "000000015"), ("46-1517810", "461517810"), ("012345678", "012345678")]
)
def test_a_tin_gets_its_zeros_back_and_loses_its_hyphen(tmp_path: Path, written: str, tin: str) -> None:
    assert the_line(tmp_path, v2_item(tax_num=written))["tin"] == tin


def test_a_tin_of_ten_digits_is_a_bad_row(tmp_path: Path) -> None:
    path = ndjson(tmp_path / "eob.ndjson", v2_claim(v2_item(tax_num="1928347912")), v2_claim(id="2"))
    with pytest.raises(InputError) as raised:
        read_bcda(path)
    assert "a tin of more than 9 digits (row 1)" in raised.value.message
    assert "1928347912" not in raised.value.message


def test_no_tax_number_in_any_line_is_an_error(tmp_path: Path) -> None:
    read = read_bcda(ndjson(tmp_path / "eob.ndjson", v2_claim(v2_item(tax_num=""), v2_item(line=2, tax_num=""))))
    (found,) = [found for found in read.said if found.code == "no_tin"]
    assert found.message == "BCDA has no tax numbers in 2 of 2 lines; entity scores cannot be computed."
    assert found.severity.value == "error"


@pytest.mark.parametrize(("denial", "line_code", "is_denied"), [("1", "A", False), ("0", "A", True), ("1", "D", True)])
def test_denied_by_the_claims_or_the_lines_code(tmp_path: Path, denial: str, line_code: str, is_denied: bool) -> None:
    assert the_line(tmp_path, v2_item(line_prcsg_ind_cd=line_code), denial=denial)["is_denied"] is is_denied


def test_what_is_no_standing_professional_claim_is_left_out_and_counted(tmp_path: Path) -> None:
    others = [
        v2_claim(id="1", status="cancelled"),
        v2_claim(id="2", claim_type="40"),
        v2_claim(id="3", claim_type="82"),
        v2_claim(id="4", claim_type="72"),
        {**v2_claim(id="5"), "item": []},
        {**v2_claim(id="6"), "type": {}},
        {"resourceType": "Claim", "id": "7"},
        {"resourceType": "ClaimResponse", "id": "8"},
    ]
    read = read_bcda(ndjson(tmp_path / "eob.ndjson", *others))
    assert read.lines["claim_version"].to_list() == ["4"]
    found = {rule: count for (code, rule), count in read.findings().items() if code == "rows_left_out"}
    assert found == {
        "claims that were cancelled or are not active": 1,
        "claims of other types than 71 and 72": 2,
        "claims without lines": 1,
        "claims whose version is not known": 1,
        "Claim and ClaimResponse resources, which are only partially adjudicated": 2,
    }


def test_what_bcda_cannot_tell_is_said(tmp_path: Path) -> None:
    said = {found.code: found.message for found in read_bcda(ndjson(tmp_path / "eob.ndjson", v2_claim())).said}
    assert said["own_people_only"].startswith("Claims from BCDA cover only people in this ACO's own feed.")
    assert said["substance_use_suppressed"] == "Substance-use claims are suppressed in BCDA."
    assert said["run_out_final_action"].startswith(
        "BCDA v2 keeps final versions only; claims changed after the cut-off"
    )
    assert "reductions_missing" in said


def test_the_claim_that_was_updated_last_counts(tmp_path: Path) -> None:
    """Its date of processing may differ: the resource is the same one."""
    newer = v2_claim(v2_item(paid="50.00"), v2_item(line=2), id="A", updated=MARCH, processed="2025-03-14")
    newer_path = ndjson(tmp_path / "a-march.ndjson", newer, v2_claim(id="C"))
    older_path = ndjson(tmp_path / "b-january.ndjson", v2_claim(id="B"), v2_claim(id="A", updated=JANUARY))
    read = read_bcda(newer_path, older_path)
    lines = read.lines.sort("claim_version", "line_number")
    assert lines.select("claim_version", "line_number", "paid_cents").rows() == [
        ("A", 1, 5000),
        ("A", 2, 3750),
        ("B", 1, 3750),
        ("C", 1, 3750),
    ]
    assert read.findings()["replaced_lines", "meta.lastUpdated"] == 1


def test_a_claim_cancelled_by_a_later_export_is_gone(tmp_path: Path) -> None:
    first = ndjson(tmp_path / "1.ndjson", v2_claim(id="A"), v2_claim(id="B"))
    second = ndjson(tmp_path / "2.ndjson", v2_claim(id="A", updated=MARCH, status="cancelled"))
    assert read_bcda(first, second).lines["claim_version"].to_list() == ["B"]


def test_of_equal_exports_each_claim_counts_once(tmp_path: Path) -> None:
    paths = [ndjson(tmp_path / f"{place}.ndjson", v2_claim(), v2_claim(id="B")) for place in range(3)]
    assert sorted(read_bcda(*paths).lines["claim_version"]) == ["B", "carrier-9001"]


def test_times_are_compared_across_time_zones(tmp_path: Path) -> None:
    earlier = v2_claim(v2_item(paid="1.00"), updated="2025-01-20T23:00:00+05:00")
    later = v2_claim(v2_item(paid="2.00"), updated="2025-01-20T19:00:00Z")
    assert read_bcda(ndjson(tmp_path / "eob.ndjson", later, earlier)).lines["paid_cents"].to_list() == [200]


def test_claims_of_two_versions_would_count_twice(tmp_path: Path) -> None:
    path = ndjson(tmp_path / "eob.ndjson", v2_claim(), v3_claim())
    with pytest.raises(InputError) as raised:
        read_bcda(path)
    assert raised.value.code == "QP216"


def test_other_line_codes_can_be_taken_as_allowed(tmp_path: Path) -> None:
    path = ndjson(tmp_path / "eob.ndjson", v2_claim(v2_item(line_prcsg_ind_cd="O")))
    assert read_bcda(path).findings()["left_out_line_code", "O"] == 1
    assert read_bcda(path, law=law_of(allowed_line_codes="A,R,S,O")).lines["is_denied"].to_list() == [False]


@needs_samples
def test_cmss_own_claim_with_a_tax_number(tmp_path: Path) -> None:
    lines = sample_lines(tmp_path, "eobReadCarrierWithTaxNumbers")
    assert lines.select("claim_id", "line_number", "npi", "tin", "hcpcs", "paid_cents", "payer").rows() == [
        ("74655592568216", 6, "1923124", "204299999", "92999", 3750, "E")
    ]


@needs_samples
def test_cmss_own_claim_with_several_lines(tmp_path: Path) -> None:
    lines = sample_lines(tmp_path, "eobReadCarrierWithMultipleLines")
    assert lines["line_number"].to_list() == list(range(1, lines.height + 1))
    assert lines["tin"].null_count() == lines.height
    assert lines["processed_date"].unique().to_list() == [date(1999, 11, 6)]


def sample_lines(tmp_path: Path, name: str) -> pl.DataFrame:
    return read_bcda(ndjson(tmp_path / "eob.ndjson", as_line(V2 / f"{name}.json"))).lines
