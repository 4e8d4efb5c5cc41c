"""CMS's own sample files."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tests.inputs.rif_made import CARRIER, MONTH_NAMES, STATIC, SYNTHEA, needs_samples, read_rif, rif_file

pytestmark = needs_samples


def records(path: Path) -> list[dict[str, str]]:
    header, *rows = [line.split("|") for line in path.read_text(encoding="utf-8-sig").splitlines()]
    return [dict(zip(header, row, strict=False)) for row in rows]


def test_the_carrier_lines_of_the_synthetic_population() -> None:
    read = read_rif([str(SYNTHEA)], [str(SYNTHEA)])
    source = records(SYNTHEA / "carrier.csv")
    assert read.lines.height == len(source) == 221
    assert read.lines["paid_cents"].sum() == 11_216_591
    assert sum(Decimal(row["LINE_NCH_PMT_AMT"]) for row in source) == Decimal("112165.91")
    assert read.lines["setting"].unique().to_list() == ["professional"]
    assert Counter(read.lines["hcpcs"].drop_nulls()) == {"G0444": 11, "G9572": 1}
    assert read.lines["tin"].str.starts_with("999").all()
    assert not read.lines["is_denied"].any()


def test_the_synthetic_population_has_a_span_per_month() -> None:
    people = read_rif([str(SYNTHEA)], [str(SYNTHEA)]).people
    assert people is not None
    years = people.frame.group_by(pl.col("start_date").dt.year().alias("year")).agg(
        pl.len(), pl.col("bene_id").n_unique()
    )
    by_year = {year: (spans, persons) for year, spans, persons in years.iter_rows()}
    assert by_year == dict.fromkeys((2011, 2012, 2013, 2014, 2015, 2016, 2017, 2019, 2020), (36, 3)) | {2021: (15, 3)}
    assert people.frame["is_us_resident"].all()
    assert people.frame["has_part_a"].all()
    assert not people.frame["is_managed_care"].any()


def test_what_is_of_no_use_is_named() -> None:
    read = read_rif([str(SYNTHEA)], [str(SYNTHEA)])
    named = {(found.code, found.rule) for found in read.unused}
    others = ["beneficiary_history.csv", "dme.csv", "hha.csv", "hospice.csv", "inpatient.csv", "pde.csv", "snf.csv"]
    assert named == {("file_not_used", name) for name in others} | {("unrecognised_file", "export_summary.csv")}
    assert read.findings()["lines_not_used", "bill type"] == 19


def test_contracts_without_hmo_code() -> None:
    newest = {
        (row["BENE_ID"], row["RFRNC_YR"]): row
        for path in sorted(SYNTHEA.glob("beneficiary_20*.csv"))
        for row in records(path)
    }
    expected = sum(
        row[f"PTC_CNTRCT_{name}_ID"].strip() not in ("", "N", "0")
        and bool(row[f"MDCR_ENTLMT_BUYIN_{month}_IND"].strip())
        for row in newest.values()
        for month, name in enumerate(MONTH_NAMES, start=1)
    )
    read = read_rif([str(SYNTHEA)], [str(SYNTHEA)])
    assert read.findings()["part_c_contract_without_hmo", "is_managed_care"] == expected


def test_months_in_capitals_one_decimal_and_a_short_npi() -> None:
    read = read_rif([str(STATIC / "sample-a-bcarrier.txt")])
    row = read.lines.row(0, named=True)
    assert (row["service_date"], row["processed_date"]) == (date(1999, 10, 27), date(1999, 11, 6))
    assert (row["paid_cents"], row["npi"], row["tin"]) == (3750, "1923124", "204299999")
    assert read.findings()["odd_form", "npi"] == 1


def test_several_lines_of_a_claim() -> None:
    lines = read_rif([str(STATIC / "sample-a-bcarrier-multiple-lines.txt")]).lines
    source = records(STATIC / "sample-a-bcarrier-multiple-lines.txt")
    assert sorted(lines["line_number"]) == sorted(int(row["LINE_NUM"]) for row in source)


def test_the_update_replaces_the_insert_and_is_not_final() -> None:
    read = read_rif([str(STATIC / "sample-a-bcarrier.txt"), str(STATIC / "sample-u-bcarrier.txt")])
    assert read.lines.height == 0
    assert read.findings()["replaced_lines", "DML_IND"] == 1


@pytest.mark.parametrize(
    ("name", "spans", "rejected"),
    [
        ("sample-a-beneficiaries.txt", 12, 0),
        ("sample-a-beneficiaries-with-backslash.txt", 12, 0),
        ("sample-a-beneficiaries-without-reference-year.txt", 0, 1),
        ("sample-a-multiple-entries-same-bene.txt", 72, 0),
        ("sample-hicn-mult-bene-beneficiaries.txt", 84, 3),
        ("sample-u-beneficiaries.txt", 12, 0),
        ("sample-u-unchanged-beneficiaries.txt", 0, 1),
        ("sample-u-with-8-months.txt", 8, 0),
        ("sample-u-with-9-months.txt", 8, 0),
    ],
)
def test_beneficiary_edge_cases(tmp_path: Path, name: str, spans: int, rejected: int) -> None:
    beside = rif_file(tmp_path / "people.csv", dict.fromkeys(records(STATIC / "sample-a-beneficiaries.txt")[0], ""))
    good = Path(beside).read_text().splitlines()[0] + "\n" + _other_person() + "\n"
    Path(beside).write_text(good)
    claims = [rif_file(tmp_path / "carrier.csv", CARRIER)]
    people = read_rif(claims, [str(STATIC / name), beside], max_rejects=9).people
    assert people is not None
    assert people.frame.filter(pl.col("bene_id") != "other").height == spans
    assert sum(file.rejected_count for file in people.files) == rejected


def _other_person() -> str:
    row = records(STATIC / "sample-a-beneficiaries.txt")[0] | {"BENE_ID": "other"}
    return "|".join(row.values())


def test_shared_mbis_of_the_edge_cases(tmp_path: Path) -> None:
    claims = [rif_file(tmp_path / "carrier.csv", CARRIER)]
    read = read_rif(claims, [str(STATIC / "sample-hicn-mult-bene-beneficiaries.txt")], max_rejects=9)
    assert read.findings()["shared_mbi", "mbi"] == 1
    assert read.people is not None
    assert read.people.frame["is_managed_care"].to_list().count(False) == 2 * 7


def test_the_carrier_lines_by_year_and_person() -> None:
    read = read_rif([str(SYNTHEA)], [str(SYNTHEA)])
    source = records(SYNTHEA / "carrier.csv")
    years = Counter(int(row["LINE_1ST_EXPNS_DT"][-4:]) for row in source)
    assert Counter(read.lines["service_date"].dt.year()) == years
    assert (min(years), max(years)) == (2015, 2021)
    assert Counter(read.lines["bene_id"]) == Counter(row["BENE_ID"] for row in source)
    assert read.findings()["blank_values", "hcpcs"] == 221 - 12
    assert read.lines["npi"].str.starts_with("9999").all()


def test_every_file_of_the_synthetic_population_is_counted() -> None:
    read = read_rif([str(SYNTHEA)], [str(SYNTHEA)])
    claims = {count.file.name: (count.row_count, count.rejected_count) for count in read.notes.files}
    assert claims == {"carrier.csv": (221, 0), "outpatient.csv": (19, 0)}
    assert read.people is not None
    years = {count.file.name: (count.row_count, count.rejected_count) for count in read.people.files}
    assert years == {f"beneficiary_{year}.csv": (3, 0) for year in range(2011, 2022)}


def test_the_year_that_comes_twice_the_same_is_no_difference() -> None:
    read = read_rif([str(SYNTHEA)], [str(SYNTHEA)])
    assert {row["RFRNC_YR"] for row in records(SYNTHEA / "beneficiary_2018.csv")} == {"2019"}
    assert ("replaced_lines", "reference year") not in read.findings()
    assert read.people is not None
    assert read.people.frame.select("bene_id", "start_date").is_unique().all()
    assert read.people.frame["end_date"].max() == date(2021, 5, 31)


@pytest.mark.parametrize(
    ("name", "lines", "cents"),
    [
        ("samhsa-carrier-first60.txt", 60, 225_000),
        ("sample-a-bcarrier-multiple-lines.txt", 7, 26_250),
        ("sample-a-bcarrier.txt", 1, 3_750),
        ("sample-u-bcarrier.txt", 0, 0),
    ],
)
def test_the_carrier_edge_cases_line_by_line(name: str, lines: int, cents: int) -> None:
    read = read_rif([str(STATIC / name)])
    assert (read.lines.height, read.lines["paid_cents"].sum()) == (lines, cents)
    standing = [row for row in records(STATIC / name) if row["FINAL_ACTION"] != "N"]
    assert sum(Decimal(row["LINE_NCH_PMT_AMT"]) for row in standing) == Decimal(cents) / 100
    assert read.findings().get(("odd_form", "npi"), 0) == lines


@pytest.mark.parametrize(("name", "rows"), [("samhsa-outpatient-first40.txt", 40), ("sample-a-outpatient.txt", 1)])
def test_the_outpatient_edge_cases_are_of_other_bill_types(name: str, rows: int) -> None:
    read = read_rif([str(STATIC / "sample-a-bcarrier.txt"), str(STATIC / name)])
    assert read.lines["setting"].to_list() == ["professional"]
    assert read.findings()["lines_not_used", "bill type"] == rows


def test_all_edge_cases_together() -> None:
    read = read_rif([str(STATIC)], [str(STATIC)], max_rejects=9)
    found = read.findings()
    assert (read.lines.height, read.lines["paid_cents"].sum()) == (66, 247_500)
    assert (found["replaced_lines", "DML_IND"], found["replaced_lines", "FINAL_ACTION"]) == (2, 1)
    rejected = ("reference_year_blank", "reference_year_unreadable")
    assert [found["rejected_rows", rule] for rule in rejected] == [3, 2]
    others = ["sample-a-beneficiaryhistory.txt", "sample-a-dme.txt", "sample-a-snf-with-four-character-drg-code.txt"]
    assert [("file_not_used", name) in found for name in others] == [True] * 3
    assert not [code for code, _ in found if code == "unrecognised_file"]
