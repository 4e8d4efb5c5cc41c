"""The end of a run for people."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from qpcli.findings import Finding, finding
from qpcli.reports.summary import RunSummary, terminal_summary
from qpcli.tables.determinations import DETERMINATIONS
from qpcli.terms import ServiceBasis
from tests.reports.world import (
    CANARY_NPI,
    FINDINGS,
    determination_row,
    frame,
    law,
    score_row,
    short_row,
    tables,
    unscored_row,
)

RUN_ID = "0123456789abcdef"

AT_100 = """\
QP determinations for performance year 2024 (payment year 2026)

APM Entities
  Entity  Snapshot   Payments %   Patients %  Status      Margin to QP
  A1             1  50.00 >= 50  50.00 >= 35  QP          +15.00 points (patients)
  A2             1  49.99  < 50  33.80  < 35  Partial QP  short by $0.01 or 12 patients
  A3             1            -            -  No score    -

Clinicians by status
                        QP  Partial QP  Not QP  No score  All
  Newest determination   1           0       0         0    1

Findings
  0 errors, 2 warnings, 1 note
  warning  No entities file: every APM Entity is taken as Advanced and active all year.
  warning  claim_lines: 3 lines have no processed_date; they pass the run-out test.
  note     1,200 claim lines were delivered more than once; each counts once.

Law and assumptions
  QP from 50 % of payments or 35 % of patients, Partial QP from 40 % or 25 %.
  Thresholds: Pub. L. 118-42, 42 CFR 414.1430(a), published 2024-03-09; law as of 2026-02-03.
  Assumed: claims_run_out_days = 91 (default 60).
  1 open point is at its default; see `qpcli rules --year 2024`.

Report
  /data/out
  Run 0123456789abcdef
"""

ENTITIES_AT_80 = """\
  Entity  Snapshot   Payments %   Patients %  Status      Margin to QP
  A1             1  50.00 >= 50  50.00 >= 35  QP          +15.00 points
                                                          (patients)
  A2             1  49.99  < 50  33.80  < 35  Partial QP  short by $0.01 or 12
                                                          patients
  A3             1            -            -  No score    -
"""


def summary(
    *scores: Mapping[str, object], findings: tuple[Finding, ...] = FINDINGS, has_two_bases: bool = False
) -> RunSummary:
    bases = tuple(ServiceBasis) if has_two_bases else (ServiceBasis.EM,)
    return RunSummary(tables(*scores), law(bases=bases), findings, RUN_ID, Path("/data/out"))


def shown(summary: RunSummary, width: int = 100) -> str:
    """What a pipe of that width receives, without the blanks at the ends of lines."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(terminal_summary(summary))
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())  # type: ignore[attr-defined]


def section(text: str, title: str) -> str:
    """The lines of one section."""
    return text.split(f"{title}\n", 1)[1].split("\n\n", 1)[0] + "\n"


def test_a_run_on_a_page_of_100_columns() -> None:
    assert shown(summary()) == AT_100


def test_a_wider_terminal_shows_the_same_page() -> None:
    assert shown(summary(), 120) == AT_100


def test_80_columns_wrap_only_the_margin() -> None:
    text = shown(summary(), 80)
    assert section(text, "APM Entities") == ENTITIES_AT_80
    assert max(len(line) for line in text.splitlines()) <= 80


def test_the_page_is_plain_ascii_in_a_pipe_and_coloured_only_where_colour_is_wanted() -> None:
    assert shown(summary()).isascii()
    assert "\x1b" not in shown(summary())
    colourful = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=100)
    colourful.print(terminal_summary(summary()))
    assert "\x1b[32mQP" in colourful.file.getvalue()  # type: ignore[attr-defined]
    plain = Console(file=io.StringIO(), force_terminal=True, color_system="standard", no_color=True, width=100)
    plain.print(terminal_summary(summary()))
    assert "\x1b[32m" not in plain.file.getvalue()  # type: ignore[attr-defined]


def test_a_score_just_under_the_bar_is_never_rounded_up_to_it() -> None:
    text = shown(summary(short_row("A2", payment_score=499_999)))
    assert "49.99  < 50" in text
    assert "50.00" not in text


def test_the_sign_follows_the_status_that_was_decided_on_exact_numbers() -> None:
    truncated = score_row("A1", payment_score=500_000, patient_score=349_999, patient_status="PARTIAL_QP")
    text = section(shown(summary(truncated)), "APM Entities")
    assert "50.00 >= 50" in text
    assert "34.99  < 35" in text
    assert "+0.00 points (payments)" in text


def test_one_missing_patient_is_singular_and_a_payment_score_below_zero_shows_as_it_is() -> None:
    negative = {"payment_score": -12_345, "payment_status": "NOT_QP", "payment_gap_to_qp": 123_400}
    text = section(shown(summary(short_row("A2", patient_gap_to_qp=1, **negative))), "APM Entities")
    assert "-1.23  < 50" in text
    assert "short by $1,234.00 or 1 patient\n" in text


def test_every_snapshot_and_basis_is_shown_while_rows_are_few() -> None:
    rows = [score_row("A1", snapshot, basis=basis) for snapshot in (1, 2, 3) for basis in ("em", "cps")]
    lines = section(shown(summary(*rows, has_two_bases=True)), "APM Entities").splitlines()
    assert lines[0].split()[:3] == ["Entity", "Snapshot", "Basis"]
    assert [line.split()[1:3] for line in lines[1:]] == [
        [snapshot, basis] for snapshot in "123" for basis in ("em", "cps")
    ]


