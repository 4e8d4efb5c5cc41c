"""CCLF1 and CCLF2: institutional claims that hold professional services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qpcli.errors import InputError
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.cclf.files import DeliveredSource
from qpcli.inputs.cclf.institutional import read_institutional
from qpcli.inputs.plan import output_names
from qpcli.request import ReadOptions
from qpcli.tables.claim_lines import CLAIM_LINES
from tests.inputs.cclf_made import JULY, NOVEMBER, cut, delivered, fixed_width, law_of, opened_as, said
from tests.inputs.made import CANARY

CLAIM = {
    "CUR_CLM_UNIQ_ID": "5000000000001",
    "PRVDR_OSCAR_NUM": "331300",
    "BENE_MBI_ID": "P1",
    "CLM_TYPE_CD": "40",
    "CLM_FROM_DT": "2025-02-03",
    "CLM_THRU_DT": "2025-02-05",
    "CLM_BILL_FAC_TYPE_CD": "8",
    "CLM_BILL_CLSFCTN_CD": "5",
    "CLM_MDCR_NPMT_RSN_CD": "",
    "CLM_PMT_AMT": "0000000000150.00 ",
    "CLM_NCH_PRMRY_PYR_CD": "",
    "OPRTG_PRVDR_NPI_NUM": "",
    "ATNDG_PRVDR_NPI_NUM": "9999990010",
    "OTHR_PRVDR_NPI_NUM": "",
    "CLM_ADJSMT_TYPE_CD": "0",
    "CLM_EFCTV_DT": "2025-03-07",
    "CLM_IDR_LD_DT": "2025-03-14",
    "CLM_BLG_PRVDR_OSCAR_NUM": "331305",
    "CLM_OPRTG_PRVDR_NPI_NUM": "9999990028",
    "CLM_ATNDG_PRVDR_NPI_NUM": "9999990036",
    "CLM_OTHR_PRVDR_NPI_NUM": "",
}
LINE = {
    "CUR_CLM_UNIQ_ID": "5000000000001",
    "CLM_LINE_NUM": "0000000001",
    "BENE_MBI_ID": "P1",
    "CLM_TYPE_CD": "40",
    "CLM_LINE_FROM_DT": "2025-02-04",
    "CLM_LINE_PROD_REV_CTR_CD": "0960",
    "CLM_LINE_INSTNL_REV_CTR_DT": "2025-02-05",
    "CLM_LINE_HCPCS_CD": "99213",
    "CLM_LINE_CVRD_PD_AMT": "0000000000150.00 ",
}
RURAL = {"CLM_BILL_FAC_TYPE_CD": "7", "CLM_BILL_CLSFCTN_CD": "1"}
FQHC = {"CLM_BILL_FAC_TYPE_CD": "7", "CLM_BILL_CLSFCTN_CD": "7"}
HOSPITAL = {"CLM_BILL_FAC_TYPE_CD": "1", "CLM_BILL_CLSFCTN_CD": "3"}


def version(number: int, **changes: str) -> dict[str, str]:
    return {"CUR_CLM_UNIQ_ID": f"{5_000_000_000_000 + number}"} | changes


def read_files(
    headers: Sequence[DeliveredSource], lines: Sequence[DeliveredSource], max_rejects: int = 0, **assumptions: str
) -> TableRead:
    options, law = ReadOptions(max_rejects=max_rejects), law_of(**assumptions)
    read = read_institutional(headers, lines, options, law)
    again = read_institutional(headers[::-1], lines[::-1], options, law)
    assert_frame_equal(read.frame, again.frame, check_row_order=False)
    return read


def read(
    tmp_path: Path, claims: Sequence[dict[str, str]], lines: Sequence[dict[str, str]], **options: Any
) -> TableRead:
    headers = delivered(tmp_path / "1.csv", JULY, *(CLAIM | claim for claim in claims))
    return read_files([headers], [delivered(tmp_path / "2.csv", JULY, *(LINE | line for line in lines))], **options)


def only(found: TableRead) -> dict[str, Any]:
    assert found.frame.height == 1
    return found.frame.row(0, named=True)


def test_a_line_of_a_critical_access_hospital(tmp_path: Path) -> None:
    found = read(tmp_path, [{}], [{}])
    assert found.frame.columns == [*output_names(CLAIM_LINES), "delivery", "payer"]
    assert only(found) == {
        "claim_id": "331305/2025-02-03/2025-02-05",
        "claim_version": "5000000000001",
        "line_number": 1,
        "bene_id": "P1",
        "npi": "9999990036",
        "tin": None,
        "hcpcs": "99213",
        "service_date": date(2025, 2, 4),
        "processed_date": date(2025, 3, 7),
        "paid_cents": 15000,
        "setting": "cah_method_ii",
        "adjustment": "original",
        "is_denied": False,
        "withheld_cents": 0,
        "excluded_cents": 0,
        "delivery": JULY,
        "payer": None,
    }
    assert found.findings == ()
    assert [file.row_count for file in found.files] == [1, 1]


@pytest.mark.parametrize(
    ("center", "is_fee"),
    [("0960", True), ("0979", True), ("0985", True), ("960", True), ("0450", False), ("0950", False), ("", False)],
)
def test_only_fees_of_a_critical_access_hospital_count(tmp_path: Path, center: str, is_fee: bool) -> None:
    lines = [{"CLM_LINE_PROD_REV_CTR_CD": center, "CLM_LINE_CVRD_PD_AMT": "50.00"}]
    lines += [{"CLM_LINE_NUM": "2", "CLM_LINE_CVRD_PD_AMT": "100.00"}]
    found = read(tmp_path, [{}], lines)
    assert found.frame.sort("line_number")["paid_cents"].to_list() == ([5000, 10000] if is_fee else [10000])
    assert said(found.findings) == ({} if is_fee else {("lines_not_used", "revenue center"): 1})


@pytest.mark.parametrize(("bill_type", "setting"), [(RURAL, "rhc"), (FQHC, "fqhc")])
def test_all_lines_of_rural_health_clinics_and_health_centers_count(
    tmp_path: Path, bill_type: dict[str, str], setting: str
) -> None:
    line = {"CLM_LINE_PROD_REV_CTR_CD": "0521", "CLM_LINE_HCPCS_CD": ""}
    row = only(read(tmp_path, [bill_type], [line]))
    assert (row["setting"], row["hcpcs"], row["paid_cents"]) == (setting, None, 15000)


@pytest.mark.parametrize("change", [HOSPITAL, {"CLM_TYPE_CD": "60"}, {"CLM_BILL_CLSFCTN_CD": ""}, {"CLM_TYPE_CD": ""}])
def test_other_claims_are_left_out_with_their_lines_and_are_not_judged(tmp_path: Path, change: dict[str, str]) -> None:
    other = version(2) | change | {"CLM_PMT_AMT": "much", "CLM_ADJSMT_TYPE_CD": "9"}
    of_other = version(2, CLM_LINE_CVRD_PD_AMT="much", CLM_TYPE_CD=other.get("CLM_TYPE_CD", "40"))
    found = read(tmp_path, [{}, other], [{}, of_other])
    assert only(found)["claim_version"] == "5000000000001"
    left_out = "claims of CCLF1 that are of no RHC, FQHC or CAH method II"
    assert said(found.findings) == {("rows_left_out", left_out): 1}


def test_files_without_any_such_claim_give_no_line(tmp_path: Path) -> None:
    found = read(tmp_path, [HOSPITAL], [{}])
    assert found.frame.is_empty()
    assert {finding.code for finding in found.findings} == {"rows_left_out"}
    assert read_files([], []).frame.columns == found.frame.columns


@pytest.mark.parametrize(
    ("assumed", "change", "npi"),
    [("attending", {}, "9999990036"), ("attending", {"CLM_ATNDG_PRVDR_NPI_NUM": ""}, "9999990010"),
     ("operating", {}, "9999990028"), ("other", {"OTHR_PRVDR_NPI_NUM": "9999990044"}, "9999990044"),
     ("other", {}, None)],
)  # fmt: skip
def test_whose_npi_counts_is_an_open_point(
    tmp_path: Path, assumed: str, change: dict[str, str], npi: str | None
) -> None:
    found = read(tmp_path, [change], [{}], institutional_npi=assumed)
    assert only(found)["npi"] == npi
    assert said(found.findings).get(("blank_values", "npi")) == (None if npi else 1)


def test_records_of_before_2022_have_only_the_older_columns(tmp_path: Path) -> None:
    older = {name: text for name, text in CLAIM.items() if not name.endswith("NPI_NUM") or name[:4] != "CLM_"}
    del older["CLM_BLG_PRVDR_OSCAR_NUM"]
    headers = delivered(tmp_path / "1.csv", JULY, older)
    row = only(read_files([headers], [delivered(tmp_path / "2.csv", JULY, LINE)]))
    assert (row["npi"], row["claim_id"]) == ("9999990010", "331300/2025-02-03/2025-02-05")


def test_a_facility_without_a_number_takes_the_version_as_the_claim(tmp_path: Path) -> None:
    found = read(tmp_path, [{"CLM_BLG_PRVDR_OSCAR_NUM": "", "PRVDR_OSCAR_NUM": "~"}], [{}])
    assert only(found)["claim_id"] == "5000000000001"
    assert [finding.count for finding in found.findings if finding.code == "counted_for_record"] == [1]


@pytest.mark.parametrize(
    ("change", "day"),
    [
        ({}, 4),
        ({"CLM_LINE_FROM_DT": "1000-01-01"}, 5),
        ({"CLM_LINE_FROM_DT": "", "CLM_LINE_INSTNL_REV_CTR_DT": "~"}, 3),
    ],
)
def test_the_date_of_a_line_else_of_its_revenue_center_else_of_the_claim(
    tmp_path: Path, change: dict[str, str], day: int
) -> None:
    assert only(read(tmp_path, [{}], [change]))["service_date"] == date(2025, 2, day)


def test_denial_payer_and_run_out_date_come_from_the_claim(tmp_path: Path) -> None:
    change = {"CLM_MDCR_NPMT_RSN_CD": "N", "CLM_NCH_PRMRY_PYR_CD": "a"}
    row = only(read(tmp_path, [change], [{}], run_out_date="loaded"))
    assert (row["is_denied"], row["payer"], row["processed_date"]) == (True, "A", date(2025, 3, 14))


def test_lines_that_do_not_add_up_to_the_claim_count_no_dollars(tmp_path: Path) -> None:
    lines = [{"CLM_LINE_CVRD_PD_AMT": "100.00"}, {"CLM_LINE_NUM": "2", "CLM_LINE_CVRD_PD_AMT": "49.99"}]
    other = [version(2, BENE_MBI_ID="P2", CLM_LINE_CVRD_PD_AMT="150.00")]
    found = read(tmp_path, [{}, version(2, BENE_MBI_ID="P2")], lines + other)
    paid = found.frame.sort("claim_version", "line_number")["paid_cents"].to_list()
    assert paid == [0, 0, 15000]
    unreliable = [finding for finding in found.findings if finding.code == "institutional_amounts_unreliable"]
    assert [finding.count for finding in unreliable] == [1]
    assert "150.00 USD" in unreliable[0].message


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_cancellation_takes_back_what_was_given_however_it_is_signed(tmp_path: Path, sign: str) -> None:
    claims = [{}, version(2, CLM_ADJSMT_TYPE_CD="1", CLM_PMT_AMT="-150.00"), version(3, CLM_ADJSMT_TYPE_CD="2")]
    lines = [{}, version(2, CLM_LINE_CVRD_PD_AMT=f"{sign}150.00"), version(3)]
    rows = read(tmp_path, claims, lines).frame.sort("claim_version")
    assert rows.select("adjustment", "paid_cents").rows() == [
        ("original", 15000), ("cancellation", 15000), ("replacement", 15000)
    ]  # fmt: skip
    assert rows["claim_id"].n_unique() == 1


def test_a_claim_is_trusted_in_all_its_versions_or_in_none(tmp_path: Path) -> None:
    claims = [{}, version(2, CLM_ADJSMT_TYPE_CD="1")]
    found = read(tmp_path, claims, [{}, version(2, CLM_LINE_CVRD_PD_AMT="0.00")])
    assert found.frame["paid_cents"].to_list() == [0, 0]
    assert said(found.findings)["institutional_amounts_unreliable", "paid_amount"] == 1


def test_what_was_delivered_again_counts_once_as_it_came_last(tmp_path: Path) -> None:
    first = delivered(tmp_path / "1a.csv", JULY, CLAIM), delivered(tmp_path / "2a.csv", JULY, LINE)
    copy = delivered(tmp_path / "1b.csv", JULY, CLAIM), delivered(tmp_path / "2b.csv", JULY, LINE)
    changed = {"CLM_LINE_HCPCS_CD": "99214"}
    later = delivered(tmp_path / "1c.csv", NOVEMBER, CLAIM), delivered(tmp_path / "2c.csv", NOVEMBER, LINE | changed)
    row = only(read_files(*zip(first, copy, strict=True)))
    assert (row["hcpcs"], row["delivery"], row["paid_cents"]) == ("99213", JULY, 15000)
    row = only(read_files(*zip(first, copy, later, strict=True)))
    assert (row["hcpcs"], row["delivery"], row["paid_cents"]) == ("99214", NOVEMBER, 15000)


def test_lines_without_a_claim_and_claims_without_a_line_are_counted(tmp_path: Path) -> None:
    lines = [{}, version(3), version(4, CLM_TYPE_CD="60")]
    found = read(tmp_path, [{}, version(2, BENE_MBI_ID="P2", CLM_PMT_AMT="0.00")], lines)
    assert only(found)["claim_version"] == "5000000000001"
    assert said(found.findings) == {
        ("rows_left_out", "lines of CCLF2 whose claim is not in CCLF1"): 1,
        ("counted_for_record", "claims of CCLF1 without a line in CCLF2 give no claim line"): 1,
    }


def test_one_of_the_two_files_alone_gives_no_line_and_a_word(tmp_path: Path) -> None:
    headers, lines = delivered(tmp_path / "1.csv", JULY, CLAIM), delivered(tmp_path / "2.csv", JULY, LINE)
    without_claims, without_lines = read_files([], [lines]), read_files([headers], [])
    assert without_claims.frame.is_empty()
    assert without_lines.frame.is_empty()
    assert said(without_claims.findings) == {("rows_left_out", "lines of CCLF2 whose claim is not in CCLF1"): 1}
    assert said(without_lines.findings) == {
        ("counted_for_record", "claims of CCLF1 without a line in CCLF2 give no claim line"): 1,
        ("institutional_amounts_unreliable", "paid_amount"): 1,
    }


@pytest.mark.parametrize(
    ("claim", "line", "rule"),
    [({"CLM_ADJSMT_TYPE_CD": ""}, {}, "adjustment_unknown"), ({"CLM_ADJSMT_TYPE_CD": "3"}, {}, "adjustment_unknown"),
     ({"CLM_FROM_DT": "1000-01-01"}, {}, "from_date_unreadable"),
     ({"CLM_PMT_AMT": "1.00-"}, {}, "payment_amount_unreadable"),
     ({"BENE_MBI_ID": ""}, {}, "bene_id_blank"), ({}, {"CLM_LINE_CVRD_PD_AMT": ""}, "paid_amount_blank"),
     ({}, {"CLM_LINE_NUM": "one"}, "line_number_unreadable"),
     ({}, {"CLM_LINE_FROM_DT": "2025-02-30"}, "line_date_unreadable")],
)  # fmt: skip
def test_what_cannot_be_read_is_a_bad_row(
    tmp_path: Path, claim: dict[str, str], line: dict[str, str], rule: str
) -> None:
    claims = [{}, version(2, BENE_MBI_ID=CANARY) | claim]
    lines = [{}, version(2, BENE_MBI_ID=CANARY) | line]
    with pytest.raises(InputError) as caught:
        read(tmp_path, claims, lines)
    assert (caught.value.code, CANARY in caught.value.message) == ("QP203", False)
    assert "row 2" in caught.value.message
    found = read(tmp_path, claims, lines, max_rejects=1)
    assert said(found.findings)["rejected_rows", rule] == 1
    assert found.frame.filter(claim_version="5000000000001")["paid_cents"].to_list() == [15000]


def test_a_claim_whose_line_is_rejected_counts_no_dollars(tmp_path: Path) -> None:
    lines = [{"CLM_LINE_CVRD_PD_AMT": "100.00"}, {"CLM_LINE_NUM": "2", "CLM_LINE_CVRD_PD_AMT": "50.00-"}]
    assert only(read(tmp_path, [{}], lines, max_rejects=1))["paid_cents"] == 0


def test_typed_parquet_columns_in_lower_case(tmp_path: Path) -> None:
    for name, row, money in (("1", CLAIM, "clm_pmt_amt"), ("2", LINE, "clm_line_cvrd_pd_amt")):
        text = pl.DataFrame([{column.lower(): value.strip() or None for column, value in row.items()}])
        days = [column for column in text.columns if column.endswith("_dt")]
        typed = text.with_columns(
            pl.col(money).cast(pl.Decimal(15, 2)), pl.col("cur_clm_uniq_id").cast(pl.Int64), pl.col(days).str.to_date()
        )
        typed.write_parquet(tmp_path / f"{name}.parquet")
    row = only(read_files([opened_as(tmp_path / "1.parquet", JULY)], [opened_as(tmp_path / "2.parquet", JULY)]))
    assert (row["claim_id"], row["paid_cents"], row["claim_version"]) == (
        "331305/2025-02-03/2025-02-05", 15000, "5000000000001"
    )  # fmt: skip


@pytest.mark.parametrize(("claim_length", "line_length"), [(437, 199), (352, 199), (292, 179)])
def test_fixed_width_files_as_delivered(tmp_path: Path, claim_length: int, line_length: int) -> None:
    rural = [CLAIM | version(2, BENE_MBI_ID="P2") | RURAL, CLAIM | version(3) | HOSPITAL]
    fixed_width(tmp_path / "P.A9990.ACO.ZC1Y25.D250714.T1010101", claim_length, CLAIM, *rural)
    lines = [LINE | version(2), LINE | version(3), LINE | version(9)]
    fixed_width(tmp_path / "P.A9990.ACO.ZC2Y25.D250714.T1010101", line_length, LINE, *lines)
    fixed_width(tmp_path / "P.A9990.ACO.ZC1Y25.D251113.T1115300", claim_length, CLAIM)
    fixed_width(tmp_path / "P.A9990.ACO.ZC2Y25.D251113.T1115300", line_length, LINE)
    found = read_files(cut(tmp_path, "1"), cut(tmp_path, "2"))
    rows = found.frame.sort("claim_version")
    assert rows.select("setting", "bene_id", "paid_cents", "delivery").rows() == [
        ("cah_method_ii", "P1", 15000, NOVEMBER), ("rhc", "P2", 15000, JULY)
    ]  # fmt: skip
    npi, oscar = ("9999990010", "331300") if claim_length == 292 else ("9999990036", "331305")
    assert rows.select("npi", "claim_id").row(0) == (npi, f"{oscar}/2025-02-03/2025-02-05")
    assert {finding.count for finding in found.findings} == {1}
    assert sum(file.row_count for file in found.files) == 9
