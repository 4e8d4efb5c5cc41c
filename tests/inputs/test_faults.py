"""Whatever a library raises while a file is read is an input error with a code, and none of its words are shown."""

from __future__ import annotations

import gzip
import zipfile
import zlib

import polars as pl
import pyarrow as pa
import pytest

from qpcli.errors import InputError
from qpcli.inputs.faults import reading
from tests.inputs.made import CANARY


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (gzip.BadGzipFile(CANARY), "QP214"),
        (zipfile.BadZipFile(CANARY), "QP214"),
        (zlib.error(CANARY), "QP214"),
        (EOFError(CANARY), "QP214"),
        (pl.exceptions.ComputeError(CANARY), "QP202"),
        (pl.exceptions.PanicException(CANARY), "QP202"),
        (pa.ArrowCapacityError(CANARY), "QP202"),
        (pa.ArrowKeyError(CANARY), "QP202"),
        (UnicodeDecodeError("utf-8", CANARY.encode(), 0, 1, CANARY), "QP202"),
        (NotImplementedError(CANARY), "QP202"),
        (ValueError(CANARY), "QP202"),
        (OSError(5, "Input/output error", CANARY), "QP202"),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, BaseException) else given,
)
def test_a_fault_of_a_library_is_told_without_its_words(fault: BaseException, code: str) -> None:
    with pytest.raises(InputError) as raised, reading("claims.csv"):
        raise fault
    assert raised.value.code == code
    assert raised.value.message.startswith("claims.csv: ")
    assert CANARY not in f"{raised.value.message} {raised.value.help}"


def test_a_fault_of_qpcli_itself_is_not_taken_for_damage() -> None:
    with pytest.raises(AttributeError), reading("claims.csv"):
        raise AttributeError("no such thing")
