"""`qpcli convert` as a user meets it: what it writes, says and exits with."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from qpcli.reports.publishing import hold_lock
from qpcli.sample import SamplePlan, write_cclf_sample
from qpcli.store.record import STORE
from tests.cli.calling import Answer
from tests.cli.conftest import Call
from tests.cli.samples import codes_of, findings_of, lines_of, report

NEWEST = "P.A9900.ACO.ZCY25.D251212.T0930150"
LISTS = ("--participants", "feed/Participant List.csv", "--attribution", "feed/attribution.csv")


@pytest.fixture(scope="session")
def written_feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The monthly zips of a small ACO with its lists; nobody writes to it."""
    folder = tmp_path_factory.mktemp("feed") / "feed"
    write_cclf_sample(SamplePlan(performance_year=2025, beneficiaries=60, format="csv"), folder)
    return folder


@pytest.fixture
def feed(place: Path, written_feed: Path) -> Path:
    """A feed of the test's own, in `feed/cclf` of the working folder, without run-out files."""
    shutil.copytree(written_feed, place / "feed")
    for path in (place / "feed" / "cclf").glob("*ZCR25*"):
        path.unlink()
    return place / "feed" / "cclf"


@pytest.fixture
def convert(call: Call, feed: Path) -> Call:  # noqa: ARG001
    """Calls `convert` on the feed, with further arguments."""
    return lambda *arguments: call("convert", "--claims", "feed/cclf", *arguments)


def store(answer: Answer) -> dict[str, object]:
    names = ("layout", "shards", "rows", "files", "added_files")
    return {name: answer.document[name] for name in names}


def test_a_store_is_written_for_its_owner_alone(convert: Call, place: Path) -> None:
    answer = convert("--out", "store")
    assert (answer.status, answer.out) == (0, "")
    files = [path for path in (place / "store").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (place / "store", place / "store" / "claim_lines")} == {0o700}
    assert {path.name for path in place.iterdir()} == {"sample_data", "feed", "store", ".store.qpcli.lock"}


def test_people_read_what_was_read_and_found(convert: Call) -> None:
    words = convert("--out", "store").err
    assert "12 files were read: store holds " in words
    assert "11 files are read as CCLF5, by name." in words
    assert "Do not read it as CMS's score." in " ".join(words.split())


def test_one_object_on_stdout_with_json(convert: Call) -> None:
    answer = convert("--out", "store", "--json")
    document = answer.document
    assert (document["schema"], document["is_usable"], document["errors"]) == ("qpcli.convert/1", True, [])
    rows = lines_of("store").height
    assert store(answer) == {"layout": "cclf", "shards": 16, "rows": rows, "files": 12, "added_files": 12}
    assert all({"code", "severity", "message", "table", "rule", "count"} <= set(one) for one in document["findings"])


def test_a_log_in_json_is_one_object_per_line(convert: Call) -> None:
    answer = convert("--out", "store", "--log-format", "json")
    assert answer.out == ""
    assert [entry["event"] for entry in answer.log] == ["step", "step", "summary"]
    summary = answer.log[-1]
    assert (summary["folder"], summary["files"], summary["rows"]) == ("store", 12, lines_of("store").height)
    assert summary["findings"]["warning"] > 0
    (error,) = convert("--log-format", "json").log
    assert (error["event"], error["code"]) == ("error", "QP101")


def test_quiet_says_nothing_but_errors(convert: Call) -> None:
    answer = convert("--out", "store", "--quiet")
    assert (answer.status, answer.out, answer.err) == (0, "", "")
    assert convert("--out", "store", "--quiet", "--layout", "rif").err.startswith("error[QP212]")
    assert convert("--out", "store", "--quiet", "--json").document["added_files"] == 0


