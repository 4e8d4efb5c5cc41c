"""Draws are SplitMix64, the same on every machine and thread count, and spread evenly."""

from __future__ import annotations

import polars as pl

from qpcli.sample.randomness import below, draw, field, has_chance, share, spread, stream_key

MASK = (1 << 64) - 1


def splitmix64(state: int) -> int:
    """One output of the published generator, in Python's unbounded numbers."""
    mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & MASK
    return mixed ^ (mixed >> 31)


def drawn(seed: int, count: int, purpose: str = "a purpose") -> pl.DataFrame:
    rows = pl.select(counter=pl.int_range(count, dtype=pl.UInt64))
    return rows.with_columns(drawn=draw(seed, purpose, pl.col("counter")))


def test_a_draw_is_the_nth_output_of_splitmix64() -> None:
    start = stream_key(7, "a purpose")
    expected = [splitmix64((start + (n + 1) * 0x9E3779B97F4A7C15) & MASK) for n in range(1000)]
    assert drawn(7, 1000)["drawn"].to_list() == expected


def test_the_generator_is_the_published_one() -> None:
    assert splitmix64(0x9E3779B97F4A7C15) == 0xE220A8397B1DCDAF


def test_another_seed_or_purpose_draws_other_numbers() -> None:
    first = set(drawn(1, 1000)["drawn"])
    assert not first & set(drawn(2, 1000)["drawn"])
    assert not first & set(drawn(1, 1000, "another purpose")["drawn"])


def test_the_four_fields_put_together_are_the_draw() -> None:
    rows = drawn(3, 100).with_columns(field("drawn", number).alias(str(number)) for number in range(4))
    together = pl.col("0") + pl.col("1") * (1 << 16) + pl.col("2") * (1 << 32) + pl.col("3") * (1 << 48)
    assert rows.select(together == pl.col("drawn")).to_series().all()


def test_chances_and_shares_are_kept() -> None:
    rows = drawn(4, 100_000).select(
        rare=has_chance(field("drawn", 0), 300),
        never=has_chance(field("drawn", 1), 0),
        always=has_chance(field("drawn", 1), 10_000),
        tenth=share("drawn", 2, 10),
        seventh=below("drawn", 7),
    )
    assert 2_800 < rows["rare"].sum() < 3_200
    assert not rows["never"].any() and rows["always"].all()
    for column, count in (("tenth", 10), ("seventh", 7)):
        sizes = rows[column].value_counts().sort(column)
        assert sizes[column].to_list() == list(range(count))
        assert sizes["count"].min() > 100_000 / count * 0.95


def test_any_run_of_positions_has_nearly_its_share_of_every_value() -> None:
    values = pl.select(spread(5, "any", pl.int_range(1000, dtype=pl.UInt64), 0)).to_series()
    for start in range(0, 1000, 100):
        assert 8 <= (values[start : start + 100] < 100).sum() <= 12
