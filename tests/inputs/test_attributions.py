"""Attribution lists of any layout through one door."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from polars.testing import assert_frame_equal

from qpcli.inputs.attributions import read_attribution
from qpcli.inputs.canonical import read_table
from qpcli.request import Assignment
from qpcli.tables.attribution import ATTRIBUTION
from tests.inputs.list_made import ANN, BEN, csv_file, law_of, options_of, refusal, rows_of, said

CANONICAL = {"apm_entity_id": "A9990", "bene_id": ANN, "start_date": "2025-01-01", "end_date": ""}
QUARTER = "P.A9990.ACO.QALR.2025Q1.D259999.T0100000_1-1.csv"


def test_canonical_files_are_read_as_ever(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "attribution.csv", CANONICAL)
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    for typed in (path, str(tmp_path)):
        found = read_attribution([typed], options_of(), law_of())
        expected = read_table(ATTRIBUTION, [typed], options_of())
        assert_frame_equal(found.table.frame, expected.frame)
        assert (found.table.files, found.table.findings) == (expected.files, expected.findings)
        assert (found.layouts, found.coverage, found.assignable) == ((), None, False)


def test_canonical_columns_under_other_names_are_canonical(tmp_path: Path) -> None:
    row = {"ACO ID": "A9990", "MBI": ANN, "Effective Date": "2025-01-01", "Termination Date": ""}
    found = read_attribution([csv_file(tmp_path / "people.csv", row)], options_of(), law_of())
    assert rows_of(found) == [("A9990", ANN, date(2025, 1, 1), None, False)]


def test_a_file_of_no_layout_gets_the_words_about_canonical_columns(tmp_path: Path) -> None:
    error = refusal(csv_file(tmp_path / "people.csv", {"name": "x"}), options=options_of())
    assert error.code == "QP204"
    assert "apm_entity_id" in error.message


def test_a_mix_of_canonical_and_other_files_is_refused(tmp_path: Path) -> None:
    canonical = csv_file(tmp_path / "attribution.csv", CANONICAL)
    assigned = csv_file(tmp_path / QUARTER, {"bene_mbi_id": BEN, "enrollflag1": "4"})
    error = refusal(canonical, assigned, options=options_of(Assignment.RETROSPECTIVE))
    assert error.code == "QP212"


def test_several_outside_layouts_are_one_table(tmp_path: Path) -> None:
    assigned = csv_file(tmp_path / QUARTER, {"bene_mbi_id": BEN, "enrollflag1": "4"})
    listed = csv_file(tmp_path / "T.GUIDE.GUIDE-0001.Y25.D250630.T1000000", {"MBIs": ANN})
    options = options_of(Assignment.RETROSPECTIVE, dates=(date(2025, 1, 1), date(2025, 12, 31)))
    found = read_attribution([assigned, listed], options, law_of())
    assert {row[0] for row in rows_of(found)} == {"A9990", "GUIDE-0001"}
    assert found.layouts == ("MSSP assignment list", "list of MBIs")
    assert len(said(found.table.findings, "layout_recognised")) == 2
    assert len(found.table.files) == 2


def test_a_file_that_nothing_recognises_is_named_beside_a_list(tmp_path: Path) -> None:
    csv_file(tmp_path / QUARTER, {"bene_mbi_id": BEN, "enrollflag1": "4"})
    csv_file(tmp_path / "notes.csv", {"a": "b"})
    found = read_attribution([str(tmp_path)], options_of(Assignment.RETROSPECTIVE), law_of())
    assert said(found.table.findings, "unrecognised_file") == [("notes.csv", None)]


def test_claims_in_the_same_folder_are_no_list(tmp_path: Path) -> None:
    csv_file(tmp_path / QUARTER, {"bene_mbi_id": BEN, "enrollflag1": "4"})
    (tmp_path / "P.A9990.ACO.ZC8Y25.D250714.T1010101").write_text('1S00E00AA01 "odd\n', encoding="utf-8")
    (tmp_path / "export.ndjson").write_text('{"a": "odd \\" quote"}\n', encoding="utf-8")
    found = read_attribution([str(tmp_path)], options_of(Assignment.RETROSPECTIVE), law_of())
    named = [rule for rule, _ in said(found.table.findings, "list_not_used")]
    assert named == ["P.A9990.ACO.ZC8Y25.D250714.T1010101"]
    assert said(found.table.findings, "unrecognised_file") == [("export.ndjson", None)]


def test_model_data_are_told_from_canonical_columns_by_the_model(tmp_path: Path) -> None:
    row = {
        "Model ID": "21",
        "Entity ID": "D9990",
        "BENE_ID": "-1",
        "start date": "01/01/2025",
        "end date": "12/31/9999",
    }
    people = csv_file(tmp_path / "beneficiaries_2025Q1.csv", row | {"operational end": "03/31/2025"})
    providers = csv_file(tmp_path / "providers_2025Q1.csv", {"Model ID": "21", "Entity ID": "D9990", "NPI": "1"})
    found = read_attribution([people, providers], options_of(), law_of())
    assert rows_of(found) == [("21-D9990", "-1", date(2025, 1, 1), date(2025, 3, 31), False)]
    assert said(found.table.findings, "list_not_used") == [("providers_2025Q1.csv", None)]
    assert refusal(providers, options=options_of()).code == "QP213"
