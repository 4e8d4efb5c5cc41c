"""Properties: exact against Python's own arithmetic, and one answer whatever the file's form or split."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qpcli.inputs.identifiers import passes_luhn
from qpcli.inputs.parse import RAW, VALUE, finished
from qpcli.inputs.parse_text import read_text, tidy
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.schema import Column
from tests.inputs.made import CLAIM_HEADER, claims_file, read_claims

AMOUNT, DATE = CLAIM_LINES.column("paid_amount"), CLAIM_LINES.column("processed_date")
WILD = st.text(alphabet="0123456789.-+eE, $()/\u00a0\t", max_size=14)
in_a_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


def read_cell(column: Column, text: str) -> tuple[object, list[str]]:
    """What one cell of text becomes, and the rules that it breaks."""
    stages = finished(column, tidy(column, pl.col("text")), read_text(column, None))
    frame = pl.DataFrame({"text": [text]}).select(stages.raw).with_columns(stages.value)
    broken = [rule.name for rule in stages.rules if frame.select(rule.is_broken).item()]
    assert set(frame.columns) == {RAW + column.name, VALUE + column.name}
    return frame.select(stages.final).item(), broken


@given(st.decimals(min_value=-20_000_000, max_value=20_000_000, places=2), st.sampled_from(["", " ", "\t"]))
def test_every_amount_in_cents_is_read_exactly(amount: Decimal, blank: str) -> None:
    cents, broken = read_cell(AMOUNT, f"{blank}{amount}{blank}")
    if abs(amount) <= 10_000_000:
        assert (cents, broken) == (int(amount * 100), [])
    else:
        assert (cents, broken) == (None, ["paid_amount_out_of_bounds"])


@given(WILD)
@example("10.005")
@example("1e5")
@example("-.5")
def test_an_amount_is_read_only_in_the_strict_form(text: str) -> None:
    cents, broken = read_cell(AMOUNT, text)
    stripped = text.strip()
    if not stripped:
        assert broken == ["paid_amount_blank"]
    elif re.fullmatch(r"-?[0-9]+(\.[0-9]{1,2})?", stripped) is None:
        assert (cents, broken) == (None, ["paid_amount_unreadable"])
    elif abs(Decimal(stripped)) <= 10_000_000:
        assert (cents, broken) == (int(Decimal(stripped) * 100), [])


@given(st.dates(date(1850, 1, 1), date(2150, 12, 31)), st.booleans())
def test_every_day_is_read(day: date, is_compact: bool) -> None:
    text = day.isoformat().replace("-", "") if is_compact else day.isoformat()
    is_in_range = 1900 <= day.year <= 2100
    assert read_cell(DATE, text) == ((day, []) if is_in_range else (None, ["processed_date_unreadable"]))


@given(WILD)
@example("2025-02-30")
@example("20250230")
@example("2025-1-05")
def test_a_date_is_read_only_in_the_strict_forms(text: str) -> None:
    day, broken = read_cell(DATE, text)
    stripped = text.strip()
    expected = None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}", stripped):
        try:
            expected = date.fromisoformat(stripped)
        except ValueError:
            expected = None
    if not stripped or stripped in ("0001-01-01", "00010101", "9999-12-31", "99991231"):
        assert (day, broken) == (None, [])
    elif expected is not None and 1900 <= expected.year <= 2100:
        assert (day, broken) == (expected, [])
    else:
        assert (day, broken) == (None, ["processed_date_unreadable"])


@given(st.integers(10**9, 10**10 - 1))
def test_the_check_digit_agrees_with_luhn(npi: int) -> None:
    digits = [int(digit) for digit in f"80840{npi}"]
    doubled = [
        digit if place % 2 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(reversed(digits), start=1)
    ]
    assert pl.select(passes_luhn(pl.lit(str(npi)))).item() == (sum(doubled) % 10 == 0)


ROWS = st.lists(
    st.tuples(
        st.text(alphabet='AZ09 ,"-', min_size=1, max_size=6).filter(str.strip),
        st.integers(1, 99),
        st.sampled_from(["B1", "B2"]),
        st.sampled_from(["1234567893", "1234567890", "", "12"]),
        st.sampled_from(["012345678", "12345678", "", "12-3456789"]),
        st.sampled_from(["99213", "g0438", ""]),
        st.dates(date(2024, 1, 1), date(2025, 12, 31)),
        st.decimals(min_value=-999, max_value=9999, places=2),
    ),
    min_size=1,
    max_size=12,
)
NAMES = CLAIM_HEADER.split(",")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def outcome(*paths: Path) -> tuple[list[tuple[object, ...]], list[tuple[str, str | None, int | None]]]:
    lines, notes = read_claims(*map(str, paths))
    findings = sorted((found.code, str(found.rule), found.count) for found in notes.findings)
    return sorted(lines.rows(), key=repr), findings


@in_a_folder
@given(ROWS)
def test_csv_and_parquet_of_the_same_rows_are_equal(folder: Path, rows: list[tuple[object, ...]]) -> None:
    frame = pl.DataFrame(rows, schema=NAMES, orient="row").with_columns(pl.col("paid_amount").cast(pl.Decimal(18, 2)))
    frame.write_parquet(folder / "claims.parquet")
    frame.write_csv(folder / "claims.csv")
    assert outcome(folder / "claims.parquet") == outcome(folder / "claims.csv")


@in_a_folder
@given(ROWS, st.integers(0, 12))
def test_the_split_and_the_order_of_rows_change_nothing(folder: Path, rows: list[tuple[object, ...]], cut: int) -> None:
    frame = pl.DataFrame(rows, schema=NAMES, orient="row")
    shuffled = frame.sample(fraction=1, shuffle=True, seed=cut)
    frame.write_csv(folder / "whole.csv")
    shuffled.head(cut).write_csv(folder / "part-1.csv")
    shuffled.slice(cut).write_parquet(folder / "part-2.parquet")
    assert outcome(folder / "whole.csv") == outcome(folder / "part-1.csv", folder / "part-2.parquet")


@in_a_folder
@given(st.lists(st.text(alphabet='a,"\r\n\0é', max_size=8), max_size=6), st.integers(1, 40))
def test_any_text_is_read_or_refused_alike_whatever_the_blocks(folder: Path, rows: list[str], block: int) -> None:
    path = claims_file(folder, *rows, header="claim_id,line_number")
    with pytest.MonkeyPatch.context() as patch:
        whole = _lines_of(path)
        patch.setattr("qpcli.inputs.csv_blocks.BLOCK_BYTES", block)
        patch.setattr("qpcli.inputs.csv_header.MAX_HEADER_BYTES", len("claim_id,line_number\n") + block)
        assert _lines_of(path) == whole


def _lines_of(path: str) -> tuple[list[tuple[object, ...]], list[tuple[int, str]]]:
    from qpcli.inputs.archives import find_files
    from qpcli.inputs.csv_header import Dialect
    from qpcli.inputs.csv_scan import open_text, scan_text
    from qpcli.inputs.opened import ROW

    file = open_text(find_files([path])[0], Dialect())
    rows = scan_text((file,), with_rows=True).collect(engine="streaming").sort(ROW).rows()
    return rows, [(line.number, line.text) for line in file.bad_lines()]
