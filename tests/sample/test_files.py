"""A sample is a pure function of its plan, in the canonical columns, and is all there or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qpcli.errors import OutputError
from qpcli.sample import SamplePlan, write_sample
from qpcli.tables.catalogue import INPUT_TABLES
from qpcli.tables.schema import Kind
from tests.sample.made import Sample, contents, made

DTYPES = {
    Kind.DATE: pl.Date(),
    Kind.MONEY: pl.Decimal(18, 2),
    Kind.INTEGER: pl.Int32(),
    Kind.BOOLEAN: pl.Boolean(),
}
LEFT_OUT = {"claim_version", "state"}
SMALL = SamplePlan(performance_year=2025, beneficiaries=400, seed=2025)


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_equal_plans_give_equal_bytes_whatever_the_threads(tmp_path: Path, format: str) -> None:
    program = (
        "import sys; from pathlib import Path; from qpcli.sample import SamplePlan, write_sample\n"
        f"write_sample(SamplePlan(performance_year=2025, beneficiaries=30_000, format={format!r}), Path(sys.argv[1]))"
    )
    for threads in ("1", "4"):
        environment = {**os.environ, "POLARS_MAX_THREADS": threads}
        subprocess.run([sys.executable, "-c", program, tmp_path / threads], env=environment, check=True)
    assert contents(tmp_path / "1") == contents(tmp_path / "4")


def test_another_seed_changes_every_file_but_the_entities(tmp_path: Path, sample: Sample) -> None:
    other = made(tmp_path / "other", SamplePlan(performance_year=2025, seed=2))
    same = {name for name, data in contents(other.folder).items() if contents(sample.folder)[name] == data}
    assert same == {"entities.parquet"}
    for column in ("bene_id", "claim_id", "npi"):
        assert not set(sample.claim_lines[column].drop_nulls()) & set(other.claim_lines[column].drop_nulls())


def test_the_number_of_parts_changes_no_row(tmp_path: Path, sample: Sample) -> None:
    parted = made(tmp_path / "parted", SamplePlan(performance_year=2025, parts=7))
    assert len(list((tmp_path / "parted" / "claim_lines").iterdir())) == 7
    for name in ("claim_lines", "beneficiaries", "participants", "attribution", "entities"):
        assert_frame_equal(getattr(parted, name), getattr(sample, name))


def test_columns_and_types_are_those_of_the_canonical_tables(sample: Sample) -> None:
    for table in INPUT_TABLES[:5]:
        columns = [column for column in table.columns if column.name not in LEFT_OUT]
        schema = dict(getattr(sample, table.name).schema)
        assert list(schema) == [column.name for column in columns]
        assert schema == {column.name: DTYPES.get(column.kind, pl.String()) for column in columns}


def test_values_of_a_choice_are_among_its_choices(sample: Sample) -> None:
    for table in INPUT_TABLES[:5]:
        for column in table.columns:
            if column.choices:
                assert set(getattr(sample, table.name)[column.name]) == set(column.choices)


def test_csv_says_the_same_as_parquet(tmp_path: Path) -> None:
    parquet = made(tmp_path / "parquet", SMALL)
    written = write_sample(replace(SMALL, format="csv"), tmp_path / "csv")
    assert {path.suffix for path in written.files} == {".csv"}
    for table in INPUT_TABLES[:5]:
        expected = getattr(parquet, table.name)
        folder = "claim_lines/part-0000" if table.name == "claim_lines" else table.name
        assert_frame_equal(pl.read_csv(tmp_path / "csv" / f"{folder}.csv", schema=expected.schema), expected)


def test_csv_has_two_decimals_iso_dates_and_true_or_false(tmp_path: Path) -> None:
    write_sample(replace(SMALL, format="csv"), tmp_path / "csv")
    rows = pl.read_csv(tmp_path / "csv" / "claim_lines" / "part-0000.csv", infer_schema=False)
    for column in ("paid_amount", "withheld_amount", "excluded_amount"):
        assert rows[column].str.contains(r"^-?\d+\.\d\d$").all()
    for column in ("service_date", "processed_date"):
        assert rows[column].str.contains(r"^20\d\d-\d\d-\d\d$").all()
    assert set(rows["is_denied"]) == {"true", "false"}


def test_the_small_sample_stays_small(tmp_path: Path) -> None:
    for plan in (SMALL, replace(SMALL, format="csv")):
        written = write_sample(plan, tmp_path / plan.format)
        assert sum(path.stat().st_size for path in written.files) < 3_000_000


def test_what_was_written_is_counted_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    plan = SamplePlan(performance_year=2025, beneficiaries=100, parts=2)
    written = write_sample(plan, tmp_path / "out", on_progress=lambda done, count: heard.append((done, count)))
    assert heard == [(1, 2), (2, 2)]
    assert {str(path.relative_to(written.folder)) for path in written.files} == set(contents(written.folder))
    assert {path.stat().st_mode & 0o777 for path in written.files} == {0o600}
    assert written.claim_line_count == pl.read_parquet(written.folder / "claim_lines" / "*.parquet").height
    assert written.beneficiary_row_count == pl.read_parquet(written.folder / "beneficiaries.parquet").height


@pytest.mark.parametrize(("beneficiaries", "lines_each"), [(2000, 12), (2000, 40), (5000, 1)])
def test_there_are_about_as_many_lines_as_planned(tmp_path: Path, beneficiaries: int, lines_each: int) -> None:
    plan = SamplePlan(performance_year=2025, beneficiaries=beneficiaries, lines_per_beneficiary=lines_each)
    count = write_sample(plan, tmp_path / "out").claim_line_count
    assert abs(count - beneficiaries * lines_each) < 0.05 * beneficiaries * lines_each


@pytest.mark.parametrize("beneficiaries", [1, 2, 24])
def test_a_handful_of_people_is_a_sample_too(tmp_path: Path, beneficiaries: int) -> None:
    sample = made(tmp_path / "out", SamplePlan(performance_year=2025, beneficiaries=beneficiaries))
    assert sample.entities.height == 13
    assert sample.participants["npi"].n_unique() >= 24


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    write_sample(SMALL, tmp_path)
    assert (tmp_path / "claim_lines" / "part-0000.parquet").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError) as error:
        write_sample(SMALL, tmp_path)
    assert error.value.code == "QP302"
    assert contents(tmp_path) == {"notes.txt": b"mine"}


@pytest.mark.parametrize("out", ["no/such/parent", "a_file", "a_file/below"])
def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path: Path, out: str) -> None:
    (tmp_path / "a_file").write_text("mine")
    with pytest.raises(OutputError) as error:
        write_sample(SMALL, tmp_path / out)
    assert error.value.code == "QP301"
    assert contents(tmp_path) == {"a_file": b"mine"}


@pytest.mark.parametrize("is_there", [True, False])
def test_a_sample_that_fails_half_way_leaves_nothing(tmp_path: Path, is_there: bool) -> None:
    out = tmp_path / "out"
    if is_there:
        out.mkdir()

    def fail(*_: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError) as error:
        write_sample(SMALL, out, on_progress=fail)
    assert error.value.code == "QP301"
    assert out.exists() == is_there
    assert not is_there or not list(out.iterdir())
