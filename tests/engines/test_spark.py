"""Apache Spark carries the tally of a store and changes nothing; what goes wrong there ends in words without values."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from qpcli.engines import spark_session
from qpcli.errors import UsageError
from qpcli.reports.records import sealed
from qpcli.sample import SamplePlan, write_sample
from qpcli.terms import QpOption
from tests.cli.calling import Answer, qpcli

SHARDS = 4
IS_INSTALLED = find_spec("pyspark") is not None and (
    shutil.which("java") is not None or (Path(os.environ.get("JAVA_HOME", "")) / "bin" / "java").is_file()
)
needs_spark = pytest.mark.skipif(not IS_INSTALLED, reason="needs Java and pyspark (pip install '.[spark]')")

CONFIGURATION = """\
year = {year}
claims = ["claim_lines"]
beneficiaries = ["beneficiaries.{format}"]
participants = ["participants.{format}"]
attribution = ["attribution.{format}"]
entities = ["entities.{format}"]
"""


def market(folder: Path, year: int, report_format: str) -> Path:
    """A sample with a store of its claims and a qpcli.toml; it has an episode-based entity and windows."""
    write_sample(SamplePlan(performance_year=year, beneficiaries=300, format=report_format), folder)
    (folder / "qpcli.toml").write_text(CONFIGURATION.format(year=year, format=report_format))
    options = ("--claims", "claim_lines", "--out", "store", "--shards", str(SHARDS), "--quiet")
    assert qpcli("convert", *options, cwd=folder).status == 0
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return market(tmp_path_factory.mktemp("spark") / "market", 2026, "csv")


def determined(place: Path, out: Path, *options: str, **variables: str) -> Answer:
    """A determination of the store unless the options name other claims."""
    claims = () if "--claims" in options else ("--claims", "store")
    return qpcli("determine", *claims, "--out", str(out), "--quiet", *options, cwd=place, variables=variables)


def report(folder: Path) -> dict[str, str]:
    """SHA-256 of every file but the manifest."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def manifest(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "manifest.json").read_text())
    return found


SPARK = ("--engine", "spark", "--spark-master", "local[2]")


@needs_spark
@pytest.mark.slow
@pytest.mark.parametrize(("year", "report_format"), [(2026, "csv"), (2025, "parquet")])
def test_spark_and_this_machine_write_the_same_bytes(tmp_path: Path, year: int, report_format: str) -> None:
    place = market(tmp_path / "market", year, report_format)
    options = ("--format", report_format, "--keep-cells")
    here, there = tmp_path / "here", tmp_path / "there"
    assert determined(place, here, *options).status == 0
    answer = determined(place, there, *options, *SPARK)
    assert (answer.status, answer.out, answer.err) == (0, "", "")
    assert {Path(name).stem for name in report(here)} >= {"threshold_scores", "contributions", "cells", "sums"}
    assert report(there) == report(here)
    assert manifest(there)["run_id"] == manifest(here)["run_id"]
    assert manifest(there)["options"]["engine"] == {"engine": "spark", "spark_master": "local[2]"}  # type: ignore[index]


def with_other_payers(place: Path) -> tuple[str, str]:
    """The option that submits other payers of every listed entity, TIN and clinician at every snapshot."""
    with (place / "participants.csv").open() as file:
        listed = list(csv.DictReader(file))
    subjects = {(level, row[name]) for row in listed for level, name in SUBJECTS.items()}
    rows = [
        f"{level},{subject},Plan,commercial,{snapshot},{700 + number}.00,1000.00,{number % 9},9"
        for number, (level, subject) in enumerate(sorted(subjects))
        for snapshot in (1, 2, 3)
    ]
    (place / "other_payer.csv").write_text("\n".join([SUBMITTED, *rows, ""]))
    return "--other-payer", "other_payer.csv"


SUBJECTS = {"apm_entity": "apm_entity_id", "tin": "tin", "npi": "npi"}
SUBMITTED = (
    "level,subject_id,payer,payer_type,snapshot,apm_payment_amount,total_payment_amount,"
    "apm_patient_count,total_patient_count"
)


def decided_by_all_payers(report_folder: Path) -> set[str]:
    """The levels at which all payers decided."""
    with (report_folder / "determinations.csv").open() as file:
        return {
            row["determined_by_level"]
            for row in csv.DictReader(file)
            if row["determined_by_option"] == QpOption.ALL_PAYER.value
        }


