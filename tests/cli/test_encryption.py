"""--encrypt-key-file: nothing that a run leaves can be read without the key, and everything can with it."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from qpcli.analysis.finished_run import open_run
from qpcli.errors import InputError
from qpcli.reports.encryption import read_key
from qpcli.store import staging
from tests.cli.conftest import Call

TABLES = ("threshold_scores", "determinations", "exclusions", "findings")
CONFIG = ("--config", "sample_data/qpcli.toml")
CONVERT = ("convert", "--claims", "sample_data/claim_lines", "--out", "store")
STORE = (*CONFIG, "--claims", "store")


@pytest.fixture
def key(place: Path) -> str:
    return made_key(place / "key")


def made_key(path: Path) -> str:
    path.touch(0o600)
    path.write_text(secrets.token_hex(32))
    return str(path)


def personal(place: Path) -> set[bytes]:
    """Ids of every beneficiary and clinician of the sample."""
    ids = pl.read_csv(place / "sample_data" / "beneficiaries.csv", infer_schema=False)["bene_id"]
    npis = pl.read_csv(place / "sample_data" / "participants.csv", infer_schema=False)["npi"]
    return {value.encode() for value in (*ids, *npis)}


def assert_unreadable(folder: Path, key: str, values: set[bytes]) -> None:
    """No file shows a value of a person, or the key in any form; every Parquet file is encrypted."""
    secret = Path(key).read_text()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not any(value in content for value in (*values, secret.encode(), bytes.fromhex(secret))), path.name
        assert path.suffix != ".parquet" or content[:4] == b"PARE", path.name


def opened(path: Path, key: str) -> pl.DataFrame:
    secret = bytes.fromhex(Path(key).read_text())
    return pl.read_parquet(path, decryption=pl.ParquetDecryptionProperties(footer_key=secret))


def manifest(folder: Path, name: str = "manifest.json") -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / name).read_text())
    return found


def test_a_report_is_encrypted_and_otherwise_the_same(call: Call, place: Path, key: str) -> None:
    assert call("determine", *CONFIG, "--out", "plain", "--keep-cells").status == 0
    answer = call("determine", *CONFIG, "--out", "out", "--keep-cells", "--encrypt-key-file", key)
    assert answer.status == 0
    assert_unreadable(place / "out", key, personal(place))
    for file in (*(f"{table}.parquet" for table in TABLES), "cells/cells.parquet"):
        assert opened(place / "out" / file, key).equals(pl.read_parquet(place / "plain" / file)), file
    plain, said = manifest(place / "plain"), manifest(place / "out")
    assert (plain["is_encrypted"], plain["key_fingerprint"], said["is_encrypted"]) == (False, None, True)
    assert len(str(said["key_fingerprint"])) == 16
    assert said["run_id"] != plain["run_id"]
    assert call("verify", "out").status == 0


def test_an_encrypted_report_stands_and_another_key_makes_another(call: Call, place: Path, key: str) -> None:
    encrypted = (*CONFIG, "--out", "out", "--json", "--encrypt-key-file")
    first = call("determine", *encrypted, key).document
    again = call("determine", *encrypted, key).document
    assert again["is_up_to_date"] is True
    assert {**again, "is_up_to_date": False} == first
    other = call("determine", *encrypted, made_key(place / "other")).document
    assert (other["is_up_to_date"], other["run_id"] == first["run_id"]) == (False, False)
    assert_unreadable(place / "out", str(place / "other"), personal(place))


def test_a_store_is_encrypted_and_gives_the_same_report(call: Call, place: Path, key: str) -> None:
    assert call(*CONVERT, "--encrypt-key-file", key).status == 0
    assert_unreadable(place / "store", key, personal(place))
    record = manifest(place / "store", "store.json")
    assert (record["is_encrypted"], len(str(record["key_fingerprint"]))) == (True, 16)
    assert call("determine", *CONFIG, "--out", "plain").status == 0
    assert call("determine", *STORE, "--out", "out", "--encrypt-key-file", key).status == 0
    for table in TABLES[:3]:
        assert opened(place / "out" / f"{table}.parquet", key).equals(
            pl.read_parquet(place / "plain" / f"{table}.parquet")
        )
    assert call("check", *STORE, "--encrypt-key-file", key).status == 0
    assert call("verify", "store").status == 0


@pytest.mark.parametrize("command", ["determine", "check", "convert"])
def test_a_store_does_not_open_without_its_own_key(call: Call, place: Path, key: str, command: str) -> None:
    made = (*CONVERT, "--shards", "2")
    assert call(*made, "--encrypt-key-file", key).status == 0
    before = {path: path.read_bytes() for path in (place / "store").rglob("*") if path.is_file()}
    asked = made if command == "convert" else (command, *STORE)
    for more in ((), ("--encrypt-key-file", made_key(place / "other"))):
        answer = call(*asked, *more)
        assert (answer.status, "error[QP222]" in answer.err) == (3, True), answer.err
    assert {path: path.read_bytes() for path in (place / "store").rglob("*") if path.is_file()} == before


def test_deliveries_are_added_to_an_encrypted_store(call: Call, place: Path, key: str) -> None:
    parts = place / "sample_data" / "claim_lines"
    (only,) = sorted(parts.iterdir())
    header, *rows = only.read_text().splitlines()
    for name, half in (("a.csv", rows[::2]), ("b.csv", rows[1::2])):
        (place / name).write_text("\n".join([header, *half]) + "\n")
    encrypted = ("--out", "store", "--shards", "2", "--encrypt-key-file", key)
    assert call("convert", "--claims", "a.csv", *encrypted).status == 0
    assert call("convert", "--claims", "a.csv", "--claims", "b.csv", *encrypted).status == 0
    assert_unreadable(place / "store", key, personal(place))
    assert call("determine", *STORE, "--out", "out", "--encrypt-key-file", key).status == 0
    assert call("determine", *CONFIG, "--out", "plain").status == 0
    assert opened(place / "out" / "determinations.parquet", key).equals(
        pl.read_parquet(place / "plain" / "determinations.parquet")
    )


def test_a_plain_store_takes_no_encrypted_deliveries(call: Call, key: str) -> None:
    made = (*CONVERT, "--shards", "2")
    assert call(*made).status == 0
    answer = call(*made, "--encrypt-key-file", key)
    assert (answer.status, "error[QP217]" in answer.err) == (3, True)


def test_tallies_are_encrypted_and_add_up(call: Call, place: Path, key: str) -> None:
    encrypted = ("--encrypt-key-file", key)
    assert call(*CONVERT, *encrypted).status == 0
    assert call("tally", *STORE, "--shard", "1/1", "--out", "part.tally", *encrypted).status == 0
    assert (place / "part.tally").read_bytes()[:4] == b"PARE"
    assert call("determine", *STORE, "--tallies", "part.tally", "--out", "out", *encrypted).status == 0
    assert call("convert", "--claims", "sample_data/claim_lines", "--out", "plain").status == 0
    asked = ("determine", *CONFIG, "--claims", "plain", "--tallies", "part.tally")
    for more in ((), ("--encrypt-key-file", made_key(place / "other"))):
        answer = call(*asked, *more)
        assert (answer.status, "error[QP222]" in answer.err) == (3, True), answer.err


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """Every file of staging as it was when it was read again, which is when it goes."""
    found: dict[str, bytes] = {}
    real, lock = Path.unlink, threading.Lock()

    def unlink(path: Path, *, missing_ok: bool = False) -> None:
        if path.parent.parent.name == "staging" or path.parent.name in {"lines", "withheld"}:
            with lock:
                found[str(path)] = path.read_bytes()
        real(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    monkeypatch.setattr(staging, "MAX_HELD_ROWS", 64)
    monkeypatch.setattr(staging, "MIN_ROWS_PER_FILE", 1)
    yield found


@pytest.mark.parametrize("command", ["determine", "check", "convert"])
def test_rows_on_their_way_lie_encrypted_too(
    call: Call, place: Path, key: str, seen: dict[str, bytes], command: str
) -> None:
    asked = CONVERT
    if command == "determine":
        asked = ("determine", *CONFIG, "--shards", "3", "--out", "out")
    elif command == "check":
        asked = ("check", *CONFIG, "--claims", "sample_data/claim_lines")
    assert call(*asked, "--encrypt-key-file", key).status == 0
    assert bool(seen) == (command != "check")  # canonical claims are scanned where they lie
    values = personal(place)
    assert not [name for name, content in seen.items() if any(value in content for value in values)]


@pytest.mark.parametrize(
    "clash",
    [("--format", "csv", "--out", "out"), ("--out", "-"), ("--rejects", "bad"), ("--engine", "spark")],
    ids=lambda words: " ".join(words),
)
def test_what_would_lie_open_beside_it_is_a_usage_error(
    call: Call, place: Path, key: str, clash: tuple[str, ...]
) -> None:
    answer = call("determine", *CONFIG, "--encrypt-key-file", key, *clash)
    assert (answer.status, "error[QP104]" in answer.err) == (2, True), answer.err
    assert not (place / "out").exists()


def test_a_key_that_others_may_read_is_a_usage_error(call: Call, place: Path, key: str) -> None:
    Path(key).chmod(0o644)
    for asked in (
        ("determine", *CONFIG, "--out", "out"),
        ("convert", "--claims", "sample_data/claim_lines", "--out", "s"),
    ):
        answer = call(*asked, "--encrypt-key-file", key)
        assert (answer.status, "error[QP113]" in answer.err) == (2, True), answer.err
        assert Path(key).read_text() not in answer.err + answer.out
    assert not (place / "out").exists()


def test_the_key_file_may_stand_in_the_configuration(call: Call, place: Path) -> None:
    made_key(place / "sample_data" / "key")
    with (place / "sample_data" / "qpcli.toml").open("a") as file:
        file.write('encrypt_key_file = "key"\n')
    assert call("determine", *CONFIG, "--out", "out").status == 0
    assert_unreadable(place / "out", str(place / "sample_data" / "key"), personal(place))


def test_worth_reads_an_encrypted_run_and_encrypts_its_answer(call: Call, place: Path, key: str) -> None:
    encrypted = ("--encrypt-key-file", key)
    assert call("determine", *CONFIG, "--out", "run", *encrypted).status == 0
    asked = ("worth", "run", "--base-claims", "sample_data/claim_lines")
    answer = call(*asked)
    assert (answer.status, "error[QP222]" in answer.err) == (3, True), answer.err
    assert call(*asked, "--out", "answer", *encrypted).status == 0
    assert_unreadable(place / "answer", key, personal(place))
    assert manifest(place / "answer")["is_encrypted"] is True
    assert call("determine", *CONFIG, "--out", "plain").status == 0
    plain = call("worth", "plain", "--base-claims", "sample_data/claim_lines", "--json").document
    assert call(*asked, "--json", *encrypted).document["incentive_amount"] == plain["incentive_amount"]


def test_a_run_with_cells_is_opened_again_with_its_key_only(call: Call, place: Path, key: str) -> None:
    assert call("determine", *CONFIG, "--out", "run", "--keep-cells", "--encrypt-key-file", key).status == 0
    finished = open_run(place / "run", read_key(Path(key)))
    assert finished.kept_table("cells").collect().height > 0
    for other in (None, read_key(Path(made_key(place / "other")))):
        with pytest.raises(InputError) as caught:
            open_run(place / "run", other)
        assert caught.value.code == "QP222"


@pytest.mark.parametrize(
    "asked",
    [
        ("report", "run", "--out", "-"),
        ("whatif", "run", "--thresholds", "2024"),
        ("explain", "SYN03", "run"),
        ("compare", "run", "run"),
    ],
    ids=lambda words: words[0],
)
def test_what_reads_a_finished_run_opens_it_with_the_key(call: Call, key: str, asked: tuple[str, ...]) -> None:
    assert call("determine", *CONFIG, "--out", "run", "--keep-cells", "--encrypt-key-file", key).status == 0
    without = call(*asked)
    assert (without.status, "error[QP222]" in without.err) == (3, True), without.err
    assert call(*asked, "--encrypt-key-file", key).status == 0
