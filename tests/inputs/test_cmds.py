"""Model Data Sharing files: three tables of a model, replaced as a whole each quarter."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qpcli.errors import InputError, QpcliError, UsageError
from qpcli.inputs.canonical import TableRead
from qpcli.inputs.cmds.files import CmdsFile, CmdsKind, date_in, look_at
from qpcli.inputs.cmds.read import read_cmds_attribution, read_cmds_entities, read_cmds_participants
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law
from qpcli.request import ListOptions, ReadOptions
from tests.inputs.made import CANARY, written
from tests.inputs.workbook_made import found, workbook

LAW = resolve_law(performance_year=2025)
ENTITY = "Model ID,Model Name,Entity ID,Entity Name,Entity Type,Start Date,End Date"
PROVIDER = "Model ID,Entity ID,NPI,TIN,CCN,Start Date,End Date,Participation Type Code"
BENEFICIARY = "Model ID,Entity ID,CCW BENE_ID,Start Date,End Date,Operational End Date,Voluntary Alignment Flag"
NPI, TIN = "1437702123", "012345678"
TYPES = {"P": "participation", "A": "affiliated", "V": "leave out"}
Reader = Callable[[Sequence[CmdsFile], ReadOptions, Law], TableRead]


def table(folder: Path, header: str, *rows: str, name: str = "table.csv") -> str:
    return written(folder / name, header, *rows)


def opened(path: str) -> CmdsFile:
    file = look_at(found(path))
    assert file is not None
    return file


def read(reader: Reader, *paths: str, law: Law = LAW, **options: Any) -> TableRead:
    lists = ListOptions(participation_types=options.pop("types", TYPES))
    return reader([opened(path) for path in paths], ReadOptions(lists=lists, **options), law)


def refused(reader: Reader, *paths: str, **options: Any) -> QpcliError:
    with pytest.raises(QpcliError) as caught:
        read(reader, *paths, **options)
    assert CANARY not in caught.value.message + caught.value.help
    return caught.value


def said(read: TableRead) -> dict[tuple[str, str | None], int | None]:
    return {(finding.code, finding.rule): finding.count for finding in read.findings}


def test_each_table_is_known_by_its_header(tmp_path: Path) -> None:
    for header, kind in (
        (ENTITY, CmdsKind.ENTITY),
        (PROVIDER, CmdsKind.PROVIDER),
        (BENEFICIARY, CmdsKind.BENEFICIARY),
        (PROVIDER.replace(" ", "_").upper().replace(",", "|"), CmdsKind.PROVIDER),
    ):
        assert opened(table(tmp_path, header)).kind is kind


def test_other_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "utf16.csv").write_bytes("Model ID,Entity ID,NPI".encode("utf-16"))
    others = [table(tmp_path, "TIN,NPI,Start Date"), str(tmp_path / "empty.csv"), str(tmp_path / "utf16.csv")]
    assert [look_at(found(path)) for path in others] == [None] * 3


def test_entities(tmp_path: Path) -> None:
    path = table(tmp_path, ENTITY, "21,ACO REACH,D0001,First ACO,ACO,01/01/2023,12/31/9999")
    row = read(read_cmds_entities, path).frame.row(0, named=True)
    assert row["apm_entity_id"] == "21-D0001"
    assert (row["apm_id"], row["apm_entity_name"]) == ("21", "First ACO")
    assert (row["active_from"], row["active_to"]) == (date(2023, 1, 1), None)
    assert (row["is_advanced"], row["bears_risk"]) == (True, True)


def test_what_entity_tables_do_not_say(tmp_path: Path) -> None:
    path = table(tmp_path, ENTITY, "21,ACO REACH,D0001,First ACO,ACO,2023-01-01,2025-12-31")
    messages = [finding.message for finding in read(read_cmds_entities, path).findings]
    assert any("neither whether the APM is an Advanced APM" in message for message in messages)
    assert any("not final until the model has ended" in message for message in messages)


def test_spans_of_an_entity_are_one(tmp_path: Path) -> None:
    rows = ["21,R,D0001,One,ACO,2023-01-01,2023-12-31", "21,R,D0001,One,ACO,2025-01-01,2025-06-30"]
    closed = read(read_cmds_entities, table(tmp_path, ENTITY, *rows))
    assert closed.frame.select("active_from", "active_to").rows() == [(date(2023, 1, 1), date(2025, 6, 30))]
    still_open = read(read_cmds_entities, table(tmp_path, ENTITY, *rows, "21,R,D0001,One,ACO,2025-07-01,12/31/9999"))
    assert still_open.frame.select("active_from", "active_to").rows() == [(date(2023, 1, 1), None)]
    assert 2 in said(still_open).values()


def test_participants(tmp_path: Path) -> None:
    rows = [
        f"21,D0001,{NPI},{TIN},,01/01/2025,12/31/9999,P",
        f"21,D0001,{NPI},12345678,,2025-01-01,2025-06-30,a",
        f"22,D0001,{NPI},{TIN},,2025-01-01,,V",
        f"21,D0001,,{TIN},050001,2025-01-01,,P",
    ]
    result = read(read_cmds_participants, table(tmp_path, PROVIDER, *rows))
    assert result.frame.select("apm_entity_id", "tin", "npi", "end_date", "list_type", "apm_id").rows() == [
        ("21-D0001", TIN, NPI, None, "participation", "21"),
        ("21-D0001", TIN, NPI, date(2025, 6, 30), "affiliated", "21"),
    ]
    assert said(result) == {
        ("zero_filled", "tin"): 1,
        ("rows_left_out", "they have no individual NPI"): 1,
        ("rows_left_out", "their Participation Type Code is to be left out"): 1,
        ("unknown_columns", None): 1,
        ("model_data_not_final", "Model Data Sharing"): None,
    }


def test_codes_without_a_meaning_are_listed_with_counts(tmp_path: Path) -> None:
    kinds = ["P", "X", "X", "W", ""]
    rows = [f"21,D0001,{NPI},{TIN},,2025-01-01,,{kind}" for kind in kinds] + [f"21,D0001,,{TIN},1,2025-01-01,,Z"]
    error = refused(read_cmds_participants, table(tmp_path, PROVIDER, *rows))
    assert isinstance(error, UsageError)
    assert error.code == "QP111"
    assert error.message.endswith("without a meaning: (blank) (1 rows), W (1 rows), X (2 rows).")
    assert "[participation_types]" in error.help


def test_a_code_of_one_model(tmp_path: Path) -> None:
    rows = [f"{model},D0001,{NPI},{TIN},,2025-01-01,,P" for model in ("21", "22")]
    types = {"P": "participation", "22/P": "affiliated"}
    result = read(read_cmds_participants, table(tmp_path, PROVIDER, *rows), types=types)
    assert result.frame["list_type"].to_list() == ["participation", "affiliated"]


def test_a_meaning_that_there_is_none_of(tmp_path: Path) -> None:
    path = table(tmp_path, PROVIDER, f"21,D0001,{NPI},{TIN},,2025-01-01,,P")
    assert refused(read_cmds_participants, path, types={"P": "participant"}).code == "QP101"


def test_attribution_ends_operationally_where_the_file_says_so(tmp_path: Path) -> None:
    rows = [
        "21,D0001,-100,01/01/2025,12/31/2025,06/30/2025,N",
        "21,D0001,-101,01/01/2025,12/31/2025,,N",
        "21,D0001,-102,01/01/2025,06/30/2025,12/31/9999,Y",
    ]
    path = table(tmp_path, BENEFICIARY, *rows)
    result = read(read_cmds_attribution, path)
    assert result.frame.select("apm_entity_id", "bene_id", "start_date", "end_date").rows() == [
        ("21-D0001", "-100", date(2025, 1, 1), date(2025, 6, 30)),
        ("21-D0001", "-101", date(2025, 1, 1), date(2025, 12, 31)),
        ("21-D0001", "-102", date(2025, 1, 1), None),
    ]
    law = resolve_law(performance_year=2025, assumptions={"cmds_end": "alignment"})
    ends = read(read_cmds_attribution, path, law=law).frame["end_date"].to_list()
    assert ends == [date(2025, 12, 31), date(2025, 12, 31), date(2025, 6, 30)]


def test_older_files_have_no_operational_end(tmp_path: Path) -> None:
    header = BENEFICIARY.replace(",Operational End Date", "")
    result = read(read_cmds_attribution, table(tmp_path, header, "21,D0001,7,2025-01-01,2025-12-31,N"))
    assert result.frame["end_date"].to_list() == [date(2025, 12, 31)]


def test_the_newest_file_of_a_model_replaces_the_others(tmp_path: Path) -> None:
    old = table(tmp_path, BENEFICIARY, "21,A,1,2025-01-01,,,N", "22,A,2,2025-01-01,,,N", name="bene_2025Q1.csv")
    new = table(tmp_path, BENEFICIARY, "21,A,3,2025-01-01,,,N", name="bene_2025Q2.csv")
    result = read(read_cmds_attribution, old, new)
    assert sorted(result.frame["bene_id"]) == ["2", "3"]
    assert said(result)["rows_left_out", "a newer file of the model replaces them"] == 1
    assert [file.row_count for file in result.files] == [2, 1]


def test_files_of_one_date_are_parts_of_a_delivery(tmp_path: Path) -> None:
    first = table(tmp_path, BENEFICIARY, "21,A,1,2025-01-01,,,N", name="bene_20250630_1.csv")
    second = table(tmp_path, BENEFICIARY, "21,A,2,2025-01-01,,,N", name="bene_20250630_2.csv")
    assert sorted(read(read_cmds_attribution, first, second).frame["bene_id"]) == ["1", "2"]


def test_without_dates_the_last_name_is_the_newest(tmp_path: Path) -> None:
    first = table(tmp_path, BENEFICIARY, "21,A,1,2025-01-01,,,N", name="bene_a.csv")
    second = table(tmp_path, BENEFICIARY, "21,A,2,2025-01-01,,,N", name="bene_b.csv")
    assert read(read_cmds_attribution, second, first).frame["bene_id"].to_list() == ["2"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("provider_20250630.csv", (2025, 6, 30)),
        ("provider 2025-06.csv", (2025, 6, 0)),
        ("2025Q3 provider.csv", (2025, 9, 0)),
        ("REACH_Q4_2024_provider.csv", (2024, 12, 0)),
        ("P.D0001.CMDS.D250715.T1200000", (2025, 7, 15)),
        ("provider_2025.csv", None),
        ("provider.csv", None),
    ],
)
def test_dates_in_names(name: str, day: tuple[int, int, int] | None) -> None:
    assert date_in(name) == day


def test_bad_rows_are_named_by_number(tmp_path: Path) -> None:
    rows = [
        f"21,,{CANARY},2025-01-01,,,N",
        "21,A,,2025-01-01,,,N",
        "21,A,1,soon,,,N",
        "21,A,1,2025-02-01,2025-01-01,,N",
    ]
    error = refused(read_cmds_attribution, table(tmp_path, BENEFICIARY, *rows))
    assert error.code == "QP203"
    for words in (
        "a blank apm_entity_id (row 1)",
        "a blank bene_id (row 2)",
        "an unreadable start_date (row 3)",
        "a start_date after the end_date (row 4)",
    ):
        assert words in error.message


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    error = refused(read_cmds_attribution, table(tmp_path, "Model ID,Entity ID,CCW BENE_ID,End Date", "21,A,1,"))
    assert (error.code, error.message) == ("QP204", "table.csv: the column start date is missing.")
    error = refused(read_cmds_participants, table(tmp_path, "Model ID,Entity ID,NPI,Start Date,End Date"))
    assert (error.code, "tin" in error.message) == ("QP204", True)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(read_cmds_attribution, table(tmp_path, ENTITY))
    assert caught.value.code == "QP212"


def test_every_form_of_file_gives_the_same(tmp_path: Path) -> None:
    row = ["21", "D0001", "-100", date(2025, 1, 1), date(2025, 12, 31), None, "N"]
    names = BENEFICIARY.split(",")
    text = ",".join("" if cell is None else str(cell) for cell in row)
    plain = table(tmp_path, BENEFICIARY, text)
    with gzip.open(tmp_path / "table.csv.gz", "wt") as stream:
        stream.write(f"{BENEFICIARY}\n{text}\n")
    typed = pl.DataFrame([row], schema=names, orient="row").with_columns(pl.col("CCW BENE_ID").cast(pl.Int64))
    typed.write_parquet(tmp_path / "table.parquet")
    book = workbook(tmp_path / "table.xlsx", {"Beneficiary": [["Alignment"], names, row]})
    titled = written(tmp_path / "titled.csv", "Alignment", BENEFICIARY, text)
    paths = [plain, str(tmp_path / "table.csv.gz"), str(tmp_path / "table.parquet"), book, titled]
    frames = [read(read_cmds_attribution, path).frame for path in paths]
    assert all(frame.equals(frames[0]) for frame in frames)
    assert frames[0]["end_date"].to_list() == [date(2025, 12, 31)]
