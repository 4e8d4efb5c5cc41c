"""Findings of several conversions are those of one conversion of all files."""

from __future__ import annotations

from qpcli.findings import Finding, finding
from qpcli.inputs.recognition import files_are
from qpcli.store.findings import added_up, of_both


def left_out(code: str, count: int, amount: str) -> Finding:
    return finding("left_out_line_code", table="claim_lines", rule=code, count=count, amount=amount)


def test_counts_and_amounts_are_added_by_rule() -> None:
    found = added_up([left_out("O", 1_200, "1,000.10"), left_out("C", 1, "5.00"), left_out("O", 3, "-0.20")])
    assert found == (left_out("O", 1_203, "999.90"), left_out("C", 1, "5.00"))


def test_findings_with_other_words_stand_apart() -> None:
    one, other = (finding("two_npis", table="claim_lines", count=2, used=used) for used in ("claim", "PECOS"))
    assert added_up([one, other, one]) == (finding("two_npis", table="claim_lines", count=4, used="claim"), other)


def test_findings_without_a_count_are_said_once() -> None:
    one, other = (finding("own_people_only", layout=layout) for layout in ("CCLF", "BCDA"))
    assert added_up([one, other, one]) == (one, other)


def test_files_recognised_are_counted_together() -> None:
    def recognised(count: int) -> Finding:
        words = {"files": files_are(count), "layout": "CCLF5", "why": "by its name"}
        return finding("layout_recognised", rule="CCLF5", count=count, **words)

    assert added_up([recognised(1), recognised(1)]) == (recognised(2),)


def test_columns_that_are_not_used_are_named_together() -> None:
    def unused(*names: str) -> Finding:
        return finding("unknown_columns", table="claim_lines", count=len(names), columns=", ".join(names))

    assert added_up([unused("a", "c"), unused("b", "c")]) == (unused("a", "b", "c"),)


def test_what_only_some_deliveries_lack_is_not_missing() -> None:
    missing, other = (finding(code, layout="CCLF") for code in ("reductions_missing", "own_people_only"))
    assert of_both([missing, other], [other]) == (other,)
    assert of_both([other], [missing, other]) == (other,)
    assert of_both([missing, other], [missing, other]) == (missing, other)


def test_nothing_found_is_nothing() -> None:
    assert of_both([], []) == ()
