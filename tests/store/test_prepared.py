"""A prepared store is read as it was written or not at all, added to in the way it was made, and private."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from qpcli.errors import OutputError, QpcliError
from qpcli.reports.publishing import publish
from qpcli.request import InputPaths, LawOptions, OutputOptions, RunRequest
from qpcli.run import RunOutcome, determine
from qpcli.sample import SamplePlan, write_rif_sample
from qpcli.store import staging
from qpcli.watch import SilentWatcher
from tests.reports.world import beside, manifest_of, text_writer
from tests.store.conftest import YEAR, Feed
from tests.store.made import converted, hashes, record

SHARD = "claim_lines/shard-00001-of-00004.parquet"


@pytest.fixture(scope="module")
def made(canonical: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("made") / "store"
    converted(store, canonical / "claim_lines")
    return store


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """A store of this test's own."""
    return Path(shutil.copytree(made, tmp_path / "store"))


def determined(claims: Path, lists: Path, out: Path | None = None, **assumptions: str) -> RunOutcome:
    names = ("beneficiaries", "participants", "attribution", "entities")
    people, *others = ((str(lists / f"{name}.csv"),) for name in names)
    law = LawOptions(YEAR, assumptions=assumptions)
    asked = RunRequest(InputPaths((str(claims),), people, *others), law, output=OutputOptions(out))
    return determine(asked, SilentWatcher())


def refused(call: Callable[[], object]) -> QpcliError:
    with pytest.raises(QpcliError) as caught:
        call()
    return caught.value


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def flipped_bit(store: Path) -> None:
    flip(store / SHARD, 100)


def flipped_footer(store: Path) -> None:
    flip(store / SHARD, -20)


def truncated(store: Path) -> None:
    (store / SHARD).write_bytes((store / SHARD).read_bytes()[:-30])


def emptied(store: Path) -> None:
    (store / SHARD).write_bytes(b"")


def missing(store: Path) -> None:
    (store / SHARD).unlink()


def missing_crosswalk(store: Path) -> None:
    (store / "crosswalk.parquet").unlink()


def another_shard(store: Path) -> None:
    shutil.copyfile(store / "claim_lines/shard-00002-of-00004.parquet", store / SHARD)