def test_many_rows_become_one_per_entity_the_newest_snapshot_and_better_basis() -> None:
    rows = [score_row(f"A{number:02}", 1) for number in range(11)]
    rows += [short_row(f"A{number:02}", 3, basis="em") for number in range(11)]
    rows += [score_row(f"A{number:02}", 3, basis="cps") for number in range(11)]
    text = section(shown(summary(*rows, has_two_bases=True)), "APM Entities")
    assert [line.split()[:3] for line in text.splitlines()[1:12]] == [
        [f"A{number:02}", "3", "cps"] for number in range(11)
    ]
    assert "One row each: the newest snapshot, there the more favourable basis." in text


def test_more_than_twenty_entities_are_cut_to_those_nearest_the_bar_on_either_side() -> None:
    far = {"patient_score": 100_000, "patient_status": "NOT_QP"}
    rows = [short_row(f"N{number:02}", payment_score=500_000 - number * 1000, **far) for number in range(30)]
    rows += [score_row("ABOVE", payment_score=500_500, **far), unscored_row("NONE")]
    text = section(shown(summary(*rows)), "APM Entities")
    names = [line.split()[0] for line in text.splitlines()[1:-1]]
    assert names == ["ABOVE", *(f"N{number:02}" for number in range(19))]
    assert "Shown are the 20 of 32 APM Entities nearest the QP bar." in text


def test_without_an_entity_score_the_page_says_so() -> None:
    individual = score_row(None, 3, level="affiliated_practitioner", apm_entity_id="A9", npi=CANARY_NPI)
    assert section(shown(summary(individual)), "APM Entities") == "  None was assessed as a group.\n"


def test_individual_assessments_count_each_clinician_once_at_the_best_status() -> None:
    def individual(npi: str, status: str, basis: str, snapshot: int = 3) -> dict[str, object]:
        return score_row(None, snapshot, level="individual", npi=npi, basis=basis, status=status)

    rows = [
        individual("1", "NOT_QP", "em"),
        individual("1", "QP", "cps"),
        individual("2", "PARTIAL_QP", "em"),
        individual("2", "NO_SCORE", "cps"),
        individual("3", "QP", "em", snapshot=2),
    ]
    counts = section(shown(summary(*rows)), "Clinicians by status").splitlines()[-1]
    assert counts.split("  ", 1)[1].split() == ["Assessed", "one", "by", "one,", "snapshot", "3", *"11002"]


def test_who_elects_for_partial_qps_is_said_by_the_level_that_decided() -> None:
    partial = {"status": "PARTIAL_QP", "mips_consequence": "may_elect"}
    rows = [determination_row(npi=f"{n}" * 10, **partial) for n in (1, 2)]
    rows.append(determination_row(npi="3" * 10, determined_by_level="individual", **partial))
    rows.append(determination_row(npi="4" * 10, snapshot=2, **partial))
    run = summary()
    run = replace(run, tables={**run.tables, "determinations": frame(DETERMINATIONS, *rows)})
    page = " ".join(shown(run).split())
    assert "For 2 Partial QPs the APM Entity elects whether to take part in MIPS, by March 31" in page
    assert "For 1 Partial QP the clinician elects" in page


def test_only_the_newest_determination_of_each_clinician_counts() -> None:
    rows = (
        determination_row("1", 2, is_latest=False),
        determination_row("1", 3, status="NOT_QP"),
        determination_row("2", 4, is_latest=True, status="NOT_QP"),
    )
    run = summary()
    run = replace(run, tables={**run.tables, "determinations": frame(DETERMINATIONS, *rows)})
    assert section(shown(run), "Clinicians by status").splitlines()[1].split()[2:] == list("00202")


def test_many_findings_of_a_severity_are_cut_with_a_line_saying_so() -> None:
    many = tuple(finding("entity_not_advanced", rule=f"A{number:03}") for number in range(25))
    text = section(shown(summary(findings=(*many, finding("duplicate_lines", count=2)))), "Findings")
    assert "0 errors, 25 warnings, 1 note" in text
    assert text.count("does not count") == 10
    assert "... and 15 more; the findings table holds all." in text
    assert "2 claim lines were delivered" in text


def test_no_findings_are_a_line_of_zeros() -> None:
    assert section(shown(summary(findings=())), "Findings") == "  0 errors, 0 warnings, 0 notes\n"


def test_nothing_written_and_up_to_date_are_said() -> None:
    assert "Nothing was written; --out DIR keeps the reports." in shown(replace(summary(), folder=None))
    assert "Up to date" in shown(replace(summary(), is_up_to_date=True))
    assert "Up to date" not in shown(summary())


def test_an_entity_id_cannot_steer_the_terminal_or_the_markup() -> None:
    text = shown(summary(score_row("[red]\x1b[31mA1")))
    assert "[red]?[31mA1" in text


def test_no_clinician_is_named() -> None:
    individual = score_row(None, 3, level="individual", npi=CANARY_NPI)
    assert CANARY_NPI not in shown(summary(score_row(), individual))


@pytest.mark.parametrize("width", [40, 60])
def test_a_narrow_terminal_is_not_an_error(width: int) -> None:
    assert "Partial QP" in shown(summary(), width) or "Partial" in shown(summary(), width)
