"""Participant lists as people hold them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qpcli.errors import InputError, QpcliError, UsageError
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.rosters.names import entity_id_in, is_roster_header
from qpcli.inputs.rosters.read import read_rosters
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law
from qpcli.request import ListOptions, ReadOptions
from qpcli.terms import ListType
from tests.inputs.made import CANARY, written
from tests.inputs.workbook_made import found, workbook

NPI, OTHER_NPI = "1437702123", "1234567893"
TIN = "012345678"
LAW = resolve_law(performance_year=2025)
REACH = ["Base Provider TIN", "Individual NPI", "Provider Type", "Effective Start Date", "Effective End Date"]


def read(*paths: str, lists: ListOptions | None = None, law: Law | None = None, **options: Any) -> TableRead:
    options["lists"] = lists or ListOptions(apm_entity_id="E1")
    return read_rosters([found(path) for path in paths], ReadOptions(**options), law or LAW)


def made(folder: Path, *rows: str, header: str = "TIN,NPI,Start Date,End Date", name: str = "list.csv") -> str:
    return written(folder / name, header, *rows)


def one(folder: Path, row: str, header: str = "TIN,NPI,Start Date,End Date", **options: Any) -> dict[str, Any]:
    return read(made(folder, row, header=header), **options).frame.row(0, named=True)


def said(table: TableRead) -> dict[tuple[str, str | None], int | None]:
    return {(finding.code, finding.rule): finding.count for finding in table.findings}


def refused(*paths: str, **options: Any) -> QpcliError:
    with pytest.raises(QpcliError) as caught:
        read(*paths, **options)
    assert CANARY not in caught.value.message + caught.value.help
    return caught.value


def test_a_row_of_a_list(tmp_path: Path) -> None:
    header = (
        "A.C.O. ID,participant_tin,Individual NPI(s),EFFECTIVE DATE,Termination Date,First Name,Last Name,Specialty"
    )
    row = f"A1234,{TIN},{NPI},01/15/2025,12/31/9999,Jane,Doe,Cardiology"
    assert one(tmp_path, row, header) == {
        "apm_entity_id": "A1234",
        "tin": TIN,
        "npi": NPI,
        "start_date": date(2025, 1, 15),
        "end_date": None,
        "list_type": "participation",
        "apm_id": None,
        "clinician_name": "Jane Doe",
        "specialty": "Cardiology",
    }


def test_a_list_as_a_workbook_reads_as_its_csv(tmp_path: Path) -> None:
    cells = [
        ["My list"],
        ["TIN", "NPI", "Start Date", "End Date", "Notes"],
        [TIN, NPI, date(2025, 1, 15), None, "x"],
        [12345678, 1437702123.0, 45672, "12/31/2025", None],
        [TIN, NPI, (45672, "m/d/yy"), date(9999, 12, 31), None],
        [(12345678, "000000000"), NPI, "January 15, 2025 12:00 AM", None, None],
    ]
    table = read(workbook(tmp_path / "list.xlsx", {"List": cells}))
    assert table.frame["tin"].to_list() == [TIN] * 4
    assert table.frame["npi"].to_list() == [NPI] * 4
    assert table.frame["start_date"].to_list() == [date(2025, 1, 15)] * 4
    assert table.frame["end_date"].to_list() == [None, date(2025, 12, 31), None, None]
    assert said(table) == {("zero_filled", "tin"): 1, ("unknown_columns", None): 1}
    assert [file.row_count for file in table.files] == [4]


@pytest.mark.parametrize(
    ("written_as", "day"),
    [
        ("2025-03-04", date(2025, 3, 4)),
        ("2025-03-04 00:00:00", date(2025, 3, 4)),
        ("2025-03-04T23:59:59.000", date(2025, 3, 4)),
        ("20250304", date(2025, 3, 4)),
        ("03/04/2025", date(2025, 3, 4)),
        ("3/4/2025", date(2025, 3, 4)),
        ("3/4/2025 12:00:00 AM", date(2025, 3, 4)),
        ("45720", date(2025, 3, 4)),
        ("45720.0", date(2025, 3, 4)),
        ("45720.75", date(2025, 3, 4)),
        ('"March 4, 2025 12:00 AM"', date(2025, 3, 4)),
        ('"March 04,2025"', date(2025, 3, 4)),
        ('"mar 4, 2025"', date(2025, 3, 4)),
        ("0001-01-01", None),
        ("1000-01-01", None),
        ("~", None),
        ("", None),
    ],
)
def test_forms_of_dates(tmp_path: Path, written_as: str, day: date | None) -> None:
    path = made(tmp_path, f"{TIN},{NPI},{written_as},", f"{TIN},{NPI},2025-01-01,")
    assert read(path).frame["start_date"].to_list() == [day, date(2025, 1, 1)]


@pytest.mark.parametrize("end", ["9999-12-31", "12/31/9999", "2958465", '"December 31, 9999 12:00 AM"'])
def test_an_open_end(tmp_path: Path, end: str) -> None:
    assert one(tmp_path, f"{TIN},{NPI},2025-01-01,{end}")["end_date"] is None


@pytest.mark.parametrize(
    "wrong", ["13/04/2025", "2025-02-30", "1/1/25", "1234", "soon", "02/29/2025", "Marchy 4, 2025"]
)
def test_what_is_no_date_is_a_bad_row(tmp_path: Path, wrong: str) -> None:
    error = refused(made(tmp_path, f"{TIN},{NPI},2025-01-01,", f'{TIN},{NPI},"{wrong}",'))
    assert error.code == "QP203"
    assert "1 row has an unreadable start_date (row 2)" in error.message
    assert wrong not in error.message


def test_the_users_own_form_of_dates_comes_first(tmp_path: Path) -> None:
    path = made(tmp_path, f"{TIN},{NPI},03/04/2025,2025-12-31")
    row = read(path, date_format="%d/%m/%Y").frame.row(0, named=True)
    assert (row["start_date"], row["end_date"]) == (date(2025, 4, 3), date(2025, 12, 31))


def test_several_npis_in_a_cell_are_a_row_each(tmp_path: Path) -> None:
    path = made(tmp_path, f'{TIN},"{NPI}; {OTHER_NPI},\n1000000004,",2025-01-01,', f"{TIN},{NPI},2025-01-01,x")
    error = refused(path)
    assert "(row 2)" in error.message
    table = read(path, max_rejects=1)
    assert table.frame["npi"].to_list() == [NPI, OTHER_NPI, "1000000004"]
    assert table.files[0].row_count == 2


def test_spreadsheet_numbers_are_mended_and_counted(tmp_path: Path) -> None:
    path = made(tmp_path, f"12345678,{NPI}.0,2025-01-01,", f"46-1517810,{NPI},2025-01-01,")
    table = read(path)
    assert table.frame["tin"].to_list() == [TIN, "461517810"]
    assert table.frame["npi"].to_list() == [NPI, NPI]
    assert said(table) == {("zero_filled", "tin"): 1, ("mended_values", "npi"): 1, ("mended_values", "tin"): 1}
    assert refused(made(tmp_path, f"{TIN},1.43E+09,2025-01-01,")).code == "QP203"


def test_the_tin_of_a_sole_proprietor_stands_in_for_a_blank_one(tmp_path: Path) -> None:
    header = "Base Provider TIN,Sole Proprietor,Sole Proprietor TIN,NPI,Start Date"
    rows = (f",Y,{TIN},{NPI},2025-01-01", f"461517810,Yes,{TIN},{NPI},2025-01-01", f",N,{TIN},{NPI},2025-01-01")
    table = read(made(tmp_path, *rows, header=header), max_rejects=1)
    assert table.frame["tin"].to_list() == [TIN, "461517810"]
    assert said(table)["rejected_rows", "tin_blank"] == 1
    alone = made(tmp_path, f"Y,{TIN},{NPI},2025-01-01", header=header.partition(",")[2])
    assert read(alone).frame["tin"].to_list() == [TIN]


def test_preferred_providers_are_left_out(tmp_path: Path) -> None:
    rows = [f"{TIN},{NPI},Participant Provider,2025-01-01,", f"{TIN},{OTHER_NPI},Preferred Provider,2025-01-01,"]
    path = made(tmp_path, *rows, header=",".join(REACH))
    assert read(path).frame["npi"].to_list() == [NPI]
    assert said(read(path)) == {("preferred_left_out", "Provider Type"): 1}
    included = read(path, law=resolve_law(performance_year=2025, assumptions={"reach_preferred": "include"}))
    assert included.frame["npi"].to_list() == [NPI, OTHER_NPI]
    assert included.frame["list_type"].unique().to_list() == ["participation"]
    assert not included.findings


def test_organizations_without_an_individual_npi_are_left_out(tmp_path: Path) -> None:
    header = "TIN,Individual NPI,Organization NPI,CCN,Start Date"
    rows = [f"{TIN},{NPI},,,2025-01-01", f"{TIN},,{OTHER_NPI},,2025-01-01", f"{TIN},,,050001,2025-01-01"]
    table = read(made(tmp_path, *rows, header=header))
    assert table.frame["npi"].to_list() == [NPI]
    assert said(table) == {("rows_left_out", "they name an organization and no individual NPI"): 2}


def test_a_blank_npi_among_others_is_a_bad_row(tmp_path: Path) -> None:
    error = refused(made(tmp_path, f"{TIN},{NPI},2025-01-01,", f"{TIN},,2025-01-01,"))
    assert "1 row has a blank npi (row 2)" in error.message


def test_dropped_rows_stay_and_are_counted(tmp_path: Path) -> None:
    header = "TIN,NPI,Start Date,End Date,Dropped Reason,TIN Status"
    rows = [
        f"{TIN},{NPI},2025-01-01,,,Active",
        f"{TIN},{NPI},2025-01-01,2025-06-30,Left,Active",
        f"{TIN},{NPI},2025-01-01,,,Inactive",
    ]
    table = read(made(tmp_path, *rows, header=header))
    assert table.frame.height == 3
    assert [count for (code, _), count in said(table).items() if code == "counted_for_record"] == [2]


def test_a_list_without_start_dates_needs_a_list_date(tmp_path: Path) -> None:
    path = made(tmp_path, f"{TIN},{NPI}", header="TIN,NPI")
    error = refused(path)
    assert isinstance(error, UsageError)
    assert error.code == "QP111"
    assert "--list-date" in error.help
    day = date(2025, 3, 31)
    table = read(path, lists=ListOptions(apm_entity_id="E1", dates=(day, day)))
    row = table.frame.row(0, named=True)
    assert (row["start_date"], row["end_date"]) == (day, day)
    assert [found.message for found in table.findings] == [
        "The participant list has no dates; it is taken as valid on 2025-03-31 only."
    ]


def test_who_ended_before_the_list_date_is_left_out(tmp_path: Path) -> None:
    path = made(tmp_path, f"{TIN},{NPI},2025-03-30", f"{TIN},{NPI},2025-03-31", header="TIN,NPI,End Date")
    table = read(path, lists=ListOptions(apm_entity_id="E1", dates=(date(2025, 3, 31), date(2025, 8, 31))))
    assert table.frame.select("start_date", "end_date").rows() == [(date(2025, 3, 31), date(2025, 3, 31))]
    assert said(table)["rows_left_out", "they end before the list date"] == 1


def test_a_column_of_start_dates_that_is_all_blank_is_none(tmp_path: Path) -> None:
    assert refused(made(tmp_path, f"{TIN},{NPI},,")).code == "QP111"


def test_a_list_of_tins_alone(tmp_path: Path) -> None:
    path = made(tmp_path, f"{TIN},2025-01-01", "461517810,2025-01-01", header="TIN,Start Date")
    table = read(path)
    assert table.frame.select("tin", "npi").rows() == [(TIN, None), ("461517810", None)]
    assert said(table) == {("tin_only_list", "npi"): 2}


def test_organizations_alone_are_no_list_of_tins(tmp_path: Path) -> None:
    header = "TIN,Individual NPI,Organization NPI,Start Date"
    table = read(made(tmp_path, f"{TIN},,{OTHER_NPI},2025-01-01", header=header))
    assert table.frame.height == 0
    assert said(table)["rows_left_out", "they name an organization and no individual NPI"] == 1
    assert "tin_only_list" not in {code for code, _ in said(table)}


def test_tins_with_the_numbers_of_their_organizations_are_a_list_of_tins(tmp_path: Path) -> None:
    table = read(made(tmp_path, f"{TIN},050001,2025-01-01", header="TIN,CCN,Start Date"))
    assert table.frame.select("tin", "npi").rows() == [(TIN, None)]


def test_a_column_of_npis_that_is_all_blank_is_none(tmp_path: Path) -> None:
    table = read(made(tmp_path, f"{TIN},,2025-01-01,"))
    assert said(table) == {("tin_only_list", "npi"): 1}


def test_tins_alone_give_way_to_a_list_of_the_entity_with_npis(tmp_path: Path) -> None:
    tins = made(tmp_path, f"{TIN},2025-01-01", header="TIN,Start Date", name="tins.csv")
    npis = made(tmp_path, f"{TIN},{NPI},2025-01-01,", name="npis.csv")
    table = read(tins, npis)
    assert table.frame["npi"].to_list() == [NPI]
    assert [code for code, _ in said(table)] == ["rows_left_out"]


def test_the_entity_is_that_of_the_column_else_of_the_file_name_else_of_the_option(tmp_path: Path) -> None:
    row, columns = f"{TIN},{NPI},2025-01-01,", "TIN,NPI,Start Date,End Date"
    in_column = made(tmp_path, row + ",A1", header=columns + ",ACO ID", name="P.A1234.csv")
    assert read(in_column).frame["apm_entity_id"].item() == "A1"
    assert read(made(tmp_path, row, name="list A1234.csv")).frame["apm_entity_id"].item() == "A1234"
    assert read(made(tmp_path, row)).frame["apm_entity_id"].item() == "E1"
    error = refused(made(tmp_path, row), lists=ListOptions())
    assert error.code == "QP111"
    assert "--apm-entity" in error.help


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("P.A1234.ACO.D250101.T1200000.csv", "A1234"),
        ("ACO REACH Participant List PY2025_D0123.xlsx", "D0123"),
        ("lists.zip/K0042 list.csv", "K0042"),
        ("C0007.zip/list.csv", "C0007"),
        ("P123456 list.csv", "P123456"),
        ("F135.csv", "F135"),
        ("A1234 and A1235.csv", None),
        ("D250101.csv", None),
        ("list.csv", None),
    ],
)
def test_entity_ids_in_file_names(name: str, entity: str | None) -> None:
    assert entity_id_in(name) == entity


def test_the_list_type_comes_from_the_column_or_the_option(tmp_path: Path) -> None:
    header = "TIN,NPI,Start Date,List Type"
    rows = [f"{TIN},{NPI},2025-01-01,{kind}" for kind in ("Affiliated Practitioner List", "Participation List", "")]
    path = made(tmp_path, *rows, header=header)
    affiliated = ListOptions(apm_entity_id="E1", list_type=ListType.AFFILIATED)
    assert read(path).frame["list_type"].to_list() == ["affiliated", "participation", "participation"]
    assert read(path, lists=affiliated).frame["list_type"].to_list() == ["affiliated", "participation", "affiliated"]
    plain = made(tmp_path, f"{TIN},{NPI},2025-01-01,")
    assert read(plain, lists=affiliated).frame["list_type"].to_list() == ["affiliated"]
    error = refused(made(tmp_path, f"{TIN},{NPI},2025-01-01,other", header=header))
    assert "an unknown list_type" in error.message


def test_columns_of_the_users_own_names(tmp_path: Path) -> None:
    path = made(tmp_path, f"{TIN},{NPI},2025-01-01", header="Steuernummer,Arzt,von")
    names = {"participants": {"tin": "steuernummer", "npi": "Arzt", "start_date": "von"}}
    table = read(path, column_names=names)
    assert table.frame.select("tin", "npi", "start_date").rows() == [(TIN, NPI, date(2025, 1, 1))]
    assert not table.findings


def test_two_columns_that_could_be_meant_must_agree(tmp_path: Path) -> None:
    header = "Billing TIN,Base Provider TIN,NPI,Start Date"
    agreeing = made(tmp_path, f"{TIN},{TIN},{NPI},2025-01-01", f",{TIN},{NPI},2025-01-01", header=header)
    assert read(agreeing).frame["tin"].to_list() == [TIN, TIN]
    error = refused(made(tmp_path, f"{TIN},461517810,{NPI},2025-01-01", header=header))
    assert isinstance(error, InputError)
    assert error.code == "QP205"
    assert TIN not in error.message


def test_bad_rows_are_named_by_number_and_never_shown(tmp_path: Path) -> None:
    rows = [f"{TIN},{NPI},2025-01-01,", f",{CANARY},2025-01-01,", f"{TIN},{NPI},2025-02-01,2025-01-01", "short"]
    error = refused(made(tmp_path, *rows))
    assert error.code == "QP203"
    assert "1 row has a blank tin (row 2)" in error.message
    assert "a start_date after the end_date (row 3)" in error.message
    assert "(row 4)" in error.message
    rejects = tmp_path / "rejects"
    table = read(made(tmp_path, *rows), max_rejects=3, rejects_folder=rejects)
    assert table.frame.height == 1
    assert table.rejects[0].row_count == 3
    assert {path.name for path in rejects.iterdir()} == {
        "participants.list.csv.rejects.csv",
        "participants.list.csv.broken-lines.csv",
    }


def test_columns_that_are_not_used_are_named(tmp_path: Path) -> None:
    path = made(tmp_path, f"{TIN},{NPI},2025-01-01,a,b", header="TIN,NPI,Start Date,Legal Name,Zip")
    assert [found.message for found in read(path).findings] == ["participants: columns not used: Legal Name, Zip."]


def test_text_that_is_not_utf8_is_said(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(f"TIN,NPI,Start Date,Last Name\n{TIN},{NPI},2025-01-01,Peña\n".encode("cp1252"))
    table = read(str(path))
    assert table.frame["clinician_name"].item() == "Peña"
    assert [found.code for found in table.findings] == ["counted_for_record"]


def test_a_header_is_known_by_a_tin_or_an_npi() -> None:
    assert is_roster_header(("Individual  NPI(s)", "x"))
    assert is_roster_header(("Participant-TIN",))
    assert not is_roster_header(("Organization NPI", "tin status", ""))


def test_a_list_with_a_header_alone(tmp_path: Path) -> None:
    table = read(made(tmp_path))
    assert table.frame.height == 0
    assert [found.code for found in table.findings] == ["no_rows"]
