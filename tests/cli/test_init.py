"""init writes a qpcli.toml from what a folder holds."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from qpcli.sample import SamplePlan, write_sample
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.catalogue import INPUT_TABLES
from qpcli.tables.participants import PARTICIPANTS
from qpcli.tables.schema import Table
from tests.cli.conftest import Call

FOUND = {
    "claims": "claim_lines",
    "beneficiaries": "beneficiaries.csv",
    "participants": "participants.csv",
    "attribution": "attribution.csv",
    "entities": "entities.csv",
}


def written(folder: Path) -> dict[str, object]:
    return tomllib.loads((folder / "qpcli.toml").read_text())


def test_a_sample_is_recognised_whole(call: Call, place: Path) -> None:
    assert call("init", "sample_data", "--force", "--year", "2025").status == 0
    assert written(place / "sample_data") == FOUND | {"year": 2025}


def test_parquet_is_recognised_by_its_columns_not_its_name(call: Call, place: Path) -> None:
    folder = place / "parquet"
    write_sample(SamplePlan(performance_year=2025, beneficiaries=20, format="parquet"), folder)
    (folder / "attribution.parquet").rename(folder / "x.parquet")
    call("init", "parquet")
    assert written(folder)["attribution"] == "x.parquet"


@pytest.mark.parametrize("table", INPUT_TABLES, ids=lambda table: table.name)
def test_the_required_columns_tell_each_table(table: Table) -> None:
    from qpcli.cli.recognise import best_table

    assert best_table(tuple(column.name for column in table.columns if column.is_required)) is table
    assert best_table(table.column_names) is table


def test_other_names_of_columns_are_known() -> None:
    from qpcli.cli.recognise import best_table

    assert best_table(("ACO ID", "MBI", "Effective Date", "Termination Date")) is ATTRIBUTION
    assert best_table(("ACO ID", "TIN", "Individual NPI", "Effective Date", "End_Date")) is PARTICIPANTS
    assert best_table(("name", "value")) is None


def test_base_amounts_are_recognised_and_stand_in_the_settings(call: Call, place: Path) -> None:
    (place / "amounts").mkdir()
    (place / "amounts" / "paid.csv").write_text("NPI,TIN,Amount\n1,2,3\n")
    assert call("init", "amounts").status == 0
    assert written(place / "amounts") == {"base_amounts": "paid.csv"}


def test_a_file_that_is_there_is_kept_without_force(call: Call, place: Path) -> None:
    before = (place / "sample_data" / "qpcli.toml").read_text()
    answer = call("init", "sample_data")
    assert (answer.status, answer.err.splitlines()[0]) == (4, "error[QP301]: sample_data/qpcli.toml is there already.")
    assert (place / "sample_data" / "qpcli.toml").read_text() == before


def test_an_input_behind_a_link_of_that_name_is_not_written_over(call: Call, place: Path) -> None:
    link, lists = place / "sample_data" / "qpcli.toml", place / "sample_data" / "participants.csv"
    before = lists.read_bytes()
    link.unlink()
    link.symlink_to(lists)
    assert call("init", "sample_data").status == 4
    assert call("init", "sample_data", "--force").status == 0
    assert (lists.read_bytes(), link.is_symlink()) == (before, False)
    assert "year" in link.read_text()


def test_what_is_not_found_stands_as_a_comment(call: Call, place: Path) -> None:
    (place / "empty").mkdir()
    (place / "empty" / "notes.csv").write_text("a,b\n1,2\n")
    answer = call("init", "empty")
    assert answer.status == 0
    assert "not recognised: notes.csv" in answer.err
    assert written(place / "empty") == {}
    assert '# claims = "claim_lines"' in (place / "empty" / "qpcli.toml").read_text()


def test_what_init_offers_in_comments_is_valid_when_uncommented(call: Call, place: Path) -> None:
    from qpcli.configuration import Origin, checked

    (place / "empty").mkdir()
    call("init", "empty")
    lines = (place / "empty" / "qpcli.toml").read_text().splitlines()
    offered = [line.removeprefix("# ") for line in lines if line.startswith("# ") and ("=" in line or "# [" in line)]
    values = tomllib.loads("\n".join(offered))
    assert {"year", *FOUND, "out", "assume", "columns", "formats"} <= set(values)
    checked(values, Origin.FILE)


def test_a_folder_that_is_none_is_refused(call: Call) -> None:
    assert call("init", "nowhere").status == 2


def test_the_written_file_runs(call: Call) -> None:
    call("init", "sample_data", "--force", "--year", "2025")
    assert call("determine", "--config", "sample_data/qpcli.toml").status == 0
