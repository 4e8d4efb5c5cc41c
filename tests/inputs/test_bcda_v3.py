"""BCDA v3 claims: their paths, which resources are kept, and who rendered a line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qpcli.errors import InputError
from tests.inputs.bcda_made import (
    NPI,
    OTHER_NPI,
    V3,
    as_line,
    law_of,
    ndjson,
    needs_samples,
    read_bcda,
    v3_claim,
    v3_item,
)


def the_line(tmp_path: Path, *items: dict[str, Any], **claim: Any) -> dict[str, Any]:
    return read_bcda(ndjson(tmp_path / "eob.ndjson", v3_claim(*items, **claim))).lines.row(0, named=True)


def test_every_fact_has_its_place(tmp_path: Path) -> None:
    line = the_line(tmp_path, v3_item(line=2, CLM_PRMRY_PYR_CD="H"), CLM_NCH_PRMRY_PYR_CD="I")
    expected = {
        "claim_id": "CONTROL1",
        "claim_version": "9001",
        "line_number": 2,
        "bene_id": "Patient/-10",
        "npi": NPI,
        "tin": "012345678",
        "hcpcs": "99213",
        "service_date": date(2025, 1, 15),
        "processed_date": date(2025, 2, 6),
        "paid_cents": 1114,
        "setting": "professional",
        "adjustment": "original",
        "is_denied": False,
        "payer": "H",
        "delivery": 2501201500000,
    }
    assert {name: line[name] for name in expected} == expected


def test_a_line_without_a_payer_has_the_claims(tmp_path: Path) -> None:
    assert the_line(tmp_path, CLM_NCH_PRMRY_PYR_CD="I")["payer"] == "I"
    assert the_line(tmp_path)["payer"] is None


def test_without_a_control_number_the_claims_unique_number_is_its_key(tmp_path: Path) -> None:
    claim = v3_claim()
    claim["identifier"] = claim["identifier"][:1]
    assert read_bcda(ndjson(tmp_path / "eob.ndjson", claim)).lines["claim_id"].to_list() == ["UNIQUE1"]


@pytest.mark.parametrize(
    ("coding", "hcpcs"),
    [
        (("http://www.ama-assn.org/go/cpt", "99453"), "99453"),
        (("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "J2270"), "J2270"),
        (("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-applicable"), None),
        (("http://hl7.org/fhir/sid/ndc", "00409189001"), None),
    ],
)
def test_services_are_cpt_or_hcpcs_codes(tmp_path: Path, coding: tuple[str, str], hcpcs: str | None) -> None:
    item = v3_item()
    item["productOrService"] = {"coding": [{"system": coding[0], "code": coding[1]}]}
    assert the_line(tmp_path, item)["hcpcs"] == hcpcs


@pytest.mark.parametrize(("code", "word"), [("0", "original"), ("1", "cancellation"), ("2", "replacement")])
def test_the_adjustment_types(tmp_path: Path, code: str, word: str) -> None:
    assert the_line(tmp_path, CLM_ADJSTMT_TYPE_CD=code)["adjustment"] == word


@pytest.mark.parametrize("code", ["", "3"])
def test_another_or_no_adjustment_type_is_a_bad_row(tmp_path: Path, code: str) -> None:
    path = ndjson(tmp_path / "eob.ndjson", v3_claim(), v3_claim(id="2", CLM_ADJSTMT_TYPE_CD=code))
    with pytest.raises(InputError) as raised:
        read_bcda(path)
    assert "a blank or unknown adjustment type (row 2)" in raised.value.message


def test_a_cancellation_and_a_replacement_stand_beside_the_original(tmp_path: Path) -> None:
    """Nothing is netted here: that depends on the snapshot."""
    versions = [v3_claim(id=str(code), CLM_ADJSTMT_TYPE_CD=str(code)) for code in range(3)]
    lines = read_bcda(ndjson(tmp_path / "eob.ndjson", *versions)).lines
    assert lines["adjustment"].to_list() == ["original", "cancellation", "replacement"]
    assert lines["claim_id"].n_unique() == 1
    assert lines["claim_version"].n_unique() == 3


def test_only_final_claims_of_the_national_history_are_kept(tmp_path: Path) -> None:
    read = read_bcda(
        ndjson(
            tmp_path / "eob.ndjson",
            v3_claim(id="1", claim_type="2700", tags=("SharedSystem", "FinalAction")),
            v3_claim(id="2", tags=("SharedSystem", "FinalAction")),
            v3_claim(id="3", tags=("NationalClaimsHistory", "NotFinalAction")),
            v3_claim(id="4", claim_type="40"),
            v3_claim(id="5", claim_type="72"),
            {**v3_claim(id="6"), "meta": {}},
        )
    )
    assert read.lines["claim_version"].to_list() == ["5"]
    assert {rule: count for (code, rule), count in read.findings().items() if code == "rows_left_out"} == {
        "claims that are only partially adjudicated": 3,
        "claims that are not final action": 1,
        "claims of other types than 71 and 72": 1,
    }


def test_what_is_left_out_is_not_judged(tmp_path: Path) -> None:
    odd = v3_claim(v3_item(paid="1e9"), id="2", tags=("SharedSystem", "FinalAction"), CLM_ADJSTMT_TYPE_CD="")
    assert read_bcda(ndjson(tmp_path / "eob.ndjson", v3_claim(), odd)).lines.height == 1


def test_cancelled_history_is_there(tmp_path: Path) -> None:
    assert ("run_out_final_action", None) not in read_bcda(ndjson(tmp_path / "eob.ndjson", v3_claim())).findings()


def test_a_line_is_rendered_by_whom_it_names(tmp_path: Path) -> None:
    assert the_line(tmp_path, v3_item(team=(2,)))["npi"] == OTHER_NPI


def test_a_line_that_names_nobody_is_rendered_by_the_only_clinician(tmp_path: Path) -> None:
    line = the_line(tmp_path, v3_item(line=7, team=()), rendering=(NPI, "0000000000", NPI))
    assert line["npi"] == NPI


def test_of_several_clinicians_the_one_with_the_lines_number_renders_it(tmp_path: Path) -> None:
    claim = v3_claim(v3_item(line=2, team=()), v3_item(line=3, team=()))
    path = ndjson(tmp_path / "eob.ndjson", claim)
    words = "lines with several possible rendering clinicians, taken as nobody's"
    by_number = read_bcda(path)
    assert by_number.lines["npi"].to_list() == [OTHER_NPI, None]
    assert by_number.findings()["counted_for_record", words] == 1
    nobody = read_bcda(path, law=law_of(v3_rendering="nobody"))
    assert nobody.lines["npi"].to_list() == [None, None]
    assert nobody.findings()["counted_for_record", words] == 2


def test_the_load_date_can_be_taken_as_the_date_of_processing(tmp_path: Path) -> None:
    path = ndjson(tmp_path / "eob.ndjson", v3_claim())
    read = read_bcda(path, law=law_of(run_out_date="loaded"))
    assert read.lines["processed_date"].to_list() == [date(2025, 2, 20)]


@needs_samples
def test_cmss_own_claims(tmp_path: Path) -> None:
    names = [f"ExplanationOfBenefit-{name}" for name in ("Carrier", "MCS", "Outpatient", "DME")]
    read = read_bcda(ndjson(tmp_path / "eob.ndjson", *(as_line(V3 / f"{name}.json") for name in names)))
    assert read.lines.select("line_number", "npi", "tin", "hcpcs", "paid_cents", "payer").rows() == [
        (1, "1942945159", "000000015", "99213", 0, "I"),
        (2, "1952378861", None, "99453", 1114, "I"),
        (3, "1952378861", None, None, 0, "H"),
        (4, "1952378861", None, "J2270", 0, "I"),
    ]
    assert read.lines["processed_date"].unique().to_list() == [date(2025, 1, 18)]
    found = read.findings()
    assert found["rows_left_out", "claims that are only partially adjudicated"] == 1
    assert found["rows_left_out", "claims of other types than 71 and 72"] == 2
    assert found["counted_for_record", "lines without a paid amount, taken as 0.00"] == 3
    assert found["zero_filled", "tin"] == 1
