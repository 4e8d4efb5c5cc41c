"""A store in several numbers of shards: time and peak memory of making it and of determining it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.bench.samples import convert, determine, remove, sample
from tests.bench.timing import Measured, Way, in_turn


def measure_shards(folder: Path, million_lines: float, rounds: int, counts: Sequence[int]) -> Iterator[Measured]:
    """Both commands at every number of shards; ratios are those to the first number."""
    plain = sample(folder, million_lines)
    made = {count: folder / f"{million_lines:g}m-store-{count}" for count in counts}
    conversions = [
        Way(
            f"qpcli convert --shards {count}",
            convert(plain / "claim_lines", store, count),
            floor=f"qpcli convert --shards {counts[0]}",
            clear=partial(remove, store),
        )
        for count, store in made.items()
    ]
    yield from in_turn(conversions, million_lines=million_lines, rounds=rounds)
    out = folder / "report"
    determinations = [
        Way(
            f"qpcli, store of {count} shards",
            determine(store, plain, out),
            floor=f"qpcli, store of {counts[0]} shards",
            clear=partial(remove, out),
        )
        for count, store in made.items()
    ]
    yield from in_turn(determinations, million_lines=million_lines, rounds=rounds)
    remove(out, *made.values())
