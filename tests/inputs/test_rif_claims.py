"""RIF carrier and outpatient claims."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qpcli.errors import InputError
from qpcli.inputs.layouts import find_claims
from qpcli.request import Layout, ReadOptions
from tests.inputs.rif_made import CARRIER, OUTPATIENT, PERSON, Read, law_of, read_rif, rif_file


def carrier(tmp_path: Path, *changes: dict[str, str], separator: str = "|", **options: Any) -> Read:
    rows = [
        CARRIER | {name: "" for change in changes for name in change if name not in CARRIER} | change
        for change in changes
    ]
    return read_rif([rif_file(tmp_path / "carrier.csv", *rows, separator=separator)], **options)


def outpatient(tmp_path: Path, *changes: dict[str, str]) -> Read:
    paths = [rif_file(tmp_path / "carrier.csv", CARRIER)]
    return read_rif([*paths, rif_file(tmp_path / "outpatient.csv", *(OUTPATIENT | change for change in changes))])


@pytest.mark.parametrize("separator", ["|", ","])
def test_a_carrier_line_becomes_a_professional_claim_line(tmp_path: Path, separator: str) -> None:
    row = carrier(tmp_path, {}, separator=separator).lines.row(0, named=True)
    assert row == {
        "claim_id": "9001",
        "claim_version": None,
        "line_number": 1,
        "bene_id": "-10",
        "npi": "1234567893",
        "tin": "012345678",
        "hcpcs": "99213",
        "service_date": date(2025, 1, 15),
        "processed_date": date(2025, 2, 6),
        "paid_cents": 3750,
        "setting": "professional",
        "adjustment": "original",
        "is_denied": False,
        "withheld_cents": 0,
        "excluded_cents": 0,
    }


def test_old_short_names_are_known(tmp_path: Path) -> None:
    names = {
        "CARR_CLM_PMT_DNL_CD": "PMT_DNL",
        "LINE_BENE_PRMRY_PYR_CD": "LPRPAYCD",
        "LINE_NCH_PMT_AMT": "LINEPMT",
        "LINE_PRCSG_IND_CD": "PRCNGIND",
        "PRF_PHYSN_NPI": "PRFNPI",
        "LINE_1ST_EXPNS_DT": "EXPNSDT1",
    }
    old = {names.get(name, name).lower(): value for name, value in CARRIER.items()}
    assert read_rif([rif_file(tmp_path / "carrier.csv", old)]).lines["paid_cents"].to_list() == [3750]


@pytest.mark.parametrize("text", ["15-Jan-2025", "15-JAN-2025", "20250115", "2025-01-15"])
def test_every_form_of_dates_is_detected(tmp_path: Path, text: str) -> None:
    lines = carrier(tmp_path, {"LINE_1ST_EXPNS_DT": text}).lines
    assert lines["service_date"].to_list() == [date(2025, 1, 15)]


def test_the_dates_of_a_column_must_agree(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        carrier(tmp_path, {}, {"LINE_1ST_EXPNS_DT": "20250115"})
    assert caught.value.message == "claims: 1 row has an unreadable service_date (row 2)"


@pytest.mark.parametrize(
    ("text", "cents"), [("37.5", 3750), ("37.50", 3750), ("37", 3700), ("37.", 3700), (".5", 50), ("-1.000", -100)]
)
def test_amounts_of_any_exact_form_are_read(tmp_path: Path, text: str, cents: int) -> None:
    assert carrier(tmp_path, {"LINE_NCH_PMT_AMT": text}).lines["paid_cents"].to_list() == [cents]


@pytest.mark.parametrize("text", ["5-", "1,000.00", "(5)", "1e2", "5 0", "10.005", "+1"])
def test_other_amounts_are_bad_rows(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as caught:
        carrier(tmp_path, {}, {"LINE_NCH_PMT_AMT": text})
    assert caught.value.message == "claims: 1 row has an unreadable paid_amount (row 2)"


@pytest.mark.parametrize(
    ("code", "line_code", "is_denied"),
    [
        *((code, "A", False) for code in "123456789AB"),
        *((code, "A", True) for code in ("0", "D", "T", "Y", "00", "25", "43", "!", "&")),
        *(("1", code, False) for code in "ARS"),
        *(("1", code, True) for code in ("C", "D", "N", "O", "Z", "00", "")),
    ],
)
def test_denied_as_a_claim_or_as_a_line(tmp_path: Path, code: str, line_code: str, is_denied: bool) -> None:
    lines = carrier(tmp_path, {"CARR_CLM_PMT_DNL_CD": code, "LINE_PRCSG_IND_CD": line_code}).lines
    assert lines["is_denied"].to_list() == [is_denied]


def test_the_allowed_line_codes_are_an_open_point(tmp_path: Path) -> None:
    law = law_of(allowed_line_codes="A,R,S,O")
    assert carrier(tmp_path, {"LINE_PRCSG_IND_CD": "O"}, law=law).lines["is_denied"].to_list() == [False]


def test_an_unknown_denial_code_is_denied_and_counted_with_its_dollars(tmp_path: Path) -> None:
    read = carrier(tmp_path, {}, {"CARR_CLM_PMT_DNL_CD": "ZZ", "LINE_NUM": "2"})
    (found,) = [found for found in read.notes.findings if found.code == "unknown_code"]
    assert found.message == "1 lines (37.50 USD) have an unknown CARR_CLM_PMT_DNL_CD; they are treated as denied."
    assert sorted(read.lines["is_denied"]) == [False, True]


def test_other_claim_types_are_left_out_and_counted(tmp_path: Path) -> None:
    read = carrier(tmp_path, {}, {"NCH_CLM_TYPE_CD": "72"}, {"NCH_CLM_TYPE_CD": "81", "LINE_NCH_PMT_AMT": "1000"})
    assert (read.lines.height, read.notes.row_count) == (2, 2)
    (found,) = [found for found in read.notes.findings if found.code == "unknown_code"]
    assert found.message == "1 lines (1,000.00 USD) have an unknown NCH_CLM_TYPE_CD; they are treated as not used."


@pytest.mark.parametrize(
    ("entry", "disposition", "adjustment"),
    [("1", "01", "original"), ("5", "02", "original"), ("3", "01", "cancellation"), ("1", "03", "cancellation")],
)
def test_credits_are_cancellations(tmp_path: Path, entry: str, disposition: str, adjustment: str) -> None:
    lines = carrier(tmp_path, {"CARR_CLM_ENTRY_CD": entry, "CLM_DISP_CD": disposition}).lines
    assert lines["adjustment"].to_list() == [adjustment]


def test_an_update_replaces_and_a_delete_removes_whatever_stood_before(tmp_path: Path) -> None:
    rows = [
        {"DML_IND": "INSERT", "LINE_NUM": "1", "LINE_NCH_PMT_AMT": "1"},
        {"DML_IND": "INSERT", "LINE_NUM": "2", "LINE_NCH_PMT_AMT": "2"},
        {"DML_IND": "INSERT", "LINE_NUM": "3", "LINE_NCH_PMT_AMT": "3"},
        {"DML_IND": "UPDATE", "LINE_NUM": "1", "LINE_NCH_PMT_AMT": "10"},
        {"DML_IND": "DELETE", "LINE_NUM": "2", "LINE_NCH_PMT_AMT": "2"},
    ]
    read = carrier(tmp_path, *rows)
    assert sorted(read.lines["paid_cents"]) == [300, 1000]
    assert read.findings()["replaced_lines", "DML_IND"] == 3


def test_the_later_file_replaces_the_earlier(tmp_path: Path) -> None:
    old = CARRIER | {"DML_IND": "UPDATE", "LINE_NCH_PMT_AMT": "1"}
    paths = [rif_file(tmp_path / "b.csv", old | {"LINE_NCH_PMT_AMT": "2"}), rif_file(tmp_path / "a.csv", old)]
    assert read_rif(paths).lines["paid_cents"].to_list() == [200]


def test_rows_that_were_replaced_are_not_judged(tmp_path: Path) -> None:
    rows = [{"DML_IND": "INSERT", "LINE_NCH_PMT_AMT": "bad"}, {"DML_IND": "UPDATE"}]
    assert carrier(tmp_path, *rows).lines.height == 1


def test_versions_that_are_not_final_are_left_out_unjudged_and_counted(tmp_path: Path) -> None:
    rows = [{"FINAL_ACTION": "F"}, {"FINAL_ACTION": "N", "LINE_NUM": "2", "LINE_NCH_PMT_AMT": "bad"}]
    read = carrier(tmp_path, *rows)
    assert read.lines.height == 1
    assert read.findings()["replaced_lines", "FINAL_ACTION"] == 1


def test_without_any_tax_number_there_is_an_error_finding(tmp_path: Path) -> None:
    read = carrier(tmp_path, {"TAX_NUM": " "}, {"TAX_NUM": "", "LINE_NUM": "2"})
    (found,) = [found for found in read.notes.findings if found.code == "no_tin"]
    assert found.message == "RIF has no tax numbers in 2 of 2 lines; entity scores cannot be computed."
    assert found.severity == "error"
    assert ("no_tin", "tin") not in carrier(tmp_path, {"TAX_NUM": " "}, {"LINE_NUM": "2"}).findings()


def test_spoilt_identifiers_are_mended_and_counted(tmp_path: Path) -> None:
    read = carrier(tmp_path, {"TAX_NUM": "46-1517810", "PRF_PHYSN_NPI": "1437702123.0"}, {"TAX_NUM": "1517810"})
    assert sorted(read.lines["tin"]) == ["001517810", "461517810"]
    assert "1437702123" in read.lines["npi"].to_list()
    assert read.findings()["mended_values", "tin"] == read.findings()["mended_values", "npi"] == 1
    assert read.findings()["zero_filled", "tin"] == 1


def test_an_npi_in_exponent_form_is_a_bad_row(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        carrier(tmp_path, {}, {"PRF_PHYSN_NPI": "1.43E+09"})
    assert caught.value.message == "claims: 1 row has an unreadable npi (row 2)"


@pytest.mark.parametrize("mark", ["~", " ", ""])
def test_null_marks(tmp_path: Path, mark: str) -> None:
    lines = carrier(tmp_path, {"HCPCS_CD": mark}).lines
    assert lines["hcpcs"].to_list() == [None]


@pytest.mark.parametrize("text", ["01-Jan-1000", "01-Jan-0001", "31-Dec-9999"])
def test_date_marks_are_null(tmp_path: Path, text: str) -> None:
    assert carrier(tmp_path, {"NCH_WKLY_PROC_DT": text}).lines["processed_date"].to_list() == [None]


def test_blank_lines_a_control_z_and_fields_beyond_the_header_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "carrier.csv"
    rif_file(path, CARRIER, CARRIER | {"LINE_NUM": "2"})
    header, first, second = path.read_text().splitlines()
    path.write_bytes(f"\ufeff{header}\r\n{first}||x\r\n\r\n{second}\r\n\x1a".encode())
    assert read_rif([str(path)]).lines.height == 2


def test_latin_1_is_read(tmp_path: Path) -> None:
    path = tmp_path / "carrier.csv"
    path.write_bytes(Path(rif_file(path, CARRIER | {"CITY_NAME": "Cañon"})).read_text().encode("latin-1"))
    assert read_rif([str(path)]).lines.height == 1


def test_quotes_are_no_quotes_and_backslashes_no_escapes(tmp_path: Path) -> None:
    rows = [CARRIER | {"NOTE": '"open'}, CARRIER | {"NOTE": "back\\", "LINE_NUM": "2"}]
    assert read_rif([rif_file(tmp_path / "carrier.csv", *rows)]).lines.height == 2


CLAIM_COLUMNS = ("NCH_CLM_TYPE_CD", "NCH_WKLY_PROC_DT", "CARR_CLM_ENTRY_CD", "CLM_DISP_CD", "CARR_CLM_PMT_DNL_CD")


def split_files(tmp_path: Path, *rows: dict[str, str]) -> list[str]:
    """The same carrier rows as a researcher gets them: claims and lines apart."""
    lines = [{name: text for name, text in row.items() if name not in CLAIM_COLUMNS} for row in rows]
    claims = {row["CLM_ID"]: {name: row[name] for name in ("CLM_ID", "BENE_ID", *CLAIM_COLUMNS)} for row in rows}
    return [
        rif_file(tmp_path / "bcarrier_claims.csv", *claims.values(), *claims.values(), separator=","),
        rif_file(tmp_path / "bcarrier_line.csv", *lines, separator=","),
    ]


def test_claims_and_lines_in_files_apart_are_joined(tmp_path: Path) -> None:
    rows = [
        CARRIER,
        CARRIER | {"LINE_NUM": "2", "LINE_PRCSG_IND_CD": "D"},
        CARRIER | {"CLM_ID": "2", "CARR_CLM_PMT_DNL_CD": "0", "CARR_CLM_ENTRY_CD": "3"},
    ]
    read = read_rif(split_files(tmp_path, *rows))
    apart = read.lines
    assert [(count.file.name, count.row_count) for count in read.notes.files] == [
        ("bcarrier_line.csv", 3),
        ("bcarrier_claims.csv", 4),
    ]
    together = read_rif([rif_file(tmp_path / "carrier.csv", *rows)]).lines
    assert apart.sort("claim_id", "line_number").equals(together.sort("claim_id", "line_number"))


def test_rejects_of_split_files_name_the_line_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_rif(split_files(tmp_path, CARRIER, CARRIER | {"LINE_NCH_PMT_AMT": "x"}))
    assert caught.value.message == "claims: 1 row of bcarrier_line.csv has an unreadable paid_amount (row 2)"


def test_a_broken_line_of_the_claims_file_is_no_silent_loss(tmp_path: Path) -> None:
    paths = split_files(tmp_path, CARRIER)
    with Path(paths[0]).open("a") as stream:
        stream.write("2,-10\n")
    with pytest.raises(InputError) as caught:
        read_rif(paths)
    assert caught.value.code == "QP203"
    assert "row 3" in caught.value.message


def test_lines_without_their_claims_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_rif(split_files(tmp_path, CARRIER)[1:])
    assert caught.value.code == "QP204"


def test_parquet_is_read(tmp_path: Path) -> None:
    text = pl.read_csv(rif_file(tmp_path / "x.csv", CARRIER), separator="|", infer_schema=False)
    text.with_columns(pl.col("LINE_NCH_PMT_AMT").cast(pl.Decimal(12, 2))).write_parquet(tmp_path / "carrier.parquet")
    assert read_rif([str(tmp_path / "carrier.parquet")]).lines["paid_cents"].to_list() == [3750]


@pytest.mark.parametrize("name", ["CARR_CLM_PMT_DNL_CD", "LINE_PRCSG_IND_CD", "TAX_NUM", "CLM_ID"])
def test_a_missing_column_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        read_rif([rif_file(tmp_path / "carrier.csv", {key: text for key, text in CARRIER.items() if key != name})])
    assert caught.value.code == "QP204"
    assert name in caught.value.message


def test_final_action_claims_limit_the_run_out(tmp_path: Path) -> None:
    (found,) = [f for f in carrier(tmp_path, {}).notes.findings if f.code == "run_out_final_action"]
    cutoff = law_of().run_out_ends(law_of().snapshots[-1])
    assert f"after the cut-off {cutoff} are counted as changed" in found.message


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({}, "cah_method_ii"),
        ({"REV_CNTR": "0971"}, "cah_method_ii"),
        ({"REV_CNTR": "983"}, "cah_method_ii"),
        ({"REV_CNTR": "0450"}, None),
        ({"CLM_FAC_TYPE_CD": "7", "CLM_SRVC_CLSFCTN_TYPE_CD": "1", "REV_CNTR": "0521"}, "rhc"),
        ({"CLM_FAC_TYPE_CD": "7", "CLM_SRVC_CLSFCTN_TYPE_CD": "7", "REV_CNTR": "0521"}, "fqhc"),
        ({"CLM_FAC_TYPE_CD": "1", "CLM_SRVC_CLSFCTN_TYPE_CD": "3"}, None),
    ],
)
def test_outpatient_lines_by_bill_type_and_revenue_center(
    tmp_path: Path, change: dict[str, str], setting: str | None
) -> None:
    read = outpatient(tmp_path, change)
    others = read.lines.filter(pl.col("setting") != "professional")
    assert others["setting"].to_list() == ([setting] if setting else [])
    assert read.findings().get(("lines_not_used", "bill type")) == (None if setting else 1)


def test_an_outpatient_line_has_no_tax_number(tmp_path: Path) -> None:
    row = outpatient(tmp_path, {}).lines.filter(pl.col("setting") == "cah_method_ii").row(0, named=True)
    assert (row["tin"], row["npi"], row["paid_cents"]) == (None, "1234567893", 8000)
    assert (row["service_date"], row["is_denied"], row["adjustment"]) == (date(2025, 2, 2), False, "original")


def test_outpatient_falls_back_to_the_attending_and_the_claims_first_day(tmp_path: Path) -> None:
    read = outpatient(tmp_path, {"RNDRNG_PHYSN_NPI": " ", "REV_CNTR_DT": ""})
    row = read.lines.filter(pl.col("setting") == "cah_method_ii").row(0, named=True)
    assert (row["npi"], row["service_date"]) == ("1000000004", date(2025, 2, 1))


def test_outpatient_nonpayment_and_managed_care(tmp_path: Path) -> None:
    read = outpatient(tmp_path, {"CLM_MDCR_NON_PMT_RSN_CD": "N"}, {"CLM_MCO_PD_SW": "1", "CLM_LINE_NUM": "2"})
    assert read.lines.filter(pl.col("setting") == "cah_method_ii")["is_denied"].to_list() == [True]
    assert read.findings()["managed_care_paid", None] == 1


def test_claims_without_a_carrier_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_rif([rif_file(tmp_path / "outpatient.csv", OUTPATIENT)])
    assert caught.value.code == "QP212"


def test_a_damaged_file_is_no_unrecognised_one(tmp_path: Path) -> None:
    rif_file(tmp_path / "a.csv", CARRIER)
    packed = gzip.compress(Path(rif_file(tmp_path / "b.csv", CARRIER | {"LINE_NUM": "2"})).read_bytes())
    (tmp_path / "b.csv").write_bytes(packed[:-20])
    with pytest.raises(InputError) as caught:
        read_rif([str(tmp_path)])
    assert caught.value.code == "QP214"


def test_an_empty_file_beside_the_claims_is_unrecognised(tmp_path: Path) -> None:
    rif_file(tmp_path / "a.csv", CARRIER)
    (tmp_path / "empty.csv").write_bytes(b"")
    read = read_rif([str(tmp_path)], [rif_file(tmp_path / "people.csv", PERSON)])
    assert [(found.code, found.rule) for found in read.unused] == [("unrecognised_file", "empty.csv")]


def test_the_layout_can_be_given(tmp_path: Path) -> None:
    path = rif_file(tmp_path / "carrier.csv", CARRIER, separator=",")
    assert find_claims([path], [], ReadOptions(layout=Layout.RIF), law_of()).layout is Layout.RIF
    with pytest.raises(InputError) as caught:
        find_claims([path], [], ReadOptions(layout=Layout.CANONICAL), law_of())
    assert caught.value.code == "QP204"


def test_de_synpuf_is_refused_where_claims_are_found(tmp_path: Path) -> None:
    path = rif_file(tmp_path / "DE1_0.csv", {"DESYNPUF_ID": "X", "CLM_ID": "1", "PRF_PHYSN_NPI_1": "2"}, separator=",")
    with pytest.raises(InputError) as caught:
        find_claims([path], [], ReadOptions(), law_of())
    assert caught.value.code == "QP212"
