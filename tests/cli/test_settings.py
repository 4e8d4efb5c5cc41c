"""Flags before QPCLI_ variables before qpcli.toml before defaults; what is unknown is an error with a suggestion."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.main import get_command

from qpcli.cli.app import app
from qpcli.cli.asked import request_of
from qpcli.cli.gather import gather
from qpcli.configuration import Settings
from qpcli.errors import UsageError
from qpcli.request import FailOn, Layout, ReportFormat
from tests.cli.conftest import Call


def settings(folder: Path, file: str = "", variables: dict[str, str] | None = None, **flags: object) -> Settings:
    (folder / "qpcli.toml").write_text(file)
    return gather(flags, variables or {}, folder / "qpcli.toml").settings


def refusal(folder: Path, file: str = "", variables: dict[str, str] | None = None, **flags: object) -> UsageError:
    with pytest.raises(UsageError) as caught:
        settings(folder, file, variables, **flags)
    return caught.value


def test_a_flag_outweighs_a_variable_that_outweighs_the_file(tmp_path: Path) -> None:
    file, variables = (
        "year = 2024\nencoding = 'cp1252'\nmax_rejects = 3",
        {"QPCLI_YEAR": "2025", "QPCLI_MAX_REJECTS": "4"},
    )
    found = settings(tmp_path, file, variables, year=2026, max_rejects=None)
    assert (found.year, found.max_rejects, found.encoding, found.layout) == (2026, 4, "cp1252", Layout.AUTO)


def test_a_zero_is_given_and_an_unset_flag_is_not(tmp_path: Path) -> None:
    found = settings(tmp_path, "max_rejects = 3\nforce = true", max_rejects=0, force=False)
    assert (found.max_rejects, found.force) == (0, True)


def test_assumptions_of_all_origins_hold_name_by_name(tmp_path: Path) -> None:
    file = "[assume]\nclaims_run_out_days = 91\ngroup_membership = 'on_snapshot_date'"
    variables = {"QPCLI_ASSUME": "claims_run_out_days=30; denied_lines=count"}
    found = settings(tmp_path, file, variables, assume={"denied_lines": "never_count"})
    assert found.assume == {
        "claims_run_out_days": "30",
        "group_membership": "on_snapshot_date",
        "denied_lines": "never_count",
    }


def test_lists_stand_in_one_variable(tmp_path: Path) -> None:
    variables = {"QPCLI_CLAIMS": os.pathsep.join(("a b", "c")), "QPCLI_SNAPSHOT": "1,2"}
    found = settings(tmp_path, "", variables)
    assert (found.claims, found.snapshot) == (("a b", "c"), (1, 2))


OF_WORTH = {"base_claims", "base_amounts", "payment_year", "mips_adjustment", "shared_loss"}


def options_of(command: str) -> set[str]:
    return {option.name for option in get_command(app).commands[command].params}  # type: ignore[attr-defined]


def test_every_option_of_determine_is_a_key() -> None:
    keys = {field.alias or name for name, field in Settings.model_fields.items()} - OF_WORTH
    assert keys - {"columns", "formats", "participation_types", "shard"} == options_of("determine") - {
        "config",
        "debug",
    }


def test_every_option_of_worth_is_a_key() -> None:
    keys = {field.alias or name for name, field in Settings.model_fields.items()}
    assert options_of("worth") >= OF_WORTH
    assert options_of("worth") - {"run", "config", "debug"} <= keys


def test_paths_of_the_file_are_relative_to_it(tmp_path: Path) -> None:
    file = "claims = ['lines', '/data/*.csv']\nout = 'reports'\nem_codes = 'codes.csv'"
    found = settings(tmp_path, file, participants="here.csv")
    assert found.claims == (f"{tmp_path}/lines", "/data/*.csv")
    assert (found.out, found.em_codes) == (f"{tmp_path}/reports", tmp_path / "codes.csv")
    assert found.participants == ("here.csv",)


def test_a_folder_name_with_brackets_is_no_glob(tmp_path: Path) -> None:
    folder = tmp_path / "a[1]"
    folder.mkdir()
    (folder / "lines[2].csv").touch()
    found = settings(folder, "claims = ['lines[2].csv', '*.csv']")
    assert found.claims == (f"{folder}/lines[2].csv", f"{tmp_path}/a[[]1]/*.csv")


def test_stdout_stays_stdout_in_the_file(tmp_path: Path) -> None:
    assert settings(tmp_path, "out = '-'").writes_to_stdout


def test_columns_are_mapped_by_table(tmp_path: Path) -> None:
    file = "[columns.claims]\nnpi = 'RNDR'\n[columns.participants]\ntin = 'Tax'\n[formats]\ndate = '%m/%d/%Y'"
    found = settings(tmp_path, file)
    assert found.columns == {"claim_lines": {"npi": "RNDR"}, "participants": {"tin": "Tax"}}
    assert found.formats.date == "%m/%d/%Y"


@pytest.mark.parametrize(
    ("file", "variables", "flags", "code", "words", "help"),
    [
        ("yaer = 2025", {}, {}, "QP102", "qpcli.toml: yaer is not a key", "Did you mean `year`?"),
        ("law-as-of = 2025-01-01", {}, {}, "QP102", "law-as-of is not a key", "Did you mean `law_as_of`?"),
        ("[formats]\ndat = 'x'", {}, {}, "QP102", "formats.dat is not a key", "Did you mean `date`?"),
        ("[columns.clams]\nnpi = 'x'", {}, {}, "QP102", "[columns.clams] names no table", "Did you mean `claims`?"),
        ("[columns.claims]\nnpj = 'x'", {}, {}, "QP102", "columns.claims.npj is no column", "Did you mean `npi`?"),
        ("", {"QPCLI_YAER": "1"}, {}, "QP102", "QPCLI_YAER is not a key", "Did you mean `QPCLI_YEAR`?"),
        ("", {"QPCLI_COLUMNS": "x"}, {}, "QP101", "QPCLI_COLUMNS is not a table", ""),
        ("year = 'soon'", {}, {}, "QP101", "qpcli.toml: year is not a whole number", ""),
        ("", {"QPCLI_FORMAT": "xml"}, {}, "QP101", "QPCLI_FORMAT is not 'parquet', 'csv' or 'xlsx'", ""),
        ("", {"QPCLI_WAIT": "inf"}, {}, "QP101", "QPCLI_WAIT is not finite", ""),
        ("", {}, {"snapshot": [2, 4]}, "QP101", "--snapshot is not 1, 2 or 3", ""),
        ("claims = 3.5", {}, {}, "QP101", "claims is not a list", ""),
        ("quiet = 'often'", {}, {}, "QP101", "quiet is neither true nor false", ""),
        ("year = ", {}, {}, "QP103", "is not valid TOML", ""),
    ],
)
def test_what_cannot_be_used_is_named_without_its_value(
    tmp_path: Path, file: str, variables: dict[str, str], flags: dict[str, object], code: str, words: str, help: str
) -> None:
    error = refusal(tmp_path, file, variables, **flags)
    assert (error.code, error.exit_status) == (code, 2)
    assert words in error.message
    assert help in error.help


def test_a_value_is_never_quoted(tmp_path: Path) -> None:
    for file in (
        "year = 'CANARY'",
        "format = 'CANARY'",
        "[assume]\nx = ['CANARY']",
        "wait = 'CANARY'",
        "law_as_of = 'CANARY'",
    ):
        error = refusal(tmp_path, file)
        assert "CANARY" not in error.message + error.help + str(error)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        gather({}, {}, tmp_path / "none.toml")
    assert caught.value.code == "QP103"


def test_the_nearest_file_upward_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "qpcli.toml").write_text("year = 2020")
    (tmp_path / "a" / "qpcli.toml").write_text("year = 2021")
    monkeypatch.chdir(deep)
    found = gather({}, {}, None)
    assert (found.file, found.settings.year) == (tmp_path / "a" / "qpcli.toml", 2021)
    assert gather({}, {"QPCLI_CONFIG": str(tmp_path / "qpcli.toml")}, None).settings.year == 2020


def test_a_request_holds_all_that_was_asked(tmp_path: Path) -> None:
    flags = {name: [name] for name in ("claims", "beneficiaries", "participants", "attribution")}
    file = "snapshot = [1, 2]\nformat = 'csv'\nout = 'r'\nfail_on = 'info'\nwait = 5\n"
    file += "rejects = 'bad'\nlaw_as_of = 2025-01-31"
    request = request_of(settings(tmp_path, file, None, year=2025, keep_cells=True, force=True, **flags))
    assert request.inputs.claims == ("claims",)
    assert request.inputs.entities == ()
    assert (request.last_snapshot, request.law.performance_year, str(request.law.law_as_of)) == (2, 2025, "2025-01-31")
    assert request.reading.rejects_folder == tmp_path / "bad"
    output = request.output
    assert (output.folder, output.format, output.fail_on) == (tmp_path / "r", ReportFormat.CSV, FailOn.INFO)
    assert (output.wait_seconds, output.kept_cells, output.is_forced) == (5.0, "listed", True)


def test_variables_and_flags_reach_a_run(determine: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QPCLI_YEAR", "2026")
    monkeypatch.setenv("QPCLI_SNAPSHOT", "1")
    assert determine("--json").document["performance_year"] == 2026
    document = determine("--json", "--year", "2025").document
    assert document["performance_year"] == 2025
    assert {entity["snapshot"] for entity in document["entities"]} == {1}


@pytest.mark.parametrize("path", ["x" * 300, "~nobody of this name/x"])
def test_a_path_that_can_be_none_is_left_to_those_who_read_it(tmp_path: Path, path: str) -> None:
    assert settings(tmp_path, f"claims = '{path}'").claims == (path,)
