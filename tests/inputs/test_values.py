"""A value that is not exactly of its form makes its row bad or is counted; none is mended in silence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from qpcli.errors import UsageError
from qpcli.findings import Finding
from qpcli.request import ReadOptions
from tests.inputs.made import CANARY, CLAIM_HEADER, CLAIM_ROW, claim, claims_file, read_claims, refused

ALLOWING = ReadOptions(max_rejects=1)


def read_one(tmp_path: Path, options: ReadOptions | None = None, /, **changes: str) -> dict[str, object]:
    lines, _ = read_claims(claims_file(tmp_path, claim(**changes)), options=options)
    return lines.row(0, named=True)


def read_optional(tmp_path: Path, name: str, text: str) -> dict[str, object]:
    """A claim line with an optional column."""
    lines, _ = read_claims(claims_file(tmp_path, f"{CLAIM_ROW},{text}", header=f"{CLAIM_HEADER},{name}"))
    return lines.row(0, named=True)


def rule_of(path: str) -> str:
    """The one rule that row 2 of three breaks; the message names the row and holds no value."""
    error = refused(path)
    assert error.code == "QP203"
    assert "(row 2)" in error.message
    lines, notes = read_claims(path, options=ALLOWING)
    assert lines.height == 2
    ((count,),) = [file.counts for file in notes.rejects]
    assert count.rows == (2,)
    return count.rule


def findings(path: str) -> dict[tuple[str, str | None], int | None]:
    _, notes = read_claims(path)
    return {(found.code, found.rule): found.count for found in notes.findings}


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        *(
            ("paid_amount", text, "paid_amount_unreadable")
            for text in (
                "10.005",
                "1e5",
                "$1000.00",
                '"1,000.00"',
                "(5.00)",
                "NaN",
                "inf",
                "5.",
                ".5",
                "+5",
                "5-",
                "- 5",
                "1 000",
                "--5",
                "0x10",
                "5.0.0",
                "\u0665",
            )
        ),
        ("paid_amount", "10000000.01", "paid_amount_out_of_bounds"),
        ("paid_amount", "-10000000.01", "paid_amount_out_of_bounds"),
        ("paid_amount", "99999999999999999.99", "paid_amount_out_of_bounds"),
        ("paid_amount", "9" * 60, "paid_amount_out_of_bounds"),
        ("paid_amount", "", "paid_amount_blank"),
        ("paid_amount", "  ", "paid_amount_blank"),
        *(
            ("service_date", text, "service_date_unreadable")
            for text in (
                "20250229",
                "2025-02-29",
                "2025-1-5",
                "25-01-05",
                "01/05/2025",
                "2025-01-05T00:00",
                "250105",
                "1899-12-31",
                "2101-01-01",
                "0001-01-01",
                "9999-12-31",
                "00010101",
                "99991231",
                "2025 0105",
                "02025-1-05",
                "+2025-1-05",
                "2025-13-01",
                "2025-00-10",
                "45678",
            )
        ),
        ("service_date", "", "service_date_blank"),
        ("claim_id", " ", "claim_id_blank"),
        ("bene_id", "", "bene_id_blank"),
        ("line_number", "", "line_number_blank"),
        *(("line_number", text, "line_number_unreadable") for text in ("1.0", "-1", "+1", "one", "9" * 30)),
    ],
)
def test_a_bad_value_rejects_its_row(tmp_path: Path, name: str, text: str, rule: str) -> None:
    assert rule_of(claims_file(tmp_path, CLAIM_ROW, claim(**{name: text}), CLAIM_ROW)) == rule


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("setting", "hospital", "setting_unknown"),
        ("adjustment", "void", "adjustment_unknown"),
        ("is_denied", "maybe", "is_denied_unreadable"),
        ("is_denied", "2", "is_denied_unreadable"),
        ("processed_date", "soon", "processed_date_unreadable"),
        ("processed_date", "1850-01-01", "processed_date_unreadable"),
        ("withheld_amount", "1e2", "withheld_amount_unreadable"),
        ("excluded_amount", "10000000.01", "excluded_amount_out_of_bounds"),
    ],
)
def test_a_bad_optional_value_rejects_its_row(tmp_path: Path, name: str, text: str, rule: str) -> None:
    rows = [f"{CLAIM_ROW},", f"{CLAIM_ROW},{text}", f"{CLAIM_ROW},"]
    assert rule_of(claims_file(tmp_path, *rows, header=f"{CLAIM_HEADER},{name}")) == rule


@pytest.mark.parametrize(
    ("text", "cents"),
    [("100.00", 10_000), ("37.5", 3_750), ("5", 500), (" 7.25 ", 725), ("-0.01", -1), ("-0.00", 0), ("007.10", 710),
     ("10000000.00", 1_000_000_000), ("-10000000", -1_000_000_000), ("0.07", 7), ("1.10", 110)],
)  # fmt: skip
def test_amounts_become_exact_cents(tmp_path: Path, text: str, cents: int) -> None:
    assert read_one(tmp_path, paid_amount=text)["paid_cents"] == cents


@pytest.mark.parametrize("text", ["2025-01-15", "20250115", " 2025-01-15 "])
def test_two_forms_of_dates_are_read(tmp_path: Path, text: str) -> None:
    assert read_one(tmp_path, service_date=text)["service_date"] == date(2025, 1, 15)


@pytest.mark.parametrize("text", ["", "0001-01-01", "9999-12-31", "99991231"])
def test_marks_for_no_date_are_null(tmp_path: Path, text: str) -> None:
    assert read_optional(tmp_path, "processed_date", text)["processed_date"] is None


def test_a_leap_day_is_a_date(tmp_path: Path) -> None:
    assert read_one(tmp_path, service_date="20240229")["service_date"] == date(2024, 2, 29)


def test_another_date_form_is_read_when_named(tmp_path: Path) -> None:
    options = ReadOptions(date_format="%m/%d/%Y")
    assert read_one(tmp_path, options, service_date="03/04/2025")["service_date"] == date(2025, 3, 4)
    assert read_one(tmp_path, options, service_date="2025-03-04")["service_date"] == date(2025, 3, 4)
    assert refused(claims_file(tmp_path, claim(service_date="20250304")), options=options).code == "QP203"


def test_two_digit_years_are_refused_also_when_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_one(tmp_path, ReadOptions(date_format="%m/%d/%y"), service_date="03/04/25")
    assert caught.value.code == "QP101"


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        *((word, True) for word in ("true", "T", "Yes", "y", "1")),
        *((word, False) for word in ("FALSE", "f", "no", "N", "0", "")),
    ],
)
def test_words_for_true_and_false(tmp_path: Path, text: str, truth: bool) -> None:
    assert read_optional(tmp_path, "is_denied", text)["is_denied"] is truth


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("setting", " Rhc ", "rhc"),
        ("setting", "", "professional"),
        ("adjustment", "CANCELLATION", "cancellation"),
        ("adjustment", "", "original"),
        ("withheld_amount", "", None),
    ],
)
def test_choices_are_read_in_any_case_and_blank_is_the_default(
    tmp_path: Path, name: str, text: str, value: str | None
) -> None:
    row = read_optional(tmp_path, name, text)
    assert row.get(name) == value
    assert row["withheld_cents"] == 0


def test_identifiers_stay_text_and_lose_only_blanks(tmp_path: Path) -> None:
    row = read_one(tmp_path, claim_id=" 0012 ", tin="012345678", npi=" 1437702123", hcpcs=" g0438 ", bene_id="abC")
    assert (row["claim_id"], row["tin"], row["npi"]) == ("0012", "012345678", "1437702123")
    assert (row["hcpcs"], row["bene_id"]) == ("G0438", "abC")


def test_a_short_tin_is_zero_filled_and_counted(tmp_path: Path) -> None:
    path = claims_file(tmp_path, claim(tin="12345678"), claim(tin="7"), CLAIM_ROW)
    lines, _ = read_claims(path)
    assert sorted(lines["tin"]) == ["000000007", "012345678", "012345678"]
    assert findings(path)["zero_filled", "tin"] == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [("tin", "46-1517810"), ("tin", "1234567890"), ("tin", "ABC"), ("tin", "+12345678"), ("npi", "143770212"),
     ("npi", "14377021234"), ("npi", "143770212X"), ("npi", "-143770212")],
)  # fmt: skip
def test_an_identifier_of_another_form_is_kept_and_counted(tmp_path: Path, name: str, text: str) -> None:
    path = claims_file(tmp_path, claim(**{name: text}), CLAIM_ROW)
    lines, _ = read_claims(path)
    assert text in lines[name].to_list()
    assert findings(path)["odd_form", name] == 1


def test_npis_that_fail_the_check_digit_are_counted_and_kept(tmp_path: Path) -> None:
    good, bad = "1234567893", "1234567890"
    path = claims_file(tmp_path, *(claim(npi=npi) for npi in (good, bad, bad, "1")))
    lines, _ = read_claims(path)
    assert lines.height == 4
    assert findings(path)["npi_check_digit", "npi"] == 2


@pytest.mark.parametrize("name", ["npi", "tin", "hcpcs"])
def test_a_blank_npi_tin_or_hcpcs_is_a_counted_line(tmp_path: Path, name: str) -> None:
    path = claims_file(tmp_path, CLAIM_ROW, claim(**{name: " "}))
    lines, notes = read_claims(path)
    assert lines.height == 2
    assert lines[name].null_count() == 1
    assert findings(path)["blank_values", name] == 1
    assert not notes.rejects


@pytest.mark.parametrize(
    ("setting", "counted"),
    [("professional", {"tin", "hcpcs"}), ("cah_method_ii", {"hcpcs"}), ("rhc", set()), ("fqhc", set())],
)
def test_institutional_lines_lack_a_tin_and_clinics_a_code_by_nature(
    tmp_path: Path, setting: str, counted: set[str]
) -> None:
    path = claims_file(tmp_path, f"{claim(tin='', hcpcs='')},{setting}", header=f"{CLAIM_HEADER},setting")
    assert {rule for code, rule in findings(path) if code == "blank_values"} == counted


def test_lines_without_processed_date_are_counted(tmp_path: Path) -> None:
    path = claims_file(tmp_path, f"{CLAIM_ROW},", f"{CLAIM_ROW},2025-02-01", header=f"{CLAIM_HEADER},processed_date")
    assert findings(path)["no_processed_date", "processed_date"] == 1


def test_the_newest_dates_are_those_of_good_rows(tmp_path: Path) -> None:
    header = f"{CLAIM_HEADER},processed_date"
    rows = [f"{CLAIM_ROW},2025-02-01", f"{claim(service_date='2025-03-01')},2025-04-01"]
    rows += [f"{claim(service_date='2025-12-31', paid_amount='x')},2025-12-31"]
    _, notes = read_claims(claims_file(tmp_path, *rows, header=header), options=ALLOWING)
    assert (notes.last_service_date, notes.last_processed_date) == (date(2025, 3, 1), date(2025, 4, 1))


def test_types_are_the_canonical_ones(tmp_path: Path) -> None:
    lines, _ = read_claims(claims_file(tmp_path, CLAIM_ROW))
    text = dict.fromkeys(
        ["claim_id", "claim_version", "bene_id", "npi", "tin", "hcpcs", "setting", "adjustment"], pl.String()
    )
    days = dict.fromkeys(["service_date", "processed_date"], pl.Date())
    whole = dict.fromkeys(["line_number", "paid_cents", "withheld_cents", "excluded_cents"], pl.Int64())
    assert dict(lines.schema) == text | days | whole | {"is_denied": pl.Boolean()}


def test_no_message_holds_a_value(tmp_path: Path) -> None:
    for name in CLAIM_HEADER.split(","):
        path = claims_file(tmp_path, claim(**{name: f"{CANARY}!"}), claim(service_date=CANARY))
        refused(path)
        _, notes = read_claims(path, options=ReadOptions(max_rejects=9)) if name == "claim_id" else (None, None)
        assert notes is None or CANARY not in "".join(finding.message for finding in notes.findings)


def _unused(_finding: Finding) -> None: ...
