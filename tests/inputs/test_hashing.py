"""Files hashed by themselves and beside their reading: the same hashes, and no word about bytes that have changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from qpcli.errors import InputError
from qpcli.inputs import hashing as module
from qpcli.inputs.archives import find_files
from qpcli.inputs.hashing import hash_files, hashing


def test_each_file_has_the_hash_of_all_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PIECE_BYTES", 7)
    contents = {"a.csv": b"x\n1\n2\n3\n" * 5, "b.csv": b"", "c.csv": b"1234567" * 3}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    with hashing(find_files([str(tmp_path)])) as hashes:
        assert hashes() == {tmp_path / name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def test_a_file_that_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes(b"x\n1\n")
    files = find_files([str(path)])
    with hashing(files) as hashes:
        path.write_bytes(b"x\n1\n2\n")
        with pytest.raises(InputError) as caught:
            hashes()
    assert caught.value.code == "QP208"


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes(b"x\n1\n")
    files = find_files([str(path)])
    path.unlink()
    with hashing(files) as hashes, pytest.raises(InputError):
        hashes()


def test_whoever_leaves_early_hears_his_own_fault(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_bytes(b"x\n1\n")
    with pytest.raises(ZeroDivisionError), hashing(find_files([str(path)])):
        raise ZeroDivisionError


def test_every_file_is_hashed_by_itself_and_each_once(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.csv" for number in range(5)]
    for path in paths:
        path.write_bytes(path.name.encode() * 1000)
    expected = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    assert hash_files([*paths, *reversed(paths)]) == expected


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    sound = tmp_path / "a.csv"
    sound.write_bytes(b"x\n1\n")
    with pytest.raises(InputError) as caught:
        hash_files([sound, tmp_path / "absent.csv"])
    assert caught.value.code == "QP202"
