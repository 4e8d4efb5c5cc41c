"""Typed Parquet: exact values as they are, everything else a bad row, a finding or a refusal."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest

from qpcli.errors import InputError
from qpcli.request import ReadOptions
from tests.inputs.made import CANARY, read_claims, refused

COLUMNS: dict[str, tuple[Any, Any]] = {
    "claim_id": ("C1", pl.String()),
    "line_number": (1, pl.Int32()),
    "bene_id": (CANARY, pl.String()),
    "npi": ("1437702123", pl.String()),
    "tin": ("012345678", pl.String()),
    "hcpcs": ("99213", pl.String()),
    "service_date": (date(2025, 1, 15), pl.Date()),
    "paid_amount": (Decimal("100.00"), pl.Decimal(18, 2)),
}
MIDNIGHT = datetime(2025, 1, 15)  # noqa: DTZ001
GOOD = object()
"""Stands for the good value in a list of values."""


def stored(folder: Path, name: str | None = None, values: Sequence[Any] = (GOOD,), dtype: Any = None) -> str:
    """A Parquet file in canonical types, one column with other values or another type."""
    columns = {}
    for column, (value, usual) in COLUMNS.items():
        chosen = [value if one is GOOD else one for one in values] if column == name else [value] * len(values)
        columns[column] = pl.Series(column, chosen, dtype=dtype if column == name and dtype else usual)
    if name not in COLUMNS and name is not None:
        columns[name] = pl.Series(name, values, dtype=dtype)
    path = folder / "claims.parquet"
    pl.DataFrame(columns).write_parquet(path)
    return str(path)


def found(path: str) -> dict[tuple[str, str | None], int | None]:
    _, notes = read_claims(path)
    return {(finding.code, finding.rule): finding.count for finding in notes.findings}


def test_canonical_types_are_taken_as_they_are(tmp_path: Path) -> None:
    lines, notes = read_claims(stored(tmp_path))
    row = lines.row(0, named=True)
    assert (row["paid_cents"], row["service_date"], row["line_number"]) == (10_000, date(2025, 1, 15), 1)
    assert notes.files[0].row_count == notes.row_count == 1


@pytest.mark.parametrize(
    ("dtype", "value", "cents"),
    [
        (pl.Decimal(18, 2), Decimal("-7.25"), -725),
        (pl.Decimal(10, 0), Decimal("7"), 700),
        (pl.Decimal(10, 1), Decimal("7.5"), 750),
        (pl.Decimal(38, 10), Decimal("7.2500000000"), 725),
        (pl.Decimal(38, 10), Decimal("-7.2500000000"), -725),
        (pl.Int64(), 7, 700),
        (pl.UInt64(), 7, 700),
        (pl.Int8(), -7, -700),
        (pl.Float64(), 7.25, 725),
        (pl.Float64(), 0.07, 7),
        (pl.Float64(), -1234567.89, -123_456_789),
        (pl.Float32(), 7.25, 725),
        (pl.String(), "7.25", 725),
        (pl.Categorical(), "7.25", 725),
    ],
)
def test_amounts_of_every_type_become_exact_cents(tmp_path: Path, dtype: Any, value: Any, cents: int) -> None:
    path = stored(tmp_path, "paid_amount", [value], dtype)
    lines, _ = read_claims(path)
    assert lines["paid_cents"].to_list() == [cents]
    assert (("exact_floats", "paid_cents") in found(path)) == dtype.is_float()


@pytest.mark.parametrize(
    ("dtype", "value", "rule"),
    [
        (pl.Decimal(38, 3), Decimal("10.005"), "paid_amount_unreadable"),
        (pl.Decimal(38, 3), Decimal("-10.005"), "paid_amount_unreadable"),
        (pl.Float64(), 10.005, "paid_amount_unreadable"),
        (pl.Float64(), 0.1 + 0.2, "paid_amount_unreadable"),
        (pl.Float32(), 0.1, "paid_amount_unreadable"),
        (pl.Float64(), float("nan"), "paid_amount_unreadable"),
        (pl.Float64(), float("inf"), "paid_amount_unreadable"),
        (pl.Float64(), float("-inf"), "paid_amount_unreadable"),
        (pl.Float64(), 1e300, "paid_amount_unreadable"),
        (pl.Float64(), 10_000_000.01, "paid_amount_out_of_bounds"),
        (pl.Decimal(18, 2), Decimal("10000000.01"), "paid_amount_out_of_bounds"),
        (pl.Decimal(38, 2), Decimal("9" * 36), "paid_amount_out_of_bounds"),
        (pl.Decimal(38, 0), Decimal("9" * 38), "paid_amount_out_of_bounds"),
        (pl.Decimal(38, 4), Decimal("9" * 30), "paid_amount_out_of_bounds"),
        (pl.Int64(), 10_000_001, "paid_amount_out_of_bounds"),
        (pl.Int64(), -(2**62), "paid_amount_out_of_bounds"),
        (pl.UInt64(), 2**64 - 1, "paid_amount_out_of_bounds"),
        (pl.Decimal(18, 2), None, "paid_amount_blank"),
        (pl.Int64(), None, "paid_amount_blank"),
        (pl.Float64(), None, "paid_amount_blank"),
        (pl.Decimal(38, 4), None, "paid_amount_blank"),
    ],
)
def test_an_amount_that_is_not_exact_rejects_its_row(tmp_path: Path, dtype: Any, value: Any, rule: str) -> None:
    usual = 5.0 if dtype.is_float() else Decimal(5) if dtype.is_decimal() else 5
    assert rule_of(stored(tmp_path, "paid_amount", [usual, value, usual], dtype)) == rule


def rule_of(path: str) -> str:
    """The one rule that row 2 of three breaks."""
    assert "(row 2)" in refused(path).message
    lines, notes = read_claims(path, options=ReadOptions(max_rejects=1))
    assert lines.height == 2
    ((count,),) = [file.counts for file in notes.rejects]
    assert count.rows == (2,)
    return count.rule


@pytest.mark.parametrize(
    ("name", "dtype", "values", "rule"),
    [
        ("service_date", pl.Date(), [GOOD, None, GOOD], "service_date_blank"),
        ("service_date", pl.Date(), [GOOD, date(1, 1, 1), GOOD], "service_date_unreadable"),
        ("service_date", pl.Date(), [GOOD, date(9999, 12, 31), GOOD], "service_date_unreadable"),
        ("service_date", pl.Date(), [GOOD, date(1899, 12, 31), GOOD], "service_date_unreadable"),
        ("service_date", pl.Datetime("us"), [MIDNIGHT, MIDNIGHT + timedelta(hours=1), MIDNIGHT],
         "service_date_unreadable"),
        ("line_number", pl.Int64(), [1, -1, 1], "line_number_unreadable"),
        ("line_number", pl.UInt64(), [1, 2**64 - 1, 1], "line_number_unreadable"),
        ("claim_id", pl.String(), ["C1", "  ", "C1"], "claim_id_blank"),
        ("is_denied", pl.Int64(), [1, 2, 0], "is_denied_unreadable"),
        ("setting", pl.Categorical(), ["rhc", "moon", "fqhc"], "setting_unknown"),
    ],
)  # fmt: skip
def test_a_bad_typed_value_rejects_its_row(
    tmp_path: Path, name: str, dtype: Any, values: Sequence[Any], rule: str
) -> None:
    assert rule_of(stored(tmp_path, name, values, dtype)) == rule


@pytest.mark.parametrize(
    ("name", "dtype", "value", "text"),
    [
        ("tin", pl.Int64(), 12345678, "012345678"),
        ("tin", pl.Decimal(38, 0), Decimal(12345678), "012345678"),
        ("tin", pl.Int32(), 123456789, "123456789"),
        ("npi", pl.Int64(), 37702123, "0037702123"),
        ("npi", pl.UInt64(), 1437702123, "1437702123"),
        ("claim_id", pl.Int64(), 42, "42"),
        ("bene_id", pl.Int64(), -1000006, "-1000006"),
        ("hcpcs", pl.Categorical(), "g0438 ", "G0438"),
        ("npi", pl.Enum(["1437702123"]), "1437702123", "1437702123"),
    ],
)
def test_identifiers_of_other_types_become_text(tmp_path: Path, name: str, dtype: Any, value: Any, text: str) -> None:
    path = stored(tmp_path, name, [value], dtype)
    lines, _ = read_claims(path)
    assert lines[name].to_list() == [text]
    has_lost_zeros = name in ("tin", "npi") and text.startswith("0")
    assert (("zero_filled", name) in found(path)) == has_lost_zeros


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_midnight_timestamps_are_dates(tmp_path: Path, unit: Any) -> None:
    lines, _ = read_claims(stored(tmp_path, "service_date", [MIDNIGHT], pl.Datetime(unit)))
    assert lines["service_date"].to_list() == [date(2025, 1, 15)]


@pytest.mark.parametrize(("dtype", "value"), [(pl.Boolean(), True), (pl.Int8(), 1), (pl.String(), "Y")])
def test_booleans_of_every_type(tmp_path: Path, dtype: Any, value: Any) -> None:
    lines, _ = read_claims(stored(tmp_path, "is_denied", [value, None], dtype))
    assert sorted(lines["is_denied"]) == [False, True]


@pytest.mark.parametrize(
    ("name", "dtype", "value"),
    [
        ("tin", pl.Float64(), 12345678.0),
        ("npi", pl.Date(), date(2025, 1, 1)),
        ("hcpcs", pl.Int64(), 99213),
        ("service_date", pl.Int64(), 20250115),
        ("paid_amount", pl.Boolean(), True),
        ("line_number", pl.Float64(), 1.0),
        ("bene_id", pl.List(pl.String()), [CANARY]),
        ("is_denied", pl.Float64(), 1.0),
    ],
)
def test_a_type_that_cannot_hold_the_column_is_refused(tmp_path: Path, name: str, dtype: Any, value: Any) -> None:
    error = refused(stored(tmp_path, name, [value], dtype))
    assert error.code == "QP202"
    assert f"the column {name} is stored as" in error.message


def test_a_column_of_nothing_is_blank(tmp_path: Path) -> None:
    lines, _ = read_claims(stored(tmp_path, "processed_date", [None], pl.Null()))
    assert lines["processed_date"].to_list() == [None]


def test_a_nested_column_that_is_not_used_does_no_harm(tmp_path: Path) -> None:
    assert read_claims(stored(tmp_path, "notes", [["a"]], pl.List(pl.String())))[0].height == 1


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    table = pa_parquet.read_table(stored(tmp_path))
    pa_parquet.write_table(table.append_column("npi", pa.array(["x"])), tmp_path / "claims.parquet")
    assert refused(str(tmp_path / "claims.parquet")).code == "QP205"


def test_no_rows_are_a_finding(tmp_path: Path) -> None:
    lines, notes = read_claims(stored(tmp_path, values=[]))
    assert lines.height == 0
    assert {finding.code for finding in notes.findings} == {"no_rows"}


@pytest.mark.parametrize("kept", range(50))
def test_a_truncated_file_is_refused_without_a_panic(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], kept: int
) -> None:
    path = Path(stored(tmp_path, values=[GOOD] * 500))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * kept // 50])
    error = refused(str(path))
    assert error.code in ("QP202", "QP206", "QP210", "QP204")
    assert "claims.parquet" in error.message
    assert "panicked" not in capfd.readouterr().err


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1PAR1", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_what_is_parquet_by_its_first_bytes_only_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "claims.parquet"
    path.write_bytes(content)
    assert refused(str(path)).code == "QP202"


def row_counts(content: bytes) -> tuple[int, int] | None:
    """Rows by the footer as a whole and by its only row group; None where it cannot be read."""
    try:
        footer = pa_parquet.read_metadata(BytesIO(content))
        return footer.num_rows, footer.row_group(0).num_rows
    except (pa.ArrowException, OSError, IndexError, UnicodeError):
        return None


def flipped(content: bytes, *bits: int) -> bytes:
    damaged = bytearray(content)
    for bit in bits:
        damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def test_a_footer_that_tells_fewer_rows_than_there_are_loses_none(tmp_path: Path) -> None:
    """Each bit whose flip changes a count of rows, and then both counts changed alike."""
    path = Path(stored(tmp_path, values=[GOOD] * 6))
    content = path.read_bytes()
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    counts = {bit: row_counts(flipped(content, bit)) for bit in range(start * 8, (len(content) - 8) * 8)}
    of_all = {found[0]: bit for bit, found in counts.items() if found and found[0] != 6 == found[1]}
    of_group = {found[1]: bit for bit, found in counts.items() if found and found[1] != 6 == found[0]}
    fewer = {2, 4} & of_all.keys() & of_group.keys()
    assert fewer
    for bits in (*((of_all[count],) for count in fewer), *((of_group[count],) for count in fewer)):
        path.write_bytes(flipped(content, *bits))
        assert refused(str(path)).message == "claims.parquet: the footer contradicts itself."
    for count in fewer:
        path.write_bytes(flipped(content, of_all[count], of_group[count]))
        assert row_counts(path.read_bytes()) == (count, count)
        assert refused(str(path)).message == "claims.parquet: the footer contradicts itself."


def nullable(content: bytes) -> list[bool] | None:
    """Of each column whether it may hold nulls; None for a footer that cannot be read."""
    try:
        schema = pa_parquet.read_metadata(BytesIO(content)).schema
        return [schema.column(place).max_definition_level > 0 for place in range(len(schema.names))]
    except (pa.ArrowException, OSError, UnicodeError):
        return None


def test_a_footer_that_denies_the_nulls_of_a_column_moves_no_value(tmp_path: Path) -> None:
    path = Path(stored(tmp_path, "setting", [None, "rhc", None], pl.String()))
    content = path.read_bytes()
    start, before = len(content) - 8 - int.from_bytes(content[-8:-4], "little"), nullable(content)
    assert before == [True] * 9
    bits = range(start * 8, (len(content) - 8) * 8)
    denied = [bit for bit in bits if nullable(flipped(content, bit)) == [*before[:-1], False]]
    assert denied
    for bit in denied:
        path.write_bytes(flipped(content, bit))
        assert refused(str(path)).message == "claims.parquet: the footer contradicts itself."


@pytest.mark.parametrize("seed", range(80))
def test_flipped_bits_are_an_input_error_or_unseen(tmp_path: Path, seed: int) -> None:
    """Values may come out wrong, which only a checksum can tell; the run must not fall over."""
    path = Path(stored(tmp_path, values=[GOOD] * 500))
    content = bytearray(path.read_bytes())
    content[seed * len(content) // 80] ^= 1 << seed % 8
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        read_claims(str(path))


def test_checked_lines_in_canonical_types_are_not_looked_at_again(tmp_path: Path) -> None:
    _, notes = read_claims(stored(tmp_path))
    plan = notes.lines.filter(pl.col("service_date") >= date(2025, 1, 1)).select("npi", "paid_cents").explain()
    assert "python" not in plan.lower()
    assert "PROJECT 2/8 COLUMNS" in plan or "PROJECT 3/8 COLUMNS" in plan
    assert "SELECTION" in plan


@pytest.mark.parametrize(
    ("name", "values"),
    [("npi", [" 1437702123", "1437702123"]), ("tin", ["12345678", "012345678"]), ("hcpcs", ["g0438", "99213"]),
     ("setting", ["RHC", "rhc"]), ("claim_id", ["C1 ", "C1"])],
)  # fmt: skip
def test_mended_values_are_mended_on_every_look(tmp_path: Path, name: str, values: list[str]) -> None:
    path = stored(tmp_path, name, values, pl.String())
    lines, notes = read_claims(path)
    assert notes.lines.select(name).collect()[name].n_unique() == lines[name].n_unique() <= 2
    assert not set(notes.lines.select(name).collect()[name]) & {" 1437702123", "12345678", "g0438", "RHC", "C1 "}