def test_a_second_run_finds_the_store_up_to_date(convert: Call, place: Path) -> None:
    first = convert("--out", "store")
    seal = place / "store" / "store.json"
    written = (seal.read_bytes(), seal.stat().st_mtime_ns)
    again = convert("--out", "store")
    assert (first.status, again.status) == (0, 0)
    assert "The prepared store store is up to date: " in again.err
    assert (seal.read_bytes(), seal.stat().st_mtime_ns) == written
    assert first.err.partition("severity")[2] == again.err.partition("severity")[2]
    assert store(convert("--out", "store", "--json", "--force"))["added_files"] == 12


@pytest.mark.parametrize("names", ["feed/cclf", f"feed/cclf/{NEWEST}"], ids=["the folder again", "the file alone"])
def test_a_new_month_is_added_as_if_all_had_come_together(call: Call, convert: Call, feed: Path, names: str) -> None:
    convert("--out", "whole", "-q")
    newest = (feed / NEWEST).rename(feed.parent / NEWEST)
    assert store(convert("--out", "store", "--json"))["files"] == 11
    newest.rename(feed / NEWEST)
    added = store(call("convert", "--claims", names, "--out", "store", "--json"))
    assert (added["files"], added["added_files"]) == (12, 1)
    assert lines_of("store").equals(lines_of("whole"))
    for table in ("beneficiaries", "crosswalk"):
        assert pl.read_parquet(f"store/{table}.parquet").equals(pl.read_parquet(f"whole/{table}.parquet"))


def test_a_delivery_that_changed_is_not_added_in_silence(convert: Call, feed: Path) -> None:
    convert("--out", "store")
    os.utime(feed / NEWEST, (0, 0))
    answer = convert("--out", "store")
    assert (answer.status, answer.out) == (3, "")
    assert f"error[QP217]: {NEWEST} has changed since it was put into the store." in answer.err
    assert convert("--out", "store", "--force").status == 0


def test_shards_are_counted_and_stay(convert: Call, feed: Path) -> None:
    newest = (feed / NEWEST).rename(feed.parent / NEWEST)
    assert store(convert("--out", "store", "--json", "--shards", "3"))["shards"] == 3
    assert len(list(Path("store", "claim_lines").iterdir())) == 3
    newest.rename(feed / NEWEST)
    assert "error[QP217]: The store has 3 shards." in convert("--out", "store", "--shards", "4").err
    assert store(convert("--out", "store", "--json"))["shards"] == 3
    convert("--out", "other", "--shards", "1", "-q")
    assert lines_of("store").equals(lines_of("other"))


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        ((), 2, "QP101"),
        (("--out", "-"), 2, "QP101"),
        (("--out", "store", "--shards", "0"), 2, "QP101"),
        (("--out", "store", "--shards", "many"), 2, "QP101"),
        (("--out", "store", "--layout", "x"), 2, "QP101"),
        (("--out", "store", "--assume", "no_such_point=1"), 2, "QP107"),
        (("--out", "feed/cclf"), 2, "QP109"),
        (("--out", "feed"), 2, "QP109"),
        (("--out", "store", "--claims", "nowhere"), 3, "QP201"),
        (("--out", "store", "--layout", "rif"), 3, "QP212"),
        (("--out", "store", "--layout", "bcda"), 3, "QP212"),
        (("--out", "store", "--layout", "store"), 3, "QP212"),
        (("--out", "store", "--layout", "canonical"), 3, "QP201"),
        (("--out", "store", "--claims", "sample_data/claim_lines", "--layout", "rif"), 3, "QP212"),
        (("--out", "sample_data/participants.csv"), 4, "QP301"),
        (("--out", "/proc/store"), 4, "QP301"),
        (("--out", "sample_data"), 4, "QP302"),
    ],
)
def test_what_cannot_be_done_exits_with_its_status(
    convert: Call, place: Path, arguments: tuple[str, ...], status: int, code: str
) -> None:
    answer = convert(*arguments)
    assert (answer.status, answer.out) == (status, "")
    assert f"error[{code}]: " in answer.err
    assert not (place / "store").exists()


