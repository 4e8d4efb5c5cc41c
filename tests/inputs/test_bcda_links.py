"""Which ids are one person: Patient references and old MBIs -> the current MBI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.inputs.bcda_made import (
    JANUARY,
    MARCH,
    V2,
    V3,
    as_line,
    mbi,
    ndjson,
    needs_samples,
    patient,
    read_bcda,
    v2_claim,
    v3_claim,
)


def links(tmp_path: Path, *patients: dict[str, Any]) -> dict[str, str]:
    claims = ndjson(tmp_path / "eob.ndjson", v2_claim())
    read = read_bcda(claims, *(ndjson(tmp_path / f"{place}.ndjson", one) for place, one in enumerate(patients)))
    return dict(read.crosswalk().iter_rows())


OLD, NEW = "1S00E00AA10", "2S00E00AA10"


@pytest.mark.parametrize(
    "mbis",
    [
        (mbi(OLD, start="2017-01-01", end="2024-12-31"), mbi(NEW, start="2025-01-01")),
        (mbi(OLD, currency="historic"), mbi(NEW, currency="current")),
        (mbi(OLD, start="2026-01-01", currency="historic"), mbi(NEW, start="2020-07-30", currency="current")),
        (mbi(OLD, currency="historic"), mbi(NEW)),
        (mbi(OLD, start="2017-01-01"), mbi(NEW, start="2025-01-01")),
        (mbi(OLD, end="2024-12-31"), mbi(NEW)),
        (mbi(OLD, start="2017-01-01", end="2018-12-31"), mbi(NEW, start="2019-01-01", end="2020-12-31")),
    ],
)
def test_the_current_mbi(tmp_path: Path, mbis: tuple[dict[str, Any], ...]) -> None:
    expected = {"Patient/-10": NEW, OLD: NEW}
    assert links(tmp_path, patient(*mbis)) == expected
    assert links(tmp_path, patient(*reversed(mbis))) == expected


def test_an_mbi_that_a_later_export_no_longer_names_stays_the_same_person(tmp_path: Path) -> None:
    newer, older = patient(mbi(NEW), updated=MARCH), patient(mbi(OLD), updated=JANUARY)
    assert links(tmp_path, newer, older) == {"Patient/-10": NEW, OLD: NEW}


def test_an_mbi_that_is_current_again_is_current(tmp_path: Path) -> None:
    later = patient(mbi(OLD, currency="current"), mbi(NEW, currency="historic"), updated=MARCH)
    earlier = patient(mbi(OLD, currency="historic"), mbi(NEW, currency="current"), updated=JANUARY)
    assert links(tmp_path, later, earlier) == {"Patient/-10": OLD, NEW: OLD}


def test_a_patient_without_an_mbi_is_counted(tmp_path: Path) -> None:
    nobody = {**patient(), "identifier": []}
    claims = ndjson(tmp_path / "eob.ndjson", v2_claim())
    read = read_bcda(claims, ndjson(tmp_path / "patient.ndjson", nobody))
    assert read.crosswalk().is_empty()
    words = "Patients without an MBI, known by their reference alone"
    assert read.findings()["counted_for_record", words] == 1


def test_a_reference_is_the_same_with_and_without_the_server(tmp_path: Path) -> None:
    claims = ndjson(tmp_path / "eob.ndjson", v3_claim())
    read = read_bcda(claims, ndjson(tmp_path / "patient.ndjson", patient()))
    assert read.lines["bene_id"].to_list() == ["Patient/-10"]
    assert dict(read.crosswalk().iter_rows())["Patient/-10"] == OLD


def test_a_claim_may_name_the_mbi_itself(tmp_path: Path) -> None:
    claim = v2_claim()
    claim["patient"] = {"identifier": {"system": "http://hl7.org/fhir/sid/us-mbi", "value": OLD}}
    assert read_bcda(ndjson(tmp_path / "eob.ndjson", claim)).lines["bene_id"].to_list() == [OLD]


@needs_samples
def test_cmss_own_patients(tmp_path: Path) -> None:
    claims = ndjson(tmp_path / "eob.ndjson", v2_claim())
    people = ndjson(tmp_path / "p.ndjson", as_line(V2 / "patientRead.json"), as_line(V3 / "Patient.json"))
    current, other = "3456789", "ABB2BB0BB22"
    assert dict(read_bcda(claims, people).crosswalk().iter_rows()) == {
        "Patient/567834": current,
        "3456689": current,
        "543217066": current,
        "9AB2WW3GR44": current,
        "Patient/123456789": other,
        "AAA1AA0AA11": other,
    }
