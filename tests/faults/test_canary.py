"""No message, log, report or exception holds a value of a beneficiary: every failing case runs with canaries in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CANARIES = ("1CANARY0BENE", "7654321098", "987654321", "CANARYCLAIM", "Canary Name", "1931-07-19", "77777.77")
"""A beneficiary's id and birth date, an NPI, a TIN, a claim id, a name and an amount."""

CLAIMS = """claim_id,line_number,bene_id,npi,tin,hcpcs,service_date,processed_date,paid_amount
CANARYCLAIM,1,1CANARY0BENE,7654321098,987654321,99213,2025-02-03,2025-02-20,77777.77
CANARYCLAIM,2,1CANARY0BENE,7654321098,987654321,99214,2025-02-04,2025-02-20,77777.77
"""
BENEFICIARIES = """bene_id,birth_date,has_part_a,has_part_b,is_managed_care,is_medicare_secondary,is_us_resident
1CANARY0BENE,1931-07-19,true,true,false,false,true
"""
PARTICIPANTS = """apm_entity_id,tin,npi,start_date,end_date,clinician_name
E1,987654321,7654321098,,,Canary Name
"""
ATTRIBUTION = """apm_entity_id,bene_id,start_date,end_date
E1,1CANARY0BENE,,
"""
ENTITIES = "apm_entity_id\nE1\n"

FILES = {
    "claims.csv": CLAIMS,
    "beneficiaries.csv": BENEFICIARIES,
    "participants.csv": PARTICIPANTS,
    "attribution.csv": ATTRIBUTION,
    "entities.csv": ENTITIES,
}


def changed(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def truncated(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_bytes(path.read_bytes()[:-20])

    return change


def as_parquet_with_garbage(folder: Path) -> None:
    (folder / "claims.csv").write_bytes(b"PAR1" + CLAIMS.encode() + b"PAR1")


CASES: dict[str, tuple[Callable[[Path], None], int]] = {
    "unreadable service date": (changed("claims.csv", "2025-02-03", "1931-07-19x"), 3),
    "impossible date": (changed("claims.csv", "2025-02-03", "2025-02-30"), 3),
    "amount with letters": (changed("claims.csv", "77777.77", "77777.77x"), 3),
    "amount beyond bounds": (changed("claims.csv", "77777.77", "77777777.77"), 3),
    "amount with three decimals": (changed("claims.csv", "77777.77", "77777.775"), 3),
    "line number with letters": (changed("claims.csv", "CANARYCLAIM,1", "CANARYCLAIM,CANARYCLAIM"), 3),
    "blank beneficiary": (changed("claims.csv", "1CANARY0BENE", ""), 3),
    "unknown setting": (changed("claims.csv", "paid_amount\n", "paid_amount,setting\n"), 3),
    "short row": (changed("claims.csv", "99214,2025-02-04,2025-02-20,77777.77", "99214"), 3),
    "long row": (changed("claims.csv", "2025-02-20,77777.77", "2025-02-20,77777.77,Canary Name"), 3),
    "unclosed quote": (changed("claims.csv", "CANARYCLAIM,1", '"CANARYCLAIM,1'), 3),
    "truncated claims": (truncated("claims.csv"), 3),
    "contradicting copies": (changed("claims.csv", "CANARYCLAIM,2", "CANARYCLAIM,1"), 3),
    "missing column": (changed("claims.csv", "service_date", "served"), 3),
    "semicolons": (changed("claims.csv", "claim_id,", "claim_id;"), 3),
    "not parquet": (as_parquet_with_garbage, 3),
    "birth date with letters": (changed("beneficiaries.csv", "1931-07-19", "1931-07-19x"), 3),
    "fact that is no boolean": (changed("beneficiaries.csv", "true,true", "Canary Name,true"), 3),
    "inverted span": (changed("participants.csv", "7654321098,,", "7654321098,2025-02-01,2025-01-01"), 3),
    "unknown list": (changed("participants.csv", "clinician_name", "list_type"), 3),
    "unnamed entity": (changed("entities.csv", "E1", "E2"), 3),
    "attribution of nobody": (changed("attribution.csv", "E1,1CANARY0BENE", ",1CANARY0BENE"), 3),
    "ids that do not join": (changed("attribution.csv", "1CANARY0BENE", "OTHER"), 1),
    "nothing wrong": (lambda _: None, 0),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_failing_case_tells_a_value(tmp_path: Path, case: str, log_format: str) -> None:
    change, expected = CASES[case]
    inputs, temporary = tmp_path / "inputs", tmp_path / "temporary"
    for folder in (inputs, temporary):
        folder.mkdir()
    for name, text in FILES.items():
        (inputs / name).write_text(text, encoding="utf-8")
    change(inputs)
    done = determine(inputs, temporary, tmp_path / "out", log_format)
    assert done.returncode == expected, done.stderr
    assert not told(done.stdout) | told(done.stderr)
    for path in [
        *temporary.rglob("*"),
        *(tmp_path / "out").glob("manifest.json"),
        *(tmp_path / "out").glob("findings*"),
    ]:
        if path.is_file():
            assert not told(path.read_text(encoding="utf-8", errors="replace")), path.name


def determine(inputs: Path, temporary: Path, out: Path, log_format: str) -> subprocess.CompletedProcess[str]:
    names = ("claims", "beneficiaries", "participants", "attribution", "entities")
    given = [option for name in names for option in (f"--{name}", str(inputs / f"{name}.csv"))]
    command = [sys.executable, "-m", "qpcli", "determine", "--year", "2025", *given, "--out", str(out), "--debug", "-v"]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    return subprocess.run(
        [*command, "--format", "csv", "--log-format", log_format],
        env=environment,
        cwd=temporary,
        capture_output=True,
        text=True,
        check=False,
    )


def told(text: str) -> set[str]:
    return {canary for canary in CANARIES if canary in text}
