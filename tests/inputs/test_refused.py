"""Layouts that are known and not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpcli.errors import InputError
from qpcli.inputs.archives import find_files
from qpcli.inputs.files import is_delivered
from qpcli.inputs.recognition import recognise
from qpcli.inputs.refused import refuse
from tests.inputs.rif_made import SAMPLES, STATIC, SYNTHEA, needs_samples

DE_SYNPUF = (
    "DE-SynPUF covers 2008-2010; QP rules exist from performance year 2017. Its clinician identifiers are scrambled, "
    "so no score can have meaning."
)
AB2D = "AB2D has neither tax numbers nor payments; a QP score cannot be computed from it."


def reason(path: Path, *names: str) -> str | None:
    """The words of the refusal without the file's name."""
    (file,) = find_files([str(path)])
    try:
        refuse(file, names)
    except InputError as error:
        assert error.code == "QP212"
        return error.message.removeprefix(f"{path.name}: ")
    return None


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    return path


def names_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").partition("\n")[0].replace('"', "").split(",")


def test_de_synpuf_by_its_column(tmp_path: Path) -> None:
    assert reason(written(tmp_path, b"desynpuf_id,CLM_ID\n"), "desynpuf_id", "CLM_ID") == DE_SYNPUF


@needs_samples
def test_every_public_de_synpuf_file_is_refused() -> None:
    paths = sorted((SAMPLES / "desynpuf_ohdsi").rglob("*.csv"))
    assert len(paths) == 13
    assert {reason(path, *names_of(path)) for path in paths} == {DE_SYNPUF}


@pytest.mark.parametrize("start", [b"ISA*00*          *00*", b"\r\nISA|00|", b"ISA^00^"])
def test_x12_by_its_first_bytes(tmp_path: Path, start: bytes) -> None:
    assert reason(written(tmp_path, start)) == "X12 files (835 remittances, 837 claims) are not read."


def test_a_header_that_begins_with_isa_is_no_x12(tmp_path: Path) -> None:
    assert reason(written(tmp_path, b"ISA_ID,claim_id\n"), "ISA_ID", "claim_id") is None
    assert reason(written(tmp_path, b"ISAAC")) is None


def test_sas_by_its_first_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, b"\0" * 12 + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011") + b"\0" * 99)
    assert reason(path) == "SAS files are not read."
    assert reason(written(tmp_path, b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!")) == "SAS files are not read."


@pytest.mark.parametrize("suffix", [".sas7bdat", ".xpt"])
def test_sas_by_its_name_says_what_to_do(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"carrier{suffix}"
    path.write_bytes(b"x")
    with pytest.raises(InputError) as caught:
        find_files([str(path)])
    assert caught.value.help == "Export it to CSV or Parquet first."


def test_ab2d_as_json_has_claims_and_no_adjudication(tmp_path: Path) -> None:
    claim = b'{"resourceType":"ExplanationOfBenefit","item":[{"sequence":1%s}]}\n'
    assert reason(written(tmp_path, claim % b"" * 2)) == AB2D
    assert reason(written(tmp_path, claim % b"" + claim % b',"adjudication":[]')) is None
    assert reason(written(tmp_path, b'{"resourceType":"Patient"}\n')) is None


def test_ab2d_is_refused_before_it_is_taken_for_bcda(tmp_path: Path) -> None:
    path = tmp_path / "claims.ndjson"
    path.write_text('{"resourceType":"ExplanationOfBenefit","item":[{"sequence":1}]}\n')
    with pytest.raises(InputError) as caught:
        recognise([str(path)])
    assert AB2D in caught.value.message


def test_ab2d_as_a_table(tmp_path: Path) -> None:
    path = written(tmp_path, b"x\n")
    assert reason(path, "resourceType", "item_0_productOrService_coding_0_code") == AB2D
    assert reason(path, "resourceType", "item_0_adjudication_0_amount_value") is None


@needs_samples
def test_nothing_that_is_read_is_refused() -> None:
    folders = (SYNTHEA, STATIC, SAMPLES / "bcda_fhir", SAMPLES / "bfd_fhir_eob", SAMPLES / "handmade_cclf")
    files = find_files([str(folder) for folder in folders], is_delivered)
    assert len(files) > len(folders)
    for file in files:
        # A refusal is raised.
        refuse(file, ())