DAMAGES = [flipped_bit, flipped_footer, truncated, emptied, missing, missing_crosswalk, another_shard]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_neither_read_nor_added_to(
    store: Path, canonical: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(store)
    before = hashes(store)
    claims = sorted((canonical / "claim_lines").iterdir())
    new = Path(shutil.copy2(claims[0], tmp_path / "new.csv"))
    for call in (lambda: determined(store, canonical), lambda: converted(store, new)):
        fault = refused(call)
        assert (fault.code, fault.exit_status) == ("QP217", 3)
    assert hashes(store) == before


@pytest.mark.parametrize("place", range(40, 4000, 400))
def test_no_flipped_bit_passes(store: Path, canonical: Path, place: int) -> None:
    flip(store / SHARD, place)
    assert refused(lambda: determined(store, canonical)).code == "QP217"


def test_a_damaged_store_is_made_again_by_force(store: Path, made: Path, canonical: Path) -> None:
    flipped_bit(store)
    converted(store, canonical / "claim_lines", is_forced=True)
    assert hashes(store) == hashes(made)


def another_schema(store: Path) -> None:
    (store / "store.json").write_text(json.dumps(record(store) | {"schema": "qpcli.store/0"}))


def broken_json(store: Path) -> None:
    (store / "store.json").write_bytes((store / "store.json").read_bytes()[:-40])


def empty_json(store: Path) -> None:
    (store / "store.json").write_text("{}")


@pytest.mark.parametrize("change", [another_schema, broken_json, empty_json])
def test_a_store_of_another_version_is_neither_read_nor_taken_for_nothing(
    store: Path, canonical: Path, change: Callable[[Path], None]
) -> None:
    change(store)
    before = hashes(store)
    assert refused(lambda: determined(store, canonical)).code == "QP217"
    for is_forced in (False, True):
        fault = refused(lambda: converted(store, canonical / "claim_lines", is_forced=is_forced))  # noqa: B023
        assert (fault.code, fault.exit_status) == ("QP302", 4)
    assert hashes(store) == before


def test_a_file_that_the_store_does_not_know_changes_no_number_and_keeps_it_from_being_replaced(
    store: Path, made: Path, canonical: Path
) -> None:
    shutil.copyfile(store / SHARD, store / "claim_lines" / "shard-00009-of-00004.parquet")
    found, expected = determined(store, canonical).tables, determined(made, canonical).tables
    assert all(found[name].equals(expected[name]) for name in ("threshold_scores", "determinations", "exclusions"))
    assert refused(lambda: converted(store, canonical / "claim_lines")).code == "QP302"


def test_a_run_that_reads_claims_in_another_way_than_the_store_was_made_is_refused(
    store: Path, canonical: Path, tmp_path: Path
) -> None:
    fault = refused(lambda: determined(store, canonical, allowed_line_codes="A,R,S,O"))
    assert fault.code == "QP217"
    assert "allowed_line_codes" in str(fault)
    new = Path(shutil.copy2(sorted((canonical / "claim_lines").iterdir())[0], tmp_path / "new.csv"))
    fault = refused(lambda: converted(store, new, assumptions={"allowed_line_codes": "A,R,S,O"}))
    assert fault.code == "QP217"


def test_a_run_with_the_assumption_of_the_store_is_not_refused(feed: Feed, tmp_path: Path) -> None:
    assumed = {"allowed_line_codes": "A,R,S,O"}
    assert converted(tmp_path / "store", *feed.deliveries[:3], assumptions=assumed).added_count == 3
    assert converted(tmp_path / "store", feed.deliveries[3], assumptions=assumed).added_count == 1


def test_a_source_that_has_changed_since_cannot_be_added_to(canonical: Path, tmp_path: Path) -> None:
    first, second = (Path(shutil.copy2(path, tmp_path)) for path in sorted((canonical / "claim_lines").iterdir()))
    converted(tmp_path / "store", first)
    first.write_text(first.read_text() + "\n")
    for claims in ((first,), (first, second)):
        fault = refused(lambda: converted(tmp_path / "store", *claims))  # noqa: B023
        assert fault.code == "QP217"
        assert first.name in str(fault)
    assert converted(tmp_path / "store", second).added_count == 1


def test_research_files_are_never_added_to(tmp_path: Path) -> None:
    out = write_rif_sample(SamplePlan(performance_year=YEAR, beneficiaries=30, format="csv"), tmp_path / "rif").folder
    files = sorted((out / "rif").iterdir())
    converted(tmp_path / "store", *files)
    carrier = next(path for path in files if "carrier" in path.name)
    again = Path(shutil.copy2(carrier, tmp_path / "carrier_again.csv"))
    fault = refused(lambda: converted(tmp_path / "store", again))
    assert fault.code == "QP217"
    assert "--force" in (fault.help or "")


def test_claims_of_another_layout_are_not_added(store: Path, feed: Feed) -> None:
    fault = refused(lambda: converted(store, feed.deliveries[1]))
    assert fault.code == "QP217"
    assert "canonical" in str(fault)


def test_a_store_keeps_its_number_of_shards(store: Path, canonical: Path, tmp_path: Path) -> None:
    new = Path(shutil.copy2(sorted((canonical / "claim_lines").iterdir())[0], tmp_path / "new.csv"))
    assert refused(lambda: converted(store, new, shard_count=5)).code == "QP217"
    assert converted(store, new, shard_count=None).added_count == 1
    assert record(store)["shard_count"] == 4


def test_a_store_is_no_claims_file_for_another_store(store: Path, tmp_path: Path) -> None:
    assert refused(lambda: converted(tmp_path / "other", store)).code == "QP212"


def test_files_and_folders_are_private(feed: Feed, tmp_path: Path) -> None:
    store = tmp_path / "store"
    for group in feed.months[:2]:
        converted(store, *group)
    assert store.stat().st_mode & 0o777 == 0o700
    found = {path: path.stat().st_mode & 0o777 for path in store.rglob("*")}
    assert {mode for path, mode in found.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in found.items() if path.is_file()} == {0o600}


def test_a_store_does_not_take_the_place_of_a_report_nor_a_report_that_of_a_store(
    store: Path, canonical: Path, tmp_path: Path
) -> None:
    publish(tmp_path / "report", {"a.csv": text_writer("a")}, manifest_of())
    assert refused(lambda: converted(tmp_path / "report", canonical / "claim_lines")).code == "QP302"
    assert refused(lambda: determined(canonical / "claim_lines", canonical, store)).code == "QP302"


def test_a_report_does_not_go_into_the_store_that_it_is_made_from(store: Path, canonical: Path) -> None:
    for out in (store, store / "claim_lines", store / "report"):
        assert refused(lambda: determined(store, canonical, out)).code == "QP109"  # noqa: B023


def test_nothing_is_left_beside_a_store_that_was_made(store: Path, canonical: Path, tmp_path: Path) -> None:
    new = Path(shutil.copy2(sorted((canonical / "claim_lines").iterdir())[0], tmp_path / "new.csv"))
    converted(store, new)
    assert beside(store) == {"store", "new.csv"}


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError(28, "No space left on device"), MemoryError()])
@pytest.mark.parametrize(
    "where", ["qpcli.store.making.gather", "qpcli.store.files.write_rows", "qpcli.store.files.write_lines"]
)
def test_a_conversion_that_fails_leaves_the_store_as_it_was_and_nothing_else(
    store: Path, canonical: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException, where: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    before = hashes(store)
    new = Path(shutil.copy2(sorted((canonical / "claim_lines").iterdir())[0], tmp_path / "new.csv"))
    monkeypatch.setattr(where, fail)
    with pytest.raises((type(fault), OutputError)):
        converted(store, new)
    assert hashes(store) == before
    assert beside(store) == {"store", "new.csv"}
    monkeypatch.undo()
    assert converted(store, new).added_count == 1


def test_what_a_killed_run_has_left_is_cleared_by_the_next(canonical: Path, tmp_path: Path) -> None:
    for kind in ("scratch", "new", "old"):
        left = tmp_path / f".store.qpcli-{kind}-0123456789abcdef"
        (left / "lines").mkdir(parents=True)
        (left / "lines" / "00000-00000.parquet").write_bytes(b"rows")
    converted(tmp_path / "store", canonical / "claim_lines")
    assert beside(tmp_path / "store") == {"store"}


def test_a_run_on_outside_claims_leaves_nothing_beside_its_report(
    feed: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    lists = [(str(feed.folder / name),) for name in ("Participant List.csv", "attribution.csv", "entities.csv")]
    claims = tuple(map(str, feed.deliveries[:3]))
    output = OutputOptions(tmp_path / "out")
    asked = RunRequest(InputPaths(claims, (), *lists), LawOptions(YEAR), output=output)
    determine(asked, SilentWatcher())
    assert beside(tmp_path / "out") == {"out"}
    monkeypatch.setattr("qpcli.calculation.tally", fail)
    with pytest.raises(KeyboardInterrupt):
        determine(RunRequest(asked.inputs, asked.law, output=OutputOptions(tmp_path / "other")), SilentWatcher())
    assert beside(tmp_path / "other") == {"out", ".out.qpcli.lock"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_disk_that_is_full_while_claims_are_prepared_is_named(
    feed: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = staging.Staging._put
    monkeypatch.setattr(staging, "MAX_HELD_ROWS", 1)
    monkeypatch.setattr(staging, "MIN_ROWS_PER_FILE", 1)
    monkeypatch.setattr(staging.Staging, "_put", lambda found, rows, _path: put(found, rows, Path("/dev/full")))
    with pytest.raises(OutputError) as caught:
        converted(tmp_path / "store", *feed.deliveries[:3])
    assert (caught.value.code, caught.value.message) == (
        "QP301",
        f"Claims cannot be prepared in {tmp_path}: No space left on device.",
    )
    assert [path.name for path in tmp_path.iterdir()] == [".store.qpcli.lock"]
