"""Files, folders, globs and archives: what is read, and what is refused."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zipfile
from pathlib import Path

import polars as pl
import pytest

from qpcli.errors import InputError
from qpcli.inputs import archives
from qpcli.inputs.archives import find_files
from qpcli.inputs.canonical import scan_claim_lines
from qpcli.inputs.files import FileForm, check_unchanged
from qpcli.inputs.hashing import hash_files
from qpcli.request import ReadOptions
from tests.inputs.made import CLAIM_HEADER, CLAIM_ROW, claim, claims_file, read_claims, refused

CSV = f"{CLAIM_HEADER}\n{CLAIM_ROW}\n".encode()


def parquet_bytes() -> bytes:
    buffer = io.BytesIO()
    pl.read_csv(CSV, infer_schema=False).write_parquet(buffer)
    return buffer.getvalue()


def zipped(path: Path, members: dict[str, bytes]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(path)


def names(typed: str) -> list[str]:
    return [file.name for file in find_files([typed])]


def test_a_literal_file_wins_over_the_glob_it_looks_like(tmp_path: Path) -> None:
    claims_file(tmp_path, CLAIM_ROW, CLAIM_ROW, name="a1.csv")
    literal = claims_file(tmp_path, CLAIM_ROW, name="a[1].csv")
    lines, notes = read_claims(literal)
    assert lines.height == 1
    assert [count.file.name for count in notes.files] == ["a[1].csv"]


def test_a_literal_parquet_file_with_brackets_is_read(tmp_path: Path) -> None:
    (tmp_path / "a[1].parquet").write_bytes(parquet_bytes())
    assert read_claims(str(tmp_path / "a[1].parquet"))[0].height == 1


def test_a_glob_finds_files_sorted_and_each_once(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt"):
        claims_file(tmp_path, CLAIM_ROW, name=name)
    assert names(f"{tmp_path}/*.csv") == ["a.csv", "b.csv"]
    assert [file.name for file in find_files([f"{tmp_path}/*.csv", f"{tmp_path}/a.csv"])] == ["a.csv", "b.csv"]


def test_a_folder_is_read_with_its_folders_and_without_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("b.csv", "part/a.csv", ".c.csv", ".hidden/d.csv"):
        claims_file(tmp_path, CLAIM_ROW, name=name)
    (tmp_path / "notes.md").write_text("no data")
    assert names(str(tmp_path)) == ["b.csv", "a.csv"]


@pytest.mark.parametrize("typed", ["nothing.csv", "*.csv", "empty"])
def test_nothing_found_is_an_error(tmp_path: Path, typed: str) -> None:
    (tmp_path / "empty").mkdir()
    assert refused(str(tmp_path / typed)).code == "QP201"


@pytest.mark.parametrize("typed", ["9" * 400, "~nobody of this name/claims.csv"])
def test_a_path_that_the_system_cannot_have_is_an_error(typed: str) -> None:
    assert refused(typed).code == "QP201"


def test_a_sas_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "claims.sas7bdat"
    path.write_bytes(b"\0" * 100)
    error = refused(str(path))
    assert error.code == "QP212"
    assert "Export it to CSV or Parquet" in error.help


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert refused(str(tmp_path / "pipe.csv")).code == "QP201"


def test_the_form_is_judged_by_content_and_not_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(parquet_bytes())
    (tmp_path / "b.parquet").write_bytes(CSV)
    (tmp_path / "c.csv").write_bytes(gzip.compress(CSV))
    files = find_files([str(tmp_path)])
    assert [(file.form, file.is_gzip) for file in files] == [
        (FileForm.PARQUET, False),
        (FileForm.TEXT, False),
        (FileForm.TEXT, True),
    ]
    assert read_claims(str(tmp_path))[0].height == 3


def test_parquet_and_csv_may_stand_beside_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(parquet_bytes())
    claims_file(tmp_path, CLAIM_ROW, claim(claim_id="C2"))
    lines, notes = read_claims(str(tmp_path))
    assert lines.height == notes.row_count == 3
    assert [(count.file.name, count.row_count) for count in notes.files] == [("a.parquet", 1), ("claims.csv", 2)]


@pytest.mark.parametrize("content", [CSV, parquet_bytes()], ids=["csv", "parquet"])
@pytest.mark.parametrize("pack", ["gzip", "zip", "gzip in zip"])
def test_archives_are_read(tmp_path: Path, content: bytes, pack: str) -> None:
    path = tmp_path / "claims.bin"
    if pack == "gzip":
        path.write_bytes(gzip.compress(content))
    else:
        zipped(path, {"a.csv": gzip.compress(content) if pack == "gzip in zip" else content})
    assert read_claims(str(path))[0].height == 1


def test_a_gzip_of_several_members_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv.gz"
    path.write_bytes(gzip.compress(CSV) + gzip.compress(f"{CLAIM_ROW}\n".encode()))
    assert read_claims(str(path))[0].height == 2


def test_every_member_of_a_zip_is_read_and_notes_are_not(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "claims.zip", {"b.csv": CSV, "part/a.csv": CSV, "README": b"no data", "__MACOSX/x.csv": b"x"}
    )
    assert names(path) == ["claims.zip/b.csv", "claims.zip/part/a.csv"]
    assert read_claims(path)[0].height == 2


@pytest.mark.parametrize("member", ["../a.csv", "/a.csv", "x/../../a.csv", "C:\\a.csv", "..\\a.csv"])
def test_a_member_outside_the_archive_is_refused(tmp_path: Path, member: str) -> None:
    with zipfile.ZipFile(tmp_path / "claims.zip", "w") as archive:
        archive.writestr(member, CSV)
    assert refused(str(tmp_path / "claims.zip")).code == "QP214"


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = Path(zipped(tmp_path / "claims.zip", {"a.csv": CSV}))
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)
    assert "encrypted" in refused(str(path)).message


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    inner = Path(zipped(tmp_path / "inner.zip", {"a.csv": CSV})).read_bytes()
    assert refused(zipped(tmp_path / "claims.zip", {"inner.csv": inner})).code == "QP214"


@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_a_bomb_is_refused(tmp_path: Path, pack: str) -> None:
    content = f"{CLAIM_HEADER}\n".encode() + b"," * (4 << 20)
    path = tmp_path / "claims.bin"
    if pack == "gzip":
        path.write_bytes(gzip.compress(content))
    else:
        zipped(path, {"a.csv": content})
    assert refused(str(path)).code == "QP214"


def test_an_archive_over_the_size_cap_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 20)
    assert refused(zipped(tmp_path / "claims.zip", {"a.csv": CSV})).code == "QP214"


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_gzip_is_refused(tmp_path: Path, kept: float) -> None:
    packed = gzip.compress(CSV * 200)
    path = tmp_path / "claims.csv.gz"
    path.write_bytes(packed[: int(len(packed) * kept)])
    assert refused(str(path)).code == "QP214"


def test_a_gzip_with_a_bad_checksum_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(CSV))
    packed[-8] ^= 1
    path = tmp_path / "claims.csv.gz"
    path.write_bytes(packed)
    assert refused(str(path)).code == "QP214"


def test_a_zip_with_a_bad_checksum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claims.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", CSV)
    path.write_bytes(path.read_bytes().replace(b"99213", b"99214"))
    assert refused(str(path)).code == "QP214"


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_a_truncated_zip_is_refused(tmp_path: Path, kept: float) -> None:
    path = Path(zipped(tmp_path / "claims.zip", {"a.csv": CSV * 50}))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    assert refused(str(path)).code == "QP214"


def test_nothing_is_extracted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    folder = tmp_path / "in"
    folder.mkdir()
    read_claims(zipped(folder / "claims.zip", {"a.csv": CSV, "b.csv": parquet_bytes()}))
    assert list(scratch.iterdir()) == []
    assert [path.name for path in folder.iterdir()] == ["claims.zip"]


def test_a_file_that_changes_while_it_is_read_stops_the_run(tmp_path: Path) -> None:
    path = claims_file(tmp_path, CLAIM_ROW)
    scan = scan_claim_lines([path], ReadOptions())
    quality = scan.quality.collect(engine="streaming")
    claims_file(tmp_path, CLAIM_ROW, CLAIM_ROW)
    with pytest.raises(InputError) as caught:
        scan.settle(quality)
    assert caught.value.code == "QP208"


def test_a_file_truncated_between_opening_and_reading_is_called_changed(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    path.write_bytes(parquet_bytes())
    scan = scan_claim_lines([str(path)], ReadOptions())
    path.write_bytes(parquet_bytes()[:100])
    with pytest.raises(InputError) as caught, scan.reading():
        scan.quality.collect(engine="streaming")
    assert caught.value.code == "QP208"


def test_a_file_that_vanishes_has_changed(tmp_path: Path) -> None:
    files = find_files([claims_file(tmp_path, CLAIM_ROW)])
    check_unchanged(files)
    (tmp_path / "claims.csv").unlink()
    with pytest.raises(InputError) as caught:
        check_unchanged(files)
    assert caught.value.code == "QP208"


def test_hashes_are_of_the_bytes_on_disk(tmp_path: Path) -> None:
    path = Path(zipped(tmp_path / "claims.zip", {"a.csv": CSV, "b.csv": CSV}))
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    assert hash_files(file.path for file in find_files([str(path)])) == {path: expected}
