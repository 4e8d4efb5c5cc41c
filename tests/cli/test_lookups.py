"""rules, schema and codes for people."""

from __future__ import annotations

import pytest

from qpcli.errors import ERRORS
from qpcli.findings import FINDINGS_CATALOGUE
from qpcli.tables.catalogue import ALL_TABLES
from qpcli.tables.schema import Table
from tests.cli.conftest import Call


def test_rules_show_the_thresholds_of_every_year(call: Call) -> None:
    rows = [line.split() for line in call("rules").out.splitlines() if line[:4].isdigit()]
    bars = {int(row[0]): " ".join(row[2:8]) for row in rows}
    assert len(bars) == 11
    assert (bars[2018], bars[2024], bars[2025], bars[2026]) == (
        "25 / 20 20 / 10",
        "50 / 35 40 / 25",
        "75 / 50 50 / 35",
        "50 / 35 40 / 25",
    )


def test_rules_of_a_year_say_what_qp_status_is_worth_and_who_elects(call: Call) -> None:
    page = call("rules", "--year", "2024").out
    assert "incentive: 1.88 % of the base amount" in page
    assert "conversion factors: QPs $33.5675, others $33.4009" in page
    assert "determined at level individual or affiliated practitioner or npi: the clinician elects" in page
    none = " ".join(call("rules", "--year", "2025").out.split())
    assert "incentive: none MACRA, Pub. L. 114-10" in none
    assert "Payment years with a lump sum: 2019 to 2024" in none


def test_rules_show_mips_weights_in_the_year_that_has_them(call: Call) -> None:
    assert "other MIPS APMs: quality 0, cost 0, improvement activities 25" in call("rules", "--year", "2017").out
    assert "MIPS scoring weights" not in call("rules", "--year", "2018").out


def test_rules_answer_as_of_a_day(call: Call) -> None:
    as_of = call("rules", "--year", "2026", "--law-as-of", "2025-12-31").out
    assert "Law as of 2025-12-31" in as_of
    assert "payment amount QP 75 %" in as_of
    assert "payment amount QP 50 %" in call("rules", "--year", "2026").out


def test_rules_of_a_year_show_snapshots_codes_and_open_points(call: Call) -> None:
    page = call("rules", "--year", "2025").out
    assert "2025-01-01 to 2025-03-31   2025-05-30" in page
    assert "99201-99499" in page
    assert "clinical laboratory" in page
    assert "claims_run_out_days = 60" in page
    assert "Instead: on_snapshot_date." in page


def test_what_is_assumed_is_said_to_be(call: Call) -> None:
    page = " ".join(call("rules", "--year", "2025").out.split())
    assert page.count("an assumption, no published text was found") >= 10


def test_a_day_that_is_none_is_refused(call: Call) -> None:
    answer = call("rules", "--law-as-of", "yesterday")
    assert (answer.status, answer.err.splitlines()[0]) == (2, "error[QP101]: --law-as-of is not a date.")


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
def test_schema_says_what_each_column_means(call: Call, table: Table) -> None:
    for form in ("text", "markdown"):
        answer = call("schema", table.name, "--format", form)
        words = " ".join(answer.out.split())
        assert all(f"{column.name}" in words and column.meaning in words for column in table.columns)


def test_schema_says_what_may_be_left_out(call: Call) -> None:
    page = call("schema", "claim_lines").out
    assert "paid_amount  decimal, 2 places (USD); needed: yes" in page
    assert "setting  text; needed: no: professional" in page


def test_schema_in_markdown_is_one_table_per_table(call: Call) -> None:
    lines = call("schema", "--format", "markdown").out.splitlines()
    assert [line[3:] for line in lines if line.startswith("## ")] == [table.name for table in ALL_TABLES]


@pytest.mark.parametrize("code", ["QP203", "qp203", "duplicate_lines"])
def test_codes_explains_one(call: Call, code: str) -> None:
    page = call("codes", code).out
    entry = ERRORS.get(code.upper()) or FINDINGS_CATALOGUE[code]
    assert page.startswith(entry.code)
    assert entry.remedy in page


def test_codes_shows_all(call: Call) -> None:
    page = call("codes").out
    assert all(code in page for code in (*ERRORS, *FINDINGS_CATALOGUE))


def test_an_unknown_name_is_answered_with_the_closest(call: Call) -> None:
    assert "Did you mean duplicate_lines?" in call("codes", "duplicated_lines").err
    assert "Did you mean `claim_lines`?" in call("schema", "claim_line").err
