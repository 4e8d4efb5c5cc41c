"""Rejected rows: named by file, rule and number, written out for their owner only, never dropped in silence."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import polars as pl
import pytest

from qpcli.errors import InputError, OutputError
from qpcli.inputs import reject_files
from qpcli.inputs.canonical import read_table
from qpcli.request import ReadOptions
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.beneficiaries import BENEFICIARIES
from qpcli.tables.entities import ENTITIES
from tests.inputs.made import (
    CANARY,
    CLAIM_HEADER,
    CLAIM_ROW,
    PARTICIPANT_HEADER,
    PARTICIPANT_ROW,
    claim,
    claims_file,
    read_claims,
    read_participants,
    refused,
    written,
)

BAD_DATE = claim(service_date="never")


def test_the_error_names_the_rows(tmp_path: Path) -> None:
    rows = [CLAIM_ROW] * 20
    rows[13] = rows[14] = rows[19] = BAD_DATE
    error = refused(claims_file(tmp_path, *rows))
    assert error.code == "QP203"
    assert error.message == "claims: 3 rows have an unreadable service_date (rows 14, 15, 20)"
    assert error.exit_status == 3


def test_at_most_ten_rows_are_named(tmp_path: Path) -> None:
    message = refused(claims_file(tmp_path, *[BAD_DATE] * 1234, CLAIM_ROW)).message
    assert message.endswith("1,234 rows have an unreadable service_date (rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...)")


def test_with_several_files_each_is_named(tmp_path: Path) -> None:
    claims_file(tmp_path, CLAIM_ROW, BAD_DATE, name="a.csv")
    claims_file(tmp_path, BAD_DATE, claim(paid_amount="x"), name="b.csv")
    message = refused(str(tmp_path)).message
    assert message == (
        "claims: 1 row of a.csv has an unreadable service_date (row 2); "
        "1 row of b.csv has an unreadable service_date (row 1); 1 row of b.csv has an unreadable paid_amount (row 2)"
    )


def test_a_structure_defect_shifts_no_row_number(tmp_path: Path) -> None:
    message = refused(claims_file(tmp_path, CLAIM_ROW, "x", CLAIM_ROW, BAD_DATE)).message
    assert "(row 2)" in message
    assert "unreadable service_date (row 4)" in message


def test_parquet_rows_have_numbers_too(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    pl.read_csv(claims_file(tmp_path, CLAIM_ROW, CLAIM_ROW, BAD_DATE), infer_schema=False).write_parquet(path)
    assert refused(str(path)).message == "claims: 1 row has an unreadable service_date (row 3)"


def test_rows_that_cannot_be_written_whole_leave_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reject_files, "_write_rows", full)
    options = ReadOptions(rejects_folder=tmp_path / "rejects")
    with pytest.raises(OutputError):
        read_claims(claims_file(tmp_path, CLAIM_ROW, "x", BAD_DATE), options=options)
    assert not (tmp_path / "rejects").exists()


@pytest.mark.parametrize(("allowed", "is_refused"), [(0, True), (1, True), (2, False)])
def test_up_to_max_rejects_rows_are_left_out(tmp_path: Path, allowed: int, is_refused: bool) -> None:
    path = claims_file(tmp_path, CLAIM_ROW, BAD_DATE, claim(paid_amount="x"))
    options = ReadOptions(max_rejects=allowed)
    if is_refused:
        assert refused(path, options=options).code == "QP203"
        return
    lines, notes = read_claims(path, options=options)
    assert (lines.height, notes.row_count) == (1, 1)
    assert [(f.rule, f.count) for f in notes.findings if f.code == "rejected_rows"] == [
        ("service_date_unreadable", 1),
        ("paid_amount_unreadable", 1),
    ]


def test_a_row_that_breaks_two_rules_is_one_row(tmp_path: Path) -> None:
    path = claims_file(tmp_path, CLAIM_ROW, claim(paid_amount="x", service_date="x"))
    _, notes = read_claims(path, options=ReadOptions(max_rejects=1))
    assert notes.files[0].rejected_count == 1
    assert len(notes.rejects[0].counts) == 2


@pytest.mark.parametrize("rows", [(BAD_DATE,), ("x",), ("x", BAD_DATE)])
def test_when_every_row_is_rejected_there_is_no_result(tmp_path: Path, rows: tuple[str, ...]) -> None:
    assert refused(claims_file(tmp_path, *rows), options=ReadOptions(max_rejects=9)).code == "QP213"


@pytest.mark.parametrize("allowed", [0, 9])
def test_rejected_rows_are_written_as_read_for_their_owner_only(tmp_path: Path, allowed: int) -> None:
    folder = tmp_path / "rejects"
    path = claims_file(tmp_path, CLAIM_ROW, claim(service_date=" never", paid_amount='"1,0"'), "x,y")
    options = ReadOptions(max_rejects=allowed, rejects_folder=folder)
    if allowed:
        read_claims(path, options=options)
    else:
        refused(path, options=options)
    rows = (folder / "claim_lines.claims.csv.rejects.csv").read_text().splitlines()
    assert rows[0] == f"qpcli_row,qpcli_rules,{CLAIM_HEADER}"
    assert next(csv.reader([rows[1]])) == [
        "2",
        "service_date_unreadable;paid_amount_unreadable",
        *next(csv.reader([claim(service_date=" never", paid_amount='"1,0"')])),
    ]
    lines = (folder / "claim_lines.claims.csv.broken-lines.csv").read_text().splitlines()
    assert lines == ["qpcli_row,line", '3,"x,y"']
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_an_older_rejects_file_gives_way_and_leaks_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "rejects"
    folder.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (folder / "claim_lines.claims.csv.rejects.csv").symlink_to(victim)
    refused(claims_file(tmp_path, BAD_DATE, CLAIM_ROW), options=ReadOptions(rejects_folder=folder))
    assert victim.read_text() == "kept"


def test_nothing_is_written_without_rejects(tmp_path: Path) -> None:
    read_claims(claims_file(tmp_path, CLAIM_ROW), options=ReadOptions(rejects_folder=tmp_path / "rejects"))
    assert not (tmp_path / "rejects").exists()


def test_a_rejects_folder_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    blocked = tmp_path / "rejects"
    blocked.write_text("")
    with pytest.raises(OutputError) as caught:
        read_claims(claims_file(tmp_path, BAD_DATE), options=ReadOptions(rejects_folder=blocked))
    assert caught.value.code == "QP301"


def rule_broken(table_rows: tuple[str, ...], tmp_path: Path, table: object) -> str:
    path = written(tmp_path / "table.csv", *table_rows)
    with pytest.raises(InputError) as caught:
        read_table(table, [path], ReadOptions())  # type: ignore[arg-type]
    assert CANARY not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("A1,012345678,1437702123,2025-02-01,2025-01-31", "a start_date after the end_date"),
        (",012345678,1437702123,2025-01-01,", "a blank apm_entity_id"),
        ("A1,,1437702123,2025-01-01,", "a blank tin"),
        ("A1,012345678,,2025-01-01,", "a blank npi"),
        ("A1,012345678,1437702123,soon,", "an unreadable start_date"),
    ],
)
def test_a_bad_participant_stops_the_run(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_participants(written(tmp_path / "list.csv", PARTICIPANT_HEADER, PARTICIPANT_ROW, row))
    assert caught.value.message == f"participants: 1 row has {words} (row 2)"


@pytest.mark.parametrize(
    "row",
    [
        "A1,012345678,1437702123,2025-01-01,9999-12-31",
        "A1,012345678,1437702123,0001-01-01,0001-01-01",
        "A1,012345678,1437702123,9999-12-31,2025-01-01",
        "A1,012345678,1437702123,,",
        "A1,012345678,1437702123,2025-01-01,2025-01-01",
    ],
)
def test_open_spans_and_spans_of_a_day_are_good(tmp_path: Path, row: str) -> None:
    assert read_participants(written(tmp_path / "list.csv", PARTICIPANT_HEADER, row)).frame.height == 1


def test_an_inverted_episode_is_a_bad_row(tmp_path: Path) -> None:
    rows = (
        "apm_entity_id,bene_id,start_date,end_date,episode_start_date,episode_end_date",
        f"A1,{CANARY},,,2025-03-01,2025-02-01",
    )
    assert "an episode_start_date after the episode_end_date" in rule_broken(rows, tmp_path, ATTRIBUTION)


def test_a_state_of_another_form_is_a_bad_row(tmp_path: Path) -> None:
    rows = (
        "bene_id,birth_date,has_part_a,has_part_b,is_managed_care,is_medicare_secondary,state",
        f"{CANARY},1950-01-01,y,y,n,n,Ohio",
    )
    assert "an unreadable state" in rule_broken(rows, tmp_path, BENEFICIARIES)


def test_a_second_row_of_an_entity_is_a_bad_row(tmp_path: Path) -> None:
    message = rule_broken(("apm_entity_id", "A1", "A2", "A1", "A1"), tmp_path, ENTITIES)
    assert message == "entities: 2 rows have an apm_entity_id that an earlier row has (rows 3, 4)"


def test_of_an_entity_in_two_files_the_first_counts(tmp_path: Path) -> None:
    paths = [
        written(tmp_path / "b.csv", "apm_entity_id,apm_entity_name", "A1,second", "A2,x"),
        written(tmp_path / "a.csv", "apm_entity_id,apm_entity_name", "A1,first"),
    ]
    with pytest.raises(InputError) as caught:
        read_table(ENTITIES, paths, ReadOptions())
    assert caught.value.message == "entities: 1 row of b.csv has an apm_entity_id that an earlier row has (row 1)"
    table = read_table(ENTITIES, paths, ReadOptions(max_rejects=1, rejects_folder=tmp_path / "rejects"))
    assert dict(table.frame.select("apm_entity_id", "apm_entity_name").iter_rows()) == {"A1": "first", "A2": "x"}
    assert [(file.file.name, file.rejected_count) for file in table.files] == [("a.csv", 0), ("b.csv", 1)]
    rows = (tmp_path / "rejects" / "entities.b.csv.rejects.csv").read_text().splitlines()
    assert rows[1:] == ["1,duplicate_entity,A1,second"]