def test_what_is_not_given_is_named(call: Call) -> None:
    assert "error[QP101]: Not given: --claims, --out." in call("convert").err


def test_a_held_lock_exits_75(convert: Call, place: Path) -> None:
    with hold_lock(place / "store", seal=STORE):
        answer = convert("--out", "store")
    assert (answer.status, "error[QP303]: " in answer.err) == (75, True)
    assert convert("--out", "store", "--wait", "5").status == 0


def test_a_report_is_no_store_and_stays(call: Call, convert: Call, place: Path) -> None:
    call("determine", "--config", "sample_data/qpcli.toml", "--out", "reports")
    answer = convert("--out", "reports", "--force")
    assert (answer.status, "error[QP302]: " in answer.err) == (4, True)
    assert call("verify", str(place / "reports")).status == 0


def test_findings_exit_1_from_the_severity_asked_for(convert: Call) -> None:
    statuses = [
        convert("--out", "store", "-q", "--fail-on", one).status for one in ("error", "warning", "info", "never")
    ]
    assert statuses == [0, 1, 1, 0]


def test_a_store_is_not_converted_again(call: Call, convert: Call) -> None:
    convert("--out", "store", "-q")
    answer = call("convert", "--claims", "store", "--out", "other")
    assert (answer.status, "error[QP212]: The claims are a prepared store already." in answer.err) == (3, True)


def test_layouts_are_not_mixed(call: Call, convert: Call) -> None:
    convert("--out", "store", "-q")
    answer = call("convert", "--claims", "sample_data/claim_lines", "--out", "store")
    assert (answer.status, "error[QP217]: The store holds claims of the layout cclf" in answer.err) == (3, True)


def test_canonical_claims_become_a_store(call: Call, determine: Call) -> None:
    answer = call("convert", "--claims", "sample_data/claim_lines", "--out", "store", "--json")
    assert (answer.status, answer.document["layout"]) == (0, "canonical")
    determine("--out", "direct", "--format", "csv", "-q")
    determine("--out", "stored", "--format", "csv", "-q", "--claims", "store")
    assert report("direct") == report("stored")


def test_a_store_that_was_tampered_with_is_refused(call: Call, convert: Call) -> None:
    convert("--out", "store", "-q")
    shard = next(path for path in sorted(Path("store", "claim_lines").iterdir()))
    shard.write_bytes(shard.read_bytes()[:-1] + b"x")
    answer = call("determine", "--year", "2025", "--claims", "store", *LISTS)
    assert (answer.status, "error[QP217]: " in answer.err) == (3, True)


@pytest.mark.parametrize("layout", [(), ("--layout", "cclf")], ids=["guessed", "given"])
def test_what_every_file_was_taken_for_cannot_be_missed(call: Call, convert: Call, layout: tuple[str, ...]) -> None:
    asked = ("--year", "2025", "--claims", "feed/cclf", *LISTS, "--entities", "feed/entities.csv", *layout)
    answers = [convert("--out", "store", *layout), call("check", *asked), call("determine", *asked)]
    assert [answer.status for answer in answers] == [0, 0, 0]
    for answer in answers:
        told = answer.out + answer.err
        assert "12 files are read as CCLF8, by name." in told
        assert "11 files are read as CCLF5, by name." in told
    summary = answers[-1].out
    assert summary.index("CCLF5") < summary.index("APM Entities")
    from_store = call("determine", *asked[:2], "--claims", "store", *asked[4:8])
    assert "11 files are read as CCLF5, by name." in from_store.out


def test_files_that_nothing_recognises_are_named(convert: Call, feed: Path) -> None:
    (feed / "notes.csv").write_text("when,what\n2025-01-01,nothing\n")
    answer = convert("--out", "store", "--json")
    assert findings_of(answer)["layout_recognised", "CCLF5"] == 11
    assert [rule for code, rule in findings_of(answer) if code == "unrecognised_file"] == ["notes.csv"]
    assert "row_count_mismatch" not in codes_of(answer)