def test_tallies_of_shards_and_this_machine_write_the_same_bytes_with_other_payers(place: Path, tmp_path: Path) -> None:
    others = with_other_payers(place)
    assert determined(place, tmp_path / "here", *others, "--format", "csv").status == 0
    assert {Path(name).stem for name in report(tmp_path / "here")} >= {"all_payer_scores", "determinations"}
    assert decided_by_all_payers(tmp_path / "here"), "nothing would be shown by equal reports"
    for number in ("1", "2"):
        asked = ("--claims", "store", *others, "--shard", f"{number}/2", "--out", str(tmp_path / f"{number}.tally"))
        assert qpcli("tally", *asked, cwd=place).status == 0
    added = determined(place, tmp_path / "there", *others, "--format", "csv", "--tallies", str(tmp_path / "*.tally"))
    assert (added.status, added.err) == (0, "")
    assert report(tmp_path / "there") == report(tmp_path / "here")


@needs_spark
@pytest.mark.slow
def test_spark_and_this_machine_write_the_same_bytes_with_other_payers(place: Path, tmp_path: Path) -> None:
    others = with_other_payers(place)
    options = (*others, "--format", "csv", "--keep-cells")
    assert determined(place, tmp_path / "here", *options).status == 0
    answer = determined(place, tmp_path / "there", *options, *SPARK)
    assert (answer.status, answer.out, answer.err) == (0, "", "")
    assert "all_payer_scores.csv" in report(tmp_path / "here")
    assert report(tmp_path / "there") == report(tmp_path / "here")
    assert manifest(tmp_path / "there")["run_id"] == manifest(tmp_path / "here")["run_id"]


@needs_spark
@pytest.mark.slow
def test_claims_that_are_no_store_are_made_one_for_spark(place: Path, tmp_path: Path) -> None:
    claims = ("--claims", "claim_lines", "--format", "csv")
    assert determined(place, tmp_path / "here", *claims).status == 0
    answer = determined(place, tmp_path / "there", *claims, *SPARK)
    assert (answer.status, answer.err) == (0, "")
    assert report(tmp_path / "there") == report(tmp_path / "here")
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")) == ["here", "there"]


@needs_spark
@pytest.mark.slow
def test_a_damaged_shard_ends_as_on_this_machine(place: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(place / "store", store)
    damage(store)
    here = determined(place, tmp_path / "here", "--claims", str(store))
    there = determined(place, tmp_path / "there", "--claims", str(store), *SPARK)
    assert here.status == 3
    assert (there.status, there.out, there.err) == (here.status, here.out, here.err)
    assert not (tmp_path / "there").exists()


def damage(store: Path) -> None:
    """Spoil the content of one shard in a way that hashes do not show."""
    shard = min((store / "claim_lines").iterdir())
    content = bytearray(shard.read_bytes())
    content[20:400] = b"\xff" * 380
    shard.write_bytes(content)
    record = json.loads((store / "store.json").read_text())
    for output in record["outputs"]:
        if output["file"].endswith(shard.name):
            output["sha256"] = hashlib.sha256(content).hexdigest()
    (store / "store.json").write_bytes(sealed(record))


@needs_spark
@pytest.mark.slow
def test_a_worker_that_is_gone_ends_the_run_with_a_code(place: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os; os._exit(1)")
    killing = f"--conf spark.executorEnv.PYTHONPATH={tmp_path} pyspark-shell"
    answer = determined(place, tmp_path / "out", *SPARK, PYSPARK_SUBMIT_ARGS=killing, PYSPARK_PYTHON=sys.executable)
    assert (answer.status, answer.out) == (6, "")
    assert answer.err.splitlines()[0] == "error[QP402]: Apache Spark failed, or lost a worker."
    assert len(answer.err.splitlines()) == 2
    assert not (tmp_path / "out").exists()


@needs_spark
@pytest.mark.slow
def test_a_master_that_is_none_ends_the_run_with_a_code(place: Path, tmp_path: Path) -> None:
    answer = determined(place, tmp_path / "out", "--engine", "spark", "--spark-master", "nonsense")
    assert (answer.status, answer.out) == (6, "")
    assert answer.err.startswith("error[QP402]: Apache Spark does not start.\n")
    assert len(answer.err.splitlines()) == 2


def test_without_pyspark_the_install_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_session, "find_spec", lambda _name: None)
    with pytest.raises(UsageError) as caught:
        spark_session.refuse_absent()
    assert caught.value.code == "QP110"
    assert "pip install 'qpcli[spark]'" in caught.value.help


def test_without_java_the_error_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spark_session, "find_spec", lambda _name: object())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UsageError) as caught:
        spark_session.refuse_absent()
    assert (caught.value.code, caught.value.message) == ("QP110", "--engine spark needs Java.")


def test_a_signal_is_heard_only_when_java_has_started() -> None:
    heard: list[int] = []
    previous = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        with spark_session._signals_deferred():
            signal.raise_signal(signal.SIGTERM)
            assert heard == []
        assert heard == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, previous)


def test_a_master_needs_the_engine(tmp_path: Path) -> None:
    answer = qpcli("determine", "--spark-master", "local[1]", cwd=tmp_path)
    assert (answer.status, answer.err.splitlines()[0]) == (2, "error[QP104]: --spark-master needs --engine spark.")
