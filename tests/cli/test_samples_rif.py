"""CMS's synthetic research files and their edge cases through `qpcli convert`."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tests.cli.calling import Answer
from tests.cli.conftest import Call
from tests.cli.samples import (
    SAMPLES,
    assert_refused,
    assert_silent_about,
    codes_of,
    findings_of,
    lines_of,
    needs_samples,
    records,
)

pytestmark = needs_samples

SYNTHEA, STATIC = SAMPLES / "bfd_rif_synthea", SAMPLES / "bfd_rif_static"
NOT_CARRIER = sorted(path.name for path in STATIC.glob("*.txt") if "carrier" not in path.name)
WITHOUT_YEAR = ("sample-a-beneficiaries-without-reference-year.txt", "sample-hicn-mult-bene-beneficiaries.txt")


def convert(call: Call, *claims: Path, options: tuple[str, ...] = ("--json",)) -> Answer:
    given = [option for path in claims for option in ("--claims", str(path))]
    return call("convert", *given, "--out", "store", *options)


def people(*paths: Path) -> set[str]:
    """Everything in the files that names a person or a claim."""
    names = ("BENE_ID", "CLM_ID", "PRF_PHYSN_NPI", "TAX_NUM", "MBI_NUM", "BENE_BIRTH_DT", "CARR_CLM_CNTL_NUM")
    return {row[name] for path in paths for row in records(path) for name in names if row.get(name)}


def spans() -> pl.DataFrame:
    return pl.read_parquet("store/beneficiaries.parquet")


def test_the_synthetic_population(call: Call) -> None:
    answer = convert(call, SYNTHEA)
    source, lines = records(SYNTHEA / "carrier.csv"), lines_of("store")
    assert (answer.status, answer.document["layout"], answer.document["rows"]) == (0, "rif", 221)
    assert lines.height == len(source) == 221
    assert lines["paid_amount"].sum() == sum(Decimal(row["LINE_NCH_PMT_AMT"]) for row in source)
    assert Counter(lines["hcpcs"].drop_nulls()) == {"G0444": 11, "G9572": 1}
    assert Counter(lines["tin"]) == Counter(row["TAX_NUM"].strip() for row in source)
    assert Counter(lines["npi"]) == Counter(row["PRF_PHYSN_NPI"].strip() for row in source)
    assert not lines["is_denied"].any()


def test_the_people_of_the_synthetic_population(call: Call) -> None:
    found = findings_of(convert(call, SYNTHEA))
    assert spans()["bene_id"].n_unique() == 3
    assert {row["BENE_ID"] for row in records(SYNTHEA / "beneficiary_2011.csv")} == set(spans()["bene_id"])
    assert set(spans()["start_date"].dt.year()) == {*range(2011, 2018), 2019, 2020, 2021}
    assert spans().filter(pl.col("start_date").dt.year() == 2021).height == 3 * 5
    assert found["part_c_contract_without_hmo", "is_managed_care"] == 200


def test_every_file_of_the_synthetic_population_is_accounted_for(call: Call) -> None:
    found = findings_of(convert(call, SYNTHEA))
    not_used = {rule for code, rule in found if code == "file_not_used"}
    others = {"beneficiary_history", "dme", "hha", "hospice", "inpatient", "pde", "snf"}
    assert not_used == {f"{name}.csv" for name in others}
    assert [rule for code, rule in found if code == "unrecognised_file"] == ["export_summary.csv"]
    recognised = {rule: count for (code, rule), count in found.items() if code == "layout_recognised"}
    assert (recognised["RIF carrier"], recognised["RIF outpatient"], recognised["RIF beneficiary"]) == (1, 1, 11)
    assert sum(count or 0 for count in recognised.values()) + 1 == len(list(SYNTHEA.glob("*.csv")))
    assert found["lines_not_used", "bill type"] == len(records(SYNTHEA / "outpatient.csv"))


def test_beneficiary_files_may_be_given_apart(call: Call) -> None:
    convert(call, SYNTHEA / "carrier.csv", options=("--beneficiaries", f"{SYNTHEA}/beneficiary_20*.csv", "--json"))
    assert spans()["bene_id"].n_unique() == 3


def test_lines_of_one_claim_with_one_decimal_and_a_short_npi(call: Call) -> None:
    answer = convert(call, STATIC / "sample-a-bcarrier-multiple-lines.txt")
    lines = lines_of("store")
    assert (lines.height, lines["paid_amount"].sum()) == (7, Decimal("262.50"))
    assert sorted(lines["hcpcs"]) == [f"9299{digit}" for digit in range(3, 10)]
    assert lines["service_date"].dt.to_string("%Y-%m-%d").unique().to_list() == ["1999-10-27"]
    assert findings_of(answer)["odd_form", "npi"] == 7


def test_an_update_that_is_not_final_takes_the_line_away(call: Call) -> None:
    carrier, update = STATIC / "sample-a-bcarrier.txt", STATIC / "sample-u-bcarrier.txt"
    assert convert(call, carrier).document["rows"] == 1
    answer = convert(call, carrier, update, options=("--json", "--force"))
    assert answer.document["rows"] == 0
    assert {("replaced_lines", "DML_IND"), ("replaced_lines", "FINAL_ACTION")} <= set(findings_of(answer))


@pytest.mark.parametrize(
    ("name", "people_count", "span_count"),
    [
        ("sample-a-beneficiaries.txt", 1, 12),
        ("sample-a-beneficiaries-with-backslash.txt", 1, 12),
        ("sample-a-multiple-entries-same-bene.txt", 1, 72),
        ("sample-u-beneficiaries.txt", 1, 12),
        ("sample-u-with-8-months.txt", 1, 8),
        ("sample-u-with-9-months.txt", 1, 8),
    ],
)
def test_beneficiary_files(call: Call, name: str, people_count: int, span_count: int) -> None:
    answer = convert(call, STATIC / "sample-a-bcarrier.txt", STATIC / name)
    assert answer.status == 0
    assert (spans()["bene_id"].n_unique(), spans().height) == (people_count, span_count)


@pytest.mark.parametrize("name", WITHOUT_YEAR)
def test_rows_without_a_year_are_bad_rows(call: Call, name: str) -> None:
    carrier, without = STATIC / "sample-a-bcarrier.txt", STATIC / name
    answer = convert(call, carrier, without, options=())
    assert_refused(answer, "QP203", "beneficiaries: ", "a blank reference_year (row")
    assert_silent_about(people(carrier, without), answer)


def test_one_mbi_under_several_ids_is_counted(call: Call) -> None:
    files = (STATIC / "sample-a-bcarrier.txt", STATIC / "sample-hicn-mult-bene-beneficiaries.txt")
    assert convert(call, *files, options=("--max-rejects", "2")).status == 3
    found = findings_of(convert(call, *files, options=("--max-rejects", "3", "--json")))
    assert found["shared_mbi", "mbi"] == 1
    assert (found["rejected_rows", "reference_year_blank"], found["rejected_rows", "reference_year_unreadable"]) == (
        2,
        1,
    )


def test_substance_use_lines_are_lines_like_others(call: Call) -> None:
    source = records(STATIC / "samhsa-carrier-first60.txt")
    convert(call, STATIC / "samhsa-carrier-first60.txt")
    lines = lines_of("store")
    assert lines.height == len(source) == 60
    assert lines["paid_amount"].sum() == sum(Decimal(row["LINE_NCH_PMT_AMT"]) for row in source)


def test_all_edge_cases_together(call: Call) -> None:
    answer = convert(call, STATIC, options=("--max-rejects", "5", "--json"))
    found = findings_of(answer)
    not_used = {rule for code, rule in found if code == "file_not_used"}
    assert (answer.status, answer.document["rows"], answer.document["files"]) == (0, 66, 18)
    assert not_used == {
        "sample-a-beneficiaryhistory.txt",
        "sample-a-dme.txt",
        "sample-a-snf-with-four-character-drg-code.txt",
    }
    outpatient = [*STATIC.glob("*outpatient*.txt")]
    assert found["lines_not_used", "bill type"] == sum(len(records(path)) for path in outpatient)
    assert "unrecognised_file" not in codes_of(answer)


@pytest.mark.parametrize("name", NOT_CARRIER)
def test_files_without_part_b_claims_are_refused(call: Call, name: str) -> None:
    answer = convert(call, STATIC / name, options=())
    assert_refused(answer, "QP212", "No RIF carrier file is given; the files are RIF ", "Give the carrier files")
    assert_silent_about(people(STATIC / name), answer)
    assert not Path("store").exists()


def test_nobody_is_named_on_any_stream(call: Call) -> None:
    answers = [
        convert(call, SYNTHEA),
        convert(call, SYNTHEA, options=("-v",)),
        convert(call, STATIC, options=("--force",)),
        convert(call, STATIC, options=("--force", "--max-rejects", "5")),
    ]
    assert [answer.status for answer in answers] == [0, 0, 3, 0]
    assert_silent_about(people(*SYNTHEA.glob("[bc]*.csv"), *STATIC.glob("*.txt")), *answers)
