"""worth answers from a finished run what its QPs' status brings."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.conftest import Call

Rows = list[dict[str, str]]
CLAIMS = ("--base-claims", "sample_data/claim_lines")
OF_2026 = ("--payment-year", "2026")
"""The base year of payment year 2026 is 2025, the year of the sample's claims."""


def rows(text: str) -> Rows:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def run(determine: Call) -> None:
    assert determine("--out", "reports", "--format", "csv", "--quiet").status == 0


@pytest.fixture
def worth(call: Call, run: None) -> Call:  # noqa: ARG001
    """Calls `worth` on the sample's run, with further arguments."""
    return lambda *arguments: call("worth", "reports", "--config", "sample_data/qpcli.toml", *arguments)


def qps(place: Path) -> list[str]:
    found = rows((place / "reports" / "determinations.csv").read_text())
    return sorted(row["npi"] for row in found if row["is_latest"] == "true" and row["status"] == "QP")


def amounts(place: Path, text: str) -> tuple[str, str]:
    (place / "amounts.csv").write_text(text)
    return "--base-amounts", "amounts.csv"


def test_the_page_shows_the_incentive_the_net_and_the_break_even(worth: Call, place: Path) -> None:
    base = amounts(place, f"npi,tin,amount\n{qps(place)[0]},999000001,250000\n")
    answer = worth(*base, *OF_2026, "--shared-loss", "10000", "--mips-adjustment", "0.5")
    assert answer.status == 0
    for words in (
        "$250,000.00",
        "$4,700.00",
        "conversion factors $33.5675 against $33.4009",
        "$1,246.97",
        "-$1,250.00",
        "-$10,000.00",
        "-$5,303.03",
        "Nothing is left at a shared loss of $4,696.97.",
        "Pub. L. 118-42",
    ):
        assert words in answer.out
    assert "Payment year 2026 is not the one of performance year 2025, which is 2027." in " ".join(answer.out.split())


def test_a_year_without_an_incentive_says_so_with_the_act(worth: Call) -> None:
    answer = worth(*CLAIMS)
    assert "none in payment year 2027" in answer.out
    assert "Pub. L. 114-10" in answer.out
    assert worth(*CLAIMS, "--json").document["incentive_amount"] == "0.00"


def test_the_tables_add_up_to_the_page(worth: Call) -> None:
    document = worth(*CLAIMS, *OF_2026, "--json").document
    assert document["schema"] == "qpcli.worth/1"
    for table in ("npi_incentives", "npi_tin_incentives", "tin_incentives"):
        found = rows(worth(*CLAIMS, *OF_2026, "--out", "-", "--table", table).out)
        for column in ("base_amount", "incentive_amount", "fee_schedule_amount"):
            assert sum(Decimal(row[column]) for row in found) == Decimal(document[column]), (table, column)
    assert Decimal(document["base_amount"]) > 0


def test_base_claims_are_summed_over_the_runs_qps_and_no_others(worth: Call, place: Path) -> None:
    found = rows(worth(*CLAIMS, *OF_2026, "--out", "-").out)
    assert [row["npi"] for row in found] == qps(place)
    assert {row["lump_sum_percent"] for row in found} == {"1.8800"}


def test_a_prepared_store_gives_the_same_numbers(worth: Call, call: Call) -> None:
    assert call("convert", *("--claims", "sample_data/claim_lines"), "--out", "store", "--quiet").status == 0
    table = ("--out", "-", "--table", "npi_tin_incentives", "--quiet")
    plain = worth(*CLAIMS, *OF_2026, *table)
    assert worth("--base-claims", "store", *OF_2026, *table).out == plain.out != ""


def test_base_claims_in_another_layout_say_that_they_are_a_lower_bound(worth: Call, call: Call) -> None:
    assert call("sample", "--out", "feed", "--year", "2025", "--layout", "cclf", "--beneficiaries", "60").status == 0
    document = worth("--base-claims", "feed/cclf", *OF_2026, "--json").document
    codes = [one["code"] for one in document["findings"]]
    assert {"base_own_people_only", "base_adjustments_inside"} <= set(codes)
    assert not {"own_people_only", "managed_care_unknown", "coverage_ends_unknown"} & set(codes)
    assert Decimal(document["base_amount"]) > 0


