"""Numbers in place of texts say the same as the texts."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from qpcli.store.coding import CODES, Coded, coded, with_enums
from tests.store.lines_made import cancellation, delivered, original, replacement
from tests.store.made import SHARDS, converted

NUMBERS = {"people": "person", "billers": "biller", "services": "service"}
ROWS = (
    original(bene_id="B2", npi=None),
    original(bene_id="B1", tin=None, setting="rhc"),
    cancellation(bene_id="B1", paid_cents=-10_000, withheld_cents=300, excluded_cents=-100),
    replacement(bene_id="B2", hcpcs=None, paid_cents=9_000, excluded_cents=100),
    original(bene_id="B2", is_denied=True, paid_cents=-200),
)


def looked_up(rows: pl.DataFrame, kind: str, codes: pl.DataFrame) -> pl.DataFrame:
    return codes[rows[NUMBERS[kind]]].select(pl.col(pl.Boolean, pl.String))


def texts(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    return rows.select(CODES[kind]).with_columns(pl.col(pl.Enum).cast(pl.String))


@pytest.fixture
def found() -> Coded:
    return coded(with_enums(delivered(*ROWS)))


@pytest.mark.parametrize("kind", CODES)
def test_a_number_leads_to_the_texts_of_its_row(found: Coded, kind: str) -> None:
    assert looked_up(found.lines, kind, found.codes[kind]).equals(texts(delivered(*ROWS), kind))


@pytest.mark.parametrize(("kind", "count"), [("people", 2), ("billers", 3), ("services", 5)])
def test_what_is_alike_has_one_number(found: Coded, kind: str, count: int) -> None:
    assert found.codes[kind].height == count
    assert found.codes[kind].is_unique().all()


def test_a_cancellation_is_worth_what_it_takes_back(found: Coded) -> None:
    assert found.lines["amount_cents"].to_list() == [10_000, 10_000, -(10_000 + 300 - 100), 8_900, -200]


def test_a_shard_without_lines_has_no_numbers() -> None:
    found = coded(with_enums(delivered().clear()))
    assert [frame.height for frame in (found.lines, *found.codes.values())] == [0, 0, 0, 0]


def test_every_shard_of_a_store_holds_the_texts_of_its_numbers(canonical: Path, tmp_path: Path) -> None:
    converted(tmp_path / "store", *sorted((canonical / "claim_lines").iterdir()))
    for number in range(SHARDS):
        name = f"shard-{number:05d}-of-{SHARDS:05d}.parquet"
        rows = pl.read_parquet(tmp_path / "store/claim_lines" / name)
        assert rows.height
        for kind in CODES:
            codes = pl.read_parquet(tmp_path / "store/codes" / kind / name)
            assert looked_up(rows, kind, codes).equals(rows.select(CODES[kind]))
