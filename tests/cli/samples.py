"""Where the public sample files lie, and what is common to reading them through the command line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl
import pytest

from qpcli.tables.claim_lines import CLAIM_LINES
from tests.cli.calling import Answer

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs the public samples in ../shared/samples")

Found = dict[tuple[str, str | None], int | None]


def lines_of(store: str) -> pl.DataFrame:
    """The claim lines of a prepared store, in the columns and in an order of their own."""
    columns = list(CLAIM_LINES.column_names)
    return pl.read_parquet(f"{store}/claim_lines/*.parquet").select(columns).sort(columns)


def findings_of(answer: Answer) -> Found:
    """What `--json` says was found: code and rule -> count."""
    return {(one["code"], one["rule"]): one["count"] for one in answer.document["findings"]}


def codes_of(answer: Answer) -> set[str]:
    return {code for code, _ in findings_of(answer)}


def records(path: Path, separator: str = "|") -> list[dict[str, str]]:
    """A file with a header, read without qpcli and without quotes."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=separator, quoting=csv.QUOTE_NONE))


def report(folder: str) -> Mapping[str, bytes]:
    """The tables of a report byte by byte; findings count files and deliveries, so they may differ."""
    tables = [path for path in Path(folder).glob("*.csv") if path.stem != "findings"]
    assert len(tables) == 4
    return {path.name: path.read_bytes() for path in tables}


def assert_refused(answer: Answer, code: str, *words: str) -> None:
    """Status 3 with the code and the words on two lines of stderr, and nothing on stdout."""
    assert (answer.status, answer.out) == (3, "")
    error = [line for line in answer.err.splitlines() if line.startswith(("error", "help"))]
    assert len(error) == 2
    assert error[0].startswith(f"error[{code}]: ")
    for word in words:
        assert word in error[0] + error[1]


def assert_silent_about(people: Iterable[str], *answers: Answer) -> None:
    """No value of a person, and no traceback, on either stream."""
    values = {value for value in people if len(value.strip()) > 3}
    assert values
    for answer in answers:
        told = answer.out + answer.err
        assert [value for value in values if value in told] == []
        assert "Traceback" not in told
