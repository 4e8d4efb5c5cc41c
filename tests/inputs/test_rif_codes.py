"""Codes of carrier lines: what a code that is not allowed would add, unknown codes, dispositions."""

from __future__ import annotations

from pathlib import Path

import pytest

from qpcli.findings import Finding
from qpcli.regulation.law import Law
from tests.inputs.rif_made import CARRIER, law_of, read_rif, rif_file


def said(tmp_path: Path, *changes: dict[str, str], law: Law | None = None) -> list[Finding]:
    rows = [CARRIER | {"LINE_NUM": str(number)} | change for number, change in enumerate(changes, start=1)]
    path = rif_file(tmp_path / "carrier.csv", *rows)
    return list(read_rif([path], law=law).notes.findings)


def left_out(findings: list[Finding]) -> dict[str | None, str]:
    return {found.rule: found.message for found in findings if found.code == "left_out_line_code"}


def test_each_code_left_out_is_named_with_its_lines_and_dollars(tmp_path: Path) -> None:
    lines = [{"LINE_PRCSG_IND_CD": code} for code in ("A", "R", "S", "o", "O", "D")]
    assert left_out(said(tmp_path, *lines)) == {
        "O": "Line code O is not taken as allowed: 2 lines, 75.00 USD.",
        "D": "Line code D is not taken as allowed: 1 lines, 37.50 USD.",
    }


def test_a_code_that_is_allowed_by_assumption_is_not_named(tmp_path: Path) -> None:
    findings = said(tmp_path, {}, {"LINE_PRCSG_IND_CD": "O"}, law=law_of(allowed_line_codes="A,R,S,O"))
    assert left_out(findings) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"CARR_CLM_PMT_DNL_CD": "0"},
        {"CARR_CLM_ENTRY_CD": "3"},
        {"NCH_CLM_TYPE_CD": "81"},
    ],
)
def test_lines_that_the_code_would_not_add_are_not_counted(tmp_path: Path, change: dict[str, str]) -> None:
    assert left_out(said(tmp_path, {}, {"LINE_PRCSG_IND_CD": "O"} | change)) == {}


@pytest.mark.parametrize("code", ["?", "ZZ", " "])
def test_an_unknown_line_code_is_denied_and_counted_with_its_dollars(tmp_path: Path, code: str) -> None:
    findings = said(tmp_path, {}, {"LINE_PRCSG_IND_CD": code})
    (found,) = [found for found in findings if found.code == "unknown_code"]
    assert found.message == "1 lines (37.50 USD) have an unknown LINE_PRCSG_IND_CD; they are treated as denied."
    assert left_out(findings) == {}


def test_an_unknown_line_code_that_is_assumed_to_be_allowed_is_known(tmp_path: Path) -> None:
    findings = said(tmp_path, {"LINE_PRCSG_IND_CD": "ZZ"}, law=law_of(allowed_line_codes="A,ZZ"))
    assert "unknown_code" not in {found.code for found in findings}


@pytest.mark.parametrize(
    ("entry", "disposition", "differs"),
    [("1", "01", 0), ("3", "03", 0), ("3", "3", 0), ("3", "01", 1), ("1", "03", 1), ("", "03", 0), ("3", "", 0)],
)
def test_a_disposition_that_says_otherwise_is_counted(
    tmp_path: Path, entry: str, disposition: str, differs: int
) -> None:
    findings = said(tmp_path, {"CARR_CLM_ENTRY_CD": entry, "CLM_DISP_CD": disposition})
    assert [found.count for found in findings if found.code == "counted_for_record"] == [1] * differs
