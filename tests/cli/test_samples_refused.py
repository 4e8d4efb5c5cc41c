"""Public files of layouts that hold no claims, or none that a score can be computed from: the words of the refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.cli.samples import SAMPLES, assert_refused, assert_silent_about, findings_of, needs_samples, records

pytestmark = needs_samples

SYNPUF, ELIGIBILITY = SAMPLES / "desynpuf_ohdsi", SAMPLES / "qpp_eligibility_api"
DE_SYNPUF = (
    "DE-SynPUF covers 2008-2010; QP rules exist from performance year 2017. Its clinician identifiers are scrambled, "
    "so no score can have meaning."
)


def people(*paths: Path) -> set[str]:
    """Ids of people, claims and clinicians, where a header names them."""
    names = ("DESYNPUF_ID", "CLM_ID", "PRF_PHYSN_NPI_1", "TAX_NUM_1", "AT_PHYSN_NPI", "BENE_BIRTH_DT")
    rows = [row for path in paths for row in records(path, ",")]
    return {(value or "").strip('"') for row in rows for key, value in row.items() if str(key).strip('"') in names}


@pytest.mark.parametrize("path", sorted(SYNPUF.rglob("*.csv")), ids=lambda path: path.stem)
@pytest.mark.parametrize("options", [(), ("--log-format", "json"), ("--layout", "rif")], ids=["text", "log", "layout"])
def test_de_synpuf_is_refused_in_these_words(call: Call, path: Path, options: tuple[str, ...]) -> None:
    answer = call("convert", "--claims", str(path), "--out", "store", *options)
    assert (answer.status, answer.out) == (3, "")
    assert f"{path.name}: {DE_SYNPUF}" in answer.err
    assert "QP212" in answer.err
    assert_silent_about(people(path) | {path.name + "x"}, answer)


def test_de_synpuf_is_refused_wherever_it_lies(call: Call) -> None:
    for folder in (SYNPUF, SYNPUF / "DE_0", SYNPUF / "input"):
        assert_refused(call("convert", "--claims", str(folder), "--out", "store"), "QP212", DE_SYNPUF, "2017 or later")
    beside = ("--claims", str(SAMPLES / "bfd_rif_synthea"), "--claims", str(SYNPUF / "input"))
    assert_refused(call("convert", *beside, "--out", "store"), "QP212", DE_SYNPUF)


@pytest.mark.parametrize("command", ["check", "determine"])
def test_de_synpuf_is_refused_by_every_command(call: Call, command: str) -> None:
    lists = ("--participants", "sample_data/participants.csv", "--attribution", "sample_data/attribution.csv")
    answer = call(command, "--year", "2025", "--claims", str(SYNPUF / "input"), *lists)
    assert_refused(answer, "QP212", DE_SYNPUF)


@pytest.mark.parametrize("name", ["", "npi_template.csv", "sample_response_200.json", "sample_response_400.json"])
def test_eligibility_answers_are_no_claims(call: Call, name: str) -> None:
    answer = call("convert", "--claims", str(ELIGIBILITY / name), "--out", "store")
    assert_refused(answer, "QP204", "claim_lines needs the columns")
    assert_silent_about({"1234567890", "hospital"}, answer)


def test_eligibility_answers_beside_claims_are_unrecognised(call: Call) -> None:
    claims = ("--claims", str(SAMPLES / "handmade_cclf" / "zip"), "--claims", str(ELIGIBILITY))
    answer = call("convert", *claims, "--out", "store", "--json")
    unrecognised = sorted(rule or "" for code, rule in findings_of(answer) if code == "unrecognised_file")
    assert (answer.status, answer.document["rows"]) == (0, 29)
    assert unrecognised == sorted(path.name for path in ELIGIBILITY.iterdir() if path.suffix != ".md")
