"""The All-Payer Combination Option at the end of a run: entities by name, everybody else in numbers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from qpcli.findings import finding
from qpcli.reports.summary import RunSummary, terminal_summary
from qpcli.reports.summary_json import summary_json
from tests.reports.world import CANARY_NPI, all_payer_row, law, tables_with_all_payer

TIN = "987654321"
EXCLUDED = finding("other_payer_excluded", table="other_payer", rule="va", count=2)

SECTION = """\
All-Payer Combination Option
  Entity  Snapshot  All payments %  All patients %  Medicare minimum    Status
  A1             3     50.00 >= 50               -  met for QP          QP
  A2             3     60.00 >= 50               -  met for Partial QP  Partial QP
  A3             3     99.99 >= 50               -  missed              Not QP
  A1             1     49.99  < 50               -  met for QP          Partial QP
  1 TIN: 1 QP.
  2 clinicians: 1 QP, 1 Not QP.
  1 subject not assessed at some snapshot; the findings say why.
  note  other_payer: 2 submissions of payer type va are excluded: its payments never count.
"""

REFUSED = {"not_assessed_because": "unknown_subject", "status": "NO_SCORE", "level": "tin", "tin": "111111111"}
ROWS: tuple[Mapping[str, object], ...] = (
    all_payer_row("A1", 1, payment_score=499_999, status="PARTIAL_QP"),
    all_payer_row("A1"),
    all_payer_row("A2", payment_score=600_000, status="PARTIAL_QP", medicare_minimum_status="PARTIAL_QP"),
    all_payer_row("A3", payment_score=999_999, status="NOT_QP", medicare_minimum_status="NOT_QP"),
    all_payer_row("A1", level="tin", tin=TIN),
    all_payer_row("A1", level="tin", tin=TIN, snapshot=2, status="NOT_QP"),
    all_payer_row("A1", apm_entity_id=None, level="npi", npi=CANARY_NPI),
    all_payer_row("A1", apm_entity_id=None, level="npi", npi="1111111112", status="NOT_QP"),
    all_payer_row("A1", **(REFUSED | {"apm_entity_id": None})),
)
RUN = RunSummary(tables_with_all_payer(*ROWS), law(), (EXCLUDED,), "0123456789abcdef", Path("/data/out"))


def shown(run: RunSummary) -> str:
    stream = io.StringIO()
    Console(file=stream, width=100, color_system=None).print(terminal_summary(run))
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())


def test_entities_stand_with_both_scores_the_minimum_and_what_was_not_counted() -> None:
    assert SECTION in shown(RUN)


def test_nobody_is_named_and_its_findings_stand_there_alone() -> None:
    text = shown(RUN)
    assert CANARY_NPI not in text
    assert TIN not in text
    assert text.count("payer type va") == 1
    assert "0 errors, 0 warnings, 0 notes" in text


def test_of_many_entities_the_newest_rows_are_shown() -> None:
    many = [all_payer_row(f"A{n:02d}", snapshot) for n in range(15) for snapshot in (2, 3)]
    text = shown(replace(RUN, tables=tables_with_all_payer(*many)))
    assert "... and 10 more rows in the table all_payer_scores." in text
    assert text.count("     3     50.00 >= 50") == 15


def test_programs_get_the_same() -> None:
    found = summary_json(RUN)["all_payer"]
    assert isinstance(found, dict)
    assert [entity["apm_entity_id"] for entity in found["entities"]] == ["A1", "A1", "A2", "A3"]
    assert found["subjects_by_status"]["npi"] == {"QP": 1, "PARTIAL_QP": 0, "NOT_QP": 1, "NO_SCORE": 0}
    assert found["not_assessed"] == 1
