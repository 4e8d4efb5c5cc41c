"""Findings for people and for programs, where nothing was computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from qpcli.cli import console
from qpcli.errors import QpcliError
from qpcli.findings import Finding, Severity

if TYPE_CHECKING:
    from rich.console import RenderableType

SEVERITY_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def show_findings(findings: Sequence[Finding], errors: Sequence[QpcliError], *, schema: str, is_json: bool) -> None:
    """One JSON object, or a table of findings; an error was said before and stands in the object only."""
    if is_json:
        console.write_json({"schema": schema, **findings_document(findings, errors)})
    elif not errors:
        console.show(findings_table(findings))


def findings_document(findings: Sequence[Finding], errors: Sequence[QpcliError] = ()) -> dict[str, object]:
    """Whether the inputs can be used, and why not."""
    from qpcli.reports.findings import finding_object

    return {
        "is_usable": not errors,
        "errors": [{"code": error.code, "message": error.message, "help": error.help} for error in errors],
        "findings": [finding_object(finding) for finding in findings],
    }


def findings_table(findings: Sequence[Finding]) -> RenderableType:
    """Findings in words, after their counts by severity."""
    from rich.console import Group
    from rich.text import Text

    from qpcli.cli.tables import plain_table

    if not findings:
        return Text("The inputs can be used; nothing to remark.")
    counts = Counter(finding.severity for finding in findings)
    words = ", ".join(f"{counts[severity]} {severity.value}" for severity in Severity if counts[severity])
    rows = [(Text(one.severity.value, style=SEVERITY_STYLES[one.severity]), one.message) for one in findings]
    return Group(Text(f"The inputs can be used. Findings: {words}.\n"), plain_table(("severity", "finding"), rows))
