"""The key of encrypted Parquet: where it may lie, in which forms, and how it is told from others."""

from __future__ import annotations

import base64
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal
from pyarrow.parquet.encryption import create_decryption_properties

from qpcli.errors import InputError, QpcliError, UsageError
from qpcli.reports.encryption import Encryption, is_encrypted, matching, polars_writing, read_key
from qpcli.reports.formats import report_files
from qpcli.reports.parquet import read_parquet, write_parquet
from qpcli.request import OutputOptions, ReportFormat
from qpcli.tables.determinations import DETERMINATIONS
from tests.reports.world import CANARY_NPI, manifest_of, tables

KEY = bytes(range(200, 232))


def key_file(folder: Path, content: bytes = KEY, mode: int = 0o600) -> Path:
    path = folder / "key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def read(path: Path) -> Encryption:
    found = read_key(path)
    assert found is not None
    return found


def refused(path: Path) -> QpcliError:
    with pytest.raises(UsageError) as caught:
        read_key(path)
    assert caught.value.code == "QP113"
    return caught.value


@pytest.mark.parametrize("key", [KEY, KEY[:16]], ids=["32 bytes", "16 bytes"])
def test_a_key_stands_as_it_is_in_hex_or_in_base64(tmp_path: Path, key: bytes) -> None:
    forms = (key, key.hex().encode(), key.hex().upper().encode() + b"\n", base64.b64encode(key) + b"\r\n")
    assert {read(key_file(tmp_path, form)).key for form in forms} == {key}


def test_without_a_file_there_is_no_key() -> None:
    assert read_key(None) is None


@pytest.mark.parametrize(
    "content", [b"", KEY[:24], KEY[:31], KEY + b"\n", b"secret", KEY.hex().encode()[:-1], KEY * 99]
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    refused(key_file(tmp_path, content))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644])
def test_a_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    assert "by others" in refused(key_file(tmp_path, mode=mode)).message


def test_a_key_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "absent")
    refused(tmp_path)


def test_the_fingerprint_is_the_key_s_own_and_shows_nothing_of_it(tmp_path: Path) -> None:
    one, other = read(key_file(tmp_path)), read(key_file(tmp_path, KEY[::-1]))
    assert one.fingerprint == read(key_file(tmp_path, KEY.hex().encode())).fingerprint != other.fingerprint
    assert len(one.fingerprint) == 16
    assert str(KEY) not in repr(one)
    assert KEY.hex() not in repr(one)


def test_what_is_encrypted_is_opened_by_its_own_key_only(tmp_path: Path) -> None:
    one, other = read(key_file(tmp_path)), read(key_file(tmp_path, KEY[::-1]))
    assert matching(one.fingerprint, one, "It") is one
    assert matching(None, one, "It") is None
    for key in (None, other):
        with pytest.raises(InputError) as caught:
            matching(one.fingerprint, key, "It")
        assert caught.value.code == "QP222"


def test_a_report_table_is_encrypted_whole_and_comes_back(tmp_path: Path) -> None:
    frame, key, path = tables()["determinations"], read(key_file(tmp_path)), tmp_path / "table.parquet"
    write_parquet(frame, DETERMINATIONS, path, encryption=key)
    content = path.read_bytes()
    assert is_encrypted(path)
    assert not any(word in content for word in (CANARY_NPI.encode(), b"npi", KEY))
    assert_frame_equal(read_parquet(path, DETERMINATIONS, encryption=key), frame)
    with pytest.raises(pl.exceptions.ComputeError):
        read_parquet(path, DETERMINATIONS)


def test_what_one_library_writes_the_other_reads(tmp_path: Path) -> None:
    frame, key = pl.DataFrame({"a": [1, 2]}), read(key_file(tmp_path))
    frame.write_parquet(tmp_path / "polars.parquet", **polars_writing(key))
    properties = create_decryption_properties(footer_key=KEY)
    back = pq.read_table(tmp_path / "polars.parquet", decryption_properties=properties)
    assert back.to_pydict() == {"a": [1, 2]}


@pytest.mark.parametrize("format", [ReportFormat.CSV, ReportFormat.XLSX])
def test_only_parquet_is_written_where_a_key_is_given(tmp_path: Path, format: ReportFormat) -> None:
    with pytest.raises(UsageError):
        report_files(tables(), OutputOptions(format=format), manifest_of()(()), read(key_file(tmp_path)))
