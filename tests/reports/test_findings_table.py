"""The findings as a table."""

from __future__ import annotations

from qpcli.findings import Finding, finding
from qpcli.reports.findings import findings_frame, findings_of
from qpcli.reports.frames import calculated_schema
from qpcli.tables.findings import FINDINGS

SORTED = (
    finding("ids_do_not_join", table="attribution"),
    finding("no_rows", table="claim_lines"),
    finding("rejected_rows", table="attribution", rule="date", count=2),
    finding("rejected_rows", table="claim_lines", rule="amount", count=3),
    finding("rejected_rows", table="claim_lines", rule="date", count=1),
    finding("duplicate_lines", count=1200),
)


def test_errors_stand_first_then_code_table_and_rule_whatever_the_order_of_finding() -> None:
    shuffled = findings_frame(reversed(SORTED))
    assert findings_of(shuffled) == SORTED
    assert shuffled.get_column("severity").to_list() == ["error", "warning", "warning", "warning", "warning", "info"]


def test_a_count_that_is_missing_is_null_and_never_zero() -> None:
    counts = findings_frame((finding("entities_assumed_advanced"), finding("duplicate_lines", count=0)))
    assert counts.get_column("count").to_list() == [None, 0]


def test_no_findings_are_an_empty_table_of_the_right_types() -> None:
    nothing: tuple[Finding, ...] = ()
    assert dict(findings_frame(nothing).schema) == calculated_schema(FINDINGS)
    assert findings_of(findings_frame(nothing)) == nothing
