"""CCLF5 lines -> claim lines: columns, codes, and what is counted about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qpcli.errors import InputError
from qpcli.findings import Finding
from qpcli.inputs.cclf.part_b import part_b_counts, part_b_findings, part_b_plan
from qpcli.inputs.table_scan import planned_scan
from qpcli.regulation.law import Law
from qpcli.request import ReadOptions
from qpcli.tables.claim_lines import CLAIM_LINES
from tests.inputs.cclf_made import cut, fixed_width, law_of

NAME = "P.A9990.ACO.ZC5Y25.D250714.T1010101"
LINE = {
    "CUR_CLM_UNIQ_ID": "4000000000001",
    "CLM_LINE_NUM": "0000000002",
    "BENE_MBI_ID": "1S00Q00QP01",
    "CLM_TYPE_CD": "71",
    "CLM_PRVDR_SPCLTY_CD": "11",
    "CLM_LINE_FROM_DT": "2025-02-10",
    "CLM_LINE_HCPCS_CD": "99213",
    "CLM_LINE_CVRD_PD_AMT": "00000000088.40 ",
    "CLM_LINE_PRMRY_PYR_CD": " ",
    "CLM_RNDRG_PRVDR_TAX_NUM": "000990001",
    "RNDRG_PRVDR_NPI_NUM": "9999990010",
    "CLM_CARR_PMT_DNL_CD": "A",
    "CLM_PRCSG_IND_CD": "A",
    "CLM_ADJSMT_TYPE_CD": "0",
    "CLM_EFCTV_DT": "2025-02-21",
    "CLM_IDR_LD_DT": "2025-02-26",
    "CLM_CNTL_NUM": "5599000000101",
    "CLM_DISP_CD": "01",
    "CLM_RNDRG_PRVDR_NPI_NUM": "9999990010",
}


@dataclass(frozen=True)
class Read:
    """Good rows with helper columns, and what there is to say."""

    rows: pl.DataFrame
    findings: tuple[Finding, ...]

    def column(self, name: str) -> list[Any]:
        return self.rows[name].to_list()

    def messages(self) -> list[str]:
        return [found.message for found in self.findings]


def read(path: Path, *, law: Law | None = None, max_rejects: int = 0) -> Read:
    law = law or law_of()
    plans = [part_b_plan(source, law) for source in cut(path, "5")]
    scan = planned_scan(CLAIM_LINES, plans, ReadOptions(max_rejects=max_rejects), part_b_counts)
    with scan.reading():
        row = scan.quality.collect(engine="streaming").row(0, named=True)
        checked = pl.concat([plan.checked.filter(plan.is_good) for plan in plans], how="diagonal").collect()
    settled = scan.settle(row)
    return Read(checked, (*settled.findings, *part_b_findings(row, law)))


def lines(tmp_path: Path, *changes: dict[str, str], length: int = 388, **options: Any) -> Read:
    fixed_width(tmp_path / NAME, length, *(LINE | change for change in changes))
    return read(tmp_path, **options)


def test_a_line_becomes_a_professional_claim_line(tmp_path: Path) -> None:
    found = lines(tmp_path, {})
    names = [*(column.name for column in CLAIM_LINES.columns if "amount" not in column.name), "delivery", "payer"]
    assert found.rows.select(names).row(0, named=True) == {
        "claim_id": "5599000000101",
        "claim_version": "4000000000001",
        "line_number": 2,
        "bene_id": "1S00Q00QP01",
        "npi": "9999990010",
        "tin": "000990001",
        "hcpcs": "99213",
        "service_date": date(2025, 2, 10),
        "processed_date": date(2025, 2, 21),
        "setting": "professional",
        "adjustment": "original",
        "is_denied": False,
        "delivery": 250714_1010101,
        "payer": None,
    }
    assert found.column("paid_cents") == [8840]
    assert found.column("withheld_cents") == found.column("excluded_cents") == [0]
    assert not found.findings


@pytest.mark.parametrize("length", [332, 363, 383, 388])
def test_all_eras_are_read(tmp_path: Path, length: int) -> None:
    found = lines(tmp_path, {}, length=length)
    assert found.column("npi") == ["9999990010"]
    assert found.column("paid_cents") == [8840]


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("00000000088.40 ", 8840),
        (" 00000000121.10", 12110),
        ("-00000000118.30", -11830),
        ("         119.80", 11980),
        ("89.10          ", 8910),
        ("0", 0),
        (".5", 50),
    ],
)
def test_forms_of_amounts(tmp_path: Path, text: str, cents: int) -> None:
    assert lines(tmp_path, {"CLM_LINE_CVRD_PD_AMT": text}).column("paid_cents") == [cents]


@pytest.mark.parametrize("text", ["88.40-", "88 .40", "1,188.40", "(88.40)", "8.84E1", "", "88.405", "+88.40"])
def test_refused_amounts(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as raised:
        lines(tmp_path, {}, {"CLM_LINE_CVRD_PD_AMT": text})
    assert raised.value.code == "QP203"
    assert "paid_amount (row 2)" in str(raised.value)


@pytest.mark.parametrize("text", ["2025-02-30", "2025-2-03 ", "20250203", "1000-01-01", "9999-12-31", ""])
def test_a_line_needs_a_day_of_service(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"service_date \(row 2\)"):
        lines(tmp_path, {}, {"CLM_LINE_FROM_DT": text})


@pytest.mark.parametrize("text", ["1000-01-01", "0001-01-01", "9999-12-31", "~", ""])
def test_no_processing_date_is_null(tmp_path: Path, text: str) -> None:
    assert lines(tmp_path, {}, {"CLM_EFCTV_DT": text}).column("processed_date") == [date(2025, 2, 21), None]


def test_the_load_date_may_stand_for_processing(tmp_path: Path) -> None:
    assert lines(tmp_path, {}, law=law_of(run_out_date="loaded")).column("processed_date") == [date(2025, 2, 26)]


@pytest.mark.parametrize(("code", "adjustment"), [("0", "original"), ("1", "cancellation"), ("2", "replacement")])
def test_adjustments(tmp_path: Path, code: str, adjustment: str) -> None:
    disposition = {"1": "03"}.get(code, "01")
    found = lines(tmp_path, {"CLM_ADJSMT_TYPE_CD": code, "CLM_DISP_CD": disposition})
    assert found.column("adjustment") == [adjustment]
    assert not found.findings


@pytest.mark.parametrize("code", ["", "3", "00", "~"])
def test_another_adjustment_is_a_bad_row(tmp_path: Path, code: str) -> None:
    with pytest.raises(InputError, match=r"a blank or unknown adjustment type \(row 2\)"):
        lines(tmp_path, {}, {"CLM_ADJSMT_TYPE_CD": code})


def test_a_disposition_that_contradicts_is_counted(tmp_path: Path) -> None:
    found = lines(tmp_path, {}, {"CLM_DISP_CD": "03"}, {"CLM_ADJSMT_TYPE_CD": "1"}, {"CLM_DISP_CD": ""})
    assert [each.count for each in found.findings if each.code == "counted_for_record"] == [2]


@pytest.mark.parametrize("code", ["1", "9", "A", "B", "a"])
def test_paid_claims(tmp_path: Path, code: str) -> None:
    assert lines(tmp_path, {"CLM_CARR_PMT_DNL_CD": code}).column("is_denied") == [False]


@pytest.mark.parametrize("code", ["0", "00", "D", "Y", "22", "@", ">"])
def test_denied_claims(tmp_path: Path, code: str) -> None:
    found = lines(tmp_path, {"CLM_CARR_PMT_DNL_CD": code})
    assert found.column("is_denied") == [True]
    assert not found.findings


def test_an_unknown_claim_code_is_a_denial_and_counted_with_its_dollars(tmp_path: Path) -> None:
    found = lines(tmp_path, {}, {"CLM_CARR_PMT_DNL_CD": "ZZ"})
    assert found.column("is_denied") == [False, True]
    assert found.messages() == ["1 lines (88.40 USD) have an unknown CLM_CARR_PMT_DNL_CD; they are treated as denied."]


def test_line_codes(tmp_path: Path) -> None:
    codes = ["A", "R", "S", "N", "O", "00", "@@"]
    found = lines(tmp_path, *({"CLM_PRCSG_IND_CD": code} for code in codes))
    assert found.column("is_denied") == [False, False, False, True, True, True, True]
    messages = found.messages()
    assert "Line code O is not taken as allowed: 1 lines, 88.40 USD." in messages
    assert "1 lines (88.40 USD) have an unknown CLM_PRCSG_IND_CD; they are treated as denied." in messages


def test_the_allowed_line_codes_are_an_open_point(tmp_path: Path) -> None:
    law = law_of(allowed_line_codes="A,R,S,O")
    assert lines(tmp_path, {"CLM_PRCSG_IND_CD": "O"}, law=law).column("is_denied") == [False]


def test_carrier_claims_with_dmepos_count_and_other_types_are_left_out(tmp_path: Path) -> None:
    other = {"CLM_TYPE_CD": "81", "CLM_ADJSMT_TYPE_CD": "", "CLM_LINE_FROM_DT": "never"}
    found = lines(tmp_path, {}, {"CLM_TYPE_CD": "72"}, other, {"CLM_TYPE_CD": ""})
    assert found.rows.height == 2
    assert found.messages() == ["2 lines (176.80 USD) have an unknown CLM_TYPE_CD; they are treated as not used."]


CLAIM_NPI, PECOS_NPI = "9999990051", "9999990044"


@pytest.mark.parametrize(("used", "npi", "name"), [("claim", CLAIM_NPI, "claim"), ("pecos", PECOS_NPI, "PECOS")])
def test_which_of_two_npis_counts_is_an_open_point(tmp_path: Path, used: str, npi: str, name: str) -> None:
    both = {"CLM_RNDRG_PRVDR_NPI_NUM": CLAIM_NPI, "RNDRG_PRVDR_NPI_NUM": PECOS_NPI}
    found = lines(tmp_path, both, {}, law=law_of(rendering_npi=used))
    assert found.column("npi") == [npi, "9999990010"]
    assert found.messages() == [
        f"1 lines have different rendering NPIs on the claim and in PECOS; the {name} NPI was used."
    ]


@pytest.mark.parametrize("blank", ["CLM_RNDRG_PRVDR_NPI_NUM", "RNDRG_PRVDR_NPI_NUM"])
def test_the_other_npi_stands_in_for_a_blank_one(tmp_path: Path, blank: str) -> None:
    found = lines(tmp_path, {blank: ""})
    assert found.column("npi") == ["9999990010"]
    assert not found.findings


def test_the_version_stands_in_for_a_blank_control_number(tmp_path: Path) -> None:
    found = lines(tmp_path, {}, {"CLM_CNTL_NUM": ""})
    assert found.column("claim_id") == ["5599000000101", "4000000000001"]
    assert found.messages() == ["claim_lines: 1 rows: CLM_CNTL_NUM is blank; CUR_CLM_UNIQ_ID stands in."]


def test_another_payer(tmp_path: Path) -> None:
    found = lines(tmp_path, {"CLM_LINE_PRMRY_PYR_CD": "A", "CLM_PRCSG_IND_CD": "S"})
    assert found.column("payer") == ["A"]


def test_a_loaded_table_gives_the_same_lines(tmp_path: Path) -> None:
    rows = [LINE, LINE | {"CLM_ADJSMT_TYPE_CD": "1", "CLM_DISP_CD": "03", "CLM_CARR_PMT_DNL_CD": "00"}]
    fixed_width(tmp_path / NAME, 388, *rows)
    expected = read(tmp_path / NAME)
    stripped = [{name.lower(): text.strip() for name, text in row.items()} | {"FILE_NAME": NAME} for row in rows]
    pl.DataFrame(stripped).write_csv(tmp_path / "loaded.csv")
    pl.DataFrame(stripped).with_columns(
        pl.col("clm_line_from_dt", "clm_efctv_dt").str.to_date(),
        pl.col("clm_line_cvrd_pd_amt").cast(pl.Decimal(18, 2)),
        pl.col("clm_line_num").cast(pl.Int32),
    ).write_parquet(tmp_path / "loaded.parquet")
    for loaded in ("loaded.csv", "loaded.parquet"):
        found = read(tmp_path / loaded)
        names = [name for name in expected.rows.columns if name in found.rows.columns]
        assert found.rows.select(names).equals(expected.rows.select(names))
        assert found.messages() == expected.messages()


def test_a_loaded_table_without_the_codes_is_refused(tmp_path: Path) -> None:
    columns = [name for name in LINE if name != "CLM_PRCSG_IND_CD"]
    pl.DataFrame([LINE | {"FILE_NAME": NAME}]).select(*columns, "FILE_NAME").write_csv(tmp_path / "loaded.csv")
    with pytest.raises(InputError) as raised:
        read(tmp_path)
    assert (raised.value.code, str(raised.value)) == ("QP204", "loaded.csv: the column CLM_PRCSG_IND_CD is missing.")
