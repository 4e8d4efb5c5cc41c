"""A prepared store against what it says of itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qpcli.errors import InputError
from qpcli.reports.publishing import Mismatch, Problem, publish
from qpcli.store.verification import verify
from tests.cli.calling import qpcli
from tests.reports.world import manifest_of, text_writer
from tests.store.made import converted

SHARD = "claim_lines/shard-00001-of-00004.parquet"


@pytest.fixture
def store(canonical: Path, tmp_path: Path) -> Path:
    """A store whose two sources stand beside it."""
    sources = [Path(shutil.copy2(path, tmp_path)) for path in sorted((canonical / "claim_lines").iterdir())]
    converted(tmp_path / "store", *sources)
    return tmp_path / "store"


def sources(store: Path) -> list[Path]:
    return sorted(store.parent.glob("*.csv"))


def test_an_intact_store_has_no_mismatch(store: Path) -> None:
    assert verify(store) == ()


def test_changed_missing_and_unknown_files_are_named(store: Path) -> None:
    (store / SHARD).write_bytes(b"other")
    (store / "crosswalk.parquet").unlink()
    (store / "notes.txt").write_text("mine")
    assert set(verify(store)) == {
        Mismatch(Problem.CHANGED_OUTPUT, SHARD),
        Mismatch(Problem.MISSING_OUTPUT, "crosswalk.parquet"),
        Mismatch(Problem.UNKNOWN_FILE, "notes.txt"),
    }


def test_a_changed_source_is_named_and_one_that_is_gone_is_not(store: Path) -> None:
    first, second = sources(store)
    first.write_text("other")
    second.unlink()
    assert verify(store) == (Mismatch(Problem.CHANGED_INPUT, str(first.resolve())),)


def test_an_edited_record_is_found(store: Path) -> None:
    record = store / "store.json"
    record.write_text(record.read_text().replace('"is_final_action": false', '"is_final_action": true'))
    assert verify(store) == (Mismatch(Problem.CHANGED_RECORD, "store.json"),)


def test_a_store_of_another_version_cannot_be_verified(store: Path) -> None:
    (store / "store.json").write_text("{}")
    with pytest.raises(InputError) as caught:
        verify(store)
    assert caught.value.code == "QP202"


def test_a_report_is_verified_by_its_manifest(tmp_path: Path) -> None:
    publish(tmp_path / "report", {"a.csv": text_writer("a")}, manifest_of())
    assert verify(tmp_path / "report") == ()
    (tmp_path / "report/a.csv").write_text("b")
    assert verify(tmp_path / "report") == (Mismatch(Problem.CHANGED_OUTPUT, "a.csv"),)


def test_a_folder_that_is_neither_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        verify(tmp_path)
    assert caught.value.code == "QP202"


def test_the_command_line_tells_what_differs(store: Path) -> None:
    intact = qpcli("verify", str(store), cwd=store.parent)
    assert (intact.status, intact.out.strip()) == (0, "Everything is as it was written.")
    (store / SHARD).write_bytes(b"other")
    answer = qpcli("verify", str(store), "--json", cwd=store.parent)
    assert answer.status == 1
    assert answer.document["mismatches"] == [{"problem": "changed output", "file": SHARD}]
