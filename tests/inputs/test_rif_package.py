"""RIF files as a package: claims, beneficiary years as delivered, and the people made from them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from qpcli.inputs.archives import find_files
from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.rif.beneficiaries import beneficiaries
from qpcli.inputs.rif.files import look_at
from qpcli.inputs.rif.package import open_rif
from qpcli.request import Layout, ReadOptions
from qpcli.tables.beneficiaries import BENEFICIARIES
from qpcli.tables.prepared_lines import DELIVERY, PAYER
from tests.inputs.rif_made import CARRIER, NO_CROSSWALK, OUTPATIENT, PERSON, SYNTHEA, law_of, needs_samples, rif_file

MONTHS = pl.DataFrame(schema={"bene_id": pl.String, "start_date": pl.Date})


def package(*paths: str) -> ClaimsPackage:
    return open_rif([look_at(file) for file in find_files(paths)], ReadOptions(), law_of())


def test_the_plans_have_a_delivery_and_the_payer(tmp_path: Path) -> None:
    carrier = rif_file(tmp_path / "carrier.csv", CARRIER | {"LINE_BENE_PRMRY_PYR_CD": "e"})
    found = package(carrier, rif_file(tmp_path / "outpatient.csv", OUTPATIENT | {"NCH_PRMRY_PYR_CD": " "}))
    assert (found.layout, found.records, found.findings) == (Layout.RIF, None, ())
    rows = [plan.checked.select(DELIVERY, PAYER).collect().row(0) for plan in found.scan.scan.plans]
    assert rows == [(0, "E"), (0, None)]


def test_the_records_are_the_beneficiary_years(tmp_path: Path) -> None:
    found = package(
        rif_file(tmp_path / "carrier.csv", CARRIER),
        rif_file(tmp_path / "people.csv", PERSON, PERSON | {"RFRNC_YR": "2024"}),
    )
    assert found.records is not None
    assert sorted(found.records.frame["reference_year"]) == [2024, 2025]
    assert [count.file.name for count in found.records.files] == ["people.csv"]


def test_files_of_no_use_are_among_the_findings(tmp_path: Path) -> None:
    carrier = rif_file(tmp_path / "carrier.csv", CARRIER)
    found = package(carrier, rif_file(tmp_path / "pde.csv", {"PDE_ID": "1", "BENE_ID": "2"}))
    assert [(said.code, said.rule) for said in found.findings] == [("file_not_used", "pde.csv")]


def test_people_are_named_by_their_current_id(tmp_path: Path) -> None:
    carrier = rif_file(tmp_path / "carrier.csv", CARRIER)
    found = package(carrier, rif_file(tmp_path / "people.csv", PERSON | {"BENE_ID": "old"}))
    assert found.records is not None
    crosswalk = pl.DataFrame({"bene_id": ["old"], "current_bene_id": ["new"]})
    months = pl.DataFrame({"bene_id": ["new"], "start_date": [date(2025, 3, 1)]})
    frame, said = beneficiaries(found.records.frame, crosswalk, months, law_of())
    assert frame["bene_id"].unique().to_list() == ["new"]
    assert frame.filter("is_medicare_secondary")["start_date"].to_list() == [date(2025, 3, 1)]
    assert [(finding.code, finding.count) for finding in said] == [("msp_from_lines", 1)]


@needs_samples
def test_the_synthetic_population_as_a_package() -> None:
    found = package(str(SYNTHEA))
    assert found.records is not None
    assert found.records.frame.height == 30
    frame, said = beneficiaries(found.records.frame, NO_CROSSWALK, MONTHS, law_of())
    assert frame.columns == [name for name in BENEFICIARIES.column_names if name != "state"]
    assert frame.height == 339
    assert [finding.code for finding in said] == ["msp_from_lines", "part_c_contract_without_hmo"]