@pytest.mark.parametrize("layout", ["cclf", "rif"])
def test_claims_that_hold_mips_adjustments_say_so_also_in_a_store(worth: Call, call: Call, layout: str) -> None:
    made = ("--year", "2025", "--layout", layout, "--beneficiaries", "60", "--quiet")
    assert call("sample", "--out", "feed", *made).status == 0
    assert call("convert", "--claims", f"feed/{layout}", "--year", "2025", "--out", "store", "--quiet").status == 0
    for claims in (f"feed/{layout}", "store"):
        answer = worth("--base-claims", claims, *OF_2026, "--json")
        told = {one["code"]: one["message"] for one in answer.document["findings"]}
        assert told["base_adjustments_inside"].startswith(f"Payments in {layout.upper()} are those after each")


def test_claims_that_tell_adjustments_apart_and_given_amounts_need_no_such_warning(worth: Call, place: Path) -> None:
    base = amounts(place, f"npi,tin,amount\n{qps(place)[0]},999000001,1000\n")
    for dollars in (CLAIMS, base):
        codes = {one["code"] for one in worth(*dollars, *OF_2026, "--json").document["findings"]}
        assert "base_adjustments_inside" not in codes


def test_listed_tins_are_paid_and_without_lists_those_that_billed(worth: Call, call: Call, place: Path) -> None:
    npi = qps(place)[0]
    base = amounts(place, f"npi,tin,amount\n{npi},999000001,1000\n")
    table = (*base, *OF_2026, "--out", "-", "--table", "npi_tin_incentives", "--quiet")
    listed = [row for row in rows(worth(*table).out) if row["npi"] == npi]
    assert {row["tin"]: row["incentive_amount"] for row in listed}["999000001"] == "0.00"
    assert {row["recipient_step"] for row in listed} == {"", "1"}
    (place / "sample_data" / "qpcli.toml").unlink()
    (unlisted,) = rows(call("worth", "reports", *table).out)
    assert (unlisted["tin"], unlisted["recipient_step"], unlisted["incentive_amount"]) == ("999000001", "7", "18.80")
    codes = {one["code"] for one in call("worth", "reports", *base, *OF_2026, "--json").document["findings"]}
    assert {"recipients_not_listed", "qps_without_base", "other_payment_year"} <= codes


def test_rows_of_one_pair_add_up_and_other_clinicians_do_not_count(worth: Call, place: Path) -> None:
    npi = qps(place)[0]
    base = amounts(place, f"npi,tin,amount\n{npi},999000001,0.50\n{npi},999000001,1\n1234567893,999000001,7\n")
    assert worth(*base, "--json").document["base_amount"] == "1.50"


def test_claims_of_another_year_are_warned_of(worth: Call) -> None:
    findings = worth(*CLAIMS, "--json").document["findings"]
    told = {one["code"]: one["message"] for one in findings}
    assert {"base_claims_incomplete", "base_run_out_incomplete", "qps_without_base", "no_lump_sum"} <= set(told)


def test_reports_are_written_once_and_verified(worth: Call, call: Call, place: Path) -> None:
    arguments = (*CLAIMS, *OF_2026, "--out", "incentive", "--format", "csv")
    first = worth(*arguments)
    assert (first.status, first.out) == (0, "")
    assert sorted(path.name for path in (place / "incentive").iterdir()) == [
        "findings.csv",
        "manifest.json",
        "npi_incentives.csv",
        "npi_tin_incentives.csv",
        "tin_incentives.csv",
    ]
    assert {path.stat().st_mode & 0o777 for path in (place / "incentive").iterdir()} == {0o600}
    assert call("verify", "incentive").status == 0
    before = (place / "incentive" / "manifest.json").read_bytes()
    assert "Up to date" in worth(*arguments).err
    assert (place / "incentive" / "manifest.json").read_bytes() == before
    assert "Up to date" not in worth(*arguments, "--shared-loss", "1").err


