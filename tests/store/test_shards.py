"""A beneficiary's shard is fixed for ever: stores that were made years apart must agree."""

from __future__ import annotations

import polars as pl
import pytest

from qpcli.store.shards import SHARD_COUNT, shard_name, shard_of

KNOWN = {
    "1EG4TE5MK73": (15, 6),
    "A": (2, 1),
    "a": (5, 2),
    "0": (11, 5),
    "123456789012": (5, 2),
    "1234567890123": (10, 4),
    "-10000010254618": (4, 2),
    "ñandú": (15, 6),
    "患者0001": (6, 2),
    "ñ" * 20: (15, 6),
    "x" * 31: (8, 3),
    "x" * 32: (6, 2),
}
"""Id -> shard of 16 and of 7."""


def shards(ids: list[str], count: int = SHARD_COUNT) -> list[int]:
    return pl.DataFrame({"bene_id": ids}).select(shard_of("bene_id", count)).to_series().to_list()


def test_known_ids_have_the_shards_that_they_always_had() -> None:
    assert list(zip(shards(list(KNOWN)), shards(list(KNOWN), 7), strict=True)) == list(KNOWN.values())


def test_an_id_has_its_shard_whatever_stands_around_it() -> None:
    assert [shards([each])[0] for each in KNOWN] == shards(list(KNOWN))
    assert shards(list(reversed(KNOWN))) == shards(list(KNOWN))[::-1]


def test_an_id_has_its_shard_wherever_it_lies_in_memory() -> None:
    rows = pl.DataFrame({"bene_id": [None, *(f"P{number}" for number in range(1000)), None]}).drop_nulls()
    in_pieces = pl.concat([rows[:1], rows[1:500], rows[500:]], rechunk=False)
    alone = shards(rows["bene_id"].to_list())
    assert in_pieces.select(shard_of("bene_id", SHARD_COUNT)).to_series().to_list() == alone
    assert in_pieces[3:].select(shard_of("bene_id", SHARD_COUNT)).to_series().to_list() == alone[3:]
    assert rows.clear().select(shard_of("bene_id", SHARD_COUNT)).height == 0


@pytest.mark.parametrize("pattern", ["1EG4TE5M{:05d}", "{}", "-1000001{:07d}", "{:032d}", "P{:07d}", "ñ{:010d}"])
def test_all_shards_get_about_the_same_number_of_people(pattern: str) -> None:
    counts = pl.Series(shards([pattern.format(number) for number in range(16_000)])).value_counts()["count"]
    assert counts.len() == SHARD_COUNT
    assert counts.min() > 900
    assert counts.max() < 1100


def test_ids_that_differ_after_32_bytes_share_a_shard() -> None:
    assert len(set(shards(["x" * 32, "x" * 33, "x" * 32 + "other"]))) == 1


@pytest.mark.parametrize("count", [1, 2, 3, 1000])
def test_every_shard_is_below_the_count_and_never_null(count: int) -> None:
    found = shards(["", "A", *map(str, range(1000))], count)
    assert None not in found
    assert set(found) <= set(range(count))


def test_names_of_shards_sort_in_their_order_and_tell_the_count() -> None:
    assert shard_name(3, 16) == "shard-00003-of-00016.parquet"
