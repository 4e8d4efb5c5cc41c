"""`qpcli codes`: the catalogue of findings and errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from qpcli.cli import console
from qpcli.cli.findings import SEVERITY_STYLES
from qpcli.cli.options import AsJson, argument
from qpcli.errors import ERRORS, ErrorEntry, UsageError
from qpcli.findings import FINDINGS_CATALOGUE, FindingEntry

if TYPE_CHECKING:
    from rich.console import RenderableType

JSON_VERSION = "qpcli.codes/1"
FAMILIES = {
    "QP1": "usage or configuration, exit 2",
    "QP2": "input, exit 3",
    "QP3": "output, exit 4 or 75",
    "QP4": "resources, exit 6",
    "QP5": "qpcli itself, exit 5",
}


def codes(
    code: Annotated[str | None, argument("CODE", help="One code, such as QP203; default: all.")] = None,
    json: AsJson = False,
) -> int:
    """Show what a finding or an error means and what to do about it.

    Errors stop a command and have codes such as QP203; findings are counted or doubted by a run that goes on, and
    have codes such as duplicate_lines. Without CODE the whole catalogue is shown.

    Examples:
      qpcli codes
      qpcli codes QP203
      qpcli codes --json
    """
    findings, errors = tuple(FINDINGS_CATALOGUE.values()), tuple(ERRORS.values())
    if code is not None:
        findings, errors = _only(code)
    if json:
        console.write_json(_document(findings, errors))
    elif code is not None:
        console.show(*_one(findings, errors))
    else:
        console.show(*_catalogue(findings, errors))
    return 0


def _only(code: str) -> tuple[tuple[FindingEntry, ...], tuple[ErrorEntry, ...]]:
    findings = tuple(entry for name, entry in FINDINGS_CATALOGUE.items() if name == code.lower())
    errors = tuple(entry for name, entry in ERRORS.items() if name == code.upper())
    if not findings and not errors:
        raise UsageError("QP101", "There is no finding or error of that code.", _closest(code))
    return findings, errors


def _closest(code: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(code, [*FINDINGS_CATALOGUE, *ERRORS], n=1)
    return f"Did you mean {close[0]}?" if close else "`qpcli codes` shows them all."


def _document(findings: Sequence[FindingEntry], errors: Sequence[ErrorEntry]) -> dict[str, object]:
    return {
        "schema": JSON_VERSION,
        "findings": [
            {"code": entry.code, "severity": entry.severity.value, "words": entry.words, "remedy": entry.remedy}
            for entry in findings
        ],
        "errors": [{"code": entry.code, "meaning": entry.meaning, "remedy": entry.remedy} for entry in errors],
    }


def _one(findings: Sequence[FindingEntry], errors: Sequence[ErrorEntry]) -> list[RenderableType]:
    from rich.text import Text

    described = [(entry.code, f"finding, {entry.severity.value}", entry.words, entry.remedy) for entry in findings]
    described += [(entry.code, FAMILIES[entry.code[:3]], entry.meaning, entry.remedy) for entry in errors]
    return [
        Text.assemble((code, "bold"), f"  {kind}\n\n{words}\n\n", ("What to do: ", "bold"), remedy)
        for code, kind, words, remedy in described
    ]


def _catalogue(findings: Sequence[FindingEntry], errors: Sequence[ErrorEntry]) -> list[RenderableType]:
    from rich.text import Text

    from qpcli.cli.tables import plain_table

    rows = [
        (Text(entry.code), Text(entry.severity.value, style=SEVERITY_STYLES[entry.severity]), Text(entry.words))
        for entry in findings
    ]
    return [
        Text("Errors stop a command", style="bold"),
        plain_table(("code", "meaning", "what to do"), [(e.code, e.meaning, e.remedy) for e in errors]),
        Text("\nFindings are counted by a run that goes on", style="bold"),
        plain_table(("code", "severity", "words"), rows),
    ]