def test_csv_for_spreadsheets_is_another_answer(worth: Call, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = (*CLAIMS, *OF_2026, "--out", "incentive", "--format", "csv")
    worth(*arguments)
    monkeypatch.setenv("QPCLI_EXCEL_CSV", "true")
    assert "Up to date" not in worth(*arguments).err
    assert (place / "incentive" / "npi_incentives.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_what_goes_to_stderr_names_no_tin_or_npi(worth: Call, place: Path) -> None:
    told = worth(*CLAIMS, *OF_2026, "--out", "incentive", "--format", "csv").err
    found = rows((place / "incentive" / "npi_tin_incentives.csv").read_text())
    assert found
    assert not [value for row in found for value in (row["npi"], row["tin"]) if value and value in told]


def test_a_log_has_one_line_for_the_summary(worth: Call) -> None:
    answer = worth(*CLAIMS, *OF_2026, "--out", "incentive", "--log-format", "json")
    (summary,) = [entry for entry in answer.log if entry["event"] == "summary"]
    assert (summary["payment_year"], summary["folder"]) == (2026, "incentive")


def test_an_open_point_changes_who_is_paid(worth: Call, place: Path) -> None:
    npi = qps(place)[0]
    (place / "sample_data" / "qpcli.toml").write_text("")
    base = amounts(place, f"npi,tin,amount\n{npi},999000001,900\n{npi},999000002,100\n")
    table = (*base, *OF_2026, "--out", "-", "--table", "tin_incentives", "--quiet")
    assert [row["incentive_amount"] for row in rows(worth(*table).out)] == ["16.92", "1.88"]
    equal = worth(*table, "--assume", "incentive_tin_shares=equal_parts")
    assert [row["incentive_amount"] for row in rows(equal.out)] == ["9.40", "9.40"]


def test_settings_may_stand_in_the_configuration(call: Call, run: None, place: Path) -> None:  # noqa: ARG001
    base = f"npi,tin,amount\n{qps(place)[0]},999000001,1000\n"
    (place / "sample_data" / "amounts.csv").write_text(base)
    lines = ('base_amounts = "amounts.csv"', "payment_year = 2026", "mips_adjustment = 1.5", "shared_loss = 100")
    (place / "sample_data" / "worth.toml").write_text("\n".join((*lines, 'out = "../reports"')))
    document = call("worth", "reports", "--config", "sample_data/worth.toml", "--json").document
    assert (document["mips_adjustment_amount"], document["shared_loss_amount"]) == ("15.00", "100.00")
    assert document["folder"] is None


def test_a_run_without_qps_is_worth_nothing(call: Call, determine: Call, place: Path) -> None:
    entities = "apm_entity_id,is_advanced\n" + "".join(f"SYN{number:02d},false\n" for number in range(1, 14))
    (place / "entities.csv").write_text(entities)
    assert determine("--entities", "entities.csv", "--out", "none", "--quiet").status == 0
    answer = call("worth", "none", *CLAIMS, *OF_2026)
    assert (answer.status, "0 QPs" in answer.out, "By APM Entity" in answer.out) == (0, True, False)
    assert call("worth", "none", *CLAIMS, *OF_2026, "--out", "-", "--quiet").out.count("\n") == 1


# What cannot be done


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "QP101"),
        ((*CLAIMS, "--base-amounts", "x.csv"), "QP101"),
        ((*CLAIMS, "--payment-year", "2030"), "QP105"),
        ((*CLAIMS, "--mips-adjustment", "much"), "QP101"),
        ((*CLAIMS, "--mips-adjustment", "101"), "QP101"),
        ((*CLAIMS, "--shared-loss", "-1"), "QP101"),
        ((*CLAIMS, "--shared-loss", "1.005"), "QP101"),
        ((*CLAIMS, "--table", "tin_incentives"), "QP104"),
        ((*CLAIMS, "--out", "-", "--json"), "QP104"),
        ((*CLAIMS, "--out", "-", "--table", "determinations"), "QP101"),
        ((*CLAIMS, "--out", "reports/inner"), "QP109"),
    ],
)
def test_options_that_cannot_be_used_are_exit_2(worth: Call, arguments: tuple[str, ...], code: str) -> None:
    answer = worth(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert f"error[{code}]" in answer.err


def test_a_run_that_is_changed_or_none_is_exit_3(worth: Call, call: Call, place: Path) -> None:
    assert "error[QP202]" in call("worth", "sample_data", *CLAIMS).err
    file = place / "reports" / "determinations.csv"
    file.write_text(file.read_text().replace(",QP,", ",NOT_QP,", 1))
    answer = worth(*CLAIMS)
    assert (answer.status, answer.out) == (3, "")
    assert "is not as it was written: changed output determinations.csv" in answer.err


def test_a_report_of_worth_itself_is_no_run(worth: Call, call: Call) -> None:
    assert worth(*CLAIMS, "--out", "incentive").status == 0
    assert "error[QP202]: incentive is a report without determinations." in call("worth", "incentive", *CLAIMS).err


def test_bad_base_amounts_are_named_by_row_and_never_shown(worth: Call, place: Path) -> None:
    base = amounts(place, "npi,tin,amount\n1234567893,999000001,77777.77x\n")
    answer = worth(*base)
    assert answer.status == 3
    assert "error[QP203]: base_amounts: 1 row has an unreadable base_amount (row 1)" in answer.err
